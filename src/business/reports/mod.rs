//! Figures over time: revenue, occupancy and tax by day, week or month, with a row for every period.
//!
//! Owns: nothing. Uses: base, db, http, settings, invoices, payments, bookings, occurrences, programs. Never: a period
//! left out because nothing happened in it; amounts of two currencies in one sum.

pub mod actions;
pub mod api;
mod csv;
pub mod model;
mod sql;
