//! Files that belong to a client: agreements, vouchers, photographs.
//!
//! Owns: client_files. Uses: base, db, files, http, audit, settings, media, clients. Never: a file that the public sees;
//! a file that belongs to two clients.

pub mod actions;
pub mod api;
mod sql;
