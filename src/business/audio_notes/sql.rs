//! Statements of audio notes.

use super::model::{AudioNote, AudioNoteId};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::business::clients::model::ClientId;
use crate::business::media::model::Media;
use crate::platform::db::{Columns, Tx};

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT n.id, n.client_id, n.booking_id, n.title, n.recorded_by, m.id, m.kind, m.filename, m.content_type,
                m.size, m.sha256, m.file_key, m.is_public, m.created_at, m.processing, m.processing_error, m.width,
                m.height, m.duration_ms, m.peaks, n.version, n.created_at
             FROM audio_notes n LEFT JOIN media m ON m.id = n.media_id WHERE ",
            $condition
        )
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<AudioNote> {
    Ok(AudioNote {
        id: row.next()?,
        client_id: row.next()?,
        booking_id: row.next()?,
        title: row.next()?,
        recorded_by: row.next()?,
        media: Media {
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
        },
        peaks: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, note: &AudioNote) -> Result<()> {
    tx.run(
        "INSERT INTO audio_notes (id, client_id, booking_id, media_id, title, recorded_by, version, created_at)
         VALUES (?, ?, ?, ?, ?, ?, 1, ?)",
        args![
            &note.id,
            &note.client_id,
            &note.booking_id,
            &note.media.id,
            &note.title,
            &note.recorded_by,
            note.created_at
        ],
    )
    .map(|_| ())
}

pub(super) fn find(tx: &mut dyn Tx, id: AudioNoteId) -> Result<Option<AudioNote>> {
    tx.first(select!("n.id = ?"), args![&id], read)
}

pub(super) fn page(
    tx: &mut dyn Tx,
    client: ClientId,
    after: Option<AudioNoteId>,
    limit: i64,
) -> Result<Vec<AudioNote>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    tx.all(select!("n.client_id = ? AND n.id < ? ORDER BY n.id DESC LIMIT ?"), args![&client, &after, limit], read)
}

pub(super) fn update(tx: &mut dyn Tx, id: AudioNoteId, title: Option<&str>, version: i64) -> Result<u64> {
    tx.run(
        "UPDATE audio_notes SET title = ?, version = version + 1 WHERE id = ? AND version = ?",
        args![title, &id, version],
    )
}

pub(super) fn set_client(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<u64> {
    tx.run("UPDATE audio_notes SET client_id = ?, version = version + 1 WHERE client_id = ?", args![&to, &from])
}

pub(super) fn delete(tx: &mut dyn Tx, id: AudioNoteId) -> Result<u64> {
    tx.run("DELETE FROM audio_notes WHERE id = ?", args![&id])
}
