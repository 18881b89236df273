//! `/reports`.

use bytes::Bytes;
use futures_util::stream;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::csv::Line;
use super::model::{By, Occupancy, OfProgram, Report, Revenue, Span, Taxed};
use crate::base::actor::{Access, Area};
use crate::base::day::Day;
use crate::base::error::Result;
use crate::base::money::{BasisPoints, Currency, Money};
use crate::base::tax::Category;
use crate::business::desk::Desk;
use crate::business::programs::model::ProgramId;
use crate::platform::http::{Call, Json, Streamed, Table};
use crate::{wire_words, words};

words! {
    /// How a report is sent.
    enum Format {
        /// As one object.
        Json = "json",
        /// As a table with a head, a line for each row.
        Csv = "csv",
    }
}
wire_words!(Format, By);

/// What was invoiced and received in a period.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct RevenueRow {
    /// The first day of the period, such as `2026-11-01`; in the total, of the report.
    period: String,
    /// Of invoices, with tax.
    invoiced: Money,
    /// Of credit notes, with tax; positive.
    credited: Money,
    /// Without tax, credit notes taken off.
    net: Money,
    /// Credit notes taken off.
    tax: Money,
    /// To be paid, credit notes taken off: net and tax, and the cents that documents are rounded by (EN 16931, BT-114).
    gross: Money,
    /// What came in, less what was given back.
    received: Money,
}

fn revenue_row(period: Day, row: &Revenue, currency: Currency) -> RevenueRow {
    let money = |amount| Money::new(amount, currency);
    RevenueRow {
        period: period.to_string(),
        invoiced: money(row.invoiced),
        credited: money(row.credited),
        net: money(row.net),
        tax: money(row.tax),
        gross: money(row.gross),
        received: money(row.received),
    }
}

/// Revenue over time; amounts of the business's currency alone.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct RevenueReport {
    by: By,
    from: String,
    to: String,
    currency: Currency,
    /// One for each period, also when nothing happened in it.
    rows: Vec<RevenueRow>,
    total: RevenueRow,
}

impl From<Report<Revenue, Revenue>> for RevenueReport {
    fn from(report: Report<Revenue, Revenue>) -> Self {
        let currency = report.currency;
        Self {
            by: report.span.by,
            from: report.span.from.to_string(),
            to: report.span.to.to_string(),
            currency,
            rows: report.rows.iter().map(|(period, row)| revenue_row(*period, row, currency)).collect(),
            total: revenue_row(report.span.from, &report.total, currency),
        }
    }
}

/// What took place in a period, in seats.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct OccupancyRow {
    /// The first day of the period; in the total, of the report.
    period: String,
    /// Those that were not called off.
    occurrences: i64,
    capacity: i64,
    seats_taken: i64,
    checked_in: i64,
    no_show: i64,
}

fn occupancy_row(period: Day, row: &Occupancy) -> OccupancyRow {
    OccupancyRow {
        period: period.to_string(),
        occurrences: row.occurrences,
        capacity: row.capacity,
        seats_taken: row.seats_taken,
        checked_in: row.checked_in,
        no_show: row.no_show,
    }
}

/// A program's part in it.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct ProgramOccupancy {
    program_id: ProgramId,
    title: String,
    occurrences: i64,
    capacity: i64,
    seats_taken: i64,
}

impl From<OfProgram> for ProgramOccupancy {
    fn from(part: OfProgram) -> Self {
        Self {
            program_id: part.program_id,
            title: part.title,
            occurrences: part.occurrences,
            capacity: part.capacity,
            seats_taken: part.seats_taken,
        }
    }
}

/// How full the occurrences were.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct OccupancyReport {
    by: By,
    from: String,
    to: String,
    /// One for each period, also when nothing took place in it.
    rows: Vec<OccupancyRow>,
    /// The fullest first, 200 at most.
    programs: Vec<ProgramOccupancy>,
    total: OccupancyRow,
}

/// What was taxed in one way in a period, credit notes taken off.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct TaxRow {
    /// The first day of the period.
    period: String,
    tax_category: Category,
    /// Basis points.
    tax_rate: BasisPoints,
    net: Money,
    tax: Money,
    gross: Money,
}

/// What was taxed in one way in all, credit notes taken off.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct TaxTotal {
    tax_category: Category,
    /// Basis points.
    tax_rate: BasisPoints,
    net: Money,
    tax: Money,
    gross: Money,
}

/// Tax over time; amounts of the business's currency alone.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct TaxReport {
    by: By,
    from: String,
    to: String,
    currency: Currency,
    /// In each period one for every way of taxing that the whole time knows.
    rows: Vec<TaxRow>,
    totals: Vec<TaxTotal>,
}

impl From<Report<Taxed, Vec<Taxed>>> for TaxReport {
    fn from(report: Report<Taxed, Vec<Taxed>>) -> Self {
        let money = |amount| Money::new(amount, report.currency);
        let row = |(period, taxed): &(Day, Taxed)| TaxRow {
            period: period.to_string(),
            tax_category: taxed.tax.category,
            tax_rate: taxed.tax.rate,
            net: money(taxed.net),
            tax: money(taxed.amount),
            gross: money(taxed.net + taxed.amount),
        };
        let total = |taxed: &Taxed| TaxTotal {
            tax_category: taxed.tax.category,
            tax_rate: taxed.tax.rate,
            net: money(taxed.net),
            tax: money(taxed.amount),
            gross: money(taxed.net + taxed.amount),
        };
        Self {
            by: report.span.by,
            from: report.span.from.to_string(),
            to: report.span.to.to_string(),
            currency: report.currency,
            rows: report.rows.iter().map(row).collect(),
            totals: report.total.iter().map(total).collect(),
        }
    }
}

/// Lines that are written at once.
const BATCH: usize = 200;

/// The rows of a report as a table, written while it is sent.
fn table<R: Line + Send + Sync + 'static, T>(name: &str, report: Report<R, T>) -> Streamed {
    let name = format!("{name}_{}_{}.csv", report.span.from, report.span.to);
    let currency = report.currency;
    let mut rows = report.rows.into_iter();
    let mut head = Some(R::HEAD.to_owned());
    let chunks = std::iter::from_fn(move || {
        let first = head.take();
        let mut text = first.clone().unwrap_or_default();
        for (period, row) in rows.by_ref().take(BATCH) {
            row.write(&mut text, period, currency);
        }
        (first.is_some() || !text.is_empty()).then(|| Ok(Bytes::from(text)))
    });
    Streamed::new("text/csv; charset=utf-8; header=present", &name, stream::iter(chunks))
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
}

const READ: (Area, Access) = (Area::Invoices, Access::Read);

#[OpenApi(prefix_path = "/reports")]
impl Api {
    /// What was invoiced, credited and received, by day, week or month
    #[oai(path = "/revenue", method = "get", operation_id = "report_revenue")]
    async fn revenue(
        &self,
        call: Call,
        /// First day, such as `2026-01-01`.
        from: Query<String>,
        /// Last day.
        to: Query<String>,
        /// `day` unless said.
        by: Query<Option<By>>,
        format: Query<Option<Format>>,
    ) -> Result<Table<RevenueReport>> {
        let span = Span::read(&from.0, &to.0, by.0.unwrap_or(By::Day))?;
        let report = self.desk.read(&call, READ, move |tx, _| actions::revenue(tx, &span)).await?;
        Ok(match format.0 {
            Some(Format::Csv) => Table::Csv(table("revenue", report)),
            _ => Table::List(Json(report.into())),
        })
    }

    /// How full the occurrences were, by day, week or month
    #[oai(path = "/occupancy", method = "get", operation_id = "report_occupancy")]
    async fn occupancy(
        &self,
        call: Call,
        /// First day, such as `2026-01-01`.
        from: Query<String>,
        /// Last day.
        to: Query<String>,
        /// `day` unless said.
        by: Query<Option<By>>,
        format: Query<Option<Format>>,
    ) -> Result<Table<OccupancyReport>> {
        let span = Span::read(&from.0, &to.0, by.0.unwrap_or(By::Day))?;
        let need = (Area::Bookings, Access::Read);
        let (report, programs) = self.desk.read(&call, need, move |tx, _| actions::occupancy(tx, &span)).await?;
        if format.0 == Some(Format::Csv) {
            return Ok(Table::Csv(table("occupancy", report)));
        }
        Ok(Table::List(Json(OccupancyReport {
            by: report.span.by,
            from: report.span.from.to_string(),
            to: report.span.to.to_string(),
            rows: report.rows.iter().map(|(period, row)| occupancy_row(*period, row)).collect(),
            programs: programs.into_iter().map(ProgramOccupancy::from).collect(),
            total: occupancy_row(report.span.from, &report.total),
        })))
    }

    /// What was taxed how, by day, week or month
    #[oai(path = "/tax", method = "get", operation_id = "report_tax")]
    async fn tax(
        &self,
        call: Call,
        /// First day, such as `2026-01-01`.
        from: Query<String>,
        /// Last day.
        to: Query<String>,
        /// `day` unless said.
        by: Query<Option<By>>,
        format: Query<Option<Format>>,
    ) -> Result<Table<TaxReport>> {
        let span = Span::read(&from.0, &to.0, by.0.unwrap_or(By::Day))?;
        let report = self.desk.read(&call, READ, move |tx, _| actions::tax(tx, &span)).await?;
        Ok(match format.0 {
            Some(Format::Csv) => Table::Csv(table("tax", report)),
            _ => Table::List(Json(report.into())),
        })
    }
}
