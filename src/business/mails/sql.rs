//! Statements of mails.

use super::model::{Filter, Mail, MailId, Status};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::business::clients::model::ClientId;
use crate::platform::db::{Columns, Tx};

pub(super) fn insert(tx: &mut dyn Tx, mail: &Mail) -> Result<()> {
    tx.run(
        "INSERT INTO mails (id, client_id, invoice_id, purpose, recipient, subject, body, status, created_at, sent_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        args![
            &mail.id,
            &mail.client_id,
            &mail.invoice_id,
            mail.purpose,
            &mail.recipient,
            &mail.subject,
            &mail.body,
            mail.status,
            mail.created_at,
            mail.sent_at
        ],
    )
    .map(|_| ())
}

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT id, client_id, invoice_id, purpose, recipient, subject, body, status, created_at, sent_at FROM mails
             WHERE ",
            $condition
        )
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Mail> {
    Ok(Mail {
        id: row.next()?,
        client_id: row.next()?,
        invoice_id: row.next()?,
        purpose: row.next()?,
        recipient: row.next()?,
        subject: row.next()?,
        body: row.next()?,
        status: row.next()?,
        created_at: row.next()?,
        sent_at: row.next()?,
    })
}

pub(super) fn find(tx: &mut dyn Tx, id: MailId) -> Result<Option<Mail>> {
    tx.first(select!("id = ?"), args![&id], read)
}

/// Letters of a filter behind one, newest first.
pub(super) fn page(tx: &mut dyn Tx, filter: &Filter, after: Option<MailId>, limit: i64) -> Result<Vec<Mail>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    let status = filter.status.map_or("", Status::as_str);
    match (&filter.invoice_id, &filter.client_id, filter.status) {
        (Some(invoice), client, _) => {
            let any = client.is_none();
            let client = client.unwrap_or_else(|| Id::from_bytes([0; 16]));
            tx.all(
                select!(
                    "invoice_id = ? AND (? = 1 OR client_id = ?) AND (? = '' OR status = ?) AND id < ?
                     ORDER BY id DESC LIMIT ?"
                ),
                args![invoice, any, &client, status, status, &after, limit],
                read,
            )
        }
        (None, Some(client), _) => tx.all(
            select!("client_id = ? AND (? = '' OR status = ?) AND id < ? ORDER BY id DESC LIMIT ?"),
            args![client, status, status, &after, limit],
            read,
        ),
        (None, None, Some(_)) => {
            tx.all(select!("status = ? AND id < ? ORDER BY id DESC LIMIT ?"), args![status, &after, limit], read)
        }
        (None, None, None) => tx.all(select!("id < ? ORDER BY id DESC LIMIT ?"), args![&after, limit], read),
    }
}

pub(super) fn set_client(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<u64> {
    tx.run("UPDATE mails SET client_id = ? WHERE client_id = ?", args![&to, &from])
}

/// Calls a letter off, if it still waits.
pub(super) fn cancel(tx: &mut dyn Tx, id: MailId) -> Result<bool> {
    let rows = tx.run(
        "UPDATE mails SET status = ? WHERE id = ? AND status = ?",
        args![Status::Cancelled, &id, Status::Queued],
    )?;
    Ok(rows == 1)
}
