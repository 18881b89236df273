//! Founding the desk.

use crate::base::actor::{Actor, Role};
use crate::base::error::{Code, Error, Result};
use crate::business::accounts::model::{Account, AccountInput};
use crate::business::settings::model::Business;
use crate::business::{accounts, bookings, clients, programs, settings};
use crate::platform::db::Tx;

/// Whether the shown token is the one of this desk; in constant time.
///
/// # Errors
/// `forbidden`.
pub fn check_token(shown: &str, expected: Option<&str>) -> Result<()> {
    use subtle::ConstantTimeEq as _;
    match expected {
        Some(expected) if bool::from(expected.as_bytes().ct_eq(shown.trim().as_bytes())) => Ok(()),
        _ => Err(Error::new(
            Code::Forbidden,
            "The setup token is wrong. It was printed at the first start, and stands in setup-token in the data directory.",
        )),
    }
}

/// Refuses a desk that is in use, for what is only for an empty one.
///
/// # Errors
/// `invalid_state`.
pub fn check_empty(tx: &mut dyn Tx) -> Result<()> {
    if programs::actions::any(tx)? || clients::actions::any(tx)? || bookings::actions::any(tx)? {
        return Err(Error::new(
            Code::InvalidState,
            "There are programs, clients or bookings already; the demo is only for an empty desk.",
        ));
    }
    Ok(())
}

/// Stores the business and its owner.
///
/// # Errors
/// `already_set_up`, `invalid_field`.
pub fn found(
    tx: &mut dyn Tx,
    actor: &Actor,
    business: &Business,
    owner: &str,
    email: &str,
    password_hash: &str,
) -> Result<Account> {
    settings::actions::found(tx, actor, business)?;
    let owner = AccountInput { name: owner.to_owned(), email: email.to_owned(), role: Role::Owner, active: true };
    accounts::actions::open(tx, actor, owner, password_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_token_founds_a_desk() {
        assert!(check_token("abc\n", Some("abc")).is_ok());
        assert!(check_token("abd", Some("abc")).is_err());
        assert!(check_token("", None).is_err());
    }
}
