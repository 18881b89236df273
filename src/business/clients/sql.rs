//! Statements of clients.

use super::model::{Client, ClientId, Details, after_prefix};
use crate::args;
use crate::base::error::{Error, Result};
use crate::base::id::Id;
use crate::base::time::Instant;
use crate::platform::db::{Columns, Tx};

macro_rules! columns {
    () => {
        "c.id, c.name, c.email, c.phone, c.street, c.postcode, c.city, c.country, c.vat_id, c.locale, c.tags, c.notes,
         c.buyer_reference, c.version, c.created_at"
    };
}

fn read(row: &mut Columns<'_, '_>) -> Result<Client> {
    Ok(Client {
        id: row.next()?,
        details: Details {
            name: row.next()?,
            email: row.next()?,
            phone: row.next()?,
            street: row.next()?,
            postcode: row.next()?,
            city: row.next()?,
            country: row.next()?,
            vat_id: row.next()?,
            locale: row.next()?,
            tags: serde_json::from_str(&row.next::<String>()?).map_err(Error::internal)?,
            notes: row.next()?,
            buyer_reference: row.next()?,
        },
        version: row.next()?,
        created_at: row.next()?,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, id: ClientId, d: &Details, at: Instant) -> Result<()> {
    let tags = serde_json::to_string(&d.tags).map_err(Error::internal)?;
    tx.run(
        "INSERT INTO clients (id, name, email, phone, street, postcode, city, country, vat_id, locale, tags, notes,
            buyer_reference, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
        args![
            &id,
            &d.name,
            &d.email,
            &d.phone,
            &d.street,
            &d.postcode,
            &d.city,
            &d.country,
            &d.vat_id,
            &d.locale,
            &tags,
            &d.notes,
            &d.buyer_reference,
            at,
            at
        ],
    )?;
    insert_words(tx, id, d)
}

pub(super) fn update(tx: &mut dyn Tx, id: ClientId, d: &Details, version: i64, at: Instant) -> Result<u64> {
    let tags = serde_json::to_string(&d.tags).map_err(Error::internal)?;
    let rows = tx.run(
        "UPDATE clients SET name = ?, email = ?, phone = ?, street = ?, postcode = ?, city = ?, country = ?,
            vat_id = ?, locale = ?, tags = ?, notes = ?, buyer_reference = ?, version = version + 1, updated_at = ?
         WHERE id = ? AND version = ?",
        args![
            &d.name,
            &d.email,
            &d.phone,
            &d.street,
            &d.postcode,
            &d.city,
            &d.country,
            &d.vat_id,
            &d.locale,
            &tags,
            &d.notes,
            &d.buyer_reference,
            at,
            &id,
            version
        ],
    )?;
    if rows == 1 {
        delete_words(tx, id)?;
        insert_words(tx, id, d)?;
    }
    Ok(rows)
}

fn insert_words(tx: &mut dyn Tx, id: ClientId, details: &Details) -> Result<()> {
    for word in details.words() {
        tx.run("INSERT INTO client_words (word, client_id) VALUES (?, ?)", args![&word, &id])?;
    }
    Ok(())
}

fn delete_words(tx: &mut dyn Tx, id: ClientId) -> Result<()> {
    tx.run("DELETE FROM client_words WHERE client_id = ?", args![&id]).map(|_| ())
}

pub(super) fn delete(tx: &mut dyn Tx, id: ClientId) -> Result<u64> {
    delete_words(tx, id)?;
    tx.run("DELETE FROM clients WHERE id = ?", args![&id])
}

pub(super) fn find(tx: &mut dyn Tx, id: ClientId) -> Result<Option<Client>> {
    tx.first(concat!("SELECT ", columns!(), " FROM clients c WHERE c.id = ?"), args![&id], read)
}

pub(super) fn find_by_email(tx: &mut dyn Tx, email: &str) -> Result<Option<Client>> {
    tx.first(
        concat!("SELECT ", columns!(), " FROM clients c WHERE c.email = ? ORDER BY c.id LIMIT 1"),
        args![email],
        read,
    )
}

fn before(after: Option<ClientId>) -> ClientId {
    after.unwrap_or_else(|| Id::from_bytes([0xff; 16]))
}

pub(super) fn page(tx: &mut dyn Tx, after: Option<ClientId>, limit: i64) -> Result<Vec<Client>> {
    tx.all(
        concat!("SELECT ", columns!(), " FROM clients c WHERE c.id < ? ORDER BY c.id DESC LIMIT ?"),
        args![&before(after), limit],
        read,
    )
}

/// Clients with a word that begins with `first`, and one that begins with `second`.
pub(super) fn search(
    tx: &mut dyn Tx,
    first: &str,
    second: &str,
    after: Option<ClientId>,
    limit: i64,
) -> Result<Vec<Client>> {
    tx.all(
        concat!(
            "SELECT ",
            columns!(),
            " FROM clients c WHERE c.id < ?
              AND c.id IN (SELECT w.client_id FROM client_words w WHERE w.word >= ? AND w.word < ?)
              AND EXISTS (SELECT 1 FROM client_words v
                          WHERE v.client_id = c.id AND v.word >= ? AND v.word < ?)
              ORDER BY c.id DESC LIMIT ?"
        ),
        args![&before(after), first, after_prefix(first), second, after_prefix(second), limit],
        read,
    )
}

pub(super) fn any(tx: &mut dyn Tx) -> Result<bool> {
    Ok(tx.first("SELECT id FROM clients LIMIT 1", args![], |row| row.next::<ClientId>())?.is_some())
}
