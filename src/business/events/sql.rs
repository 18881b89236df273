//! Statements of events.

use super::model::{Event, Kind, Subject};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::platform::db::Tx;

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
