//! Clients who are one: who may be, and making them so.

use super::actions::get;
use super::model::{Client, ClientId, Group, Likeness, MOST_SHOWN};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::page::{Cursor, Page, Paging};
use crate::base::version::Expected;
use crate::business::audit;
use crate::platform::db::{Tx, changed_meanwhile};

/// What belongs to the first client belongs to the second from now on, in the rooms below this one and in the same
/// transaction; registered by the wiring.
pub type Follow = fn(&mut dyn Tx, &Actor, ClientId, ClientId) -> Result<()>;

/// Clients merged at once at most.
const MOST: usize = 50;

/// Makes others one with a client, for good. What the client lacks is taken over from them, tags are united, written
/// notes joined. Issued documents keep the client they were issued to, and are found by the one that stays.
///
/// # Errors
/// `not_found`, `precondition_failed`; `invalid_field` when others are none, too many, the client itself, or have more
/// tags or notes than one client can have; `invalid_state` when one was merged before.
pub fn merge(
    tx: &mut dyn Tx,
    actor: &Actor,
    id: ClientId,
    expected: &Expected,
    others: &[ClientId],
    follow: Follow,
) -> Result<Client> {
    let current = get(tx, id)?;
    expected.check(current.version)?;
    if others.is_empty() || others.len() > MOST {
        return Err(Error::field("other_ids", "must be 1 to 50"));
    }
    let mut details = current.details.clone();
    let mut names = Vec::with_capacity(others.len());
    for (place, other) in others.iter().enumerate() {
        if *other == current.id || others.iter().take(place).any(|before| before == other) {
            let message = "must be another client, each once";
            return Err(Error::field(format!("other_ids[{place}]"), message));
        }
        let taken = sql::find(tx, *other)?.ok_or_else(|| Error::not_found("client"))?;
        if sql::merged_into(tx, *other)?.is_some() {
            let detail = format!("{} was merged already. Load the list again.", taken.details.name);
            return Err(Error::new(Code::InvalidState, detail));
        }
        names.push(taken.details.name.clone());
        details = details.completed_by(taken.details);
        if sql::hide(tx, *other, current.id, actor.at)? == 0 {
            return Err(changed_meanwhile());
        }
        sql::lead_on(tx, *other, current.id)?;
        follow(tx, actor, *other, current.id)?;
        audit::actions::note(tx, actor, "merge_into", "client", *other, Some(current.details.name.clone()))?;
    }
    let details = details.checked().map_err(|error| Error::field("other_ids", error.detail.into_owned()))?;
    if sql::update(tx, current.id, &details, current.version, actor.at)? == 0 {
        return Err(changed_meanwhile());
    }
    // A note has 190 characters at most wherever it is shown.
    let said: String = names.join(", ").chars().take(190).collect();
    audit::actions::note(tx, actor, "merge", "client", current.id, Some(said))?;
    get(tx, current.id)
}

/// Clients who may be one, in groups: of the same e-mail, telephone number, name.
///
/// # Errors
/// `bad_request` for a cursor of another list.
pub fn duplicates(tx: &mut dyn Tx, paging: &Paging) -> Result<Page<Group>> {
    let (first, mut after) = match &paging.after {
        None => (Likeness::Email, String::new()),
        Some(cursor) => {
            let [likeness, value] = cursor.keys("clients.duplicates")?;
            let bad = |_| Error::new(Code::BadRequest, "The cursor is damaged.");
            (likeness.parse().map_err(bad)?, value.to_owned())
        }
    };
    let mut found: Vec<(Likeness, String)> = Vec::new();
    for likeness in Likeness::ALL.iter().copied().filter(|likeness| *likeness >= first) {
        let left = paging.limit.probe() - i64::try_from(found.len()).unwrap_or(i64::MAX);
        if left <= 0 {
            break;
        }
        found.extend(sql::shared(tx, likeness, &after, left)?.into_iter().map(|value| (likeness, value)));
        after.clear();
    }
    let page = Page::cut(found, paging.limit, |(likeness, value)| {
        Cursor::new("clients.duplicates", &[likeness.as_str(), value])
    });
    let mut items = Vec::with_capacity(page.items.len());
    for (likeness, value) in page.items {
        let clients = sql::sharing(tx, likeness, &value, MOST_SHOWN)?;
        items.push(Group { likeness, value, clients });
    }
    Ok(Page { items, next: page.next })
}
