//! The business: name, place, tax, numbering, bank, and how bookings are held.
//!
//! Owns: settings. Uses: base, db, audit. Never: a counter among the settings; two rows.

pub mod actions;
pub mod api;
mod countries;
mod invoicing;
pub mod model;
mod sql;
