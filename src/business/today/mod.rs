//! What a day asks of the desk: what takes place, who comes, what is owed, what has failed.
//!
//! Owns: nothing. Uses: base, db, http, events, settings, occurrences, invoices, bookings. Never: a list without an
//! end; a day of another zone than the desk's.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
