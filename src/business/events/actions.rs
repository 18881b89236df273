//! Noting what is to be done, taking it, and saying how it went.

use super::model::{ATTEMPTS, Event, Job, Kind, LEASE_SECONDS, Standing, next_try};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Paging};
use crate::base::time::Instant;
use crate::business::audit;
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

/// Events, newest first; the failed or the waiting ones alone, when `standing` says so.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, standing: Option<Standing>, paging: &Paging) -> Result<Page<Job>> {
    let after = paging.after_id("jobs")?;
    let rows = sql::page(tx, standing, after, paging.limit.probe())?;
    Ok(Page::by_id(rows, paging.limit, "jobs", |last| last.id))
}

/// Tries a failed event again, now, as often as a new one.
///
/// # Errors
/// `not_found`; `invalid_state` when it has not failed: it is tried by itself.
pub fn retry(tx: &mut dyn Tx, actor: &Actor, id: Id<Event>) -> Result<()> {
    let job = sql::find(tx, id)?.ok_or_else(|| Error::not_found("job"))?;
    if sql::revive(tx, id, actor.at)? == 0 {
        return Err(Error::new(Code::InvalidState, "This job has not failed; it is tried by itself."));
    }
    audit::actions::note(tx, actor, "retry", "job", id, Some(job.kind.to_string()))
}

/// Gives an event up: it is not done any more.
///
/// # Errors
/// `not_found`; `invalid_state` while a file is waiting to be looked into, which ends by itself and would leave the
/// file without its size.
pub fn give_up(tx: &mut dyn Tx, actor: &Actor, id: Id<Event>) -> Result<()> {
    let job = sql::find(tx, id)?.ok_or_else(|| Error::not_found("job"))?;
    if job.kind.is_slow() && job.standing() == Standing::Waiting {
        return Err(Error::new(Code::InvalidState, "This job is still tried; it ends by itself."));
    }
    sql::delete(tx, id)?;
    let why = format!("{} of {}", job.kind, job.subject_id);
    audit::actions::note(tx, actor, "give_up", "job", id, Some(why))
}
