//! What others change while somebody looks: deeds are heard as they are committed, by those who may see them.
//!
//! Owns: nothing. Uses: base, hub, http, desk. Never: a connection to the database kept while nothing happens; a deed
//! told that was rolled back; content, which is asked for anew by who needs it.

pub mod api;
pub mod model;
