//! Keeping, sharing and removing views.

use super::model::{Details, ListPage, MOST, View, ViewId};
use super::sql;
use crate::base::actor::{Actor, Role, StaffId};
use crate::base::error::{Code, Error, Result};
use crate::business::{accounts, audit};
use crate::platform::db::Tx;

fn own(actor: &Actor) -> Result<StaffId> {
    actor.staff_id().ok_or_else(|| Error::new(Code::Forbidden, "Only an account keeps views."))
}

/// The actor's views and the shared ones, by name; of one list, when it is named.
///
/// # Errors
/// `forbidden` without an account.
pub fn list(tx: &mut dyn Tx, actor: &Actor, page: Option<ListPage>) -> Result<Vec<View>> {
    sql::of(tx, own(actor)?, page)
}

/// Keeps a view.
///
/// # Errors
/// `invalid_field`; `invalid_state` when the account keeps too many.
pub fn save(tx: &mut dyn Tx, actor: &Actor, details: Details) -> Result<View> {
    let staff_id = own(actor)?;
    let details = details.checked()?;
    if sql::count(tx, staff_id)? >= MOST {
        return Err(Error::new(Code::InvalidState, format!("You keep {MOST} views. Remove one first.")));
    }
    let view = View { id: actor.new_id()?, staff_id, details };
    sql::insert(tx, &view, actor.at)?;
    audit::actions::note(tx, actor, "save", "view", view.id, Some(view.details.name.clone()))?;
    Ok(view)
}

/// Removes a view: one's own, or a shared one as an owner or a manager.
///
/// # Errors
/// `not_found`; `forbidden` for a shared one of somebody else.
pub fn remove(tx: &mut dyn Tx, actor: &Actor, id: ViewId) -> Result<()> {
    let me = accounts::actions::me(tx, actor)?;
    let view = sql::find(tx, id)?
        .filter(|view| view.staff_id == me.id || view.details.shared)
        .ok_or_else(|| Error::not_found("view"))?;
    if view.staff_id != me.id && !matches!(me.role, Role::Owner | Role::Manager) {
        return Err(Error::new(Code::Forbidden, "This view is somebody else's. Ask them, or a manager."));
    }
    sql::delete(tx, id)?;
    audit::actions::note(tx, actor, "remove", "view", id, Some(view.details.name))
}
