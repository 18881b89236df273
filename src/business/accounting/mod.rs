//! The books: what was issued and paid as balanced entries, and the files that accountants take them in.
//!
//! Owns: nothing. Uses: base, db, http, settings, invoices, payments, bookings. Never: an entry whose debits and
//! credits differ; a file held whole in memory.

pub mod actions;
pub mod api;
mod chart;
mod csv;
mod datev;
mod latin;
pub mod model;
mod sql;
