//! Statements of events.

use super::model::{Event, Job, Kind, Standing, Subject};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::platform::db::{Columns, Tx};

pub(super) fn insert(
    tx: &mut dyn Tx,
    id: Id<Event>,
    kind: Kind,
    subject: Id<Subject>,
    payload: Option<&str>,
    due: Instant,
) -> Result<()> {
    tx.run(
        "INSERT INTO events (id, kind, subject_id, payload, due_at, attempts) VALUES (?, ?, ?, ?, ?, 0)",
        args![&id, kind, &subject, payload, due],
    )
    .map(|_| ())
}

/// The slow kinds are those of [`Kind::is_slow`].
pub(super) fn due(tx: &mut dyn Tx, now: Instant, slow: bool, limit: i64) -> Result<Vec<Event>> {
    tx.all(
        "SELECT id, kind, subject_id, payload, attempts FROM events
         WHERE failed_at IS NULL AND due_at <= ? AND CASE kind WHEN 'process_media' THEN 1 ELSE 0 END = ?
         ORDER BY due_at LIMIT ?",
        args![now, slow, limit],
        |row| {
            Ok(Event {
                id: row.next()?,
                kind: row.next()?,
                subject_id: row.next()?,
                payload: row.next()?,
                attempts: row.next()?,
            })
        },
    )
}

/// Takes an event for this worker: only one of several sees a row count of 1.
pub(super) fn lease(tx: &mut dyn Tx, event: &Event, until: Instant) -> Result<bool> {
    let rows = tx.run(
        "UPDATE events SET attempts = attempts + 1, due_at = ? WHERE id = ? AND attempts = ? AND failed_at IS NULL",
        args![until, &event.id, event.attempts],
    )?;
    Ok(rows == 1)
}

pub(super) fn delete(tx: &mut dyn Tx, id: Id<Event>) -> Result<()> {
    tx.run("DELETE FROM events WHERE id = ?", args![&id]).map(|_| ())
}

pub(super) fn set_due(tx: &mut dyn Tx, id: Id<Event>, due: Instant) -> Result<()> {
    tx.run("UPDATE events SET due_at = ? WHERE id = ?", args![due, &id]).map(|_| ())
}

pub(super) fn postpone(tx: &mut dyn Tx, id: Id<Event>, due: Instant, error: &str) -> Result<()> {
    tx.run("UPDATE events SET due_at = ?, error = ? WHERE id = ?", args![due, error, &id]).map(|_| ())
}

pub(super) fn fail(tx: &mut dyn Tx, id: Id<Event>, at: Instant, error: &str) -> Result<()> {
    tx.run("UPDATE events SET failed_at = ?, error = ? WHERE id = ?", args![at, error, &id]).map(|_| ())
}

pub(super) fn count_failed(tx: &mut dyn Tx) -> Result<i64> {
    tx.number("SELECT COUNT(*) FROM events WHERE failed_at IS NOT NULL", args![])
}

pub(super) fn count_waiting(tx: &mut dyn Tx) -> Result<i64> {
    tx.number("SELECT COUNT(*) FROM events WHERE failed_at IS NULL", args![])
}

/// Newest first; failed ones, waiting ones, or all.
pub(super) fn page(
    tx: &mut dyn Tx,
    standing: Option<Standing>,
    after: Option<Id<Event>>,
    limit: i64,
) -> Result<Vec<Job>> {
    let before = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    let failed = standing == Some(Standing::Failed);
    tx.all(
        "SELECT id, kind, subject_id, due_at, attempts, failed_at, error FROM events
         WHERE id < ? AND (? = 1 OR CASE WHEN failed_at IS NULL THEN 0 ELSE 1 END = ?) ORDER BY id DESC LIMIT ?",
        args![&before, standing.is_none(), failed, limit],
        read_job,
    )
}

pub(super) fn find(tx: &mut dyn Tx, id: Id<Event>) -> Result<Option<Job>> {
    tx.first(
        "SELECT id, kind, subject_id, due_at, attempts, failed_at, error FROM events WHERE id = ?",
        args![&id],
        read_job,
    )
}

fn read_job(row: &mut Columns<'_, '_>) -> Result<Job> {
    Ok(Job {
        id: row.next()?,
        kind: row.next()?,
        subject_id: row.next()?,
        due_at: row.next()?,
        attempts: row.next()?,
        failed_at: row.next()?,
        error: row.next()?,
    })
}

/// Begins a failed event anew.
pub(super) fn revive(tx: &mut dyn Tx, id: Id<Event>, due: Instant) -> Result<u64> {
    tx.run(
        "UPDATE events SET failed_at = NULL, attempts = 0, due_at = ? WHERE id = ? AND failed_at IS NOT NULL",
        args![due, &id],
    )
}
