//! Money received and given back, append-only.
//!
//! Owns: payments. Uses: base, db, http, audit, settings, invoices. Never: a row changed; money without who and when.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
