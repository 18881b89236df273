//! Statements of accounts, sessions, tokens and failures.

use super::model::{Account, AccountInput, Device, Failures, Running, SessionId, Token};
use crate::args;
use crate::base::actor::{Role, StaffId};
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::platform::db::{Columns, Tx};

fn read_account(row: &mut Columns<'_, '_>) -> Result<Account> {
    Ok(Account {
        id: row.next()?,
        name: row.next()?,
        email: row.next()?,
        role: row.next()?,
        active: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, id: StaffId, new: &AccountInput, hash: &str, at: Instant) -> Result<()> {
    tx.run(
        "INSERT INTO staff (id, name, email, password_hash, role, active, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, 1, ?, ?)",
        args![&id, &new.name, &new.email, hash, new.role, new.active, at, at],
    )
    .map(|_| ())
}

pub(super) fn find(tx: &mut dyn Tx, id: StaffId) -> Result<Option<Account>> {
    tx.first(
        "SELECT id, name, email, role, active, version, created_at FROM staff WHERE id = ?",
        args![&id],
        read_account,
    )
}

/// The account of an address, with its hash.
pub(super) fn find_by_email(tx: &mut dyn Tx, email: &str) -> Result<Option<(Account, String)>> {
    tx.first(
        "SELECT id, name, email, role, active, version, created_at, password_hash FROM staff WHERE email = ?",
        args![email],
        |row| Ok((read_account(row)?, row.next()?)),
    )
}

pub(super) fn page(tx: &mut dyn Tx, after: Option<StaffId>, limit: i64) -> Result<Vec<Account>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0; 16]));
    tx.all(
        "SELECT id, name, email, role, active, version, created_at FROM staff WHERE id > ? ORDER BY id LIMIT ?",
        args![&after, limit],
        read_account,
    )
}

pub(super) fn update(tx: &mut dyn Tx, id: StaffId, new: &AccountInput, version: i64, at: Instant) -> Result<u64> {
    tx.run(
        "UPDATE staff SET name = ?, email = ?, role = ?, active = ?, version = version + 1, updated_at = ?
         WHERE id = ? AND version = ?",
        args![&new.name, &new.email, new.role, new.active, at, &id, version],
    )
}

pub(super) fn update_password(tx: &mut dyn Tx, id: StaffId, hash: &str, at: Instant) -> Result<u64> {
    tx.run(
        "UPDATE staff SET password_hash = ?, active = 1, version = version + 1, updated_at = ? WHERE id = ?",
        args![hash, at, &id],
    )
}

pub(super) fn password_hash(tx: &mut dyn Tx, id: StaffId) -> Result<Option<String>> {
    tx.first("SELECT password_hash FROM staff WHERE id = ?", args![&id], |row| row.next())
}

/// Locks the owners' rows, so that two transactions cannot each take the other's last one.
pub(super) fn count_owners(tx: &mut dyn Tx) -> Result<i64> {
    tx.run("UPDATE staff SET version = version WHERE role = ?", args![Role::Owner])?;
    tx.number("SELECT COUNT(*) FROM staff WHERE role = ? AND active = 1", args![Role::Owner])
}

pub(super) fn insert_session(
    tx: &mut dyn Tx,
    (id, hash): (SessionId, &[u8; 32]),
    staff: StaffId,
    device: Device<'_>,
    at: Instant,
    expires: Instant,
) -> Result<()> {
    tx.run(
        "INSERT INTO sessions (secret_hash, id, staff_id, user_agent, address, created_at, last_seen_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        args![hash, &id, &staff, device.agent, device.address, at, at, expires],
    )
    .map(|_| ())
}

/// The sessions of an account that go on, the one seen last first.
pub(super) fn sessions(tx: &mut dyn Tx, staff: StaffId, own: &[u8; 32], at: Instant) -> Result<Vec<Running>> {
    tx.all(
        "SELECT id, user_agent, address, created_at, last_seen_at, expires_at, CASE secret_hash WHEN ? THEN 1 ELSE 0 END
         FROM sessions WHERE staff_id = ? AND expires_at > ? ORDER BY last_seen_at DESC, id DESC",
        args![own, &staff, at],
        |row| {
            let (id, agent, address, created_at) = (row.next()?, row.next()?, row.next()?, row.next()?);
            let seen: Option<Instant> = row.next()?;
            let last_seen_at = seen.unwrap_or(created_at);
            Ok(Running { id, agent, address, created_at, last_seen_at, expires_at: row.next()?, current: row.next()? })
        },
    )
}

pub(super) fn last_seen(tx: &mut dyn Tx, hash: &[u8; 32]) -> Result<Option<Instant>> {
    tx.first("SELECT COALESCE(last_seen_at, created_at) FROM sessions WHERE secret_hash = ?", args![hash], |row| {
        row.next()
    })
}

pub(super) fn touch_session(tx: &mut dyn Tx, hash: &[u8; 32], address: &str, at: Instant) -> Result<()> {
    tx.run("UPDATE sessions SET last_seen_at = ?, address = ? WHERE secret_hash = ?", args![at, address, hash])
        .map(|_| ())
}

pub(super) fn delete_session_called(tx: &mut dyn Tx, staff: StaffId, id: SessionId) -> Result<u64> {
    tx.run("DELETE FROM sessions WHERE id = ? AND staff_id = ?", args![&id, &staff])
}

pub(super) fn delete_sessions_but(tx: &mut dyn Tx, staff: StaffId, own: &[u8; 32]) -> Result<u64> {
    tx.run("DELETE FROM sessions WHERE staff_id = ? AND secret_hash <> ?", args![&staff, own])
}

pub(super) fn find_session(tx: &mut dyn Tx, hash: &[u8; 32], at: Instant) -> Result<Option<Account>> {
    tx.first(
        "SELECT a.id, a.name, a.email, a.role, a.active, a.version, a.created_at
         FROM sessions s JOIN staff a ON a.id = s.staff_id
         WHERE s.secret_hash = ? AND s.expires_at > ? AND a.active = 1",
        args![hash, at],
        read_account,
    )
}

pub(super) fn delete_session(tx: &mut dyn Tx, hash: &[u8; 32]) -> Result<()> {
    tx.run("DELETE FROM sessions WHERE secret_hash = ?", args![hash]).map(|_| ())
}

pub(super) fn delete_sessions_of(tx: &mut dyn Tx, staff: StaffId) -> Result<()> {
    tx.run("DELETE FROM sessions WHERE staff_id = ?", args![&staff]).map(|_| ())
}

pub(super) fn delete_sessions_before(tx: &mut dyn Tx, at: Instant) -> Result<u64> {
    tx.run("DELETE FROM sessions WHERE expires_at <= ?", args![at])
}

pub(super) fn insert_token(tx: &mut dyn Tx, token: &Token, staff: StaffId, hash: &[u8; 32]) -> Result<()> {
    let scopes = token.scopes.join(" ");
    tx.run(
        "INSERT INTO api_tokens (id, staff_id, name, secret_hash, scopes, created_at, expires_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
        args![&token.id, &staff, &token.name, hash, &scopes, token.created_at, token.expires_at],
    )
    .map(|_| ())
}

fn read_token(row: &mut Columns<'_, '_>) -> Result<Token> {
    Ok(Token {
        id: row.next()?,
        name: row.next()?,
        scopes: row.next::<String>()?.split(' ').map(str::to_owned).collect(),
        created_at: row.next()?,
        expires_at: row.next()?,
    })
}

/// A token that is still good, with the account it acts for.
pub(super) fn find_token(tx: &mut dyn Tx, hash: &[u8; 32], at: Instant) -> Result<Option<(Token, Account)>> {
    tx.first(
        "SELECT t.id, t.name, t.scopes, t.created_at, t.expires_at,
            a.id, a.name, a.email, a.role, a.active, a.version, a.created_at
         FROM api_tokens t JOIN staff a ON a.id = t.staff_id
         WHERE t.secret_hash = ? AND (t.expires_at IS NULL OR t.expires_at > ?) AND a.active = 1",
        args![hash, at],
        |row| Ok((read_token(row)?, read_account(row)?)),
    )
}

pub(super) fn page_tokens(tx: &mut dyn Tx, after: Option<Id<Token>>, limit: i64) -> Result<Vec<Token>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    tx.all(
        "SELECT id, name, scopes, created_at, expires_at FROM api_tokens WHERE id < ? ORDER BY id DESC LIMIT ?",
        args![&after, limit],
        read_token,
    )
}

pub(super) fn delete_token(tx: &mut dyn Tx, id: Id<Token>) -> Result<u64> {
    tx.run("DELETE FROM api_tokens WHERE id = ?", args![&id])
}

pub(super) fn failures(tx: &mut dyn Tx, place: &str) -> Result<Failures> {
    let found = tx.first("SELECT failures, last_at FROM sign_in_failures WHERE place = ?", args![place], |row| {
        Ok(Failures { count: row.next()?, last_at: row.next()? })
    })?;
    Ok(found.unwrap_or_default())
}

pub(super) fn count_failure(tx: &mut dyn Tx, place: &str, at: Instant) -> Result<()> {
    let known =
        tx.run("UPDATE sign_in_failures SET failures = failures + 1, last_at = ? WHERE place = ?", args![at, place])?;
    if known == 0 {
        let inserted =
            tx.run("INSERT INTO sign_in_failures (place, failures, last_at) VALUES (?, 1, ?)", args![place, at]);
        inserted.map_err(|error| match error.code {
            crate::base::error::Code::AlreadyExists => crate::platform::db::changed_meanwhile(),
            _ => Error::internal(error),
        })?;
    }
    Ok(())
}

pub(super) fn forget_failures(tx: &mut dyn Tx, place: &str) -> Result<()> {
    tx.run("DELETE FROM sign_in_failures WHERE place = ?", args![place]).map(|_| ())
}

pub(super) fn delete_failures_before(tx: &mut dyn Tx, at: Instant) -> Result<u64> {
    tx.run("DELETE FROM sign_in_failures WHERE last_at < ?", args![at])
}
