//! Bringing documents, and reminding of what is overdue.

use super::model::{LEVELS, Letter, Reminder, bring, days_given, days_late, next_level, remind};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::business::invoices::model::{Invoice, InvoiceId};
use crate::business::mails::model::{Mail, NewMail, Purpose};
use crate::business::{audit, clients, invoices, mails, settings};
use crate::platform::db::{Tx, others_first};

/// What is said otherwise than usual.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Where it goes; to the client unless said.
    pub to: Option<String>,
    /// One line.
    pub subject: Option<String>,
    /// Plain text.
    pub message: Option<String>,
}

/// Writes a letter that brings a document.
///
/// # Errors
/// `not_found`; `invalid_field` naming `to` when the client has no e-mail address, or what is wrong.
pub fn send(tx: &mut dyn Tx, actor: &Actor, id: InvoiceId, wishes: &Wishes) -> Result<Mail> {
    let invoice = invoices::actions::get(tx, id)?;
    let mail = write(tx, actor, &invoice, Purpose::Invoice, bring(&invoice), wishes)?;
    audit::actions::note(tx, actor, "send", invoice.kind.as_str(), id, Some(mail.recipient.clone()))?;
    Ok(mail)
}

/// Writes the next reminder of an invoice now.
///
/// # Errors
/// `not_found`; `invalid_state` when nothing is overdue, the last reminder still gives time, or the last level is
/// written; `invalid_field` naming `to` when the client has no e-mail address.
pub fn remind_now(tx: &mut dyn Tx, actor: &Actor, id: InvoiceId, wishes: &Wishes) -> Result<(Reminder, Mail)> {
    let business = settings::actions::get(tx)?.business;
    let invoice = invoices::actions::get(tx, id)?;
    let today = actor.at.date_in(&business.time_zone);
    let level = next_level(&invoice, &sql::of_invoice(tx, id)?, &today)?;
    let due_on = actor.at.plus_minutes(days_given(&business) * 24 * 60).date_in(&business.time_zone);
    let mail = write(tx, actor, &invoice, Purpose::Reminder, remind(&business, &invoice, level, &due_on), wishes)?;
    let reminder = Reminder { invoice_id: id, level, mail_id: Some(mail.id), due_on, reminded_at: actor.at };
    sql::insert(tx, &reminder).map_err(others_first)?;
    audit::actions::note(tx, actor, "remind", "invoice", id, Some(format!("level {level}")))?;
    Ok((reminder, mail))
}

fn write(
    tx: &mut dyn Tx,
    actor: &Actor,
    invoice: &Invoice,
    purpose: Purpose,
    usual: Letter,
    wishes: &Wishes,
) -> Result<Mail> {
    let to = match wishes.to.as_deref().map(str::trim).filter(|to| !to.is_empty()) {
        Some(to) => to.to_owned(),
        None => address(tx, invoice.client_id)?,
    };
    let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let new = NewMail {
        client_id: invoice.client_id,
        invoice_id: Some(invoice.id.cast()),
        purpose,
        to,
        subject: given(&wishes.subject).unwrap_or(usual.subject),
        message: given(&wishes.message).unwrap_or(usual.text),
    };
    mails::actions::queue(tx, actor, new)
}

fn address(tx: &mut dyn Tx, client: ClientId) -> Result<String> {
    let client = clients::actions::get(tx, client)?;
    client
        .details
        .email
        .ok_or_else(|| Error::field("to", format!("must be given: {} has no e-mail address", client.details.name)))
}

/// The reminders of an invoice, first level first.
///
/// # Errors
/// `not_found`.
pub fn of_invoice(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<Reminder>> {
    invoices::actions::get(tx, id)?;
    sql::of_invoice(tx, id)
}

/// Invoices behind one of which a reminder is due by the rules of the business, in the order of their ids; none when
/// it does not remind by itself.
///
/// # Errors
/// `database_unavailable`; `invalid_state` before the first run is done.
pub fn due(tx: &mut dyn Tx, now: Instant, after: InvoiceId, limit: i64) -> Result<Vec<InvoiceId>> {
    let business = settings::actions::get(tx)?.business;
    if !business.invoicing.remind {
        return Ok(Vec::new());
    }
    let today = now.date_in(&business.time_zone);
    let mut found = Vec::new();
    for level in 1..=LEVELS {
        let late = now.plus_minutes(-days_late(&business, level) * 24 * 60).date_in(&business.time_zone);
        found.extend(sql::late(tx, level, &late, &today, after, limit)?);
    }
    found.sort_unstable();
    found.truncate(usize::try_from(limit).unwrap_or(0));
    Ok(found)
}

/// Writes the reminder that is due by the rules of the business; none when nothing is any more.
///
/// # Errors
/// `not_found`, `database_unavailable`.
pub fn remind_if_due(tx: &mut dyn Tx, actor: &Actor, id: InvoiceId) -> Result<Option<Reminder>> {
    let business = settings::actions::get(tx)?.business;
    let level = sql::of_invoice(tx, id)?.last().map_or(1, |last| last.level + 1);
    let late = actor.at.plus_minutes(-days_late(&business, level) * 24 * 60).date_in(&business.time_zone);
    let due_on = invoices::actions::get(tx, id)?.due_on;
    if !business.invoicing.remind || due_on.is_none_or(|due| due > late) {
        return Ok(None);
    }
    match remind_now(tx, actor, id, &Wishes::default()) {
        Ok((reminder, _)) => Ok(Some(reminder)),
        // Paid, credited, reminded or without an address since it was looked for.
        Err(error) if matches!(error.code, Code::InvalidState | Code::InvalidField) => Ok(None),
        Err(error) => Err(error),
    }
}
