//! What a person does with their own account: name, password, sessions, second factor.
//!
//! Owns: nothing. Uses: base, http, settings, totp, accounts. Never: anything of this by an API token; another
//! password or a weaker sign-in without the present password.

pub mod api;
