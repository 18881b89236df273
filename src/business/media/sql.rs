//! Statements of media.

use super::model::{Filter, Found, Media, MediaId, PUBLIC_COPY, Processing, Use, Variant};
use crate::args;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::text::fold;
use crate::platform::db::{Columns, Tx, Value};
use crate::platform::files::{Kind, Known};

/// A file with the columns that begin here; of what was made of it, nothing yet.
macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT m.id, m.kind, m.filename, m.content_type, m.size, m.sha256, m.file_key, m.is_public, m.created_at,
                m.processing, m.processing_error, m.width, m.height, m.duration_ms
             FROM media m WHERE ",
            $condition
        )
    };
}

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
        processing: row.next()?,
        processing_error: row.next()?,
        width: row.next()?,
        height: row.next()?,
        duration_ms: row.next()?,
        variants: Vec::new(),
        public_copy: None,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, media: &Media, created_by: &str) -> Result<()> {
    tx.run(
        "INSERT INTO media (id, kind, filename, content_type, size, sha256, file_key, is_public, created_by,
            created_at, processing, name_key)
         VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
        args![
            &media.id,
            media.kind,
            &media.filename,
            &media.content_type,
            media.size,
            &media.sha256,
            &media.file_key,
            created_by,
            media.created_at,
            media.processing,
            fold(&media.filename).chars().take(190).collect::<String>()
        ],
    )
    .map(|_| ())
}

pub(super) fn find(tx: &mut dyn Tx, id: MediaId) -> Result<Option<Media>> {
    let Some(media) = tx.first(select!("m.id = ?"), args![&id], read)? else { return Ok(None) };
    let mut found = vec![media];
    add_variants(tx, &mut found)?;
    Ok(found.pop())
}

/// Files of a filter behind one, newest first. A part of a name is looked for file by file, in their order.
pub(super) fn page(tx: &mut dyn Tx, filter: &Filter, after: Option<MediaId>, limit: i64) -> Result<Vec<Media>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    let name = filter.name.as_deref().map(fold).unwrap_or_default();
    let unused = filter.unused;
    let mut found = match filter.kind {
        None => tx.all(
            select!(
                "m.id < ? AND (? = '' OR INSTR(m.name_key, ?) > 0)
                 AND (? = 0 OR (NOT EXISTS (SELECT 1 FROM programs p WHERE p.poster_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM programs v WHERE v.video_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM program_images g WHERE g.media_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM audio_notes n WHERE n.media_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM client_files f WHERE f.media_id = m.id)))
                 ORDER BY m.id DESC LIMIT ?"
            ),
            args![&after, &name, &name, unused, limit],
            read,
        )?,
        Some(kind) => tx.all(
            select!(
                "m.kind = ? AND m.id < ? AND (? = '' OR INSTR(m.name_key, ?) > 0)
                 AND (? = 0 OR (NOT EXISTS (SELECT 1 FROM programs p WHERE p.poster_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM programs v WHERE v.video_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM program_images g WHERE g.media_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM audio_notes n WHERE n.media_id = m.id)
                    AND NOT EXISTS (SELECT 1 FROM client_files f WHERE f.media_id = m.id)))
                 ORDER BY m.id DESC LIMIT ?"
            ),
            args![kind, &after, &name, &name, unused, limit],
            read,
        )?,
    };
    add_variants(tx, &mut found)?;
    Ok(found)
}

/// What shows a file, apart from the settings.
pub(super) fn uses(tx: &mut dyn Tx, id: MediaId) -> Result<Vec<Use>> {
    tx.all(
        "SELECT 'program', p.id, p.title, 'poster' FROM programs p WHERE p.poster_id = ?
         UNION ALL SELECT 'program', v.id, v.title, 'video' FROM programs v WHERE v.video_id = ?
         UNION ALL SELECT 'program', q.id, q.title, 'image' FROM program_images g JOIN programs q ON q.id = g.program_id
            WHERE g.media_id = ?
         UNION ALL SELECT 'client', c.id, c.name, 'file' FROM client_files f JOIN clients c ON c.id = f.client_id
            WHERE f.media_id = ?
         UNION ALL SELECT 'audio_note', n.id, COALESCE(n.title, k.name), 'note'
            FROM audio_notes n JOIN clients k ON k.id = n.client_id WHERE n.media_id = ?",
        args![&id, &id, &id, &id, &id],
        |row| Ok(Use { noun: row.next()?, id: row.next()?, title: row.next()?, role: row.next()? }),
    )
}

/// Adds what was made of files that are sorted by id, the newest first: one statement for all of them.
fn add_variants(tx: &mut dyn Tx, media: &mut [Media]) -> Result<()> {
    let (Some(newest), Some(oldest)) = (media.first().map(|m| m.id), media.last().map(|m| m.id)) else {
        return Ok(());
    };
    let rows: Vec<(MediaId, Variant)> = tx.all(
        "SELECT media_id, name, content_type, width, height, size, sha256, file_key FROM media_variants
         WHERE media_id >= ? AND media_id <= ? ORDER BY media_id DESC, width DESC, name DESC",
        args![&oldest, &newest],
        |row| {
            let id = row.next()?;
            let variant = Variant {
                name: row.next()?,
                content_type: row.next()?,
                width: row.next()?,
                height: row.next()?,
                size: row.next()?,
                sha256: row.next()?,
                file_key: row.next()?,
            };
            Ok((id, variant))
        },
    )?;
    for (id, variant) in rows {
        // Between two files of one kind there may be others.
        let Some(media) = media.iter_mut().find(|media| media.id == id) else { continue };
        if variant.name == PUBLIC_COPY {
            media.public_copy = Some(variant);
        } else {
            media.variants.push(variant);
        }
    }
    Ok(())
}

/// Writes what was found, once: a row count of 0 says that another was quicker, or that the file is gone.
pub(super) fn set_found(tx: &mut dyn Tx, id: MediaId, found: &Found) -> Result<u64> {
    let processing = if found.failure.is_some() { Processing::Failed } else { Processing::Done };
    let peaks = found.peaks.as_deref().map_or(Value::Null, Value::Blob);
    tx.run(
        "UPDATE media SET processing = ?, processing_error = ?, width = ?, height = ?, duration_ms = ?, peaks = ?
         WHERE id = ? AND processing = 'pending'",
        args![
            processing,
            found.failure.as_deref().or(found.remark.as_deref()),
            found.width,
            found.height,
            found.duration_ms,
            peaks,
            &id
        ],
    )
}

pub(super) fn insert_variant(tx: &mut dyn Tx, id: MediaId, variant: &Variant) -> Result<()> {
    tx.run(
        "INSERT INTO media_variants (media_id, name, content_type, width, height, size, sha256, file_key)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        args![
            &id,
            &variant.name,
            &variant.content_type,
            variant.width,
            variant.height,
            variant.size,
            &variant.sha256,
            &variant.file_key
        ],
    )
    .map(|_| ())
}

pub(super) fn set_public(tx: &mut dyn Tx, id: MediaId, is_public: bool) -> Result<()> {
    tx.run("UPDATE media SET is_public = ? WHERE id = ?", args![is_public, &id]).map(|_| ())
}

/// Keeps others from adding what is made of a file until the end of the transaction.
pub(super) fn lock(tx: &mut dyn Tx, id: MediaId) -> Result<()> {
    tx.run("UPDATE media SET size = size WHERE id = ?", args![&id]).map(|_| ())
}

pub(super) fn delete(tx: &mut dyn Tx, id: MediaId) -> Result<u64> {
    tx.run("DELETE FROM media_variants WHERE media_id = ?", args![&id])?;
    tx.run("DELETE FROM media WHERE id = ?", args![&id])
}

/// Bytes and files of each kind.
pub(super) fn totals(tx: &mut dyn Tx) -> Result<Vec<(Kind, i64, i64)>> {
    tx.all("SELECT kind, COUNT(*), CAST(SUM(size) AS SIGNED) FROM media GROUP BY kind ORDER BY kind", args![], |row| {
        Ok((row.next()?, row.next()?, row.next()?))
    })
}

pub(super) fn has_key(tx: &mut dyn Tx, key: &str) -> Result<bool> {
    Ok(tx.number("SELECT COUNT(*) FROM media WHERE file_key = ?", args![key])?
        + tx.number("SELECT COUNT(*) FROM media_variants WHERE file_key = ?", args![key])?
        > 0)
}

/// Files and what was made of them in the order of their keys, behind one.
pub(super) fn files_after(tx: &mut dyn Tx, key: &str, limit: i64) -> Result<Vec<(String, Known)>> {
    tx.all(
        "SELECT file_key, size, sha256 FROM media WHERE file_key > ?
         UNION ALL SELECT file_key, size, sha256 FROM media_variants WHERE file_key > ?
         ORDER BY file_key LIMIT ?",
        args![key, key, limit],
        |row| {
            let key = row.next()?;
            let size = u64::try_from(row.next::<i64>()?).map_err(Error::internal)?;
            Ok((key, Known { size, sha256: row.next()? }))
        },
    )
}
