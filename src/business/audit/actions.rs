//! Writing and reading the audit log.

use super::model::{Entry, Subject};
use super::sql;
use crate::base::actor::Actor;
use crate::base::change::Change;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::{Page, Paging};
use crate::platform::db::Tx;

/// Notes that `actor` did `action` to the `noun` called `subject`; who listens hears of it after the commit.
///
/// # Errors
/// `database_unavailable`.
pub fn note<N>(
    tx: &mut dyn Tx,
    actor: &Actor,
    action: &str,
    noun: &str,
    subject: Id<N>,
    detail: Option<String>,
) -> Result<()> {
    let entry = Entry {
        id: actor.new_id()?,
        at: actor.at,
        actor: actor.name.clone(),
        actor_id: actor.staff_id(),
        action: action.to_owned(),
        noun: noun.to_owned(),
        subject_id: subject.cast(),
        request_id: actor.request_id.clone(),
        detail,
    };
    sql::insert(tx, &entry)?;
    tell(tx, actor, action, noun, subject);
    Ok(())
}

/// Says it to those who listen, after the commit, and keeps no line of it: for what is saved at each pause of typing.
pub fn tell<N>(tx: &mut dyn Tx, actor: &Actor, action: &str, noun: &str, subject: Id<N>) {
    tx.tell(Change {
        noun: noun.to_owned(),
        id: subject.cast(),
        action: action.to_owned(),
        actor_id: actor.staff_id(),
        request_id: actor.request_id.clone(),
    });
}

/// The newest entries first; of one subject, when it is named.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn page(tx: &mut dyn Tx, subject: Option<Id<Subject>>, paging: &Paging) -> Result<Page<Entry>> {
    let after = paging.after_id("audit")?;
    let rows = match subject {
        Some(subject) => sql::page_of_subject(tx, subject, after, paging.limit.probe())?,
        None => sql::page(tx, after, paging.limit.probe())?,
    };
    Ok(Page::by_id(rows, paging.limit, "audit", |last| last.id))
}

/// Most entries that [`newest_of`] gives.
const NEWEST: i64 = 200;

/// The newest entries of several subjects together, newest first; 200 at most.
///
/// # Errors
/// `database_unavailable`.
pub fn newest_of(tx: &mut dyn Tx, subjects: &[Id<Subject>]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for subject in subjects {
        entries.extend(sql::page_of_subject(tx, *subject, None, NEWEST)?);
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    entries.truncate(usize::try_from(NEWEST).unwrap_or(0));
    Ok(entries)
}
