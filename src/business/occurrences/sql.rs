//! Statements of occurrences. Seats change by row count alone: the condition is the lock.

use super::model::{LONGEST_MINUTES, Occurrence, OccurrenceId, Plan, Status};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::programs::model::ProgramId;
use crate::platform::db::{Columns, Tx};

macro_rules! columns {
    () => {
        "o.id, o.program_id, p.title, o.local_starts_at, o.time_zone, o.starts_at, o.ends_at, o.duration_minutes,
         o.status, o.capacity, o.seats_taken, o.seats_held, o.waitlisted, o.version"
    };
}

// LEFT JOIN keeps the order of the occurrences' index; an inner join lets MariaDB begin with the programs.
macro_rules! from {
    () => {
        " FROM occurrences o LEFT JOIN programs p ON p.id = o.program_id "
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Occurrence> {
    Ok(Occurrence {
        id: row.next()?,
        program_id: row.next()?,
        program_title: row.next()?,
        local_starts_at: row.next()?,
        time_zone: row.next()?,
        starts_at: row.next()?,
        ends_at: row.next()?,
        duration_minutes: row.next()?,
        status: row.next()?,
        capacity: row.next()?,
        seats_taken: row.next()?,
        seats_held: row.next()?,
        waitlisted: row.next()?,
        version: row.next()?,
    })
}

pub(super) fn insert(
    tx: &mut dyn Tx,
    id: OccurrenceId,
    program: ProgramId,
    plan: &Plan,
    starts_at: Instant,
    at: Instant,
) -> Result<()> {
    tx.run(
        "INSERT INTO occurrences (id, program_id, local_starts_at, time_zone, starts_at, ends_at, duration_minutes,
            status, capacity, seats_taken, seats_held, waitlisted, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 1, ?, ?)",
        args![
            &id,
            &program,
            plan.local_starts_at,
            &plan.time_zone,
            starts_at,
            starts_at.plus_minutes(plan.duration_minutes),
            plan.duration_minutes,
            Status::Scheduled,
            plan.capacity,
            at,
            at
        ],
    )
    .map(|_| ())
}

pub(super) fn find(tx: &mut dyn Tx, id: OccurrenceId) -> Result<Option<Occurrence>> {
    tx.first(concat!("SELECT ", columns!(), from!(), "WHERE o.id = ?"), args![&id], read)
}

/// Those that take place within a time, behind one, in the order of their start. None is longer than
/// [`LONGEST_MINUTES`], so those that began before need not be looked for in all the past.
pub(super) fn page(
    tx: &mut dyn Tx,
    (program, status): (Option<ProgramId>, Option<Status>),
    (from, to): (Instant, Instant),
    after: Option<(Instant, OccurrenceId)>,
    limit: i64,
) -> Result<Vec<Occurrence>> {
    let earliest = Instant::from_micros(from.micros().saturating_sub(LONGEST_MINUTES * 60_000_000));
    let (start, after) = after.unwrap_or((earliest, Id::from_bytes([0; 16])));
    let status = status.map_or("", Status::as_str);
    // What starts at the first moment takes place within, however short it is.
    match program {
        None => tx.all(
            concat!(
                "SELECT ",
                columns!(),
                from!(),
                "WHERE o.starts_at >= ? AND o.starts_at < ? AND (o.starts_at > ? OR o.id > ?)
                    AND (o.ends_at > ? OR o.starts_at >= ?) AND (? = '' OR o.status = ?)
                 ORDER BY o.starts_at, o.id LIMIT ?"
            ),
            args![start, to, start, &after, from, from, status, status, limit],
            read,
        ),
        Some(program) => tx.all(
            concat!(
                "SELECT ",
                columns!(),
                from!(),
                "WHERE o.program_id = ? AND o.starts_at >= ? AND o.starts_at < ? AND (o.starts_at > ? OR o.id > ?)
                    AND (o.ends_at > ? OR o.starts_at >= ?) AND (? = '' OR o.status = ?)
                 ORDER BY o.starts_at, o.id LIMIT ?"
            ),
            args![&program, start, to, start, &after, from, from, status, status, limit],
            read,
        ),
    }
}

pub(super) fn update(
    tx: &mut dyn Tx,
    id: OccurrenceId,
    plan: &Plan,
    starts_at: Instant,
    version: i64,
    at: Instant,
) -> Result<u64> {
    tx.run(
        "UPDATE occurrences SET local_starts_at = ?, time_zone = ?, starts_at = ?, ends_at = ?, duration_minutes = ?,
            capacity = ?, version = version + 1, updated_at = ?
         WHERE id = ? AND version = ? AND seats_taken <= ?",
        args![
            plan.local_starts_at,
            &plan.time_zone,
            starts_at,
            starts_at.plus_minutes(plan.duration_minutes),
            plan.duration_minutes,
            plan.capacity,
            at,
            &id,
            version,
            plan.capacity
        ],
    )
}

pub(super) fn set_status(tx: &mut dyn Tx, id: OccurrenceId, status: Status, version: i64, at: Instant) -> Result<u64> {
    tx.run(
        "UPDATE occurrences SET status = ?, version = version + 1, updated_at = ? WHERE id = ? AND version = ?",
        args![status, at, &id, version],
    )
}

pub(super) fn delete(tx: &mut dyn Tx, id: OccurrenceId) -> Result<u64> {
    tx.run("DELETE FROM occurrences WHERE id = ?", args![&id])
}

/// Takes seats if there are as many; held ones are counted apart too.
pub(super) fn take(tx: &mut dyn Tx, id: OccurrenceId, seats: i64, held: i64) -> Result<bool> {
    let rows = tx.run(
        "UPDATE occurrences SET seats_taken = seats_taken + ?, seats_held = seats_held + ?
         WHERE id = ? AND status = ? AND seats_taken + ? <= capacity",
        args![seats, held, &id, Status::Scheduled, seats],
    )?;
    Ok(rows == 1)
}

/// Gives seats back, and turns held ones into taken ones when `seats` is 0.
pub(super) fn give_back(tx: &mut dyn Tx, id: OccurrenceId, seats: i64, held: i64) -> Result<bool> {
    let rows = tx.run(
        "UPDATE occurrences SET seats_taken = seats_taken - ?, seats_held = seats_held - ?
         WHERE id = ? AND seats_taken >= ? AND seats_held >= ?",
        args![seats, held, &id, seats, held],
    )?;
    Ok(rows == 1)
}

pub(super) fn change_waitlist(tx: &mut dyn Tx, id: OccurrenceId, seats: i64) -> Result<bool> {
    let rows = tx.run(
        "UPDATE occurrences SET waitlisted = waitlisted + ? WHERE id = ? AND waitlisted + ? >= 0",
        args![seats, &id, seats],
    )?;
    Ok(rows == 1)
}

pub(super) fn any(tx: &mut dyn Tx) -> Result<bool> {
    Ok(tx.first("SELECT id FROM occurrences LIMIT 1", args![], |row| row.next::<OccurrenceId>())?.is_some())
}
