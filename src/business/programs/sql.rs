//! Statements of programs.

use super::model::{Details, Program, ProgramId, Status};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::money::Money;
use crate::base::text::fold;
use crate::base::time::Instant;
use crate::business::media::model::MediaId;
use crate::platform::db::{Columns, Tx};

macro_rules! columns {
    () => {
        "id, title, slug, summary, description, status, price, currency, tax_rate, default_capacity, duration_minutes,
         location, poster_id, video_id, version, created_at"
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Program> {
    Ok(Program {
        id: row.next()?,
        details: Details {
            title: row.next()?,
            slug: row.next()?,
            summary: row.next()?,
            description: row.next()?,
            status: row.next()?,
            price: Money::new(row.next()?, row.next()?),
            tax_rate: row.next()?,
            default_capacity: row.next()?,
            duration_minutes: row.next()?,
            location: row.next()?,
        },
        poster: row.next()?,
        video: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, id: ProgramId, d: &Details, at: Instant) -> Result<()> {
    tx.run(
        "INSERT INTO programs (id, title, slug, summary, description, status, price, currency, tax_rate,
            default_capacity, duration_minutes, location, title_key, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        args![
            &id,
            &d.title,
            &d.slug,
            &d.summary,
            &d.description,
            d.status,
            d.price.amount,
            &d.price.currency,
            d.tax_rate,
            d.default_capacity,
            d.duration_minutes,
            &d.location,
            title_key(&d.title),
            at,
            at
        ],
    )
    .map(|_| ())
}

pub(super) fn update(tx: &mut dyn Tx, id: ProgramId, d: &Details, version: i64, at: Instant) -> Result<u64> {
    tx.run(
        "UPDATE programs SET title = ?, slug = ?, summary = ?, description = ?, status = ?, price = ?, currency = ?,
            tax_rate = ?, default_capacity = ?, duration_minutes = ?, location = ?, title_key = ?,
            version = version + 1, updated_at = ?
         WHERE id = ? AND version = ?",
        args![
            &d.title,
            &d.slug,
            &d.summary,
            &d.description,
            d.status,
            d.price.amount,
            &d.price.currency,
            d.tax_rate,
            d.default_capacity,
            d.duration_minutes,
            &d.location,
            title_key(&d.title),
            at,
            &id,
            version
        ],
    )
}

pub(super) fn set_files(
    tx: &mut dyn Tx,
    id: ProgramId,
    poster: Option<MediaId>,
    video: Option<MediaId>,
    at: Instant,
) -> Result<u64> {
    tx.run(
        "UPDATE programs SET poster_id = ?, video_id = ?, version = version + 1, updated_at = ? WHERE id = ?",
        args![&poster, &video, at, &id],
    )
}

pub(super) fn find(tx: &mut dyn Tx, id: ProgramId) -> Result<Option<Program>> {
    tx.first(concat!("SELECT ", columns!(), " FROM programs WHERE id = ?"), args![&id], read)
}

pub(super) fn page(
    tx: &mut dyn Tx,
    status: Option<Status>,
    title: &str,
    after: Option<ProgramId>,
    limit: i64,
) -> Result<Vec<Program>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    let title = fold(title);
    match status {
        None => tx.all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM programs WHERE id < ? AND (? = '' OR INSTR(title_key, ?) > 0) ORDER BY id DESC LIMIT ?"
            ),
            args![&after, &title, &title, limit],
            read,
        ),
        Some(status) => tx.all(
            concat!(
                "SELECT ",
                columns!(),
                " FROM programs WHERE status = ? AND id < ? AND (? = '' OR INSTR(title_key, ?) > 0)
                  ORDER BY id DESC LIMIT ?"
            ),
            args![status, &after, &title, &title, limit],
            read,
        ),
    }
}

/// A title in which case and marks make no difference.
fn title_key(title: &str) -> String {
    fold(title).chars().take(190).collect()
}

pub(super) fn delete(tx: &mut dyn Tx, id: ProgramId) -> Result<u64> {
    tx.run("DELETE FROM program_images WHERE program_id = ?", args![&id])?;
    tx.run("DELETE FROM programs WHERE id = ?", args![&id])
}

pub(super) fn images(tx: &mut dyn Tx, id: ProgramId) -> Result<Vec<MediaId>> {
    tx.all("SELECT media_id FROM program_images WHERE program_id = ? ORDER BY position", args![&id], |row| row.next())
}

pub(super) fn set_images(tx: &mut dyn Tx, id: ProgramId, images: &[MediaId], at: Instant) -> Result<()> {
    tx.run("DELETE FROM program_images WHERE program_id = ?", args![&id])?;
    for (position, media) in (0_i64..).zip(images) {
        tx.run(
            "INSERT INTO program_images (program_id, media_id, position) VALUES (?, ?, ?)",
            args![&id, media, position],
        )?;
    }
    tx.run("UPDATE programs SET version = version + 1, updated_at = ? WHERE id = ?", args![at, &id]).map(|_| ())
}

pub(super) fn any(tx: &mut dyn Tx) -> Result<bool> {
    Ok(tx.first("SELECT id FROM programs LIMIT 1", args![], |row| row.next::<ProgramId>())?.is_some())
}
