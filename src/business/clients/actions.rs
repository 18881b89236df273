//! Keeping clients.

use super::model::{Client, ClientId, Details, terms};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::page::{Page, Paging};
use crate::base::version::Expected;
use crate::business::audit;
use crate::platform::db::{Tx, changed_meanwhile};

/// One client.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: ClientId) -> Result<Client> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("client"))
}

/// Clients, newest first; with `query`, those that have a word beginning with each of its words.
///
/// # Errors
/// `invalid_field` for a query without a word, `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, query: Option<&str>, paging: &Paging) -> Result<Page<Client>> {
    let after = paging.after_id("clients")?;
    let limit = paging.limit.probe();
    let rows = match query.map(str::trim).filter(|query| !query.is_empty()) {
        None => sql::page(tx, after, limit)?,
        Some(query) => {
            let terms = terms(query)?;
            let first = terms.first().map_or("", String::as_str);
            let second = terms.get(1).map_or(first, String::as_str);
            sql::search(tx, first, second, after, limit)?
        }
    };
    Ok(Page::by_id(rows, paging.limit, "clients", |last| last.id))
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
    Ok(Client { id, details, version: 1, created_at: actor.at })
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
    if sql::update(tx, id, &details, current.version, actor.at)? == 0 {
        return Err(changed_meanwhile());
    }
    audit::actions::note(tx, actor, "change", "client", id, None)?;
    Ok(Client { details, version: current.version + 1, ..current })
}

/// Removes a client that nothing refers to.
///
/// # Errors
/// `not_found`, `precondition_failed`; `in_use` when there are bookings or invoices.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, id: ClientId, expected: &Expected) -> Result<()> {
    let current = get(tx, id)?;
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
