//! Statements of drafts.

use super::model::{Draft, DraftId};
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;
use crate::platform::db::{Columns, Tx};

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT d.id, d.client_id, c.name, d.content, d.total, d.version, d.created_at, d.updated_at
             FROM drafts d LEFT JOIN clients c ON c.id = d.client_id WHERE ",
            $condition
        )
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Draft> {
    Ok(Draft {
        id: row.next()?,
        client_id: row.next()?,
        client_name: row.next()?,
        content: row.next()?,
        total: row.next()?,
        version: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
    })
}

pub(super) fn find(tx: &mut dyn Tx, id: DraftId) -> Result<Option<Draft>> {
    tx.first(select!("d.id = ?"), args![&id], read)
}

pub(super) fn page(
    tx: &mut dyn Tx,
    client: Option<ClientId>,
    after: Option<DraftId>,
    limit: i64,
) -> Result<Vec<Draft>> {
    let after = after.unwrap_or_else(|| Id::from_bytes([0xff; 16]));
    match client {
        None => tx.all(select!("d.id < ? ORDER BY d.id DESC LIMIT ?"), args![&after, limit], read),
        Some(client) => tx.all(
            select!("d.client_id = ? AND d.id < ? ORDER BY d.id DESC LIMIT ?"),
            args![&client, &after, limit],
            read,
        ),
    }
}

pub(super) fn insert(tx: &mut dyn Tx, draft: &Draft) -> Result<()> {
    tx.run(
        "INSERT INTO drafts (id, client_id, content, total, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, 1, ?, ?)",
        args![&draft.id, &draft.client_id, &draft.content, draft.total, draft.created_at, draft.updated_at],
    )
    .map(|_| ())
}

pub(super) fn update(tx: &mut dyn Tx, draft: &Draft, at: Instant) -> Result<u64> {
    tx.run(
        "UPDATE drafts SET client_id = ?, content = ?, total = ?, version = version + 1, updated_at = ?
         WHERE id = ? AND version = ?",
        args![&draft.client_id, &draft.content, draft.total, at, &draft.id, draft.version],
    )
}

pub(super) fn set_client(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<u64> {
    tx.run("UPDATE drafts SET client_id = ? WHERE client_id = ?", args![&to, &from])
}

pub(super) fn delete(tx: &mut dyn Tx, id: DraftId, version: i64) -> Result<u64> {
    tx.run("DELETE FROM drafts WHERE id = ? AND version = ?", args![&id, version])
}
