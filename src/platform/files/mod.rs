//! Stored files: bytes stream in under one budget, are hashed on the way, and are visible once whole and synced.
//!
//! Uses: base. Never: a file visible that is not whole; memory that grows with the number or size of files; a name
//! from outside in a path.
//!
//! Layout below the root: `parts/KEY` while bytes arrive, `ab/cd/KEY` once whole. Keys are 32 random hex digits, so
//! a file is never overwritten and its tag never lies.

mod budget;
mod kind;
mod part;
mod reader;
mod store;

pub use budget::Budget;
pub use kind::Kind;
pub use reader::Reader;
pub use store::{Files, Options, Plan, Stored, Usage};
