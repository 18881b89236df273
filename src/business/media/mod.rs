//! Files that are whole: what they are, who may see them, and their bytes.
//!
//! Owns: media. Uses: base, db, files, http, audit, events. Never: a row without its file; a file shown to the public
//! that no published program shows.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
