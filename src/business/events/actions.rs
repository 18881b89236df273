//! Noting what is to be done, taking it, and saying how it went.

use super::model::{ATTEMPTS, Event, Kind, LEASE_SECONDS, next_try};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::platform::db::Tx;

/// Notes that `kind` is to be done to `subject` once this transaction is committed.
///
/// # Errors
/// `database_unavailable`.
pub fn note<N>(tx: &mut dyn Tx, actor: &Actor, kind: Kind, subject: Id<N>, payload: Option<&str>) -> Result<()> {
    sql::insert(tx, actor.new_id()?, kind, subject.cast(), payload, actor.at)
}

/// Takes up to `limit` due events, slow ones or quick ones; another worker sees them again only when this one is
/// silent for too long.
///
/// # Errors
/// `database_unavailable`.
pub fn take(tx: &mut dyn Tx, now: Instant, slow: bool, limit: i64) -> Result<Vec<Event>> {
    let mut taken = Vec::new();
    for event in sql::due(tx, now, slow, limit)? {
        if sql::lease(tx, &event, now.plus_seconds(LEASE_SECONDS))? {
            taken.push(Event { attempts: event.attempts + 1, ..event });
        }
    }
    Ok(taken)
}

/// Says that an event is still being worked on at `now`.
///
/// # Errors
/// `database_unavailable`.
pub fn keep(tx: &mut dyn Tx, id: Id<Event>, now: Instant) -> Result<()> {
    sql::set_due(tx, id, now.plus_seconds(LEASE_SECONDS))
}

/// Leaves an event to whoever comes next: the program ends.
///
/// # Errors
/// `database_unavailable`.
pub fn leave(tx: &mut dyn Tx, id: Id<Event>, now: Instant) -> Result<()> {
    sql::set_due(tx, id, now)
}

/// It is done.
///
/// # Errors
/// `database_unavailable`.
pub fn done(tx: &mut dyn Tx, id: Id<Event>) -> Result<()> {
    sql::delete(tx, id)
}

/// It failed: it is tried again later, or given up after [`ATTEMPTS`] times.
///
/// # Errors
/// `database_unavailable`.
pub fn failed(tx: &mut dyn Tx, event: &Event, now: Instant, error: &str) -> Result<()> {
    if event.attempts >= ATTEMPTS {
        sql::fail(tx, event.id, now, error)
    } else {
        sql::postpone(tx, event.id, next_try(now, event.attempts), error)
    }
}

/// Whether anything slow or quick is due; a look that costs no commit.
///
/// # Errors
/// `database_unavailable`.
pub fn any_due(tx: &mut dyn Tx, now: Instant, slow: bool) -> Result<bool> {
    Ok(!sql::due(tx, now, slow, 1)?.is_empty())
}

/// How many events wait, and how many were given up.
///
/// # Errors
/// `database_unavailable`.
pub fn counts(tx: &mut dyn Tx) -> Result<(i64, i64)> {
    Ok((sql::count_waiting(tx)?, sql::count_failed(tx)?))
}
