//! `/settings`.

use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Business, Settings, TaxRate, UploadLimits};
use crate::base::actor::{Access, Area};
use crate::base::error::Result;
use crate::base::money::{BasisPoints, Currency};
use crate::base::time::Zone;
use crate::business::desk::Desk;
use crate::platform::http::{Call, Patch, Tagged};

/// A tax rate to choose from.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "TaxRate")]
struct TaxRateView {
    name: String,
    /// Basis points: 1900 is 19 %.
    rate: BasisPoints,
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
    /// `{year}` stands for the year of issue.
    invoice_prefix: String,
    credit_note_prefix: String,
    /// Days until an invoice is due.
    payment_days: i64,
    /// Minutes for which unconfirmed seats are held.
    hold_minutes: i64,
    invoice_notes: Option<String>,
    upload_limits: UploadLimitsView,
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
            tax_rates: b.tax_rates.into_iter().map(|r| TaxRateView { name: r.name, rate: r.rate }).collect(),
            invoice_prefix: b.invoice_prefix,
            credit_note_prefix: b.credit_note_prefix,
            payment_days: b.payment_days,
            hold_minutes: b.hold_minutes,
            invoice_notes: b.invoice_notes,
            upload_limits: b.upload_limits.into(),
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
            tax_rates: v.tax_rates.into_iter().map(|r| TaxRate { name: r.name, rate: r.rate }).collect(),
            invoice_prefix: v.invoice_prefix,
            credit_note_prefix: v.credit_note_prefix,
            payment_days: v.payment_days,
            hold_minutes: v.hold_minutes,
            invoice_notes: v.invoice_notes,
            upload_limits: v.upload_limits.into(),
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
