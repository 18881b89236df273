//! Statements of idempotency keys.

use crate::args;
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::base::version::Retry;
use crate::platform::db::Tx;

pub(super) fn find(tx: &mut dyn Tx, owner: &str, key: &str) -> Result<Option<([u8; 32], String)>> {
    tx.first("SELECT fingerprint, reply FROM idempotency_keys WHERE owner = ? AND name = ?", args![owner, key], |row| {
        Ok((row.next()?, row.next()?))
    })
}

pub(super) fn insert(tx: &mut dyn Tx, owner: &str, retry: &Retry, reply: &str, at: Instant) -> Result<()> {
    tx.run(
        "INSERT INTO idempotency_keys (owner, name, fingerprint, reply, created_at) VALUES (?, ?, ?, ?, ?)",
        args![owner, &retry.key, &retry.fingerprint, reply, at],
    )
    .map(|_| ())
}

pub(super) fn delete_before(tx: &mut dyn Tx, at: Instant) -> Result<u64> {
    tx.run("DELETE FROM idempotency_keys WHERE created_at < ?", args![at])
}
