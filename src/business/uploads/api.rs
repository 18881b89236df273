//! `/uploads`: tus 1.0.0 with creation, creation-with-upload, creation-defer-length, termination, checksum and
//! expiration.

use std::time::{Duration, UNIX_EPOCH};

use poem_openapi::param::{Header, Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Intent, Role, Upload, UploadId};
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::page::{Page, Paging};
use crate::base::time::Instant;
use crate::business::audio_notes::model::AudioNoteId;
use crate::business::desk::Desk;
use crate::business::media::model::MediaId;
use crate::business::settings;
use crate::platform::db::Tx;
use crate::platform::files::{Checksum, Kind, Piece, fits};
use crate::platform::http::{
    Call, Frames, Json, List, Octets, OpenCall, TusReply, metadata, piece_checksum, speaks_tus,
};
use crate::wire_words;

wire_words!(Role);

/// An unfinished upload.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Upload")]
struct UploadView {
    id: UploadId,
    kind: Kind,
    filename: String,
    /// What it becomes.
    role: Role,
    /// The program, client or booking it becomes part of.
    subject_id: Option<Id<super::model::Target>>,
    title: Option<String>,
    /// Bytes that are there.
    offset: u64,
    /// Bytes of the whole; null while they are not known.
    size: Option<u64>,
    /// Where it goes on.
    url: String,
    /// It is given up then.
    expires_at: Instant,
    created_at: Instant,
}

fn url(id: UploadId) -> String {
    format!("/api/v1/uploads/{id}")
}

fn view(upload: Upload, offset: u64) -> UploadView {
    let (role, subject_id) = upload.intent.target.row();
    UploadView {
        id: upload.id,
        kind: upload.intent.kind,
        filename: upload.intent.filename,
        role,
        subject_id,
        title: upload.intent.title,
        offset,
        size: upload.size,
        url: url(upload.id),
        expires_at: upload.expires_at,
        created_at: upload.created_at,
    }
}

/// What anybody who is signed in may ask for: their own uploads. What each needs is asked where it is found.
const OWN: (Area, Access) = (Area::Media, Access::Read);

/// The handlers.
pub struct Api {
    desk: Desk,
}

/// What became of the bytes that a request brought.
struct Came {
    offset: u64,
    expires_at: Instant,
    finished: Option<(MediaId, Option<AudioNoteId>)>,
}

impl Came {
    fn on(&self, reply: TusReply) -> TusReply {
        let at = UNIX_EPOCH + Duration::from_secs(u64::try_from(self.expires_at.seconds()).unwrap_or(0));
        let reply = reply.with("upload-offset", &self.offset).with("upload-expires", &httpdate::fmt_http_date(at));
        match self.finished {
            None => reply,
            Some((media, None)) => reply.with("media-id", &media),
            Some((media, Some(note))) => reply.with("media-id", &media).with("audio-note-id", &note),
        }
    }
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn find(&self, call: &Call, id: UploadId) -> Result<Upload> {
        self.desk.read(call, OWN, move |tx, actor| actions::get(tx, actor, id)).await
    }

    /// Appends a piece, and makes the file what it was meant for when it is whole by that.
    async fn append(
        &self,
        call: &Call,
        upload: Upload,
        (offset, checksum): (u64, Option<Checksum>),
        (size, frames): (Option<u64>, Frames),
    ) -> Result<Came> {
        let most = upload.size.unwrap_or(upload.limit);
        if size.is_some_and(|size| offset.saturating_add(size) > most) {
            return Err(Error::new(
                Code::TooLarge,
                format!("The piece reaches beyond the {most} bytes of the upload."),
            ));
        }
        let kind = upload.intent.kind;
        let piece = Piece { kind, limit: upload.limit, total: upload.size, offset, checksum };
        // A task of its own: when the connection ends, what has come is still written and synced.
        let (files, key) = (self.desk.files.clone(), upload.file_key.clone());
        let appended = tokio::spawn(async move { files.append(&key, piece, frames).await });
        let appended = appended.await.map_err(Error::internal)??;
        if let Err(error) = appended.outcome {
            // These stay wrong however often they are sent.
            if matches!(error.code, Code::TooLarge | Code::UnsupportedMediaType) {
                self.give_up(&upload).await?;
            }
            return Err(error);
        }
        let mut came = Came { offset: appended.offset, expires_at: upload.expires_at, finished: None };
        if upload.size == Some(appended.offset) {
            came.finished = Some(self.finish(call, &upload).await?);
        } else if actions::wants_extending(&upload, self.desk.clock.now()) {
            let extend = move |tx: &mut dyn Tx, actor: &Actor| actions::extend(tx, &upload, actor.at);
            came.expires_at = self.desk.write(call, OWN, extend).await?;
        }
        Ok(came)
    }

    /// Makes of a whole file what it was meant for. Asked again, also after a crash in the middle, it answers the
    /// same.
    async fn finish(&self, call: &Call, upload: &Upload) -> Result<(MediaId, Option<AudioNoteId>)> {
        if let Some(media) = upload.media_id {
            return Ok((media, upload.note_id));
        }
        let stored = match self.desk.files.finish_resumable(&upload.file_key, upload.intent.kind).await {
            Ok(stored) => stored,
            Err(error) => {
                if error.code == Code::UnsupportedMediaType {
                    self.give_up(upload).await?;
                }
                return Err(error);
            }
        };
        let id = upload.id;
        let done = self.desk.write(call, OWN, move |tx, actor| actions::finish(tx, actor, id, &stored)).await?;
        let media = done.media_id.ok_or_else(|| Error::internal("a finished upload has no file"))?;
        Ok((media, done.note_id))
    }

    async fn give_up(&self, upload: &Upload) -> Result<()> {
        let id = upload.id;
        self.desk.db.write(move |tx| actions::forget(tx, id)).await?;
        self.desk.files.discard_resumable(&upload.file_key).await
    }
}

#[OpenApi(prefix_path = "/uploads")]
impl Api {
    /// What this server can do with uploads
    #[oai(path = "/", method = "options", operation_id = "get_upload_abilities", transform = "speaks_tus")]
    async fn abilities(&self, _call: OpenCall) -> Result<TusReply> {
        let limits = self.desk.db.read(settings::actions::upload_limits).await?;
        Ok(TusReply::abilities(Kind::ALL.iter().map(|kind| limits.of(*kind)).max().unwrap_or(0)))
    }

    /// Your unfinished uploads, newest first
    #[oai(path = "/", method = "get", operation_id = "list_uploads")]
    async fn list(
        &self,
        call: Call,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<UploadView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self.desk.read(&call, OWN, move |tx, actor| actions::page(tx, actor, &paging)).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for upload in page.items {
            let offset = self.desk.files.resumable_length(&upload.file_key).await?;
            let offset = offset.or(upload.size).unwrap_or(0);
            items.push(view(upload, offset));
        }
        Ok(Json(List::of(Page { items, next: page.next }, |view| view)))
    }

    /// Begin an upload, with its first bytes or without
    ///
    /// `Upload-Metadata` carries `filename`, `kind`, and `program_id`, `client_id` or `booking_id` with `role`
    /// (`poster`, `image`, `video`, `audio_note`, `file` of a client) when the file belongs somewhere, and a note's `title`.
    #[oai(path = "/", method = "post", operation_id = "begin_upload", transform = "speaks_tus")]
    async fn begin(
        &self,
        call: Call,
        #[oai(name = "Upload-Length")] length: Header<Option<u64>>,
        #[oai(name = "Upload-Defer-Length")] defer: Header<Option<u64>>,
        #[oai(name = "Upload-Metadata")] said: Header<Option<String>>,
        #[oai(name = "Upload-Checksum")] checksum: Header<Option<String>>,
        octets: Octets,
    ) -> Result<TusReply> {
        let size = match (length.0, defer.0) {
            (Some(size), None) => Some(size),
            (None, Some(1)) => None,
            _ => {
                let detail = "Send Upload-Length, or Upload-Defer-Length: 1 when it is not known yet.";
                return Err(Error::new(Code::BadRequest, detail));
            }
        };
        let checksum = piece_checksum(checksum.0.as_deref())?;
        let intent = Intent::of(&metadata(said.0.as_deref().unwrap_or_default())?)?;
        let (need, asked) = (intent.target.need(), intent.clone());
        let limit = self.desk.read(&call, need, move |tx, actor| actions::admit(tx, actor, &asked)).await?;
        fits(intent.kind, size.unwrap_or(0), limit)?;
        let key = self.desk.files.begin_resumable(size).await?;
        let name = key.clone();
        let begun = self
            .desk
            .write(&call, need, move |tx, actor| actions::begin(tx, actor, &intent, (size, limit), &name))
            .await;
        let upload = match begun {
            Ok(upload) => upload,
            Err(error) => {
                self.desk.files.discard_resumable(&key).await?;
                return Err(error);
            }
        };
        let reply = TusReply::created(&url(upload.id));
        let came = match octets.optional() {
            Some(octets) => self.append(&call, upload, (0, checksum), octets).await?,
            None if size == Some(0) => {
                Came { offset: 0, expires_at: upload.expires_at, finished: Some(self.finish(&call, &upload).await?) }
            }
            None => Came { offset: 0, expires_at: upload.expires_at, finished: None },
        };
        Ok(came.on(reply))
    }

    /// How far an upload has come
    #[oai(path = "/:id", method = "head", operation_id = "head_upload", transform = "speaks_tus")]
    async fn offset(&self, call: Call, id: Path<UploadId>) -> Result<TusReply> {
        let upload = self.find(&call, id.0).await?;
        let mut came = Came { offset: 0, expires_at: upload.expires_at, finished: None };
        // A client that missed the last reply asks here, and takes a full length for the end: so it must be one.
        came.offset = match upload.media_id {
            Some(_) => upload.size.unwrap_or(0),
            None => self.desk.files.resumable_size(&upload.file_key).await?.or(upload.size).unwrap_or(0),
        };
        if upload.size == Some(came.offset) {
            came.finished = Some(self.finish(&call, &upload).await?);
        }
        let reply = match upload.size {
            Some(size) => TusReply::known().with("upload-length", &size),
            None => TusReply::known().with("upload-defer-length", &1),
        };
        Ok(came.on(reply.with("upload-metadata", &said_of(&upload.intent))))
    }

    /// Add the bytes that come next
    ///
    /// 409 `offset_mismatch` when they begin elsewhere, 423 `locked` while another request writes, 460
    /// `checksum_mismatch`, 410 `gone` after a day without an addition.
    #[oai(path = "/:id", method = "patch", operation_id = "continue_upload", transform = "speaks_tus")]
    async fn add(
        &self,
        call: Call,
        id: Path<UploadId>,
        #[oai(name = "Upload-Offset")] offset: Header<Option<u64>>,
        #[oai(name = "Upload-Length")] length: Header<Option<u64>>,
        #[oai(name = "Upload-Checksum")] checksum: Header<Option<String>>,
        octets: Octets,
    ) -> Result<TusReply> {
        let octets = octets.required()?;
        let Some(offset) = offset.0 else {
            return Err(Error::new(Code::BadRequest, "Say by Upload-Offset where the bytes begin."));
        };
        let checksum = piece_checksum(checksum.0.as_deref())?;
        let mut upload = self.find(&call, id.0).await?;
        if let Some(size) = length.0 {
            let id = id.0;
            upload = self.desk.write(&call, OWN, move |tx, actor| actions::declare(tx, actor, id, size)).await?;
        }
        if upload.media_id.is_some() {
            if upload.size != Some(offset) {
                return Err(Error::new(Code::OffsetMismatch, "This upload is whole. There is nothing to add."));
            }
            let finished = upload.media_id.map(|media| (media, upload.note_id));
            return Ok(Came { offset, expires_at: upload.expires_at, finished }.on(TusReply::done()));
        }
        let came = self.append(&call, upload, (offset, checksum), octets).await?;
        Ok(came.on(TusReply::done()))
    }

    /// Give an upload up; what has come of it is removed
    #[oai(path = "/:id", method = "delete", operation_id = "end_upload", transform = "speaks_tus")]
    async fn end(&self, call: Call, id: Path<UploadId>) -> Result<TusReply> {
        let upload = self.find(&call, id.0).await?;
        self.give_up(&upload).await?;
        Ok(TusReply::done())
    }
}

/// What was said at the beginning, as `Upload-Metadata`.
fn said_of(intent: &Intent) -> String {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let mut said = format!("filename {},kind {}", encode(&intent.filename), encode(intent.kind.as_str()));
    if let Some(title) = &intent.title {
        said.push_str(",title ");
        said.push_str(&encode(title));
    }
    said
}
