//! Statements of reminders.

use super::model::Reminder;
use crate::args;
use crate::base::error::Result;
use crate::business::invoices::model::InvoiceId;
use crate::platform::db::Tx;

/// Refused (`already_exists`) when the level was written already.
pub(super) fn insert(tx: &mut dyn Tx, reminder: &Reminder) -> Result<()> {
    tx.run(
        "INSERT INTO reminders (invoice_id, level, mail_id, due_on, reminded_at) VALUES (?, ?, ?, ?, ?)",
        args![&reminder.invoice_id, reminder.level, &reminder.mail_id, &reminder.due_on, reminder.reminded_at],
    )
    .map(|_| ())
}

/// The reminders of an invoice, first level first.
pub(super) fn of_invoice(tx: &mut dyn Tx, id: InvoiceId) -> Result<Vec<Reminder>> {
    tx.all(
        "SELECT invoice_id, level, mail_id, due_on, reminded_at FROM reminders WHERE invoice_id = ? ORDER BY level",
        args![&id],
        |row| {
            Ok(Reminder {
                invoice_id: row.next()?,
                level: row.next()?,
                mail_id: row.next()?,
                due_on: row.next()?,
                reminded_at: row.next()?,
            })
        },
    )
}

/// Invoices behind one that owe, were due on a day or before, had every level below this one and not this one, whose
/// last reminder gave time until before today, and whose client can be written to.
pub(super) fn late(
    tx: &mut dyn Tx,
    level: i64,
    due: &str,
    today: &str,
    after: InvoiceId,
    limit: i64,
) -> Result<Vec<InvoiceId>> {
    tx.all(
        "SELECT b.invoice_id FROM invoice_balances b LEFT JOIN invoices i ON i.id = b.invoice_id
            LEFT JOIN clients c ON c.id = i.client_id
         WHERE b.owes = 1 AND b.invoice_id > ? AND b.due_on <= ? AND b.due_on < ? AND c.email IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM reminders r WHERE r.invoice_id = b.invoice_id AND r.level >= ?)
            AND (? = 1 OR EXISTS (SELECT 1 FROM reminders p
                 WHERE p.invoice_id = b.invoice_id AND p.level = ? AND p.due_on < ?))
         ORDER BY b.invoice_id LIMIT ?",
        args![&after, due, today, level, level, level - 1, today, limit],
        |row| row.next(),
    )
}
