//! Reading and changing what the business says about itself.

use super::model::{Business, Settings, UploadLimits};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::version::Expected;
use crate::business::audit;
use crate::platform::db::{Tx, changed_meanwhile};

/// The settings.
///
/// # Errors
/// `invalid_state` before the first run is done.
pub fn get(tx: &mut dyn Tx) -> Result<Settings> {
    sql::find(tx)?.ok_or_else(|| Error::new(Code::InvalidState, "This desk is not set up yet. Open its setup link."))
}

/// Whether the first run is still to be done.
///
/// # Errors
/// `database_unavailable`.
pub fn missing(tx: &mut dyn Tx) -> Result<bool> {
    Ok(sql::find(tx)?.is_none())
}

/// How large uploads may be; before the first run, what the program takes by itself.
///
/// # Errors
/// `database_unavailable`.
pub fn upload_limits(tx: &mut dyn Tx) -> Result<UploadLimits> {
    Ok(sql::find(tx)?.map(|settings| settings.business.upload_limits).unwrap_or_default())
}

/// Stores the settings of a new desk.
///
/// # Errors
/// `already_set_up` when there are some.
pub fn found(tx: &mut dyn Tx, actor: &Actor, business: &Business) -> Result<()> {
    sql::insert(tx, business, actor.at).map_err(|error| match error.code {
        Code::AlreadyExists => Error::new(Code::AlreadySetUp, "This desk is set up already. Sign in."),
        _ => error,
    })?;
    audit::actions::note(tx, actor, "set_up", "settings", subject(), None)
}

/// Changes the settings.
///
/// # Errors
/// `precondition_failed`, `invalid_field`; `invalid_state` when the currency would change (prices and invoices are
/// in it).
pub fn change(tx: &mut dyn Tx, actor: &Actor, expected: &Expected, business: Business) -> Result<Settings> {
    let current = get(tx)?;
    expected.check(current.version)?;
    if business.currency != current.business.currency {
        return Err(Error::new(Code::InvalidState, "The currency cannot change: prices and invoices are in it."));
    }
    let business = business.checked()?;
    if sql::update(tx, &business, current.version, actor.at)? == 0 {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "change", "settings", subject(), None)?;
    Ok(Settings { business, version: current.version + 1 })
}

/// The one row has no id of its own; the audit log names it by zeros.
fn subject() -> Id<Settings> {
    Id::from_bytes([0; 16])
}
