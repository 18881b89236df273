//! Who did what, when, and in which request; written in the transaction of the deed.
//!
//! Owns: audit_log. Uses: base, db. Never: a row changed or deleted; a deed without its row.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
