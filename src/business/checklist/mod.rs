//! The first steps of a new desk: most are seen in the data, what happens elsewhere is marked by hand.
//!
//! Owns: checklist_marks. Uses: base, db, audit, settings, programs, occurrences. Never: a step marked by hand that
//! the data can tell.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
