//! When a program takes place: wall-clock time and zone, and the seats there are.
//!
//! Owns: occurrences. Uses: base, db, http, audit, programs. Never: more seats taken than there are; an instant
//! that does not follow from its wall-clock time and zone.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
