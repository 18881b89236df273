//! Statements of the audit log.

use super::model::{Entry, Subject};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::platform::db::{Columns, Tx};

pub(super) fn insert(tx: &mut dyn Tx, entry: &Entry) -> Result<()> {
    tx.run(
        "INSERT INTO audit_log (id, at, actor, actor_id, action, noun, subject_id, detail, request_id)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        args![
            &entry.id,
            entry.at,
            &entry.actor,
            &entry.actor_id,
            &entry.action,
            &entry.noun,
            &entry.subject_id,
            &entry.detail,
            &entry.request_id
        ],
    )
    .map(|_| ())
}

fn read(row: &mut Columns<'_, '_>) -> Result<Entry> {
    Ok(Entry {
        id: row.next()?,
        at: row.next()?,
        actor: row.next()?,
        actor_id: row.next()?,
        action: row.next()?,
        noun: row.next()?,
        subject_id: row.next()?,
        detail: row.next()?,
        request_id: row.next()?,
    })
}

const MAX_ID: [u8; 16] = [0xff; 16];

pub(super) fn page(tx: &mut dyn Tx, after: Option<Id<Entry>>, limit: i64) -> Result<Vec<Entry>> {
    let after = after.unwrap_or_else(|| Id::from_bytes(MAX_ID));
    tx.all(
        "SELECT id, at, actor, actor_id, action, noun, subject_id, detail, request_id FROM audit_log
         WHERE id < ? ORDER BY id DESC LIMIT ?",
        args![&after, limit],
        read,
    )
}

pub(super) fn page_of_subject(
    tx: &mut dyn Tx,
    subject: Id<Subject>,
    after: Option<Id<Entry>>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let after = after.unwrap_or_else(|| Id::from_bytes(MAX_ID));
    tx.all(
        "SELECT id, at, actor, actor_id, action, noun, subject_id, detail, request_id FROM audit_log
         WHERE subject_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
        args![&subject, &after, limit],
        read,
    )
}
