//! A spoken note.

use crate::base::id::Id;
use crate::base::time::Instant;
use crate::business::bookings::model::BookingId;
use crate::business::clients::model::ClientId;
use crate::business::media::model::Media;

/// The id of a note.
pub type AudioNoteId = Id<AudioNote>;

/// A spoken note.
#[derive(Clone, Debug)]
pub struct AudioNote {
    /// Its id.
    pub id: AudioNoteId,
    /// On whom.
    pub client_id: ClientId,
    /// On which booking.
    pub booking_id: Option<BookingId>,
    /// What it is called.
    pub title: Option<String>,
    /// Who spoke.
    pub recorded_by: String,
    /// Its sound.
    pub media: Media,
    /// How loud each part of it is, 0 to 100; none until it was listened to.
    pub peaks: Option<Vec<u8>>,
    /// Counts changes.
    pub version: i64,
    /// When.
    pub created_at: Instant,
}
