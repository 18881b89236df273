//! Statements of the search.

use super::Wanted;
use crate::args;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::business::clients::model::{ClientId, Order, Place};
use crate::platform::db::{Columns, Tx, Value};

/// How many entries a term has, as far as `most`.
pub(super) fn count(tx: &mut dyn Tx, wanted: &Wanted, most: i64) -> Result<i64> {
    tx.number(
        "SELECT COUNT(*) FROM (SELECT 1 AS one FROM client_terms WHERE term >= ? AND term <= ? LIMIT ?) few",
        args![&wanted.term, wanted.last(), most],
    )
}

/// The first term behind `after` that a search means; by seeking, whatever stands between.
pub(super) fn next_term(tx: &mut dyn Tx, wanted: &Wanted, after: Option<&str>) -> Result<Option<String>> {
    let (text, from) = match after {
        None => {
            ("SELECT term FROM client_terms WHERE term >= ? AND term <= ? ORDER BY term LIMIT 1", wanted.term.as_str())
        }
        Some(after) => ("SELECT term FROM client_terms WHERE term > ? AND term <= ? ORDER BY term LIMIT 1", after),
    };
    tx.first(text, args![from, wanted.last()], |row| row.next())
}

// What else is asked of a client, five times each: an empty text asks for nothing. A whole term is looked up by the
// primary key, whose neighbours are the same term's: several times quicker than by client.
macro_rules! whole {
    () => {
        " AND (? = '' OR EXISTS (SELECT 1 FROM client_terms v WHERE v.term = ? AND v.client_id = t.client_id))"
    };
}
macro_rules! within {
    () => {
        " AND (? = '' OR EXISTS (SELECT 1 FROM client_terms v
                WHERE v.client_id = t.client_id AND v.term >= ? AND v.term <= ?))"
    };
}
macro_rules! and_others {
    () => {
        concat!(whole!(), whole!(), whole!(), whole!(), whole!(), within!(), within!(), within!(), within!(), within!())
    };
}

fn others<'w>(others: &[&'w Wanted]) -> Vec<Value<'w>> {
    let (whole, within): (Vec<&Wanted>, Vec<&Wanted>) = others.iter().copied().partition(|one| one.exact);
    let mut values = Vec::with_capacity(25);
    for place in 0..5 {
        let term = whole.get(place).map_or("", |one| one.term.as_str());
        values.extend([Value::from(term), Value::from(term)]);
    }
    for place in 0..5 {
        let (term, last) = within.get(place).map_or(("", String::new()), |one| (one.term.as_str(), one.last()));
        values.extend([Value::from(term), Value::from(term), Value::from(last)]);
    }
    values
}

fn read_place(row: &mut Columns<'_, '_>) -> Result<Place> {
    Ok(Place { name_key: row.next()?, id: row.next()? })
}

macro_rules! newest {
    () => {
        "(SELECT client_id FROM client_terms WHERE term = ? AND client_id < ? ORDER BY client_id DESC LIMIT ?) few"
    };
}
macro_rules! by_name {
    () => {
        "(SELECT name_key, client_id FROM client_terms
          WHERE term = ? AND name_key >= ? AND (name_key > ? OR client_id > ?)
          ORDER BY name_key, client_id LIMIT ?) few"
    };
}

/// How many clients of a term stand behind a place, as far as `most`, and where the last of these stands.
pub(super) fn reach(
    tx: &mut dyn Tx,
    (order, term): (Order, &str),
    after: Option<&Place>,
    most: i64,
) -> Result<(i64, Option<Place>)> {
    let (name, id) = order.start(after);
    let found = match order {
        Order::Newest => {
            tx.first(concat!("SELECT COUNT(*), MIN(few.client_id) FROM ", newest!()), args![term, &id, most], |row| {
                Ok((row.next()?, row.next::<Option<ClientId>>()?.map(|id| Place { name_key: String::new(), id })))
            })?
        }
        Order::Name => {
            let last: Option<(i64, Option<String>)> = tx.first(
                concat!("SELECT COUNT(*), MAX(few.name_key) FROM ", by_name!()),
                args![term, name, name, &id, most],
                |row| Ok((row.next()?, row.next()?)),
            )?;
            match last {
                Some((count, Some(name_key))) => {
                    let id = tx.first(
                        concat!("SELECT MAX(few.client_id) FROM ", by_name!(), " WHERE few.name_key = ?"),
                        args![term, name, name, &id, most, &name_key],
                        |row| row.next::<Option<ClientId>>(),
                    )?;
                    Some((count, id.flatten().map(|id| Place { name_key, id })))
                }
                _ => None,
            }
        }
    };
    Ok(found.unwrap_or((0, None)))
}

/// Places of the clients of one term that have the others too, read in the order asked for: behind the first place, as
/// far as the second.
pub(super) fn places(
    tx: &mut dyn Tx,
    (order, term): (Order, &str),
    asked: &[&Wanted],
    (after, until): (Option<&Place>, Option<&Place>),
    limit: i64,
) -> Result<Vec<Place>> {
    let (name, id) = order.start(after);
    let (last_name, last_id) = match (until, order) {
        (Some(place), _) => (place.name_key.as_str(), place.id),
        (None, Order::Newest) => ("", Id::from_bytes([0; 16])),
        (None, Order::Name) => ("\u{10ffff}", Id::from_bytes([0xff; 16])),
    };
    let (text, mut values): (&'static str, Vec<Value<'_>>) = match order {
        Order::Newest => (
            concat!(
                "SELECT t.name_key, t.client_id FROM client_terms t
                 WHERE t.term = ? AND t.client_id < ? AND t.client_id >= ?",
                and_others!(),
                " ORDER BY t.client_id DESC LIMIT ?"
            ),
            vec![term.into(), (&id).into(), (&last_id).into()],
        ),
        Order::Name => (
            concat!(
                "SELECT t.name_key, t.client_id FROM client_terms t
                 WHERE t.term = ? AND t.name_key >= ? AND (t.name_key > ? OR t.client_id > ?)
                    AND t.name_key <= ? AND (t.name_key < ? OR t.client_id <= ?)",
                and_others!(),
                " ORDER BY t.name_key, t.client_id LIMIT ?"
            ),
            vec![
                term.into(),
                name.into(),
                name.into(),
                (&id).into(),
                last_name.into(),
                last_name.into(),
                (&last_id).into(),
            ],
        ),
    };
    values.extend(others(asked));
    values.push(limit.into());
    tx.all(text, &values, read_place)
}

/// As [`places`], for every term that a search may mean: all of them are read and sorted.
pub(super) fn places_within(
    tx: &mut dyn Tx,
    (order, wanted): (Order, &Wanted),
    asked: &[&Wanted],
    after: Option<&Place>,
    limit: i64,
) -> Result<Vec<Place>> {
    let (name, id) = order.start(after);
    // A sign before a column keeps SQLite from walking through all clients in the order asked for.
    let (text, mut values): (&'static str, Vec<Value<'_>>) = match order {
        Order::Newest => (
            concat!(
                "SELECT t.name_key, t.client_id FROM client_terms t
                 WHERE t.term >= ? AND t.term <= ? AND +t.client_id < ?",
                and_others!(),
                " GROUP BY t.name_key, t.client_id ORDER BY t.client_id DESC LIMIT ?"
            ),
            vec![(&wanted.term).into(), wanted.last().into(), (&id).into()],
        ),
        Order::Name => (
            concat!(
                "SELECT t.name_key, t.client_id FROM client_terms t
                 WHERE t.term >= ? AND t.term <= ? AND t.name_key >= ? AND (t.name_key > ? OR t.client_id > ?)",
                and_others!(),
                " GROUP BY t.name_key, t.client_id ORDER BY t.name_key, t.client_id LIMIT ?"
            ),
            vec![(&wanted.term).into(), wanted.last().into(), name.into(), name.into(), (&id).into()],
        ),
    };
    values.extend(others(asked));
    values.push(limit.into());
    tx.all(text, &values, read_place)
}
