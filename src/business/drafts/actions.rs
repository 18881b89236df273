//! Writing, dropping and issuing drafts.

use super::model::{Draft, DraftId, LARGEST};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Error, Result};
use crate::base::page::{Page, Paging};
use crate::base::version::Expected;
use crate::business::clients::model::ClientId;
use crate::business::invoices::actions::NewInvoice;
use crate::business::invoices::model::Invoice;
use crate::business::{audit, clients, invoices};
use crate::platform::db::{Tx, changed_meanwhile};

/// What a draft says: its client, the form as JSON, and what it comes to.
#[derive(Clone, Debug)]
pub struct Content {
    /// For whom, when that is known.
    pub client_id: Option<ClientId>,
    /// The form of an invoice.
    pub json: String,
    /// Minor units it comes to so far.
    pub total: i64,
}

/// One draft.
///
/// # Errors
/// `not_found`.
pub fn get(tx: &mut dyn Tx, id: DraftId) -> Result<Draft> {
    sql::find(tx, id)?.ok_or_else(|| Error::not_found("draft"))
}

/// Drafts, newest first; of one client, when it is named.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, client: Option<ClientId>, paging: &Paging) -> Result<Page<Draft>> {
    let after = paging.after_id("drafts")?;
    let rows = sql::page(tx, client, after, paging.limit.probe())?;
    Ok(Page::by_id(rows, paging.limit, "drafts", |last| last.id))
}

/// Begins a draft.
///
/// # Errors
/// `not_found` for the client; `invalid_field` when it is too long.
pub fn create(tx: &mut dyn Tx, actor: &Actor, content: Content) -> Result<Draft> {
    fits(tx, &content)?;
    let draft = Draft {
        id: actor.new_id()?,
        client_id: content.client_id,
        client_name: None,
        content: content.json,
        total: content.total,
        version: 1,
        created_at: actor.at,
        updated_at: actor.at,
    };
    sql::insert(tx, &draft)?;
    audit::actions::note(tx, actor, "create", "draft", draft.id, None)?;
    get(tx, draft.id)
}

/// Changes a draft.
///
/// # Errors
/// `not_found`, `precondition_failed`, `invalid_field` when it is too long.
pub fn change(tx: &mut dyn Tx, actor: &Actor, id: DraftId, expected: &Expected, content: Content) -> Result<Draft> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    fits(tx, &content)?;
    let changed = Draft { client_id: content.client_id, content: content.json, total: content.total, ..current };
    // Not in the audit log: it is saved at each pause of typing, and nothing was promised to anybody.
    if sql::update(tx, &changed, actor.at)? == 0 {
        return Err(changed_meanwhile());
    }
    audit::actions::tell(tx, actor, "change", "draft", id);
    get(tx, id)
}

fn fits(tx: &mut dyn Tx, content: &Content) -> Result<()> {
    if content.json.len() > LARGEST {
        return Err(Error::field("lines", "are too many for a draft; issue the invoice at once"));
    }
    if let Some(client) = content.client_id {
        clients::actions::get(tx, client)?;
    }
    Ok(())
}

/// Drafts for one client are for another from now on: the two are one. What the form says stays; issuing follows.
///
/// # Errors
/// `database_unavailable`.
pub fn follow_client(tx: &mut dyn Tx, from: ClientId, to: ClientId) -> Result<()> {
    sql::set_client(tx, from, to).map(|_| ())
}

/// Drops a draft.
///
/// # Errors
/// `not_found`, `precondition_failed`.
pub fn delete(tx: &mut dyn Tx, actor: &Actor, id: DraftId, expected: &Expected) -> Result<()> {
    remove(tx, id, expected)?;
    audit::actions::note(tx, actor, "delete", "draft", id, None)
}

fn remove(tx: &mut dyn Tx, id: DraftId, expected: &Expected) -> Result<()> {
    let draft = get(tx, id)?;
    expected.check(draft.version)?;
    match sql::delete(tx, id, draft.version)? {
        0 => Err(changed_meanwhile()),
        _ => Ok(()),
    }
}

/// Issues what a draft says; the draft is gone then.
///
/// # Errors
/// `not_found`, `precondition_failed`, and as issuing an invoice.
pub fn issue(tx: &mut dyn Tx, actor: &Actor, id: DraftId, expected: &Expected, new: &NewInvoice) -> Result<Invoice> {
    remove(tx, id, expected)?;
    let invoice = invoices::actions::issue(tx, actor, new)?;
    audit::actions::note(tx, actor, "issue", "draft", id, Some(invoice.number.clone()))?;
    Ok(invoice)
}
