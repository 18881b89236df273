//! That something was changed: what those hear who look at it at that moment.

use crate::base::actor::StaffId;
use crate::base::id::Id;

/// One deed, without its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What kind of thing: `booking`, `invoice`.
    pub noun: String,
    /// Which one.
    pub id: Id<Change>,
    /// The verb: `confirm`, `cancel`.
    pub action: String,
    /// The account that acted, if any.
    pub actor_id: Option<StaffId>,
    /// In which request.
    pub request_id: String,
}
