//! Invoices that are being written. A draft has no number and may be incomplete; issuing it takes its place.
//!
//! Owns: drafts. Uses: base, db, http, audit, settings, clients, invoices. Never: a number; a draft and its invoice
//! both.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
