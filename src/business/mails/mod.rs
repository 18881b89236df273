//! Letters to clients that wait to be sent, and what became of them.
//!
//! Owns: mails. Uses: base, db, http, audit, clients. Never: a letter sent from here (this is the outbox: what sends
//! them takes them from it); a letter changed after it was written.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
