//! `/accounting`, and `/invoice-series`.

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::try_unfold;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Books};
use super::chart::Chart;
use super::model::{Entry, EntryId, Place, Posting, Role, Source, Span};
use super::{csv, datev, latin};
use crate::base::actor::{Access, Area};
use crate::base::error::Result;
use crate::base::money::{BasisPoints, Money};
use crate::base::page::Paging;
use crate::base::tax::Category;
use crate::business::desk::Desk;
use crate::business::invoices::model::{Kind, SeriesReport};
use crate::business::settings;
use crate::platform::db::Db;
use crate::platform::http::{Call, Json, List, Streamed, Table};
use crate::{wire_words, words};

words! {
    /// How the journal is sent.
    enum Format {
        /// A page of entries.
        Json = "json",
        /// All of it as a table, a line for each posting.
        Csv = "csv",
    }
}
wire_words!(Format, Role, Source);

/// One line of an entry.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "JournalLine")]
struct PostingView {
    account: String,
    role: Role,
    /// Nothing when the line is a credit.
    debit: Money,
    /// Nothing when the line is a debit.
    credit: Money,
    tax_category: Option<Category>,
    /// Basis points.
    tax_rate: Option<BasisPoints>,
}

/// An entry of the journal: its debits and credits are the same.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "JournalEntry")]
struct EntryView {
    /// That of the document or the payment.
    id: EntryId,
    kind: Source,
    /// Where the business is, such as `2026-12-24`.
    date: String,
    /// Of the document; none for money.
    number: Option<String>,
    /// Number of the invoice that is asked for, taken back or paid.
    settles: Option<String>,
    name: String,
    reference: Option<String>,
    lines: Vec<PostingView>,
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let currency = entry.currency;
        let line = |posting: Posting| PostingView {
            account: posting.account,
            role: posting.role,
            debit: Money::new(posting.debit, currency),
            credit: Money::new(posting.credit, currency),
            tax_category: posting.tax.map(|tax| tax.category),
            tax_rate: posting.tax.map(|tax| tax.rate),
        };
        Self {
            id: entry.id,
            kind: entry.source,
            date: entry.day,
            number: entry.number,
            settles: entry.settles,
            name: entry.name,
            reference: entry.reference,
            lines: entry.postings.into_iter().map(line).collect(),
        }
    }
}

/// Numbers that are missing.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "NumberGap")]
struct GapView {
    first: i64,
    last: i64,
}

/// How the numbers of a series stand.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "InvoiceSeries")]
struct SeriesView {
    /// What stays the same around the number.
    series: String,
    kind: Kind,
    /// Lowest number; 1 when nothing is missing.
    first: i64,
    /// Highest number.
    last: i64,
    /// Documents.
    count: i64,
    /// What its counter says; the same as `last` when nothing is missing.
    counter: i64,
    /// The first hundred gaps.
    missing: Vec<GapView>,
}

impl From<SeriesReport> for SeriesView {
    fn from(report: SeriesReport) -> Self {
        Self {
            series: report.series,
            kind: report.kind,
            first: report.first,
            last: report.last,
            count: report.count,
            counter: report.counter,
            missing: report.missing.into_iter().map(|(first, last)| GapView { first, last }).collect(),
        }
    }
}

/// Entries that are read and written at once.
const BATCH: i64 = 200;

/// How far a table is written.
struct Reading {
    db: Db,
    books: Books,
    span: Span,
    /// Behind what is written.
    place: Option<Place>,
    /// Stands before the first entry.
    head: String,
}

/// A table of a span, batch by batch, so that memory does not grow with it.
fn table<W>(reading: Reading, write: W) -> impl Stream<Item = Result<Bytes>> + Send + 'static
where
    W: Fn(&mut String, &Books, &Entry) + Clone + Send + Sync + 'static,
{
    try_unfold(reading, move |reading| batch(reading, write.clone()))
}

async fn batch<W>(mut reading: Reading, write: W) -> Result<Option<(Bytes, Reading)>>
where
    W: Fn(&mut String, &Books, &Entry) + Send + 'static,
{
    let Some(place) = reading.place.take() else { return Ok(None) };
    let (books, span) = (reading.books.clone(), reading.span.clone());
    let entries = reading.db.read(move |tx| actions::entries(tx, &books, &span, &place, BATCH)).await?;
    let mut text = std::mem::take(&mut reading.head);
    for entry in &entries {
        write(&mut text, &reading.books, entry);
    }
    if i64::try_from(entries.len()).is_ok_and(|count| count >= BATCH) {
        reading.place = entries.last().map(Place::behind);
    }
    Ok(Some((Bytes::from(text), reading)))
}

/// The handlers.
pub struct Api {
    desk: Desk,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    fn reading(&self, books: Books, span: Span, head: String) -> Reading {
        Reading { db: self.desk.db.clone(), books, place: Some(Place::before(&span.from)), span, head }
    }
}

const READ: (Area, Access) = (Area::Invoices, Access::Read);

#[OpenApi]
impl Api {
    /// What was issued and paid, as entries to accounts
    #[oai(path = "/accounting/journal", method = "get", operation_id = "read_journal")]
    async fn journal(
        &self,
        call: Call,
        /// First day, such as `2026-01-01`.
        from: Query<String>,
        /// Last day.
        to: Query<String>,
        /// `json`, a page of entries, unless said; `csv` is all of it.
        format: Query<Option<Format>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Table<List<EntryView>>> {
        let span = Span::new(&from.0, &to.0)?;
        if format.0 == Some(Format::Csv) {
            let books = self.desk.read(&call, READ, |tx, _| Ok(settings::actions::get(tx)?.business.into())).await?;
            let name = format!("journal_{}_{}.csv", span.from, span.to);
            let chunks = table(self.reading(books, span, csv::HEAD.to_owned()), |out, _, entry| csv::write(out, entry));
            return Ok(Table::Csv(Streamed::new("text/csv; charset=utf-8; header=present", &name, chunks)));
        }
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self
            .desk
            .read(&call, READ, move |tx, _| {
                let books = settings::actions::get(tx)?.business.into();
                actions::page(tx, &books, &span, &paging)
            })
            .await?;
        Ok(Table::List(Json(List::of(page, EntryView::from))))
    }

    /// The same as a batch of postings for DATEV (EXTF 700, Buchungsstapel 13), within one year
    #[oai(path = "/accounting/datev", method = "get", operation_id = "export_datev")]
    async fn datev(
        &self,
        call: Call,
        /// First day, such as `2026-01-01`.
        from: Query<String>,
        /// Last day.
        to: Query<String>,
    ) -> Result<Streamed> {
        let span = Span::new(&from.0, &to.0)?;
        let business = self.desk.read(&call, READ, |tx, _| Ok(settings::actions::get(tx)?.business)).await?;
        actions::check_datev(&span, &business)?;
        let head = datev::head(&datev::Batch {
            at: self.desk.clock.now(),
            zone: &business.time_zone,
            adviser: &business.invoicing.accounts.adviser,
            client: &business.invoicing.accounts.client,
            span: &span,
            currency: business.currency.as_str(),
            chart: Chart::of(&business.invoicing.accounts),
        });
        let name = format!("EXTF_Buchungsstapel_{}_{}.csv", span.from.replace('-', ""), span.to.replace('-', ""));
        let chunks = table(self.reading(business.into(), span, head), |out, books: &Books, entry| {
            datev::write(out, entry, Chart::of(&books.accounts));
        });
        let chunks = futures_util::StreamExt::map(chunks, |chunk: Result<Bytes>| {
            chunk.map(|text| Bytes::from(latin::encode(&String::from_utf8_lossy(&text))))
        });
        Ok(Streamed::new("text/csv; charset=windows-1252", &name, chunks))
    }

    /// The series of document numbers, and what is missing in them
    #[oai(path = "/invoice-series", method = "get", operation_id = "list_invoice_series")]
    async fn series(&self, call: Call) -> Result<Json<List<SeriesView>>> {
        let series = self.desk.read(&call, READ, |tx, _| actions::series(tx)).await?;
        Ok(Json(List { items: series.into_iter().map(SeriesView::from).collect(), next_cursor: None }))
    }
}
