//! The same request twice is done once: the first answer is kept with the deed, and given again.
//!
//! Owns: idempotency_keys. Uses: base, db. Never: a key kept without its deed, or a deed done twice under one key.

pub mod actions;
mod sql;
