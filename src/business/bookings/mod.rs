//! Seats that somebody has: held, confirmed, waited for, moved, cancelled.
//!
//! Owns: bookings. Uses: base, db, http, audit, settings, clients, programs, occurrences, invoices, payments.
//! Never: a live booking whose seats are not counted; a confirmation that did not look at the seats; a cancelled
//! booking that keeps them.

pub mod actions;
pub mod api;
mod find;
pub mod model;
mod sql;
mod wire;
