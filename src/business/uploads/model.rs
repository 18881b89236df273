//! An upload: what it is meant for, and how long it may stay unfinished.

use std::collections::BTreeMap;

use crate::base::actor::{Access, Area, StaffId};
use crate::base::error::{Check, Error, Result};
use crate::base::id::Id;
use crate::base::text;
use crate::base::time::Instant;
use crate::business::audio_notes::actions::Subject;
use crate::business::audio_notes::model::AudioNoteId;
use crate::business::client_files::actions as client_files;
use crate::business::clients::model::ClientId;
use crate::business::media::model::MediaId;
use crate::business::programs::actions as programs;
use crate::business::programs::model::ProgramId;
use crate::platform::files::Kind;
use crate::{word_column, words};

/// The id of an upload.
pub type UploadId = Id<Upload>;

/// An unfinished upload is given up when nothing was added for so long.
pub const KEPT_HOURS: i64 = 24;

/// Unfinished uploads of one account at most; who has more does not finish what they begin.
pub const MOST_OPEN: i64 = 1000;

words! {
    /// What a file becomes once it is whole, as the database names it.
    pub enum Role {
        /// A file of its own.
        Media = "media",
        /// The poster of a program.
        Poster = "poster",
        /// A picture of a program's gallery.
        Image = "image",
        /// The film of a program.
        Video = "video",
        /// A file of a client.
        ClientFile = "client_file",
        /// A spoken note on a client.
        ClientNote = "client_note",
        /// A spoken note on a booking.
        BookingNote = "booking_note",
    }
}
word_column!(Role);

/// What a file becomes once it is whole, and whose.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// A file of its own.
    Media,
    /// Shown by a program.
    Program(ProgramId, programs::Role),
    /// A file of a client.
    Client(ClientId),
    /// A spoken note.
    Note(Subject),
}

impl Target {
    /// What somebody must be allowed to do who sends it.
    pub const fn need(self) -> (Area, Access) {
        match self {
            Self::Media => (Area::Media, Access::Write),
            Self::Program(..) => (Area::Programs, Access::Write),
            Self::Client(_) | Self::Note(_) => (Area::Clients, Access::Write),
        }
    }

    /// As the database keeps it: the role, and the id of whose it is.
    pub fn row(self) -> (Role, Option<Id<Target>>) {
        match self {
            Self::Media => (Role::Media, None),
            Self::Program(id, programs::Role::Poster) => (Role::Poster, Some(id.cast())),
            Self::Program(id, programs::Role::Image) => (Role::Image, Some(id.cast())),
            Self::Program(id, programs::Role::Video) => (Role::Video, Some(id.cast())),
            Self::Client(id) => (Role::ClientFile, Some(id.cast())),
            Self::Note(Subject::Client(id)) => (Role::ClientNote, Some(id.cast())),
            Self::Note(Subject::Booking(id)) => (Role::BookingNote, Some(id.cast())),
        }
    }

    /// From what the database keeps.
    ///
    /// # Errors
    /// `internal` for a role whose id is missing.
    pub fn of_row(role: Role, subject: Option<Id<Target>>) -> Result<Self> {
        let lost = || Error::internal("an upload names nobody");
        Ok(match role {
            Role::Media => Self::Media,
            Role::Poster => Self::Program(subject.ok_or_else(lost)?.cast(), programs::Role::Poster),
            Role::Image => Self::Program(subject.ok_or_else(lost)?.cast(), programs::Role::Image),
            Role::Video => Self::Program(subject.ok_or_else(lost)?.cast(), programs::Role::Video),
            Role::ClientFile => Self::Client(subject.ok_or_else(lost)?.cast()),
            Role::ClientNote => Self::Note(Subject::Client(subject.ok_or_else(lost)?.cast())),
            Role::BookingNote => Self::Note(Subject::Booking(subject.ok_or_else(lost)?.cast())),
        })
    }
}

/// What a client says of a file before its bytes.
#[derive(Clone, Debug)]
pub struct Intent {
    /// Decides types and limits.
    pub kind: Kind,
    /// The name it had at the client.
    pub filename: String,
    /// What it is meant for.
    pub target: Target,
    /// The title of a spoken note.
    pub title: Option<String>,
}

impl Intent {
    /// From the pairs of `Upload-Metadata`: `kind`, `filename`, `title`, and `program_id`, `client_id` or `booking_id`
    /// with `role` (`poster`, `image`, `video`, `audio_note`, `file`). The role says the kind, when that is left out.
    ///
    /// # Errors
    /// `invalid_field` naming each wrong one.
    pub fn of(said: &BTreeMap<String, String>) -> Result<Self> {
        let mut check = Check::new();
        let text = |name: &str| said.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
        let role = text("role");
        let target = match (text("program_id"), text("client_id"), text("booking_id")) {
            (None, None, None) => Some(Target::Media),
            (Some(id), None, None) => {
                let role = match role.or_else(|| text("kind")) {
                    Some("poster") => Some(programs::Role::Poster),
                    Some("image") => Some(programs::Role::Image),
                    Some("video") => Some(programs::Role::Video),
                    _ => None,
                };
                check.that(role.is_some(), "role", "must be poster, image or video for a program");
                let id = id.parse().map_err(|_| Error::field("program_id", "is not an id"));
                check.take("program_id", id).zip(role).map(|(id, role)| Target::Program(id, role))
            }
            (None, Some(id), None) => {
                let id = id.parse().map_err(|_| Error::field("client_id", "is not an id"));
                check.take("client_id", id).map(|id| match role {
                    Some("file") => Target::Client(id),
                    _ => Target::Note(Subject::Client(id)),
                })
            }
            (None, None, Some(id)) => {
                let id = id.parse().map_err(|_| Error::field("booking_id", "is not an id"));
                check.take("booking_id", id).map(|id| Target::Note(Subject::Booking(id)))
            }
            _ => {
                check.that(false, "role", "must belong to one program, one client or one booking");
                None
            }
        };
        if let Some(Target::Note(_)) = target {
            check.that(
                matches!(role, None | Some("audio_note")),
                "role",
                "must be audio_note here, or file for a client",
            );
        }
        let wanted = match target {
            Some(Target::Program(_, programs::Role::Poster)) => Some(Kind::Poster),
            Some(Target::Program(_, programs::Role::Image)) => Some(Kind::Image),
            Some(Target::Program(_, programs::Role::Video)) => Some(Kind::Video),
            Some(Target::Note(_)) => Some(Kind::Audio),
            Some(Target::Media | Target::Client(_)) | None => None,
        };
        let kind = text("kind").map(str::parse::<Kind>);
        let kind = match (kind, wanted) {
            (Some(Ok(kind)), Some(wanted)) if kind != wanted => {
                check.that(false, "kind", "is not what this role takes");
                None
            }
            (Some(Ok(kind)), _) | (None, Some(kind)) => Some(kind),
            (Some(Err(_)) | None, _) => {
                check.that(false, "kind", "must be poster, image, video, audio or document");
                None
            }
        };
        if let (Some(Target::Client(_)), Some(kind)) = (target, kind) {
            check.that(client_files::takes(kind), "kind", "must be image, video, audio or document for a client");
        }
        let title = check.take("title", text::optional_line("title", text("title"), 120)).flatten();
        check.done()?;
        let filename = text::file_name(text("filename").unwrap_or("file"));
        match kind.zip(target) {
            Some((kind, target)) => Ok(Self { kind, filename, target, title }),
            None => Err(Error::field("kind", "must be said")),
        }
    }
}

/// A file that arrives in pieces.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// Whose it is; nobody else sees it.
    pub owner: Option<StaffId>,
    /// What was said of it.
    pub intent: Intent,
    /// Bytes of the whole; none while the client does not know yet.
    pub size: Option<u64>,
    /// Bytes at most, as the settings were when it was begun.
    pub limit: u64,
    /// Names it in the store, unfinished and whole.
    pub file_key: String,
    /// The file it has become.
    pub media_id: Option<MediaId>,
    /// The note it has become.
    pub note_id: Option<AudioNoteId>,
    /// It is given up then.
    pub expires_at: Instant,
    /// Since when.
    pub created_at: Instant,
}

/// When an upload ends to which something was added at `at`.
pub fn expiry(at: Instant) -> Instant {
    at.plus_minutes(KEPT_HOURS * 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent(pairs: &[(&str, &str)]) -> Result<Intent> {
        Intent::of(&pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    const ID: &str = "0190f1c2-7b3a-7cc0-8000-000000000001";

    #[test]
    fn a_role_says_the_kind_and_a_kind_the_role() {
        let by_role = intent(&[("program_id", ID), ("role", "poster"), ("filename", "C:\\a\\b.png")]).expect("good");
        assert_eq!((by_role.kind, by_role.filename.as_str()), (Kind::Poster, "b.png"));
        assert_eq!(by_role.target.row().0, Role::Poster);
        let by_kind = intent(&[("program_id", ID), ("kind", "video")]).expect("good");
        assert_eq!(by_kind.target.row().0, Role::Video);
        assert_eq!(intent(&[("client_id", ID)]).expect("good").kind, Kind::Audio);
        let file = intent(&[("client_id", ID), ("role", "file"), ("kind", "document")]).expect("good");
        assert_eq!((file.kind, file.target.row().0), (Kind::Document, Role::ClientFile));
        assert_eq!(intent(&[("kind", "document")]).expect("good").target.row().0, Role::Media);
    }

    #[test]
    fn what_does_not_fit_together_is_named() {
        let field = |pairs: &[(&str, &str)]| intent(pairs).expect_err("wrong").fields[0].field.clone();
        assert_eq!(field(&[]), "kind");
        assert_eq!(field(&[("kind", "svg")]), "kind");
        assert_eq!(field(&[("program_id", "x"), ("role", "poster")]), "program_id");
        assert_eq!(field(&[("program_id", ID), ("role", "audio_note")]), "role");
        assert_eq!(field(&[("client_id", ID), ("kind", "video")]), "kind");
        assert_eq!(field(&[("client_id", ID), ("program_id", ID)]), "role");
        assert_eq!(field(&[("client_id", ID), ("role", "file"), ("kind", "poster")]), "kind");
        assert_eq!(field(&[("client_id", ID), ("role", "file")]), "kind");
        assert_eq!(field(&[("booking_id", ID), ("role", "file")]), "role");
    }

    #[test]
    fn a_target_reads_what_it_writes() {
        for role in Role::ALL {
            let target = Target::of_row(*role, Some(ID.parse().expect("an id"))).expect("good");
            assert_eq!(target.row().0, *role);
        }
        assert!(Target::of_row(Role::Poster, None).is_err());
    }
}
