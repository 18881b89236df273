//! `/clients/{id}/audio-notes`, `/bookings/{id}/audio-notes`, `/audio-notes`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Subject};
use super::model::{AudioNote, AudioNoteId};
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::Result;
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::bookings::model::BookingId;
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::media::api::{keep_or_remove, receive_one, seconds};
use crate::business::media::model::Processing;
use crate::business::settings;
use crate::platform::db::Tx;
use crate::platform::files::Kind;
use crate::platform::http::{Call, Created, Json, List, NoContent, Patch, Tagged, Upload};

/// A spoken note.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "AudioNote")]
struct AudioNoteView {
    id: AudioNoteId,
    client_id: ClientId,
    booking_id: Option<BookingId>,
    title: Option<String>,
    recorded_by: String,
    filename: String,
    content_type: String,
    /// Bytes.
    size: i64,
    /// Where its sound is, with ranges.
    content_url: String,
    /// Null until it was listened to.
    duration_seconds: Option<f64>,
    /// How loud each part of equal length gets, 0 to 100, at most 800 parts; null until it was listened to.
    waveform: Option<Vec<u8>>,
    /// Whether it was listened to.
    processing: Processing,
    /// Why nothing can be heard.
    processing_error: Option<String>,
    created_at: Instant,
    version: i64,
}

impl From<AudioNote> for AudioNoteView {
    fn from(note: AudioNote) -> Self {
        Self {
            id: note.id,
            client_id: note.client_id,
            booking_id: note.booking_id,
            title: note.title,
            recorded_by: note.recorded_by,
            content_url: format!("/api/v1/media/{}/content", note.media.id),
            duration_seconds: note.media.duration_ms.map(seconds),
            waveform: note.peaks,
            processing: note.media.processing,
            processing_error: note.media.processing_error,
            filename: note.media.filename,
            content_type: note.media.content_type,
            size: note.media.size,
            created_at: note.created_at,
            version: note.version,
        }
    }
}

/// What can be changed of a note.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct AudioNoteInput {
    title: Option<String>,
}

const READ: (Area, Access) = (Area::Clients, Access::Read);
const WRITE: (Area, Access) = (Area::Clients, Access::Write);

/// The handlers.
pub struct Api {
    desk: Desk,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn receive(
        &self,
        call: &Call,
        subject: Subject,
        title: Option<String>,
        upload: Upload,
    ) -> Result<Created<AudioNoteView>> {
        let look = move |tx: &mut dyn Tx, _: &Actor| {
            actions::client_of(tx, subject)?;
            settings::actions::upload_limits(tx)
        };
        let limits = self.desk.read(call, WRITE, look).await?;
        let (filename, stored) = receive_one(&self.desk, Kind::Audio, &limits, upload).await?;
        let key = stored.key.clone();
        let recorded = self
            .desk
            .write(call, WRITE, move |tx, actor| {
                actions::record(tx, actor, subject, title.as_deref(), &filename, &stored)
            })
            .await;
        let note = keep_or_remove(&self.desk, &key, recorded).await?;
        Ok(Created::at(&format!("/api/v1/audio-notes/{}", note.id), note.into()).tagged(1))
    }
}

#[OpenApi]
impl Api {
    /// Notes on a client, newest first
    #[oai(path = "/clients/:id/audio-notes", method = "get", operation_id = "list_audio_notes")]
    async fn list(
        &self,
        call: Call,
        id: Path<ClientId>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<AudioNoteView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self.desk.read(&call, READ, move |tx, _| actions::page(tx, id.0, &paging)).await?;
        Ok(Json(List::of(page, AudioNoteView::from)))
    }

    /// Record a note on a client
    #[oai(path = "/clients/:id/audio-notes", method = "post", operation_id = "record_audio_note")]
    async fn record(
        &self,
        call: Call,
        id: Path<ClientId>,
        title: Query<Option<String>>,
        upload: Upload,
    ) -> Result<Created<AudioNoteView>> {
        self.receive(&call, Subject::Client(id.0), title.0, upload).await
    }

    /// Record a note on a booking
    #[oai(path = "/bookings/:id/audio-notes", method = "post", operation_id = "record_booking_audio_note")]
    async fn record_on_booking(
        &self,
        call: Call,
        id: Path<BookingId>,
        title: Query<Option<String>>,
        upload: Upload,
    ) -> Result<Created<AudioNoteView>> {
        self.receive(&call, Subject::Booking(id.0), title.0, upload).await
    }

    /// One note
    #[oai(path = "/audio-notes/:id", method = "get", operation_id = "get_audio_note")]
    async fn get(&self, call: Call, id: Path<AudioNoteId>) -> Result<Tagged<AudioNoteView>> {
        let note = self.desk.read(&call, READ, move |tx, _| actions::get(tx, id.0)).await?;
        Ok(Tagged::new(note.version, note.into()))
    }

    /// Give a note another title
    #[oai(path = "/audio-notes/:id", method = "patch", operation_id = "change_audio_note")]
    async fn change(
        &self,
        call: Call,
        id: Path<AudioNoteId>,
        patch: Patch<AudioNoteInput>,
    ) -> Result<Tagged<AudioNoteView>> {
        let expected = call.expected.clone();
        let note = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let form = patch.apply(&AudioNoteInput { title: actions::get(tx, id.0)?.title })?;
                actions::rename(tx, actor, id.0, &expected, form.title.as_deref())
            })
            .await?;
        Ok(Tagged::new(note.version, note.into()))
    }

    /// Remove a note and its sound
    #[oai(path = "/audio-notes/:id", method = "delete", operation_id = "delete_audio_note")]
    async fn delete(&self, call: Call, id: Path<AudioNoteId>) -> Result<NoContent> {
        let expected = call.expected.clone();
        self.desk.write(&call, WRITE, move |tx, actor| actions::delete(tx, actor, id.0, &expected)).await?;
        Ok(NoContent::default())
    }
}
