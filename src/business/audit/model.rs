//! What a line of the audit log says.

use crate::base::actor::StaffId;
use crate::base::id::Id;
use crate::base::time::Instant;

/// One line of the audit log.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its id; entries list in its order.
    pub id: Id<Entry>,
    /// When.
    pub at: Instant,
    /// Name of the one who acted.
    pub actor: String,
    /// Their account, if any.
    pub actor_id: Option<StaffId>,
    /// The verb: `confirm`, `cancel`, `issue`.
    pub action: String,
    /// The noun: `booking`, `invoice`.
    pub noun: String,
    /// Which one, whatever its noun.
    pub subject_id: Id<Subject>,
    /// In which request.
    pub request_id: String,
    /// What else is worth knowing.
    pub detail: Option<String>,
}

/// Names the id of whatever an entry is about.
pub struct Subject;
