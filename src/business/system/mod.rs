//! The running system: version, memory, database, storage, health.
//!
//! Owns: nothing. Uses: base, config, db, files, http, events, media. Never: a figure that is guessed.

pub mod actions;
pub mod api;
mod metrics;
