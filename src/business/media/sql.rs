//! Statements of media.

use super::model::{Media, MediaId};
use crate::args;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::platform::db::{Columns, Tx};
use crate::platform::files::{Kind, Known};

fn read(row: &mut Columns<'_, '_>) -> Result<Media> {
    Ok(Media {
        id: row.next()?,
        kind: row.next()?,
        filename: row.next()?,
        content_type: row.next()?,
        size: row.next()?,
        sha256: row.next()?,
        file_key: row.next()?,
        is_public: row.next()?,
        created_at: row.next()?,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, media: &Media, created_by: &str) -> Result<()> {
    tx.run(
        "INSERT INTO media (id, kind, filename, content_type, size, sha256, file_key, is_public, created_by,
            created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        args![
            &media.id,
            media.kind,
            &media.filename,
            &media.content_type,
            media.size,
            &media.sha256,
            &media.file_key,
            created_by,
            media.created_at
        ],
    )
    .map(|_| ())
}

pub(super) fn find(tx: &mut dyn Tx, id: MediaId) -> Result<Option<Media>> {
    tx.first(
        "SELECT id, kind, filename, content_type, size, sha256, file_key, is_public, created_at FROM media
         WHERE id = ?",
        args![&id],
        read,
    )
}

pub(super) fn page(tx: &mut dyn Tx, kind: Option<Kind>, after: Option<MediaId>, limit: i64) -> Result<Vec<Media>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    match kind {
        None => tx.all(
            "SELECT id, kind, filename, content_type, size, sha256, file_key, is_public, created_at FROM media
             WHERE id < ? ORDER BY id DESC LIMIT ?",
            args![&after, limit],
            read,
        ),
        Some(kind) => tx.all(
            "SELECT id, kind, filename, content_type, size, sha256, file_key, is_public, created_at FROM media
             WHERE kind = ? AND id < ? ORDER BY id DESC LIMIT ?",
            args![kind, &after, limit],
            read,
        ),
    }
}

pub(super) fn set_public(tx: &mut dyn Tx, id: MediaId, is_public: bool) -> Result<()> {
    tx.run("UPDATE media SET is_public = ? WHERE id = ?", args![is_public, &id]).map(|_| ())
}

pub(super) fn delete(tx: &mut dyn Tx, id: MediaId) -> Result<u64> {
    tx.run("DELETE FROM media WHERE id = ?", args![&id])
}

/// Bytes and files of each kind.
pub(super) fn totals(tx: &mut dyn Tx) -> Result<Vec<(Kind, i64, i64)>> {
    tx.all("SELECT kind, COUNT(*), CAST(SUM(size) AS SIGNED) FROM media GROUP BY kind ORDER BY kind", args![], |row| {
        Ok((row.next()?, row.next()?, row.next()?))
    })
}

pub(super) fn has_key(tx: &mut dyn Tx, key: &str) -> Result<bool> {
    Ok(tx.number("SELECT COUNT(*) FROM media WHERE file_key = ?", args![key])? > 0)
}

/// Files in the order of their keys, behind one.
pub(super) fn files_after(tx: &mut dyn Tx, key: &str, limit: i64) -> Result<Vec<(String, Known)>> {
    tx.all(
        "SELECT file_key, size, sha256 FROM media WHERE file_key > ? ORDER BY file_key LIMIT ?",
        args![key, limit],
        |row| {
            let key = row.next()?;
            let size = u64::try_from(row.next::<i64>()?).map_err(Error::internal)?;
            Ok((key, Known { size, sha256: row.next()? }))
        },
    )
}
