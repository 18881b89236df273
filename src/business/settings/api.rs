//! `/settings`.

use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{
    Accounts, Business, Invoicing, Logo, OnCancel, Reminder, RevenueAccount, Settings, TaxRate, UploadLimits,
};
use crate::base::actor::{Access, Area};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::money::{BasisPoints, Currency};
use crate::base::tax::{Category, Rounding};
use crate::base::time::Zone;
use crate::business::desk::Desk;
use crate::platform::http::{Call, Patch, Tagged};
use crate::wire_words;

/// A tax rate to choose from.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "TaxRate")]
pub struct TaxRateView {
    name: String,
    /// Basis points: 1900 is 19 %, 997.5 is 9.975 %.
    rate: BasisPoints,
    /// As EN 16931 names it; `S` for a rate of more than 0 unless said.
    category: Option<Category>,
    /// What documents say when no tax is charged.
    reason: Option<String>,
}

impl From<TaxRate> for TaxRateView {
    fn from(r: TaxRate) -> Self {
        let category = Some(r.tax().category);
        Self { name: r.name, rate: r.rate, category, reason: r.reason }
    }
}

impl From<TaxRateView> for TaxRate {
    fn from(v: TaxRateView) -> Self {
        Self { name: v.name, rate: v.rate, category: v.category, reason: v.reason }
    }
}

/// Bytes that a file of each kind may have.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "UploadLimits")]
struct UploadLimitsView {
    poster: u64,
    image: u64,
    video: u64,
    audio: u64,
    document: u64,
}

impl From<UploadLimits> for UploadLimitsView {
    fn from(l: UploadLimits) -> Self {
        Self { poster: l.poster, image: l.image, video: l.video, audio: l.audio, document: l.document }
    }
}

impl From<UploadLimitsView> for UploadLimits {
    fn from(v: UploadLimitsView) -> Self {
        Self { poster: v.poster, image: v.image, video: v.video, audio: v.audio, document: v.document }
    }
}

wire_words!(OnCancel);

/// One level of reminding.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "ReminderText")]
struct ReminderView {
    /// Days after the due day.
    days: i64,
    /// `{number}`, `{due_date}`, `{amount}` and `{name}` stand for what they say.
    subject: String,
    text: String,
}

/// An account of the books for what is taxed in one way.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "RevenueAccount")]
struct RevenueAccountView {
    category: Category,
    rate: BasisPoints,
    account: String,
}

/// Accounts of the books; of numbers of at most 9 digits.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Accounts")]
struct AccountsView {
    /// Number of the tax adviser (DATEV).
    adviser: String,
    /// Number of the business at the adviser (DATEV).
    client: String,
    /// Digits of an impersonal account (DATEV), 4 to 8.
    digits: i64,
    /// What clients owe.
    receivable: String,
    bank: String,
    cash: String,
    card: String,
    /// Tax owed.
    tax: String,
    /// Rounding amounts.
    rounding: String,
    revenue: Vec<RevenueAccountView>,
    /// Revenue of what is not listed.
    other_revenue: String,
}

/// How invoices are counted, rounded, written and booked.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Invoicing")]
struct InvoicingView {
    /// As the prices suggest when null: `gross` for prices with tax, else `sum`.
    rounding: Option<Rounding>,
    /// Such as `{prefix}{year}-{seq:05}`; counts anew when what is around `{seq}` changes.
    invoice_pattern: String,
    credit_note_pattern: String,
    tax_number: Option<String>,
    /// Entry in a register.
    registration: Option<String>,
    /// Whom to ask.
    contact: Option<String>,
    /// For Swiss QR bills.
    qr_iban: Option<String>,
    /// `#rrggbb`.
    accent_color: String,
    /// A picture of `/media`, JPEG or PNG.
    logo_id: Option<Id<Logo>>,
    footer: Option<String>,
    /// What becomes of the invoice when a booking is called off and nobody says.
    on_cancel: OnCancel,
    /// Three levels; the usual texts when none are given.
    reminders: Vec<ReminderView>,
    /// Whether reminders are written by themselves.
    remind: bool,
    accounts: AccountsView,
}

impl From<Accounts> for AccountsView {
    fn from(a: Accounts) -> Self {
        let revenue = |r: RevenueAccount| RevenueAccountView { category: r.category, rate: r.rate, account: r.account };
        Self {
            adviser: a.adviser,
            client: a.client,
            digits: a.digits,
            receivable: a.receivable,
            bank: a.bank,
            cash: a.cash,
            card: a.card,
            tax: a.tax,
            rounding: a.rounding,
            revenue: a.revenue.into_iter().map(revenue).collect(),
            other_revenue: a.other_revenue,
        }
    }
}

impl From<AccountsView> for Accounts {
    fn from(v: AccountsView) -> Self {
        let revenue = |r: RevenueAccountView| RevenueAccount { category: r.category, rate: r.rate, account: r.account };
        Self {
            adviser: v.adviser,
            client: v.client,
            digits: v.digits,
            receivable: v.receivable,
            bank: v.bank,
            cash: v.cash,
            card: v.card,
            tax: v.tax,
            rounding: v.rounding,
            revenue: v.revenue.into_iter().map(revenue).collect(),
            other_revenue: v.other_revenue,
        }
    }
}

impl From<Invoicing> for InvoicingView {
    fn from(i: Invoicing) -> Self {
        let reminder = |r: Reminder| ReminderView { days: r.days, subject: r.subject, text: r.text };
        Self {
            rounding: i.rounding,
            invoice_pattern: i.invoice_pattern,
            credit_note_pattern: i.credit_note_pattern,
            tax_number: i.tax_number,
            registration: i.registration,
            contact: i.contact,
            qr_iban: i.qr_iban,
            accent_color: i.accent_color,
            logo_id: i.logo_id,
            footer: i.footer,
            on_cancel: i.on_cancel,
            reminders: i.reminders.into_iter().map(reminder).collect(),
            remind: i.remind,
            accounts: i.accounts.into(),
        }
    }
}

impl From<InvoicingView> for Invoicing {
    fn from(v: InvoicingView) -> Self {
        let reminder = |r: ReminderView| Reminder { days: r.days, subject: r.subject, text: r.text };
        Self {
            rounding: v.rounding,
            invoice_pattern: v.invoice_pattern,
            credit_note_pattern: v.credit_note_pattern,
            tax_number: v.tax_number,
            registration: v.registration,
            contact: v.contact,
            qr_iban: v.qr_iban,
            accent_color: v.accent_color,
            logo_id: v.logo_id,
            footer: v.footer,
            on_cancel: v.on_cancel,
            reminders: v.reminders.into_iter().map(reminder).collect(),
            remind: v.remind,
            accounts: v.accounts.into(),
        }
    }
}

/// The business and its rules.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Settings")]
pub(super) struct SettingsView {
    /// Name on pages and invoices.
    name: String,
    /// ISO 3166-1 alpha-2.
    country: String,
    /// Cannot change.
    currency: Currency,
    time_zone: Zone,
    street: Option<String>,
    postcode: Option<String>,
    city: Option<String>,
    vat_id: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    bank_holder: Option<String>,
    iban: Option<String>,
    bic: Option<String>,
    /// Language of invoices when the client has none.
    locale: String,
    /// Whether prices hold the tax already.
    prices_include_tax: bool,
    tax_rates: Vec<TaxRateView>,
    /// Stands for `{prefix}` in the patterns of numbers.
    invoice_prefix: String,
    credit_note_prefix: String,
    /// Days until an invoice is due.
    payment_days: i64,
    /// Minutes for which unconfirmed seats are held.
    hold_minutes: i64,
    invoice_notes: Option<String>,
    upload_limits: UploadLimitsView,
    invoicing: InvoicingView,
}

impl From<Business> for SettingsView {
    fn from(b: Business) -> Self {
        Self {
            name: b.name,
            country: b.country,
            currency: b.currency,
            time_zone: b.time_zone,
            street: b.street,
            postcode: b.postcode,
            city: b.city,
            vat_id: b.vat_id,
            email: b.email,
            phone: b.phone,
            bank_holder: b.bank_holder,
            iban: b.iban,
            bic: b.bic,
            locale: b.locale,
            prices_include_tax: b.prices_include_tax,
            tax_rates: b.tax_rates.into_iter().map(Into::into).collect(),
            invoice_prefix: b.invoice_prefix,
            credit_note_prefix: b.credit_note_prefix,
            payment_days: b.payment_days,
            hold_minutes: b.hold_minutes,
            invoice_notes: b.invoice_notes,
            upload_limits: b.upload_limits.into(),
            invoicing: b.invoicing.into(),
        }
    }
}

impl From<SettingsView> for Business {
    fn from(v: SettingsView) -> Self {
        Self {
            name: v.name,
            country: v.country,
            currency: v.currency,
            time_zone: v.time_zone,
            street: v.street,
            postcode: v.postcode,
            city: v.city,
            vat_id: v.vat_id,
            email: v.email.filter(|email| !email.trim().is_empty()),
            phone: v.phone,
            bank_holder: v.bank_holder,
            iban: v.iban.filter(|iban| !iban.trim().is_empty()),
            bic: v.bic.filter(|bic| !bic.trim().is_empty()),
            locale: v.locale,
            prices_include_tax: v.prices_include_tax,
            tax_rates: v.tax_rates.into_iter().map(Into::into).collect(),
            invoice_prefix: v.invoice_prefix,
            credit_note_prefix: v.credit_note_prefix,
            payment_days: v.payment_days,
            hold_minutes: v.hold_minutes,
            invoice_notes: v.invoice_notes,
            upload_limits: v.upload_limits.into(),
            invoicing: v.invoicing.into(),
        }
    }
}

fn tagged(settings: Settings) -> Tagged<SettingsView> {
    Tagged::new(settings.version, settings.business.into())
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

#[OpenApi(prefix_path = "/settings")]
impl Api {
    /// The business and its rules
    #[oai(path = "/", method = "get", operation_id = "get_settings")]
    async fn get(&self, call: Call) -> Result<Tagged<SettingsView>> {
        let settings = self.desk.read(&call, (Area::Settings, Access::Read), |tx, _| actions::get(tx)).await?;
        Ok(tagged(settings))
    }

    /// Change the business and its rules
    #[oai(path = "/", method = "patch", operation_id = "change_settings")]
    async fn change(&self, call: Call, patch: Patch<SettingsView>) -> Result<Tagged<SettingsView>> {
        let expected = call.expected.clone();
        let settings = self
            .desk
            .write(&call, (Area::Settings, Access::Write), move |tx, actor| {
                let current = SettingsView::from(actions::get(tx)?.business);
                actions::change(tx, actor, &expected, patch.apply(&current)?.into())
            })
            .await?;
        Ok(tagged(settings))
    }
}
