//! Statements of clients.

use super::model::{Client, ClientId, Details, Likeness, Order, Place, Summary};
use super::search::{self, name_key, phone_key};
use crate::args;
use crate::base::error::{Error, Result};
use crate::base::time::Instant;
use crate::platform::db::{Columns, Tx, Value};

macro_rules! select {
    ($condition:literal) => {
        concat!(
            "SELECT c.id, c.name, c.email, c.phone, c.street, c.postcode, c.city, c.country, c.vat_id, c.locale, c.tags,
                c.notes, c.buyer_reference, c.version, c.created_at,
                (SELECT COUNT(*) FROM bookings b WHERE b.client_id = c.id)
             FROM clients c WHERE ",
            $condition
        )
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
        bookings: row.next()?,
    })
}

pub(super) fn insert(tx: &mut dyn Tx, id: ClientId, d: &Details, at: Instant) -> Result<()> {
    let tags = serde_json::to_string(&d.tags).map_err(Error::internal)?;
    let name_key = name_key(&d.name);
    tx.run(
        "INSERT INTO clients (id, name, email, phone, street, postcode, city, country, vat_id, locale, tags, notes,
            buyer_reference, name_key, email_key, phone_key, version, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)",
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
            &name_key,
            &d.email,
            &d.phone.as_deref().and_then(phone_key),
            at,
            at
        ],
    )?;
    insert_terms(tx, id, &name_key, &search::terms(d))
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
        index(tx, id, d)?;
    }
    Ok(rows)
}

/// Makes a client findable by what is known now, and by nothing else.
pub(super) fn index(tx: &mut dyn Tx, id: ClientId, d: &Details) -> Result<()> {
    let key = name_key(&d.name);
    tx.run(
        "UPDATE clients SET name_key = ?, email_key = ?, phone_key = ? WHERE id = ?",
        args![&key, &d.email, &d.phone.as_deref().and_then(phone_key), &id],
    )?;
    let wanted = search::terms(d);
    let known: Vec<(String, String)> =
        tx.all("SELECT term, name_key FROM client_terms WHERE client_id = ? ORDER BY term", args![&id], |row| {
            Ok((row.next()?, row.next()?))
        })?;
    // Most changes leave most terms as they are.
    for (term, of) in &known {
        let stays = *of == key && wanted.contains(term);
        if !stays {
            tx.run("DELETE FROM client_terms WHERE term = ? AND client_id = ?", args![term, &id])?;
        }
    }
    let missing: Vec<String> =
        wanted.into_iter().filter(|term| !known.iter().any(|(had, of)| had == term && *of == key)).collect();
    insert_terms(tx, id, &key, &missing)
}

/// Takes a client out of lists and searches.
pub(super) fn hide(tx: &mut dyn Tx, id: ClientId, into: ClientId, at: Instant) -> Result<u64> {
    delete_terms(tx, id)?;
    tx.run(
        "UPDATE clients SET merged_into = ?, name_key = NULL, email_key = NULL, phone_key = NULL,
            version = version + 1, updated_at = ?
         WHERE id = ? AND merged_into IS NULL",
        args![&into, at, &id],
    )
}

/// Those that were merged into one follow it into another.
pub(super) fn lead_on(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<()> {
    tx.run("UPDATE clients SET merged_into = ? WHERE merged_into = ?", args![&to, &from]).map(|_| ())
}

macro_rules! insert_rows {
    ($($row:literal)+) => {
        concat!("INSERT INTO client_terms (term, client_id, name_key) VALUES ", $($row),+)
    };
}

/// Terms go in by eights: by ones each is a round trip.
fn insert_terms(tx: &mut dyn Tx, id: ClientId, name_key: &str, terms: &[String]) -> Result<()> {
    for chunk in terms.chunks(8) {
        let values: Vec<Value<'_>> =
            chunk.iter().flat_map(|term| [Value::from(term), Value::from(&id), Value::from(name_key)]).collect();
        if chunk.len() == 8 {
            let eight = insert_rows!(
                "(?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?), " "(?, ?, ?), (?, ?, ?), (?, ?, ?), (?, ?, ?)"
            );
            tx.run(eight, &values)?;
        } else {
            for one in values.chunks(3) {
                tx.run(insert_rows!("(?, ?, ?)"), one)?;
            }
        }
    }
    Ok(())
}

fn delete_terms(tx: &mut dyn Tx, id: ClientId) -> Result<()> {
    tx.run("DELETE FROM client_terms WHERE client_id = ?", args![&id]).map(|_| ())
}

/// A client, and those that were merged into it.
pub(super) fn delete(tx: &mut dyn Tx, id: ClientId) -> Result<u64> {
    delete_terms(tx, id)?;
    tx.run("DELETE FROM clients WHERE merged_into = ?", args![&id])?;
    tx.run("DELETE FROM clients WHERE id = ?", args![&id])
}

pub(super) fn find(tx: &mut dyn Tx, id: ClientId) -> Result<Option<Client>> {
    tx.first(select!("c.id = ?"), args![&id], read)
}

/// Whom a client was merged into.
pub(super) fn merged_into(tx: &mut dyn Tx, id: ClientId) -> Result<Option<ClientId>> {
    Ok(tx.first("SELECT merged_into FROM clients WHERE id = ?", args![&id], |row| row.next())?.flatten())
}

/// Those that were merged into a client.
pub(super) fn merged_ones(tx: &mut dyn Tx, id: ClientId) -> Result<Vec<ClientId>> {
    tx.all("SELECT id FROM clients WHERE merged_into = ? ORDER BY id", args![&id], |row| row.next())
}

pub(super) fn find_by_email(tx: &mut dyn Tx, email: &str) -> Result<Option<Client>> {
    tx.first(select!("c.email_key = ? ORDER BY c.id LIMIT 1"), args![email], read)
}

/// The one with an address among those that were merged.
pub(super) fn merged_by_email(tx: &mut dyn Tx, email: &str) -> Result<Option<ClientId>> {
    tx.first(
        "SELECT id FROM clients WHERE email = ? AND merged_into IS NOT NULL ORDER BY id LIMIT 1",
        args![email],
        |row| row.next(),
    )
}

/// What two clients or more have in common, behind a value; read from an index alone.
pub(super) fn shared(tx: &mut dyn Tx, likeness: Likeness, after: &str, limit: i64) -> Result<Vec<String>> {
    let text = match likeness {
        Likeness::Email => {
            "SELECT email_key FROM clients WHERE email_key > ? GROUP BY email_key HAVING COUNT(*) > 1
             ORDER BY email_key LIMIT ?"
        }
        Likeness::Phone => {
            "SELECT phone_key FROM clients WHERE phone_key > ? GROUP BY phone_key HAVING COUNT(*) > 1
             ORDER BY phone_key LIMIT ?"
        }
        Likeness::Name => {
            "SELECT name_key FROM clients WHERE name_key > ? GROUP BY name_key HAVING COUNT(*) > 1
             ORDER BY name_key LIMIT ?"
        }
    };
    tx.all(text, args![after, limit], |row| row.next())
}

/// Those who have a value in common, oldest first.
pub(super) fn sharing(tx: &mut dyn Tx, likeness: Likeness, value: &str, limit: i64) -> Result<Vec<Client>> {
    let text = match likeness {
        Likeness::Email => select!("c.email_key = ? ORDER BY c.id LIMIT ?"),
        Likeness::Phone => select!("c.phone_key = ? ORDER BY c.id LIMIT ?"),
        Likeness::Name => select!("c.name_key = ? ORDER BY c.id LIMIT ?"),
    };
    tx.all(text, args![value, limit], read)
}

/// What a client has in all, apart from documents.
pub(super) fn summary(tx: &mut dyn Tx, id: ClientId, now: Instant) -> Result<Summary> {
    let found = tx.first(
        "SELECT COUNT(*),
            CAST(COALESCE(SUM(CASE WHEN b.status IN ('held', 'confirmed') AND o.status = 'scheduled'
                AND o.starts_at >= ? THEN 1 ELSE 0 END), 0) AS SIGNED),
            CAST(COALESCE(SUM(CASE WHEN b.status = 'no_show' THEN 1 ELSE 0 END), 0) AS SIGNED),
            MAX(CASE WHEN b.status = 'checked_in' THEN o.starts_at ELSE NULL END),
            (SELECT COUNT(*) FROM audio_notes n WHERE n.client_id = ?),
            (SELECT COUNT(*) FROM client_files f WHERE f.client_id = ?)
         FROM bookings b LEFT JOIN occurrences o ON o.id = b.occurrence_id WHERE b.client_id = ?",
        args![now, &id, &id, &id],
        |row| {
            Ok(Summary {
                bookings: row.next()?,
                upcoming: row.next()?,
                no_shows: row.next()?,
                last_visit_at: row.next()?,
                audio_notes: row.next()?,
                files: row.next()?,
                ..Summary::default()
            })
        },
    )?;
    Ok(found.unwrap_or_default())
}

/// Documents issued to a client: how many, what they come to, and what is owed.
pub(super) fn invoiced(tx: &mut dyn Tx, id: ClientId) -> Result<(i64, i64, i64)> {
    let found = tx.first(
        "SELECT COUNT(*),
            CAST(COALESCE(SUM(CASE WHEN i.kind = 'invoice' THEN i.gross + i.rounding ELSE -i.gross - i.rounding END), 0)
                AS SIGNED),
            CAST(COALESCE(SUM(CASE WHEN b.owes = 1 THEN i.gross + i.rounding - b.paid - b.credited ELSE 0 END), 0)
                AS SIGNED)
         FROM invoices i LEFT JOIN invoice_balances b ON b.invoice_id = i.id WHERE i.client_id = ?",
        args![&id],
        |row| Ok((row.next()?, row.next()?, row.next()?)),
    )?;
    Ok(found.unwrap_or_default())
}

/// Clients that an older Deskbell kept and that have no keys yet.
pub(super) fn without_keys(tx: &mut dyn Tx, limit: i64) -> Result<Vec<Client>> {
    tx.all(select!("c.name_key = '' ORDER BY c.id LIMIT ?"), args![limit], read)
}

/// Every client, by an order's own index.
pub(super) fn page(tx: &mut dyn Tx, order: Order, after: Option<&Place>, limit: i64) -> Result<Vec<Client>> {
    let (name, id) = order.start(after);
    match order {
        Order::Newest => {
            tx.all(select!("c.id < ? AND c.name_key IS NOT NULL ORDER BY c.id DESC LIMIT ?"), args![&id, limit], read)
        }
        Order::Name => tx.all(
            select!("c.name_key >= ? AND (c.name_key > ? OR c.id > ?) ORDER BY c.name_key, c.id LIMIT ?"),
            args![name, name, &id, limit],
            read,
        ),
    }
}

pub(super) fn any(tx: &mut dyn Tx) -> Result<bool> {
    Ok(tx.first("SELECT id FROM clients LIMIT 1", args![], |row| row.next::<ClientId>())?.is_some())
}

/// The clients of these places, in their order; by tens, since each statement is a round trip.
pub(super) fn at(tx: &mut dyn Tx, places: &[Place]) -> Result<Vec<Client>> {
    let mut found = Vec::with_capacity(places.len());
    for chunk in places.chunks(10) {
        let Some(last) = chunk.last() else { break };
        let ids: Vec<Value<'_>> = (0..10).map(|at| Value::from(&chunk.get(at).unwrap_or(last).id)).collect();
        found.extend(tx.all(select!("c.id IN (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"), &ids, read)?);
    }
    let place = |client: &Client| places.iter().position(|place| place.id == client.id);
    found.sort_by_key(place);
    Ok(found)
}

/// Tags with how many clients have each.
pub(super) fn tags(tx: &mut dyn Tx) -> Result<Vec<(String, i64)>> {
    tx.all("SELECT term, COUNT(*) FROM client_terms WHERE term >= '#' AND term < '$' GROUP BY term", args![], |row| {
        Ok((row.next()?, row.next()?))
    })
}
