//! Keeping clients.

use super::model::{Client, ClientId, Details, Filter, Order, Place, Summary};
use super::search::{self, Wanted};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::page::{Cursor, Page, Paging};
use crate::base::time::Instant;
use crate::base::version::Expected;
use crate::business::audit;
use crate::platform::db::{Tx, changed_meanwhile, others_first};

pub use super::import::import;
pub use super::merge::{Follow, duplicates, merge};

/// One client; of one that was merged, the one that stayed.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: ClientId) -> Result<Client> {
    let stayed = sql::merged_into(tx, id)?.unwrap_or(id);
    sql::find(tx, stayed)?.ok_or_else(|| Error::not_found("client"))
}

/// A client and those that were merged into it: documents were issued to each of them.
///
/// # Errors
/// `database_unavailable`.
pub fn family(tx: &mut dyn Tx, id: ClientId) -> Result<Vec<ClientId>> {
    let stayed = sql::merged_into(tx, id)?.unwrap_or(id);
    let mut family = vec![stayed];
    family.extend(sql::merged_ones(tx, stayed)?);
    Ok(family)
}

/// What a client has in all.
///
/// # Errors
/// `not_found`.
pub fn summary(tx: &mut dyn Tx, id: ClientId, now: Instant) -> Result<Summary> {
    let client = get(tx, id)?;
    let mut summary = sql::summary(tx, client.id, now)?;
    for one in family(tx, client.id)? {
        let (documents, invoiced, owed) = sql::invoiced(tx, one)?;
        summary.invoices += documents;
        summary.invoiced += invoiced;
        summary.balance_due += owed;
    }
    Ok(summary)
}

/// Clients of a filter, in its order. Of two things that many have and few have both, a page may hold fewer clients
/// than asked for, or none, and yet lead on: it then looked at [`search::find::LOOKED_AT`], and the next one looks further.
///
/// # Errors
/// `invalid_field` for a query without a word, `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, filter: &Filter, paging: &Paging) -> Result<Page<Client>> {
    let order = filter.order;
    let after = match (&paging.after, order) {
        (None, _) => None,
        (Some(_), Order::Newest) => paging.after_id("clients")?.map(|id| Place { name_key: String::new(), id }),
        (Some(cursor), Order::Name) => {
            let [name, id] = cursor.keys("clients.name")?;
            Some(Place { name_key: name.to_owned(), id: id.parse()? })
        }
    };
    let mut wanted = Vec::new();
    if let Some(tag) = filter.tag.as_deref().map(str::trim).filter(|tag| !tag.is_empty()) {
        wanted.push(Wanted { term: search::tag_term(tag), exact: true });
    }
    if let Some(query) = filter.query.as_deref().map(str::trim).filter(|query| !query.is_empty()) {
        wanted.extend(search::wanted(query)?);
    }
    let limit = paging.limit.probe();
    let (rows, looked_to) = match wanted.as_slice() {
        [] => (sql::page(tx, order, after.as_ref(), limit)?, None),
        wanted => {
            let found = search::find::places(tx, order, wanted, after.as_ref(), limit)?;
            (sql::at(tx, &found.places)?, found.looked_to)
        }
    };
    let cursor = |name_key: &str, id: ClientId| match order {
        Order::Newest => Cursor::new("clients", &[&id.to_string()]),
        Order::Name => Cursor::new("clients.name", &[name_key, &id.to_string()]),
    };
    let mut page = Page::cut(rows, paging.limit, |last| cursor(&search::name_key(&last.details.name), last.id));
    if let (None, Some(place)) = (&page.next, looked_to) {
        page.next = Some(cursor(&place.name_key, place.id));
    }
    Ok(page)
}

/// Tags with how many clients have each; the most used first, 200 at most.
///
/// # Errors
/// `database_unavailable`.
pub fn tags(tx: &mut dyn Tx) -> Result<Vec<(String, i64)>> {
    let mut tags: Vec<(String, i64)> = sql::tags(tx)?
        .into_iter()
        .filter_map(|(term, clients)| search::tag_of(&term).map(|tag| (tag.to_owned(), clients)))
        .collect();
    tags.sort_by(|(a, most), (b, more)| more.cmp(most).then_with(|| a.cmp(b)));
    tags.truncate(200);
    Ok(tags)
}

/// Whether an older Deskbell kept clients that are not findable yet.
///
/// # Errors
/// `database_unavailable`.
pub fn any_to_adopt(tx: &mut dyn Tx) -> Result<bool> {
    Ok(!sql::without_keys(tx, 1)?.is_empty())
}

/// Makes up to 200 clients findable that an older Deskbell kept; how many there were.
///
/// # Errors
/// `database_unavailable`.
pub fn adopt(tx: &mut dyn Tx) -> Result<usize> {
    let clients = sql::without_keys(tx, 200)?;
    for client in &clients {
        // Another node may do the same at this moment.
        sql::index(tx, client.id, &client.details).map_err(others_first)?;
    }
    Ok(clients.len())
}

/// Takes a client in.
///
/// # Errors
/// `invalid_field`.
pub fn create(tx: &mut dyn Tx, actor: &Actor, details: Details) -> Result<Client> {
    let details = details.checked()?;
    let id = actor.new_id()?;
    sql::insert(tx, id, &details, actor.at)?;
    audit::actions::note(tx, actor, "create", "client", id, None)?;
    Ok(Client { id, details, version: 1, created_at: actor.at, bookings: 0 })
}

/// The client with this e-mail, or a new one: who books twice is one person.
///
/// # Errors
/// `invalid_field`.
pub fn find_or_create(tx: &mut dyn Tx, actor: &Actor, details: Details) -> Result<Client> {
    let details = details.checked()?;
    if let Some(email) = &details.email
        && let Some(known) = sql::find_by_email(tx, email)?
    {
        return Ok(known);
    }
    if let Some(email) = &details.email
        && let Some(merged) = sql::merged_by_email(tx, email)?
    {
        return get(tx, merged);
    }
    create(tx, actor, details)
}

/// Changes what is known about a client.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_field`.
pub fn change(tx: &mut dyn Tx, actor: &Actor, id: ClientId, expected: &Expected, details: Details) -> Result<Client> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    let details = details.checked()?;
    if sql::update(tx, current.id, &details, current.version, actor.at)? == 0 {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "change", "client", current.id, None)?;
    Ok(Client { details, version: current.version + 1, ..current })
}

/// Removes a client that nothing refers to.
///
/// # Errors
/// `not_found`, `precondition_failed`; `in_use` when there are bookings or invoices.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, id: ClientId, expected: &Expected) -> Result<()> {
    // Nobody means the one that stayed by the id of another.
    let current = get(tx, id).and_then(|found| match found.id == id {
        true => Ok(found),
        false => Err(Error::not_found("client")),
    })?;
    expected.check(current.version)?;
    sql::delete(tx, id).map_err(|error| match error.code {
        Code::InUse => Error::new(Code::InUse, "This client has bookings or invoices, and must be kept."),
        _ => error,
    })?;
    audit::actions::note(tx, actor, "delete", "client", id, None)
}

/// Whether there is any client.
///
/// # Errors
/// `database_unavailable`.
pub fn any(tx: &mut dyn Tx) -> Result<bool> {
    sql::any(tx)
}
