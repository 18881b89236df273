//! Reading the journal, in batches that go on where the last one ended.

use super::chart::Chart;
use super::model::{Entry, Place, Span, bounds};
use super::{datev, sql};
use crate::base::error::{Error, Result};
use crate::base::page::{Page, Paging};
use crate::base::time::{Instant, Zone};
use crate::business::invoices;
use crate::business::invoices::model::SeriesReport;
use crate::business::settings::model::{Accounts, Business};
use crate::platform::db::Tx;

/// What the books need to know of the business.
#[derive(Clone, Debug)]
pub struct Books {
    /// The accounts as they are said.
    pub accounts: Accounts,
    /// Where days begin.
    pub zone: Zone,
}

impl From<Business> for Books {
    fn from(business: Business) -> Self {
        Self { accounts: business.invoicing.accounts, zone: business.time_zone }
    }
}

/// Entries of a span behind a place, in the order of the journal.
///
/// # Errors
/// `database_unavailable`.
pub fn entries(tx: &mut dyn Tx, books: &Books, span: &Span, after: &Place, limit: i64) -> Result<Vec<Entry>> {
    let chart = Chart::of(&books.accounts);
    let most = usize::try_from(limit).unwrap_or(0);
    let left = |found: &[Entry]| i64::try_from(most.saturating_sub(found.len())).unwrap_or(0);
    let mut found: Vec<Entry> = Vec::new();
    let mut place = after.clone();
    if place.day < span.from {
        place = Place::before(&span.from);
    }
    while place.day <= span.to && left(&found) > 0 {
        let (start, end) = bounds(&place.day, &books.zone)?;
        if place.payment.is_none() {
            let documents = sql::documents(tx, &place.day, place.document, left(&found))?;
            found.extend(documents.into_iter().map(|issued| issued.entry(chart, &place.day)));
        }
        let mut last = Instant::from_micros(start.micros() - 1);
        if let Some((at, id)) = place.payment {
            // Others of the same moment first: many payments may be noted for one.
            let same = sql::money_of(tx, at, id, left(&found))?;
            found.extend(same.into_iter().map(|moved| moved.entry(chart, &place.day)));
            last = at;
        }
        if left(&found) > 0 {
            let later = sql::money_between(tx, last, end, left(&found))?;
            found.extend(later.into_iter().map(|moved| moved.entry(chart, &place.day)));
        }
        match next_day(tx, books, span, &place.day)? {
            Some(day) => place = Place::before(&day),
            None => break,
        }
    }
    Ok(found)
}

/// The next day of a span on which anything is booked.
fn next_day(tx: &mut dyn Tx, books: &Books, span: &Span, day: &str) -> Result<Option<String>> {
    let (_, over) = bounds(day, &books.zone)?;
    let (_, end) = bounds(&span.to, &books.zone)?;
    let document = sql::next_document_day(tx, day, &span.to)?;
    let money = sql::next_money(tx, over, end)?.map(|at| at.date_in(&books.zone));
    Ok([document, money].into_iter().flatten().min())
}

/// A page of the journal.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, books: &Books, span: &Span, paging: &Paging) -> Result<Page<Entry>> {
    let after = match &paging.after {
        Some(cursor) => Place::read(cursor)?,
        None => Place::before(&span.from),
    };
    let rows = entries(tx, books, span, &after, paging.limit.probe())?;
    Ok(Page::cut(rows, paging.limit, |last| Place::behind(last).cursor()))
}

/// Refuses what a DATEV batch cannot say.
///
/// # Errors
/// `invalid_field` naming `to` when the span is not within a year, or `currency` when its amounts have more than two
/// decimals.
pub fn check_datev(span: &Span, business: &Business) -> Result<()> {
    span.within_a_year()?;
    if business.currency.decimals() > datev::DECIMALS {
        return Err(Error::field("currency", "has three decimals, and amounts of a DATEV batch have two"));
    }
    Ok(())
}

/// Every series of numbers with what is missing in it.
///
/// # Errors
/// `database_unavailable`.
pub fn series(tx: &mut dyn Tx) -> Result<Vec<SeriesReport>> {
    invoices::actions::series(tx)
}
