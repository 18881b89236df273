//! A draft.

use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::clients::model::ClientId;

/// The id of a draft.
pub type DraftId = Id<Draft>;

/// An invoice that is being written.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Its id.
    pub id: DraftId,
    /// For whom, when that is known.
    pub client_id: Option<ClientId>,
    /// Their name.
    pub client_name: Option<String>,
    /// What it says so far: the form of an invoice as JSON.
    pub content: String,
    /// Minor units it comes to so far; 0 while that cannot be said.
    pub total: i64,
    /// Counts changes.
    pub version: i64,
    /// Since when.
    pub created_at: Instant,
    /// Last change.
    pub updated_at: Instant,
}

/// Largest content of a draft, in bytes: a few thousand lines. Longer invoices are issued by the API at once.
pub const LARGEST: usize = 1 << 20;
