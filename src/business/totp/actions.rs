//! Setting a second factor up, checking one, and switching it off.

use super::model::{self, RECOVERY_CODES, Setup, State, Typed, Verdict, step_of};
use super::sql;
use crate::base::actor::{Actor, StaffId};
use crate::base::error::{Code, Error, Result};
use crate::base::text;
use crate::business::audit;
use crate::platform::db::{Tx, others_first};

/// How an account stands.
///
/// # Errors
/// `database_unavailable`.
pub fn state(tx: &mut dyn Tx, staff: StaffId) -> Result<State> {
    sql::state(tx, staff)
}

/// Makes a secret that counts once a code of it was shown; an earlier one that never was is forgotten.
///
/// # Errors
/// `invalid_state` when one counts already; `internal` when the system has no randomness.
pub fn begin(tx: &mut dyn Tx, actor: &Actor, staff: StaffId, issuer: &str, email: &str) -> Result<Setup> {
    if sql::find(tx, staff)?.is_some_and(|stored| stored.confirmed) {
        return Err(Error::new(Code::InvalidState, "Codes are asked for already. Switch that off first."));
    }
    let secret: [u8; 20] = text::random()?;
    sql::delete(tx, staff)?;
    sql::insert(tx, staff, &secret, actor.at).map_err(others_first)?;
    audit::actions::note(tx, actor, "begin_totp", "account", staff, None)?;
    Ok(model::setup(&secret, issuer, email))
}

/// Makes the pending secret count, and gives a set of recovery codes.
///
/// # Errors
/// `invalid_state` when nothing is pending, `invalid_field` naming `code` when it is not one of the secret.
pub fn confirm(tx: &mut dyn Tx, actor: &Actor, staff: StaffId, shown: &str) -> Result<Vec<String>> {
    let pending = sql::find(tx, staff)?
        .filter(|stored| !stored.confirmed)
        .ok_or_else(|| Error::new(Code::InvalidState, "Nothing is being set up. Begin again."))?;
    let step = match Typed::read(shown) {
        Some(Typed::Digits(digits)) => step_of(&pending, digits, actor.at)?,
        _ => None,
    };
    let step = step.ok_or_else(|| {
        Error::field("code", "is not the code of the app just now; look again, and check the time of the phone")
    })?;
    if !sql::take_step(tx, staff, step)? {
        return Err(crate::platform::db::changed_meanwhile());
    }
    sql::confirm(tx, staff, actor.at)?;
    audit::actions::note(tx, actor, "enable_totp", "account", staff, None)?;
    new_codes(tx, actor, staff)
}

/// Another set of recovery codes; the earlier ones end.
///
/// # Errors
/// `invalid_state` when no codes are asked for.
pub fn renew_codes(tx: &mut dyn Tx, actor: &Actor, staff: StaffId) -> Result<Vec<String>> {
    if !sql::state(tx, staff)?.enabled {
        return Err(Error::new(Code::InvalidState, "No codes are asked for. Set up an authenticator app first."));
    }
    audit::actions::note(tx, actor, "renew_recovery_codes", "account", staff, None)?;
    new_codes(tx, actor, staff)
}

fn new_codes(tx: &mut dyn Tx, actor: &Actor, staff: StaffId) -> Result<Vec<String>> {
    sql::delete_codes(tx, staff)?;
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let code = model::recovery_code()?;
        sql::insert_code(tx, staff, &model::recovery_hash(staff, &code), actor.at)?;
        codes.push(code);
    }
    Ok(codes)
}

/// Checks what was shown beside a right password, and uses it up.
///
/// # Errors
/// `database_unavailable`.
pub fn check(tx: &mut dyn Tx, actor: &Actor, staff: StaffId, shown: Option<&str>) -> Result<Verdict> {
    let Some(stored) = sql::find(tx, staff)?.filter(|stored| stored.confirmed) else {
        return Ok(Verdict::Passed);
    };
    let good = match shown.and_then(Typed::read) {
        None => return Ok(Verdict::Missing),
        Some(Typed::Digits(digits)) => match step_of(&stored, digits, actor.at)? {
            Some(step) => sql::take_step(tx, staff, step)?,
            None => false,
        },
        Some(Typed::Recovery(typed)) => {
            let good = sql::take_code(tx, staff, &model::recovery_hash(staff, &typed))?;
            if good {
                audit::actions::note(tx, actor, "use_recovery_code", "account", staff, None)?;
            }
            good
        }
    };
    Ok(if good { Verdict::Passed } else { Verdict::Wrong })
}

/// Asks for no codes any more; whether any were asked for. `action` says in the audit log who did it and why.
///
/// # Errors
/// `database_unavailable`.
pub fn switch_off(tx: &mut dyn Tx, actor: &Actor, staff: StaffId, action: &str) -> Result<bool> {
    sql::delete_codes(tx, staff)?;
    if sql::delete(tx, staff)? == 0 {
        return Ok(false);
    }
    audit::actions::note(tx, actor, action, "account", staff, None)?;
    Ok(true)
}
