//! Spoken notes on a client or on one of their bookings.
//!
//! Owns: audio_notes. Uses: base, db, files, http, audit, media, clients, bookings. Never: a note without its sound;
//! a note that the public hears.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
