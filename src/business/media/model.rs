//! What is known about a file.

use crate::base::id::Id;
use crate::base::time::Instant;
use crate::platform::files::Kind;
use crate::{word_column, words};

words! {
    /// Whether it was looked into what a file holds.
    pub enum Processing {
        /// Not yet.
        Pending = "pending",
        /// It was.
        Done = "done",
        /// It cannot be read.
        Failed = "failed",
    }
}
word_column!(Processing);

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
    /// Whether it was looked into.
    pub processing: Processing,
    /// Why it cannot be read, or what could not be made of it.
    pub processing_error: Option<String>,
    /// Pixels, upright.
    pub width: Option<i64>,
    /// Pixels, upright.
    pub height: Option<i64>,
    /// Milliseconds.
    pub duration_ms: Option<i64>,
    /// Smaller pictures of it, the widest first.
    pub variants: Vec<Variant>,
    /// A picture's copy without metadata, which the public sees in its place.
    pub public_copy: Option<Variant>,
}

impl Media {
    /// Whether its bytes may say more than it shows: where it was taken, and by whom.
    pub fn is_picture(&self) -> bool {
        matches!(self.kind, Kind::Poster | Kind::Image)
    }
}

/// A file that was made of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// `640.webp`; of the public copy, [`PUBLIC_COPY`].
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// Pixels.
    pub width: i64,
    /// Pixels.
    pub height: i64,
    /// Bytes.
    pub size: i64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// Names it in the store.
    pub file_key: String,
}

/// The name of the copy that the public sees; no variant that can be asked for is called so.
pub const PUBLIC_COPY: &str = "public";

/// What was found in a file and made of it.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Pixels, upright.
    pub width: Option<i64>,
    /// Pixels, upright.
    pub height: Option<i64>,
    /// Milliseconds.
    pub duration_ms: Option<i64>,
    /// How loud each part of a recording is, 0 to 100.
    pub peaks: Option<Vec<u8>>,
    /// Files that were made.
    pub variants: Vec<Variant>,
    /// Why the file cannot be read, for people.
    pub failure: Option<String>,
    /// What could not be made although it can be read, for people.
    pub remark: Option<String>,
}

/// Which files a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of one kind.
    pub kind: Option<Kind>,
    /// Whose name has this in it; case and marks make no difference.
    pub name: Option<String>,
    /// Only what nothing shows.
    pub unused: bool,
}

words! {
    /// What shows a file.
    pub enum Noun {
        /// A program.
        Program = "program",
        /// A client, as one of their files.
        Client = "client",
        /// A spoken note.
        AudioNote = "audio_note",
        /// The settings of the business.
        Settings = "settings",
    }
}
word_column!(Noun);

/// Names the id of whatever shows a file.
pub struct Shower;

/// Where a file is shown.
#[derive(Clone, Debug)]
pub struct Use {
    /// By what.
    pub noun: Noun,
    /// By which one; zeros for the settings, of which there is one.
    pub id: Id<Shower>,
    /// What that is called.
    pub title: String,
    /// As what: `poster`, `video`, `image`, `file`, `note` or `logo`.
    pub role: String,
}

impl Use {
    /// As part of a sentence.
    pub fn said(&self) -> String {
        match self.noun {
            Noun::Settings => "the logo of the business".to_owned(),
            Noun::Program => format!("the {} of the program {}", self.role, self.title),
            Noun::Client => format!("a file of the client {}", self.title),
            Noun::AudioNote => format!("a spoken note on {}", self.title),
        }
    }
}
