//! Second factors: codes of an authenticator app (RFC 6238), and recovery codes for the day it is lost.
//!
//! Owns: totp_secrets, recovery_codes. Uses: base, db, audit.
//! Never: a code taken twice; a recovery code stored (only its hash); a secret that counts before it was confirmed.
//!
//! The secret itself stands in the database: each code is an HMAC under it, so it must be read to check one. A hash
//! would do for what the user types, not for what both sides compute. Whoever reads the database has the clients and
//! the books anyway; the second factor is there for a password that was guessed or seen elsewhere.

pub mod actions;
pub mod model;
mod sql;
