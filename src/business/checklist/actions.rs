//! Seeing and marking the first steps.

use super::model::{Checklist, Item, Mark, Step};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::business::{audit, occurrences, programs, settings};
use crate::platform::db::{Tx, others_first};

/// The first steps, as they stand.
///
/// # Errors
/// `invalid_state` before the first run is done.
pub fn get(tx: &mut dyn Tx) -> Result<Checklist> {
    let business = settings::actions::get(tx)?.business;
    let marks = sql::marks(tx)?;
    let mut items = Vec::with_capacity(Step::ALL.len());
    for step in Step::ALL {
        let done = match step {
            Step::Program => programs::actions::any(tx)?,
            Step::Occurrence => occurrences::actions::any(tx)?,
            Step::Mail => marks.contains(&Mark::Mail),
            Step::Backup => marks.contains(&Mark::Backup),
            Step::Logo => business.invoicing.logo_id.is_some(),
            Step::Bank => business.iban.is_some() || business.invoicing.qr_iban.is_some(),
        };
        items.push(Item { step: *step, done });
    }
    Ok(Checklist { items, dismissed: marks.contains(&Mark::Dismissed) })
}

/// Says of a step that only people know about whether it is done.
///
/// # Errors
/// `invalid_state` for a step that the data tell.
pub fn mark(tx: &mut dyn Tx, actor: &Actor, step: Step, done: bool) -> Result<Checklist> {
    let mark = match step {
        Step::Mail => Mark::Mail,
        Step::Backup => Mark::Backup,
        Step::Program | Step::Occurrence | Step::Logo | Step::Bank => {
            return Err(Error::new(Code::InvalidState, "This step is done as soon as the desk has what it asks for."));
        }
    };
    set(tx, actor, mark, done)?;
    get(tx)
}

/// Hides the list for everybody.
///
/// # Errors
/// `database_unavailable`.
pub fn dismiss(tx: &mut dyn Tx, actor: &Actor) -> Result<()> {
    set(tx, actor, Mark::Dismissed, true)
}

/// Says the same twice without harm.
fn set(tx: &mut dyn Tx, actor: &Actor, mark: Mark, done: bool) -> Result<()> {
    if sql::marks(tx)?.contains(&mark) == done {
        return Ok(());
    }
    if done {
        sql::insert(tx, mark, actor.at).map_err(others_first)?;
    } else {
        sql::delete(tx, mark)?;
    }
    let action = if done { "mark" } else { "unmark" };
    // The one list has no id of its own; the audit log names it by zeros.
    audit::actions::note(tx, actor, action, "checklist", Id::<Checklist>::from_bytes([0; 16]), Some(mark.to_string()))
}
