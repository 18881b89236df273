//! Planning, changing, calling off; and the one place where seats are taken and given back.

use super::model::{Occurrence, OccurrenceId, Plan, Status, recurrences};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::page::{Cursor, Page, Paging};
use crate::base::time::Instant;
use crate::base::version::Expected;
use crate::business::audit;
use crate::business::programs::{self, model::ProgramId};
use crate::platform::db::{Tx, changed_meanwhile};

/// One occurrence.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: OccurrenceId) -> Result<Occurrence> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("occurrence"))
}

/// Which occurrences a list shows.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of one program.
    pub program: Option<ProgramId>,
    /// Of one state.
    pub status: Option<Status>,
    /// What goes on at this moment or later.
    pub from: Option<Instant>,
    /// What starts before this moment.
    pub to: Option<Instant>,
}

/// Those that take place within a time, also in part, in the order of their start.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, filter: &Filter, paging: &Paging) -> Result<Page<Occurrence>> {
    let from = filter.from.unwrap_or(Instant::from_micros(i64::MIN));
    let to = filter.to.unwrap_or(Instant::from_micros(i64::MAX));
    let mut after = None;
    if let Some(cursor) = &paging.after {
        let [start, id] = cursor.keys("occurrences")?;
        let start = start.parse().map_err(|_| Error::new(Code::BadRequest, "The cursor is damaged."))?;
        after = Some((Instant::from_micros(start), id.parse()?));
    }
    let rows = sql::page(tx, (filter.program, filter.status), (from, to), after, paging.limit.probe())?;
    Ok(Page::cut(rows, paging.limit, |last| {
        Cursor::new("occurrences", &[&last.starts_at.micros().to_string(), &last.id.to_string()])
    }))
}

/// Plans one occurrence, or as many as the rule of recurrence says.
///
/// # Errors
/// `not_found` for the program, `invalid_field`.
pub fn plan(
    tx: &mut dyn Tx,
    actor: &Actor,
    program: ProgramId,
    plan: &Plan,
    recurrence: Option<&str>,
) -> Result<Vec<Occurrence>> {
    programs::actions::get(tx, program)?;
    let plan = plan.clone().checked()?;
    let times = match recurrence.map(str::trim).filter(|rule| !rule.is_empty()) {
        Some(rule) => recurrences(plan.local_starts_at, rule)?,
        None => vec![plan.local_starts_at],
    };
    let mut made = Vec::with_capacity(times.len());
    for local_starts_at in times {
        let id = actor.new_id()?;
        let starts_at = local_starts_at.in_zone(&plan.time_zone)?;
        sql::insert(tx, id, program, &Plan { local_starts_at, ..plan.clone() }, starts_at, actor.at)?;
        audit::actions::note(tx, actor, "plan", "occurrence", id, None)?;
        made.push(get(tx, id)?);
    }
    Ok(made)
}

/// Changes time or capacity.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_field`; `invalid_state` when it was called off or fewer seats would
/// be left than are taken.
pub fn change(tx: &mut dyn Tx, actor: &Actor, id: OccurrenceId, expected: &Expected, plan: Plan) -> Result<Occurrence> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    if current.status == Status::Cancelled {
        return Err(Error::new(Code::InvalidState, "This occurrence was called off and cannot change."));
    }
    let plan = plan.checked()?;
    if plan.capacity < current.seats_taken {
        return Err(Error::new(
            Code::InvalidState,
            format!("{} seats are taken; the capacity cannot be less.", current.seats_taken),
        ));
    }
    let starts_at = plan.local_starts_at.in_zone(&plan.time_zone)?;
    if sql::update(tx, id, &plan, starts_at, current.version, actor.at)? == 0 {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "change", "occurrence", id, None)?;
    get(tx, id)
}

/// Calls an occurrence off; no more seats can be taken. Its bookings stay, for each to be cancelled or moved.
///
/// # Errors
/// `not_found`, `precondition_failed`; `invalid_state` when it was called off already.
pub fn cancel(tx: &mut dyn Tx, actor: &Actor, id: OccurrenceId, expected: &Expected) -> Result<Occurrence> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    if current.status == Status::Cancelled {
        return Err(Error::new(Code::InvalidState, "This occurrence was called off already."));
    }
    if sql::set_status(tx, id, Status::Cancelled, current.version, actor.at)? == 0 {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "cancel", "occurrence", id, None)?;
    get(tx, id)
}

/// Removes an occurrence that nobody booked.
///
/// # Errors
/// `not_found`, `precondition_failed`; `in_use` when there are bookings.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, id: OccurrenceId, expected: &Expected) -> Result<()> {
    expected.check(get(tx, id)?.version)?;
    sql::delete(tx, id).map_err(|error| match error.code {
        Code::InUse => Error::new(Code::InUse, "This occurrence has bookings. Call it off instead."),
        _ => error,
    })?;
    audit::actions::note(tx, actor, "delete", "occurrence", id, None)
}

/// Takes seats; `held` when they are not confirmed yet. This and [`give_seats_back`] are the only ways that seats
/// change, for booking, confirming, cancelling, expiring and moving alike.
///
/// # Errors
/// `sold_out`, `not_found`; `invalid_state` when it was called off.
pub fn take_seats(tx: &mut dyn Tx, id: OccurrenceId, seats: i64, held: bool) -> Result<()> {
    if sql::take(tx, id, seats, if held { seats } else { 0 })? {
        return Ok(());
    }
    let occurrence = get(tx, id)?;
    if occurrence.status == Status::Cancelled {
        return Err(Error::new(Code::InvalidState, "This occurrence was called off."));
    }
    Err(match occurrence.seats_left() {
        0 => Error::new(Code::SoldOut, "No seats are left. Choose another time, or join the waiting list."),
        left => Error::new(Code::SoldOut, format!("Only {left} seats are left.")),
    })
}

/// Gives seats back.
///
/// # Errors
/// `internal` when the row has fewer, which no sequence of bookings can bring about.
pub fn give_seats_back(tx: &mut dyn Tx, id: OccurrenceId, seats: i64, held: bool) -> Result<()> {
    match sql::give_back(tx, id, seats, if held { seats } else { 0 })? {
        true => Ok(()),
        false => Err(Error::internal(format!("occurrence {id} has fewer than {seats} seats to give back"))),
    }
}

/// Held seats are confirmed: taken as before, but no longer held.
///
/// # Errors
/// As [`give_seats_back`].
pub fn settle_held_seats(tx: &mut dyn Tx, id: OccurrenceId, seats: i64) -> Result<()> {
    match sql::give_back(tx, id, 0, seats)? {
        true => Ok(()),
        false => Err(Error::internal(format!("occurrence {id} has fewer than {seats} held seats"))),
    }
}

/// Seats join (positive) or leave (negative) the waiting list.
///
/// # Errors
/// `internal` when fewer wait.
pub fn change_waitlist(tx: &mut dyn Tx, id: OccurrenceId, seats: i64) -> Result<()> {
    match sql::change_waitlist(tx, id, seats)? {
        true => Ok(()),
        false => Err(Error::internal(format!("occurrence {id} has a shorter waiting list"))),
    }
}

/// Whether there is any occurrence.
///
/// # Errors
/// `database_unavailable`.
pub fn any(tx: &mut dyn Tx) -> Result<bool> {
    sql::any(tx)
}
