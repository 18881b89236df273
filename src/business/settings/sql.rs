//! Statements of the settings.

use serde::de::DeserializeOwned;

use super::model::{Business, Settings};
use crate::args;
use crate::base::error::{Error, Result};
use crate::base::time::Instant;
use crate::platform::db::Tx;

pub(super) fn find(tx: &mut dyn Tx) -> Result<Option<Settings>> {
    tx.first(
        "SELECT business_name, country, currency, time_zone, street, postcode, city, vat_id, email, phone,
            bank_holder, iban, bic, locale, prices_include_tax, tax_rates, invoice_prefix, credit_note_prefix,
            payment_days, hold_minutes, invoice_notes, upload_limits, invoicing, version
         FROM settings WHERE id = 1",
        args![],
        |row| {
            Ok(Settings {
                business: Business {
                    name: row.next()?,
                    country: row.next()?,
                    currency: row.next()?,
                    time_zone: row.next()?,
                    street: row.next()?,
                    postcode: row.next()?,
                    city: row.next()?,
                    vat_id: row.next()?,
                    email: row.next()?,
                    phone: row.next()?,
                    bank_holder: row.next()?,
                    iban: row.next()?,
                    bic: row.next()?,
                    locale: row.next()?,
                    prices_include_tax: row.next()?,
                    tax_rates: serde_json::from_str(&row.next::<String>()?).map_err(Error::internal)?,
                    invoice_prefix: row.next()?,
                    credit_note_prefix: row.next()?,
                    payment_days: row.next()?,
                    hold_minutes: row.next()?,
                    invoice_notes: row.next()?,
                    upload_limits: or_usual(row.next()?)?,
                    invoicing: or_usual(row.next()?)?,
                },
                version: row.next()?,
            })
        },
    )
}

/// What older desks have not said yet is as usual.
fn or_usual<T: Default + DeserializeOwned>(text: Option<String>) -> Result<T> {
    text.map_or(Ok(T::default()), |text| serde_json::from_str(&text).map_err(Error::internal))
}

pub(super) fn insert(tx: &mut dyn Tx, b: &Business, at: Instant) -> Result<()> {
    let rates = serde_json::to_string(&b.tax_rates).map_err(Error::internal)?;
    let limits = serde_json::to_string(&b.upload_limits).map_err(Error::internal)?;
    let invoicing = serde_json::to_string(&b.invoicing).map_err(Error::internal)?;
    tx.run(
        "INSERT INTO settings (business_name, country, currency, time_zone, street, postcode, city, vat_id, email,
            phone, bank_holder, iban, bic, locale, prices_include_tax, tax_rates, invoice_prefix, credit_note_prefix,
            payment_days, hold_minutes, invoice_notes, upload_limits, invoicing, id, version, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, 1, ?)",
        args![
            &b.name,
            &b.country,
            &b.currency,
            &b.time_zone,
            &b.street,
            &b.postcode,
            &b.city,
            &b.vat_id,
            &b.email,
            &b.phone,
            &b.bank_holder,
            &b.iban,
            &b.bic,
            &b.locale,
            b.prices_include_tax,
            &rates,
            &b.invoice_prefix,
            &b.credit_note_prefix,
            b.payment_days,
            b.hold_minutes,
            &b.invoice_notes,
            &limits,
            &invoicing,
            at
        ],
    )
    .map(|_| ())
}

pub(super) fn update(tx: &mut dyn Tx, b: &Business, version: i64, at: Instant) -> Result<u64> {
    let rates = serde_json::to_string(&b.tax_rates).map_err(Error::internal)?;
    let limits = serde_json::to_string(&b.upload_limits).map_err(Error::internal)?;
    let invoicing = serde_json::to_string(&b.invoicing).map_err(Error::internal)?;
    tx.run(
        "UPDATE settings SET business_name = ?, country = ?, currency = ?, time_zone = ?, street = ?, postcode = ?,
            city = ?, vat_id = ?, email = ?, phone = ?, bank_holder = ?, iban = ?, bic = ?, locale = ?,
            prices_include_tax = ?, tax_rates = ?, invoice_prefix = ?, credit_note_prefix = ?, payment_days = ?,
            hold_minutes = ?, invoice_notes = ?, upload_limits = ?, invoicing = ?, version = version + 1, updated_at = ?
         WHERE id = 1 AND version = ?",
        args![
            &b.name,
            &b.country,
            &b.currency,
            &b.time_zone,
            &b.street,
            &b.postcode,
            &b.city,
            &b.vat_id,
            &b.email,
            &b.phone,
            &b.bank_holder,
            &b.iban,
            &b.bic,
            &b.locale,
            b.prices_include_tax,
            &rates,
            &b.invoice_prefix,
            &b.credit_note_prefix,
            b.payment_days,
            b.hold_minutes,
            &b.invoice_notes,
            &limits,
            &invoicing,
            at,
            version
        ],
    )
}
