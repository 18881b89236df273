//! Doing a thing once.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::sql;
use crate::base::actor::{Actor, Who};
use crate::base::error::{Code, Error, Result};
use crate::base::time::Instant;
use crate::base::version::Retry;
use crate::platform::db::{Tx, changed_meanwhile};

/// How long an answer is kept, in minutes: two days.
const KEPT_MINUTES: i64 = 2 * 24 * 60;

/// Does `deed` and keeps its answer under the key of `retry`; with a key that is known already, gives the first
/// answer again. Failures are not kept: nothing was done, so a repetition may try.
///
/// # Errors
/// `idempotency_conflict` when the key came with another request, and what `deed` returns.
pub fn once<T, F>(tx: &mut dyn Tx, actor: &Actor, retry: Option<&Retry>, deed: F) -> Result<T>
where
    T: Serialize + DeserializeOwned,
    F: FnOnce(&mut dyn Tx) -> Result<T>,
{
    let Some(retry) = retry else { return deed(tx) };
    let owner = owner(actor);
    if let Some((fingerprint, reply)) = sql::find(tx, &owner, &retry.key)? {
        if fingerprint != retry.fingerprint {
            return Err(Error::new(
                Code::IdempotencyConflict,
                "This Idempotency-Key was used for another request. Choose a new key for a new request.",
            ));
        }
        return serde_json::from_str(&reply).map_err(Error::internal);
    }
    let answer = deed(tx)?;
    let reply = serde_json::to_string(&answer).map_err(Error::internal)?;
    match sql::insert(tx, &owner, retry, &reply, actor.at) {
        Ok(()) => Ok(answer),
        // The same request on another connection was faster: run again, and find its answer.
        Err(error) if error.code == Code::AlreadyExists => Err(changed_meanwhile()),
        Err(error) => Err(error),
    }
}

/// Forgets answers that nobody will ask for again.
///
/// # Errors
/// `database_unavailable`.
pub fn forget_old(tx: &mut dyn Tx, now: Instant) -> Result<u64> {
    sql::delete_before(tx, now.plus_minutes(-KEPT_MINUTES))
}

fn owner(actor: &Actor) -> String {
    match &actor.who {
        Who::Staff { id, .. } => format!("staff:{id}"),
        Who::Token { id } => format!("token:{id}"),
        Who::Public => "public".into(),
        Who::System => "system".into(),
    }
}
