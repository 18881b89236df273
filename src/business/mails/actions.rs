//! Writing letters, finding them, calling them off.

use super::model::{Filter, Mail, MailId, NewMail, Status};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::page::{Page, Paging};
use crate::business::clients::model::ClientId;
use crate::business::{audit, clients};
use crate::platform::db::Tx;

/// One letter.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: MailId) -> Result<Mail> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("mail"))
}

/// Letters of a filter, newest first.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, filter: &Filter, paging: &Paging) -> Result<Page<Mail>> {
    let after = paging.after_id("mails")?;
    let rows = sql::page(tx, filter, after, paging.limit.probe())?;
    Ok(Page::by_id(rows, paging.limit, "mails", |last| last.id))
}

/// Puts a letter among those that wait to be sent.
///
/// # Errors
/// `invalid_field` naming `to`, `subject` or `message`.
pub fn queue(tx: &mut dyn Tx, actor: &Actor, new: NewMail) -> Result<Mail> {
    let new = new.checked()?;
    let mail = Mail {
        id: actor.new_id()?,
        // An invoice may name somebody who was merged since.
        client_id: clients::actions::get(tx, new.client_id)?.id,
        invoice_id: new.invoice_id,
        purpose: new.purpose,
        recipient: new.to,
        subject: new.subject,
        body: new.message,
        status: Status::Queued,
        created_at: actor.at,
        sent_at: None,
    };
    sql::insert(tx, &mail)?;
    audit::actions::note(tx, actor, "queue", "mail", mail.id, Some(mail.purpose.as_str().to_owned()))?;
    Ok(mail)
}

/// Letters to one client are to another from now on: the two are one.
///
/// # Errors
/// `database_unavailable`.
pub fn follow_client(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<()> {
    sql::set_client(tx, from, to).map(|_| ())
}

/// Calls a letter off that still waits.
///
/// # Errors
/// `not_found`; `invalid_state` when it was sent, failed or called off.
pub fn cancel(tx: &mut dyn Tx, actor: &Actor, id: MailId) -> Result<Mail> {
    if !sql::cancel(tx, id)? {
        let mail = get(tx, id)?;
        return Err(Error::new(Code::InvalidState, format!("This mail is {} and no longer waits.", mail.status)));
    }
    audit::actions::note(tx, actor, "cancel", "mail", id, None)?;
    get(tx, id)
}
