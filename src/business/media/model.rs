//! What is known about a file.

use crate::base::id::Id;
use crate::base::time::Instant;
use crate::platform::files::Kind;

/// The id of a file.
pub type MediaId = Id<Media>;

/// A stored file.
#[derive(Clone, Debug)]
pub struct Media {
    /// Its id.
    pub id: MediaId,
    /// What it is for.
    pub kind: Kind,
    /// The name it came with.
    pub filename: String,
    /// What its first bytes say it is.
    pub content_type: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Names it in the store.
    pub file_key: String,
    /// Whether a published program shows it.
    pub is_public: bool,
    /// Since when.
    pub created_at: Instant,
}
