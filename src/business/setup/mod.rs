//! The first run: one business, one owner, one time.
//!
//! Owns: nothing. Uses: base, config, http, settings, accounts, clients, programs, bookings. Never: a default password; a second first run.

pub mod actions;
pub mod api;
