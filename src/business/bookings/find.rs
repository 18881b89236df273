//! Finding bookings by what several tables know: by which index to begin, and how far to look.
//!
//! A list stays in the order of its ids, newest first. Where few bookings can fit, the index that leads to them is
//! taken; else the bookings are walked through in steps, up to a bound, behind which the next page goes on.

use super::model::{Balance, Booking, BookingId, Filter, Status};
use super::sql::{self, Lead};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::{Cursor, Page, Paging};
use crate::platform::db::Tx;

/// More bookings than this behind a lead are not a short way.
const FEW: i64 = 5_000;
/// Rows of the first step, and of the longest.
const STEPS: (i64, i64) = (400, 10_000);
/// Rows that one page looks at before it leaves the rest to the next.
const LOOKS: i64 = 100_000;

/// Where to begin. Several leads are followed together.
fn leads(tx: &mut dyn Tx, filter: &Filter) -> Result<Vec<Lead>> {
    if let Some(occurrence) = filter.occurrence_id {
        return Ok(vec![Lead::Occurrence(occurrence)]);
    }
    if let Some(client) = filter.client_id {
        return Ok(vec![Lead::Client(client)]);
    }
    if let Some(search) = &filter.search {
        let word = Lead::Word(search.words[0].clone());
        if word.is_short(tx, FEW)? {
            let mut leads = vec![word, Lead::Number(search.number.clone())];
            leads.extend(search.reference.clone().map(Lead::Reference));
            return Ok(leads);
        }
    }
    if filter.program_id.is_some() || filter.has_days() {
        let (from, to) = filter.walls();
        let lead = match filter.program_id {
            Some(program) => Lead::Program(program, from, to),
            None => Lead::Days(from, to),
        };
        if lead.is_short(tx, FEW)? {
            return Ok(vec![lead]);
        }
    }
    if filter.balance == Some(Balance::Due) && Lead::Owing.is_short(tx, FEW)? {
        // What has a price and no invoice owes only while it is held.
        return Ok(vec![Lead::Owing, Lead::Status(Status::Held)]);
    }
    match filter.statuses.as_slice() {
        [] => Ok(vec![Lead::All]),
        statuses => Ok(statuses.iter().copied().map(Lead::Status).collect()),
    }
}

/// A page of the bookings that fit. It may be short, or even empty, and have a next one.
///
/// # Errors
/// `database_unavailable`.
pub(super) fn page(
    tx: &mut dyn Tx,
    filter: &Filter,
    after: Option<BookingId>,
    paging: &Paging,
) -> Result<Page<Booking>> {
    let limit = paging.limit.probe();
    let most = usize::try_from(limit).unwrap_or(0);
    let start = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    let leads = leads(tx, filter)?;
    let looks = LOOKS / i64::try_from(leads.len()).unwrap_or(1).max(1);
    let mut found: Vec<BookingId> = Vec::new();
    // The newest place at which a lead was left.
    let mut left: Option<BookingId> = None;
    for lead in &leads {
        let (mut before, mut step, mut looked, mut own) = (start, STEPS.0, 0, 0);
        loop {
            let fitting = sql::fitting(tx, lead, filter, before, step, limit)?;
            own += fitting.len();
            found.extend(fitting);
            if own >= most {
                break;
            }
            let Some(reached) = sql::reach(tx, lead, before, step)? else { break };
            looked += step;
            before = reached;
            if looked >= looks {
                left = left.max(Some(reached));
                break;
            }
            step = (step * 5).min(STEPS.1);
        }
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    found.dedup();
    if let Some(left) = left {
        // Behind that place some are not known yet.
        found.retain(|id| *id >= left);
    }
    found.truncate(most);
    let full = found.len() >= most;
    let rows = sql::of_ids(tx, &found)?;
    let mut page = Page::by_id(rows, paging.limit, "bookings", |last| last.id);
    if !full && let Some(left) = left {
        page.next = Some(Cursor::new("bookings", &[&left.to_string()]));
    }
    Ok(page)
}
