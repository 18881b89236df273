//! Statements of second factors.

use super::model::{State, Stored};
use crate::args;
use crate::base::actor::StaffId;
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::platform::db::Tx;

pub(super) fn find(tx: &mut dyn Tx, staff: StaffId) -> Result<Option<Stored>> {
    tx.first("SELECT secret, last_step, confirmed_at FROM totp_secrets WHERE staff_id = ?", args![&staff], |row| {
        let (secret, last_step) = (row.next()?, row.next()?);
        Ok(Stored { secret, last_step, confirmed: row.next::<Option<Instant>>()?.is_some() })
    })
}

pub(super) fn state(tx: &mut dyn Tx, staff: StaffId) -> Result<State> {
    let found = tx.first(
        "SELECT (SELECT COUNT(*) FROM totp_secrets WHERE staff_id = ? AND confirmed_at IS NOT NULL),
            (SELECT COUNT(*) FROM recovery_codes WHERE staff_id = ?)",
        args![&staff, &staff],
        |row| Ok(State { enabled: row.next()?, codes_left: row.next()? }),
    )?;
    Ok(found.unwrap_or_default())
}

pub(super) fn insert(tx: &mut dyn Tx, staff: StaffId, secret: &[u8], at: Instant) -> Result<()> {
    tx.run(
        "INSERT INTO totp_secrets (staff_id, secret, last_step, created_at) VALUES (?, ?, 0, ?)",
        args![&staff, secret, at],
    )
    .map(|_| ())
}

pub(super) fn confirm(tx: &mut dyn Tx, staff: StaffId, at: Instant) -> Result<()> {
    tx.run("UPDATE totp_secrets SET confirmed_at = ? WHERE staff_id = ?", args![at, &staff]).map(|_| ())
}

/// Only one of two who show the same code sees a row count of 1.
pub(super) fn take_step(tx: &mut dyn Tx, staff: StaffId, step: i64) -> Result<bool> {
    let rows = tx
        .run("UPDATE totp_secrets SET last_step = ? WHERE staff_id = ? AND last_step < ?", args![step, &staff, step])?;
    Ok(rows == 1)
}

pub(super) fn delete(tx: &mut dyn Tx, staff: StaffId) -> Result<u64> {
    tx.run("DELETE FROM totp_secrets WHERE staff_id = ?", args![&staff])
}

pub(super) fn insert_code(tx: &mut dyn Tx, staff: StaffId, hash: &[u8; 32], at: Instant) -> Result<()> {
    tx.run("INSERT INTO recovery_codes (staff_id, code_hash, created_at) VALUES (?, ?, ?)", args![&staff, hash, at])
        .map(|_| ())
}

/// Only one of two who show the same code sees a row count of 1.
pub(super) fn take_code(tx: &mut dyn Tx, staff: StaffId, hash: &[u8; 32]) -> Result<bool> {
    Ok(tx.run("DELETE FROM recovery_codes WHERE staff_id = ? AND code_hash = ?", args![&staff, hash])? == 1)
}

pub(super) fn delete_codes(tx: &mut dyn Tx, staff: StaffId) -> Result<()> {
    tx.run("DELETE FROM recovery_codes WHERE staff_id = ?", args![&staff]).map(|_| ())
}
