//! Statements of clients' files.

use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::business::media::model::MediaId;
use crate::platform::db::Tx;

pub(super) fn insert(tx: &mut dyn Tx, client: ClientId, media: MediaId, at: Instant) -> Result<()> {
    tx.run("INSERT INTO client_files (client_id, media_id, created_at) VALUES (?, ?, ?)", args![&client, &media, at])
        .map(|_| ())
}

/// The newest first: the ids of files follow the time.
pub(super) fn page(tx: &mut dyn Tx, client: ClientId, after: Option<MediaId>, limit: i64) -> Result<Vec<MediaId>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    tx.all(
        "SELECT media_id FROM client_files WHERE client_id = ? AND media_id < ? ORDER BY media_id DESC LIMIT ?",
        args![&client, &after, limit],
        |row| row.next(),
    )
}

pub(super) fn delete(tx: &mut dyn Tx, client: ClientId, media: MediaId) -> Result<u64> {
    tx.run("DELETE FROM client_files WHERE client_id = ? AND media_id = ?", args![&client, &media])
}

pub(super) fn set_client(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<u64> {
    tx.run("UPDATE client_files SET client_id = ? WHERE client_id = ?", args![&to, &from])
}
