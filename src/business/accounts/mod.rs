//! People and programs that may sign in: accounts, sessions, API tokens, and the brake on guessing.
//!
//! Owns: staff, sessions, api_tokens, sign_in_failures. Uses: base, db, http, audit, totp.
//! Never: a secret stored (only its hash); a password in a log; the last owner gone; an owner locked out for good.

pub mod actions;
pub mod api;
pub mod model;
mod sql;
