//! Filters of lists that were given a name: for oneself, or for all who work here.
//!
//! Owns: saved_views. Uses: base, db, http, audit, idempotency, accounts. Never: a view of somebody else's that was
//! not shared.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
