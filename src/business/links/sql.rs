//! Statements of links.

use crate::args;
use crate::base::error::Result;
use crate::base::time::Instant;
use crate::platform::db::Tx;

pub(super) fn key(tx: &mut dyn Tx, name: &str) -> Result<Option<[u8; 32]>> {
    tx.first("SELECT secret FROM link_keys WHERE name = ?", args![name], |row| row.next())
}

pub(super) fn insert_key(tx: &mut dyn Tx, name: &str, secret: &[u8; 32], at: Instant) -> Result<()> {
    tx.run("INSERT INTO link_keys (name, secret, created_at) VALUES (?, ?, ?)", args![name, secret, at]).map(|_| ())
}
