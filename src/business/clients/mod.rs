//! The people who book: how to reach them, what is noted about them, and how they are found again.
//!
//! Owns: clients, client_terms. Uses: base, db, http, audit. Never: a search that reads every row; a client with
//! bookings or invoices gone.

pub mod actions;
pub mod api;
pub mod model;
mod import;
mod merge;
mod search;
mod sql;
