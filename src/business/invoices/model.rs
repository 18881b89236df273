//! Invoices and credit notes: what is asked for, and what was issued.

use rust_decimal::Decimal;

use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::money::{BasisPoints, Currency};
use crate::base::tax::{Category, Rounding, Tax};
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::{word_column, words};

pub use super::unit::Unit;

/// The id of an issued document.
pub type InvoiceId = Id<Invoice>;

/// Names the id of the booking that a document is about; bookings stand below.
pub struct Booking;

words! {
    /// What the document is.
    pub enum Kind {
        /// It asks for money (UNTDID 1001: 380).
        Invoice = "invoice",
        /// It takes an invoice back, wholly or in part (UNTDID 1001: 381).
        CreditNote = "credit_note",
    }
}

words! {
    /// How an invoice stands.
    pub enum Status {
        /// Money is owed.
        Open = "open",
        /// Money is owed, and its day has passed.
        Overdue = "overdue",
        /// Nothing is owed.
        Paid = "paid",
        /// It was taken back as a whole.
        Credited = "credited",
        /// A credit note, which owes nothing by itself.
        Issued = "issued",
    }
}

word_column!(Kind);

/// A discount as it is asked for: a share or an amount, not both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DiscountInput {
    /// A share of what it is taken off.
    pub percent: Option<BasisPoints>,
    /// Minor units; with the tax, if the document's prices hold it.
    pub amount: Option<i64>,
    /// Why.
    pub reason: Option<String>,
}

/// A line as it is asked for.
#[derive(Clone, Debug)]
pub struct LineInput {
    /// What it is for.
    pub description: String,
    /// A decimal.
    pub quantity: String,
    /// What the quantity counts.
    pub unit: Unit,
    /// Minor units.
    pub unit_price: i64,
    /// Taken off the line.
    pub discount: Option<DiscountInput>,
    /// How it is taxed.
    pub tax: Tax,
}

/// A discount or a charge on the whole document, as it is asked for.
#[derive(Clone, Debug)]
pub struct AdjustmentInput {
    /// A charge (a fee) rather than a discount.
    pub charge: bool,
    /// Why; shown on the document.
    pub reason: String,
    /// A share of the lines.
    pub percent: Option<BasisPoints>,
    /// Minor units; with the tax, if the document's prices hold it.
    pub amount: Option<i64>,
    /// How it is taxed; shared among the taxes of the lines when not given.
    pub tax: Option<Tax>,
}

/// A line of an issued document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// What it is for.
    pub description: String,
    /// A decimal.
    pub quantity: Decimal,
    /// What the quantity counts.
    pub unit: Unit,
    /// Minor units; with the tax, if the document's prices hold it.
    pub unit_price: i64,
    /// Minor units taken off the line; with the tax, if the document's prices hold it.
    pub discount: i64,
    /// The share that the discount is, if it is one.
    pub discount_percent: Option<BasisPoints>,
    /// Why there is a discount.
    pub discount_reason: Option<String>,
    /// How it is taxed.
    pub tax: Tax,
    /// `quantity × unit price − discount` in minor units; with the tax, if the document's prices hold it.
    pub total: i64,
    /// Its part of the net of its tax (BT-131), in minor units: the parts of all lines add up to it.
    pub net: i64,
}

/// A discount or a charge on the whole document, for one tax (BG-20, BG-21).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjustment {
    /// A charge (a fee) rather than a discount.
    pub charge: bool,
    /// Why.
    pub reason: String,
    /// The share that it is, if it is one.
    pub percent: Option<BasisPoints>,
    /// How it is taxed.
    pub tax: Tax,
    /// Minor units, not negative; with the tax, if the document's prices hold it.
    pub amount: i64,
    /// Minor units without tax, not negative (BT-92, BT-99).
    pub net: i64,
}

/// What is taxed in one way (BG-23).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaxRow {
    /// Category and rate.
    pub tax: Tax,
    /// Minor units without tax (BT-116).
    pub net: i64,
    /// Minor units of tax (BT-117).
    pub amount: i64,
    /// Minor units that net and tax miss the agreed gross price by; part of BT-114.
    pub rounding: i64,
    /// Why no tax is charged (BT-120).
    pub reason: Option<String>,
}

impl TaxRow {
    /// What is paid for it.
    pub const fn payable(&self) -> i64 {
        self.net + self.amount + self.rounding
    }
}

/// What a document adds up to, in minor units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// By tax, highest rate first.
    pub taxes: Vec<TaxRow>,
    /// Nets of the lines (BT-106).
    pub lines: i64,
    /// Sum of the nets (BT-109).
    pub net: i64,
    /// Sum of the taxes (BT-110).
    pub tax: i64,
    /// `net + tax` (BT-112).
    pub gross: i64,
    /// What brings the gross to the prices as agreed (BT-114).
    pub rounding: i64,
}

/// Seller or buyer as they were when the document was issued.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Party {
    /// Name (BT-27, BT-44).
    pub name: String,
    /// Street and number (BT-35, BT-50).
    pub street: Option<String>,
    /// Postal code (BT-38, BT-53).
    pub postcode: Option<String>,
    /// City (BT-37, BT-52).
    pub city: Option<String>,
    /// ISO 3166-1 alpha-2 (BT-40, BT-55).
    pub country: Option<String>,
    /// VAT id (BT-31, BT-48).
    pub vat_id: Option<String>,
    /// Tax number of the country (BT-32); sellers only.
    pub tax_number: Option<String>,
    /// Entry in a register (BT-30, BT-47).
    pub registration: Option<String>,
    /// Whom to ask (BT-41); sellers only.
    pub contact: Option<String>,
    /// E-mail; also the electronic address (BT-34, BT-49, scheme EM).
    pub email: Option<String>,
    /// Phone (BT-42).
    pub phone: Option<String>,
    /// Holder of the account (BT-85).
    pub bank_holder: Option<String>,
    /// IBAN (BT-84).
    pub iban: Option<String>,
    /// QR-IBAN for Swiss QR bills.
    pub qr_iban: Option<String>,
    /// BIC (BT-86).
    pub bic: Option<String>,
}

/// The invoice that a credit note takes back (BG-3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Corrected {
    /// Its id.
    pub id: InvoiceId,
    /// What people call it (BT-25).
    pub number: String,
    /// On which day it was issued (BT-26).
    pub issued_on: String,
}

/// An issued document without its lines, taxes and adjustments.
#[derive(Clone, Debug)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// What it is (BT-3).
    pub kind: Kind,
    /// What counts it.
    pub series: String,
    /// Its place in the series, from 1.
    pub seq: i64,
    /// What people call it (BT-1).
    pub number: String,
    /// For whom.
    pub client_id: ClientId,
    /// For which booking.
    pub booking_id: Option<Id<Booking>>,
    /// Which invoice a credit note takes back.
    pub corrects: Option<Corrected>,
    /// When.
    pub issued_at: Instant,
    /// On which day, where the business is, as `2026-12-24` (BT-2).
    pub issued_on: String,
    /// Until which day it is to be paid (BT-9).
    pub due_on: Option<String>,
    /// First day of what it is for (BT-73; BT-72 when it is the last too).
    pub service_from: Option<String>,
    /// Last day of what it is for (BT-74).
    pub service_to: Option<String>,
    /// What the buyer wants to read on it (BT-10); XRechnung's Leitweg-ID.
    pub buyer_reference: Option<String>,
    /// The buyer's order (BT-13).
    pub order_reference: Option<String>,
    /// ISO 4217 (BT-5).
    pub currency: Currency,
    /// Whether the lines' prices hold the tax.
    pub prices_include_tax: bool,
    /// How its taxes were rounded.
    pub rounding_way: Rounding,
    /// Nets of the lines in minor units (BT-106).
    pub lines_net: i64,
    /// Minor units without tax (BT-109).
    pub net: i64,
    /// Minor units of tax (BT-110).
    pub tax: i64,
    /// `net + tax` (BT-112).
    pub gross: i64,
    /// Minor units that bring the gross to the prices as agreed (BT-114).
    pub rounding: i64,
    /// Minor units that had been paid when it was issued (BT-113).
    pub prepaid: i64,
    /// As it was.
    pub seller: Party,
    /// As it was.
    pub buyer: Party,
    /// Text below the totals (BT-22).
    pub notes: Option<String>,
    /// Its language.
    pub locale: String,
    /// Minor units paid so far, refunds taken off; with what was paid before.
    pub paid: i64,
    /// Minor units taken back by credit notes.
    pub credited: i64,
}

impl Invoice {
    /// What it asks for, or gives back, in all.
    pub const fn payable(&self) -> i64 {
        self.gross + self.rounding
    }

    /// What was owed when it was issued (BT-115).
    pub const fn due(&self) -> i64 {
        self.payable() - self.prepaid
    }

    /// What is still owed, in minor units; negative when too much was paid.
    pub fn open(&self) -> i64 {
        match self.kind {
            Kind::Invoice => self.payable() - self.credited - self.paid,
            Kind::CreditNote => 0,
        }
    }

    /// How it stands on a day.
    pub fn status(&self, today: &str) -> Status {
        match self.kind {
            Kind::CreditNote => Status::Issued,
            Kind::Invoice if self.credited > 0 && self.credited == self.payable() => Status::Credited,
            Kind::Invoice if self.open() <= 0 => Status::Paid,
            Kind::Invoice if self.due_on.as_deref().is_some_and(|due| due < today) => Status::Overdue,
            Kind::Invoice => Status::Open,
        }
    }
}

/// An issued document with all but its lines, which may be too many to hold.
#[derive(Clone, Debug)]
pub struct Document {
    /// Itself.
    pub invoice: Invoice,
    /// Discounts and charges on the whole.
    pub adjustments: Vec<Adjustment>,
    /// By tax, highest rate first.
    pub taxes: Vec<TaxRow>,
}

impl Document {
    /// Whether a category stands in its breakdown.
    pub fn has(&self, category: Category) -> bool {
        self.taxes.iter().any(|row| row.tax.category == category)
    }
}

/// Lines of a document, one after the other.
pub trait Lines {
    /// The next line; none at the end.
    ///
    /// # Errors
    /// What reading them fails with.
    fn next(&mut self) -> Result<Option<Line>>;

    /// Goes back to before the first.
    ///
    /// # Errors
    /// What reading them fails with.
    fn rewind(&mut self) -> Result<()>;
}

words! {
    /// A form of a document as a file.
    pub enum Rendering {
        /// For people, with the e-invoice attached (PDF/A-3b).
        Pdf = "pdf",
        /// The e-invoice that the PDF carries: EN 16931 as CII.
        FacturX = "facturx",
        /// XRechnung as CII.
        Cii = "cii",
        /// XRechnung as UBL.
        Ubl = "ubl",
    }
}
word_column!(Rendering);

impl Rendering {
    /// Its type.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::FacturX | Self::Cii | Self::Ubl => "application/xml",
        }
    }

    /// The end of its name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::FacturX | Self::Cii | Self::Ubl => "xml",
        }
    }
}

/// A document as a file.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Names it in the store.
    pub file_key: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// When.
    pub rendered_at: Instant,
}

/// Which documents a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one client.
    pub client_id: Option<ClientId>,
    /// Of one kind.
    pub kind: Option<Kind>,
    /// Whose number begins so.
    pub number: Option<String>,
    /// Only what is still owed.
    pub owes: bool,
    /// Due before this day.
    pub due_before: Option<String>,
    /// Not issued before the moment of this id.
    pub from: Option<InvoiceId>,
    /// Issued before the moment of this id.
    pub before: Option<InvoiceId>,
}

/// What is owed in all, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Invoices on which something is owed.
    pub open_count: i64,
    /// How much.
    pub open: i64,
    /// Those of them whose day has passed.
    pub overdue_count: i64,
    /// How much.
    pub overdue: i64,
}

/// How the numbers of a series stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesReport {
    /// What is counted together.
    pub series: String,
    /// What it counts.
    pub kind: Kind,
    /// Lowest place; 1 when nothing is missing.
    pub first: i64,
    /// Highest place.
    pub last: i64,
    /// Documents.
    pub count: i64,
    /// What its counter says; the same as `last` when nothing is missing.
    pub counter: i64,
    /// Missing places, as first and last of each gap.
    pub missing: Vec<(i64, i64)>,
}

/// Most lines of one document.
pub const MOST_LINES: usize = 100_000;
