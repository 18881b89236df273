//! Making and opening links.

use super::model::{self, Purpose};
use super::sql;
use crate::base::actor::Actor;
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::text;
use crate::base::time::Instant;
use crate::platform::db::{Tx, others_first};

/// The one key there is, until keys are changed in turns.
const NAME: &str = "links";

/// A link to `id` that ends at `until`.
///
/// # Errors
/// `internal` when the system has no randomness for the first key.
pub fn make<N>(tx: &mut dyn Tx, actor: &Actor, purpose: Purpose, id: Id<N>, until: Instant) -> Result<String> {
    let key = match sql::key(tx, NAME)? {
        Some(key) => key,
        None => {
            let key = text::random()?;
            sql::insert_key(tx, NAME, &key, actor.at).map_err(others_first)?;
            key
        }
    };
    model::seal(&key, purpose, id, until)
}

/// What a link opens.
///
/// # Errors
/// `not_found` for a link that was never made, was changed, or has ended.
pub fn open<N>(tx: &mut dyn Tx, purpose: Purpose, link: &str, now: Instant) -> Result<Id<N>> {
    let key = sql::key(tx, NAME)?.ok_or_else(model::unknown)?;
    model::open(&key, purpose, link, now)
}
