//! Statements of uploads.

use super::model::{Intent, Target, Upload, UploadId};
use crate::args;
use crate::base::actor::StaffId;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::audio_notes::model::AudioNoteId;
use crate::business::media::model::MediaId;
use crate::platform::db::{Columns, Tx};

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT id, owner_id, kind, filename, role, subject_id, title, size, size_limit, file_key, media_id, note_id,
                expires_at, created_at
             FROM uploads WHERE ",
            $condition
        )
    };
}

fn bytes(value: i64) -> Result<u64> {
    u64::try_from(value).map_err(Error::internal)
}

fn number(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(Error::internal)
}

fn read(row: &mut Columns<'_, '_>) -> Result<Upload> {
    let (id, owner) = (row.next()?, row.next()?);
    let (kind, filename) = (row.next()?, row.next()?);
    let target = Target::of_row(row.next()?, row.next()?)?;
    Ok(Upload {
        id,
        owner,
        intent: Intent { kind, filename, target, title: row.next()? },
        size: row.next::<Option<i64>>()?.map(bytes).transpose()?,
        limit: bytes(row.next()?)?,
        file_key: row.next()?,
        media_id: row.next()?,
        note_id: row.next()?,
        expires_at: row.next()?,
        created_at: row.next()?,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, upload: &Upload) -> Result<()> {
    let (role, subject) = upload.intent.target.row();
    tx.run(
        "INSERT INTO uploads (id, owner_id, kind, filename, role, subject_id, title, size, size_limit, file_key,
            expires_at, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        args![
            &upload.id,
            &upload.owner,
            upload.intent.kind,
            &upload.intent.filename,
            role,
            &subject,
            &upload.intent.title,
            upload.size.map(number).transpose()?,
            number(upload.limit)?,
            &upload.file_key,
            upload.expires_at,
            upload.created_at
        ],
    )
    .map(|_| ())
}

pub(super) fn find(tx: &mut dyn Tx, id: UploadId) -> Result<Option<Upload>> {
    tx.first(select!("id = ?"), args![&id], read)
}

/// Unfinished ones of an account, newest first.
pub(super) fn page(tx: &mut dyn Tx, owner: StaffId, after: Option<UploadId>, limit: i64) -> Result<Vec<Upload>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    tx.all(
        select!("owner_id = ? AND media_id IS NULL AND id < ? ORDER BY id DESC LIMIT ?"),
        args![&owner, &after, limit],
        read,
    )
}

pub(super) fn count_open(tx: &mut dyn Tx, owner: Option<StaffId>) -> Result<i64> {
    tx.number("SELECT COUNT(*) FROM uploads WHERE owner_id = ? AND media_id IS NULL", args![&owner])
}

pub(super) fn set_size(tx: &mut dyn Tx, id: UploadId, size: u64) -> Result<u64> {
    tx.run("UPDATE uploads SET size = ? WHERE id = ? AND size IS NULL", args![number(size)?, &id])
}

pub(super) fn set_expiry(tx: &mut dyn Tx, id: UploadId, at: Instant) -> Result<()> {
    tx.run("UPDATE uploads SET expires_at = ? WHERE id = ?", args![at, &id]).map(|_| ())
}

/// Only one of several that finish the same upload sees a row count of 1.
pub(super) fn finish(tx: &mut dyn Tx, id: UploadId, media: MediaId, note: Option<AudioNoteId>) -> Result<u64> {
    tx.run("UPDATE uploads SET media_id = ?, note_id = ? WHERE id = ? AND media_id IS NULL", args![&media, &note, &id])
}

pub(super) fn delete(tx: &mut dyn Tx, id: UploadId) -> Result<u64> {
    tx.run("DELETE FROM uploads WHERE id = ?", args![&id])
}

pub(super) fn expired(tx: &mut dyn Tx, now: Instant, limit: i64) -> Result<Vec<Upload>> {
    tx.all(select!("expires_at <= ? ORDER BY expires_at LIMIT ?"), args![now, limit], read)
}

pub(super) fn has_key(tx: &mut dyn Tx, key: &str) -> Result<bool> {
    Ok(tx.number("SELECT COUNT(*) FROM uploads WHERE file_key = ? AND media_id IS NULL", args![key])? > 0)
}
