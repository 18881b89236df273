//! Signed links: what a client may see without an account, until a day.
//!
//! Owns: link_keys. Uses: base, db. Never: a link that opens more than the one thing it names, or for ever.

pub mod actions;
pub mod model;
mod sql;
