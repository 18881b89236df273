//! What is to be done after a commit: rows written in the transaction of the deed, worked off by a job.
//!
//! Owns: events. Uses: base, db, audit. Never: an effect beside the rows inside a transaction; an event lost by a crash.

pub mod actions;
pub mod model;
mod sql;
