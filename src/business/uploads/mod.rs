//! Files that arrive in pieces and may stop and go on (tus 1.0.0), until they belong where they were meant for.
//!
//! Owns: uploads. Uses: base, db, files, http, settings, media, clients, client_files, programs, bookings, audio_notes. Never: a
//! file shown before it is whole; an upload that outlives its end; one upload that becomes two files.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
