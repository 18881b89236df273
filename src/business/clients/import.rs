//! Many clients at once, from a file that the browser has taken apart.

use std::collections::HashMap;

use super::actions::{change, create};
use super::model::{ClientId, Details, Imported, OnDuplicate, Outcome};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::{Code, Error, Result};
use crate::base::version::Expected;
use crate::platform::db::Tx;

/// Rows of one call at most.
pub const MOST_ROWS: usize = 200;

/// Takes rows in, or says what would become of them. A row that is wrong stands in nobody's way. Who has the e-mail of
/// a client, or of an earlier row, is a duplicate.
///
/// # Errors
/// `invalid_field` naming `rows` when there are none or too many.
pub fn import(
    tx: &mut dyn Tx,
    actor: &Actor,
    rows: Vec<Details>,
    on_duplicate: OnDuplicate,
    dry_run: bool,
) -> Result<Vec<Imported>> {
    if rows.is_empty() || rows.len() > MOST_ROWS {
        return Err(Error::field("rows", "must be 1 to 200"));
    }
    // What is known by now behind each address; without an id what only would be there.
    let mut seen: HashMap<String, (Option<ClientId>, Details)> = HashMap::new();
    let mut report = Vec::with_capacity(rows.len());
    for (row, details) in rows.into_iter().enumerate() {
        let outcome = take(tx, actor, details, on_duplicate, dry_run, &mut seen);
        report.push(match outcome {
            Ok((outcome, client_id)) => Imported { row, outcome, client_id, errors: Vec::new() },
            Err(error) if error.code == Code::InvalidField => {
                Imported { row, outcome: Outcome::Wrong, client_id: None, errors: error.fields }
            }
            Err(error) => return Err(error),
        });
    }
    Ok(report)
}

fn take(
    tx: &mut dyn Tx,
    actor: &Actor,
    details: Details,
    on_duplicate: OnDuplicate,
    dry_run: bool,
    seen: &mut HashMap<String, (Option<ClientId>, Details)>,
) -> Result<(Outcome, Option<ClientId>)> {
    let details = details.checked()?;
    let known = match &details.email {
        Some(email) if on_duplicate != OnDuplicate::Create => match seen.get(email) {
            Some(known) => Some(known.clone()),
            None => sql::find_by_email(tx, email)?.map(|client| (Some(client.id), client.details)),
        },
        _ => None,
    };
    let email = details.email.clone();
    let (outcome, id, details) = match (known, on_duplicate) {
        (Some((id, known)), OnDuplicate::Skip) => (Outcome::Skipped, id, known),
        (Some((id, known)), _) => {
            let merged = known.corrected_by(details).checked()?;
            if let (Some(id), false) = (id, dry_run) {
                change(tx, actor, id, &Expected::Anything, merged.clone())?;
            }
            (Outcome::Updated, id, merged)
        }
        (None, _) => {
            let id = match dry_run {
                true => None,
                false => Some(create(tx, actor, details.clone())?.id),
            };
            (Outcome::Created, id, details)
        }
    };
    if let Some(email) = email {
        seen.insert(email, (id, details));
    }
    Ok((outcome, id))
}
