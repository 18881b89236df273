//! `/media`, and how other nouns receive and show files.

use std::time::Duration;

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Filter, Media, MediaId, Noun, Processing, Shower, Use, Variant};
use crate::base::actor::{Access, Area, Credentials};
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::business::settings::{self, model::UploadLimits};
use crate::platform::files::{Kind, Plan, Stored};
use crate::platform::http::{
    Asked, Call, Created, Download, FileReply, Incoming, Json, List, NoContent, OpenCall, Upload,
};
use crate::wire_words;

wire_words!(Kind, Noun, Processing);

/// A stored file.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Media")]
pub struct MediaView {
    id: MediaId,
    kind: Kind,
    filename: String,
    /// What its first bytes say it is.
    content_type: String,
    /// Bytes.
    size: i64,
    /// SHA-256 of its bytes, in hex.
    sha256: String,
    /// Where its bytes are, with ranges.
    content_url: String,
    /// Pixels, upright; null until the file was looked into, and of what shows nothing.
    width: Option<i64>,
    /// Pixels, upright.
    height: Option<i64>,
    /// Of films and recordings, when they say it.
    duration_seconds: Option<f64>,
    /// Whether the file was looked into.
    processing: Processing,
    /// Why the file cannot be read, or what could not be made of it.
    processing_error: Option<String>,
    /// Smaller pictures of a picture, the widest first: upright, without metadata.
    variants: Vec<VariantView>,
    created_at: Instant,
}

/// A smaller picture of a picture.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "MediaVariant")]
struct VariantView {
    /// Its width and ending, such as `640.webp`.
    name: String,
    content_type: String,
    /// Pixels.
    width: i64,
    /// Pixels.
    height: i64,
    /// Bytes.
    size: i64,
    /// Where its bytes are, with ranges.
    content_url: String,
}

/// Milliseconds as seconds.
pub(crate) fn seconds(milliseconds: i64) -> f64 {
    #[allow(clippy::cast_precision_loss)] // exact for a thousand centuries
    let thousandths = milliseconds as f64;
    thousandths / 1000.0
}

impl From<Media> for MediaView {
    fn from(media: Media) -> Self {
        let id = media.id;
        let view = |variant: Variant| VariantView {
            content_url: format!("/api/v1/media/{id}/variants/{}", variant.name),
            name: variant.name,
            content_type: variant.content_type,
            width: variant.width,
            height: variant.height,
            size: variant.size,
        };
        Self {
            width: media.width,
            height: media.height,
            duration_seconds: media.duration_ms.map(seconds),
            processing: media.processing,
            processing_error: media.processing_error,
            variants: media.variants.into_iter().map(view).collect(),
            content_url: format!("/api/v1/media/{}/content", media.id),
            id: media.id,
            kind: media.kind,
            filename: media.filename,
            content_type: media.content_type,
            size: media.size,
            sha256: hex::encode(media.sha256),
            created_at: media.created_at,
        }
    }
}

/// What may be sent as one kind.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "MediaLimit")]
struct LimitView {
    kind: Kind,
    /// Bytes at most.
    max_size: u64,
    /// Bytes that are gathered before they are written.
    write_size: u64,
    /// By the first bytes of the file, not by its name.
    content_types: Vec<String>,
}

/// What may be sent.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "MediaLimits")]
struct LimitsView {
    items: Vec<LimitView>,
}

/// Where a file is shown.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "MediaUse")]
struct UseView {
    noun: Noun,
    /// Of the program, client or note; zeros for the settings.
    id: Id<Shower>,
    title: String,
    /// `poster`, `video`, `image`, `file`, `note` or `logo`.
    role: String,
}

impl From<Use> for UseView {
    fn from(shown: Use) -> Self {
        Self { noun: shown.noun, id: shown.id, title: shown.title, role: shown.role }
    }
}

/// Where a file is shown.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "MediaUses")]
struct UsesView {
    items: Vec<UseView>,
}

const READ: (Area, Access) = (Area::Media, Access::Read);
const WRITE: (Area, Access) = (Area::Media, Access::Write);

/// Tenths of a second that a public request waits for a picture to be looked into.
const PREPARED_WITHIN: u32 = 50;

/// The handlers.
pub struct Api {
    desk: Desk,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }
}

/// What the store is told of a file before its bytes.
pub(crate) fn plan(kind: Kind, limits: &UploadLimits, incoming: &Incoming) -> Plan {
    Plan { kind, limit: limits.of(kind), expected: incoming.size, sha256: incoming.sha256 }
}

/// Receives the one file of a request.
///
/// # Errors
/// `bad_request` when there is none, and what the store refuses.
pub(crate) async fn receive_one(
    desk: &Desk,
    kind: Kind,
    limits: &UploadLimits,
    mut upload: Upload,
) -> Result<(String, Stored)> {
    let Some((incoming, frames)) = upload.next().await? else {
        return Err(Error::new(Code::BadRequest, "There is no file in the request. Send it as the part `file`."));
    };
    let stored = desk.files.receive(plan(kind, limits, &incoming), frames).await?;
    Ok((incoming.filename, stored))
}

#[OpenApi(prefix_path = "/media")]
impl Api {
    /// Files, newest first
    #[oai(path = "/", method = "get", operation_id = "list_media")]
    async fn list(
        &self,
        call: Call,
        kind: Query<Option<Kind>>,
        /// A part of the name.
        q: Query<Option<String>>,
        /// Only what nothing shows.
        unused: Query<Option<bool>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<MediaView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let name = q.0.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
        let filter = Filter { kind: kind.0, name, unused: unused.0.unwrap_or(false) };
        let page = self.desk.read(&call, READ, move |tx, _| actions::page(tx, &filter, &paging)).await?;
        Ok(Json(List::of(page, MediaView::from)))
    }

    /// Send a file
    #[oai(path = "/", method = "post", operation_id = "upload_media")]
    async fn upload(&self, call: Call, kind: Query<Kind>, upload: Upload) -> Result<Created<MediaView>> {
        let limits = self.desk.read(&call, WRITE, |tx, _| settings::actions::upload_limits(tx)).await?;
        let (filename, stored) = receive_one(&self.desk, kind.0, &limits, upload).await?;
        let key = stored.key.clone();
        let recorded = self
            .desk
            .write(&call, WRITE, move |tx, actor| actions::record(tx, actor, kind.0, &filename, &stored))
            .await;
        let media = keep_or_remove(&self.desk, &key, recorded).await?;
        Ok(Created::at(&format!("/api/v1/media/{}", media.id), media.into()))
    }

    /// What may be sent: types and sizes of each kind
    #[oai(path = "/limits", method = "get", operation_id = "list_media_limits")]
    async fn limits(&self, call: Call) -> Result<Json<LimitsView>> {
        let limits = self.desk.read(&call, READ, |tx, _| settings::actions::upload_limits(tx)).await?;
        let of = |kind: &Kind| LimitView {
            kind: *kind,
            max_size: limits.of(*kind),
            write_size: u64::try_from(kind.write_size()).unwrap_or(0),
            content_types: kind.content_types().iter().map(|name| (*name).to_owned()).collect(),
        };
        Ok(Json(LimitsView { items: Kind::ALL.iter().map(of).collect() }))
    }

    /// What is known about a file
    #[oai(path = "/:id", method = "get", operation_id = "get_media")]
    async fn get(&self, call: Call, id: Path<MediaId>) -> Result<Json<MediaView>> {
        let media = self.desk.read(&call, READ, move |tx, _| actions::get(tx, id.0)).await?;
        Ok(Json(media.into()))
    }

    /// Where a file is shown
    #[oai(path = "/:id/usage", method = "get", operation_id = "get_media_usage")]
    async fn usage(&self, call: Call, id: Path<MediaId>) -> Result<Json<UsesView>> {
        let uses = self.desk.read(&call, READ, move |tx, _| actions::uses(tx, id.0)).await?;
        Ok(Json(UsesView { items: uses.into_iter().map(UseView::from).collect() }))
    }

    /// Remove a file that nothing shows
    #[oai(path = "/:id", method = "delete", operation_id = "delete_media")]
    async fn delete(&self, call: Call, id: Path<MediaId>) -> Result<NoContent> {
        self.desk.write(&call, WRITE, move |tx, actor| actions::delete(tx, actor, id.0)).await?;
        Ok(NoContent::default())
    }

    /// The bytes of a file; of a picture, the public gets a copy without metadata
    #[oai(path = "/:id/content", method = "get", operation_id = "download_media")]
    async fn content(&self, call: OpenCall, id: Path<MediaId>, asked: Asked) -> Result<FileReply> {
        self.serve(call, id.0, &asked).await
    }

    /// The head of the bytes of a file
    #[oai(path = "/:id/content", method = "head", operation_id = "head_media")]
    async fn content_head(&self, call: OpenCall, id: Path<MediaId>, asked: Asked) -> Result<FileReply> {
        self.serve(call, id.0, &asked).await
    }

    /// The bytes of a smaller picture
    #[oai(path = "/:id/variants/:name", method = "get", operation_id = "download_media_variant")]
    async fn variant(&self, call: OpenCall, id: Path<MediaId>, name: Path<String>, asked: Asked) -> Result<FileReply> {
        self.serve_variant(call, id.0, &name.0, &asked).await
    }

    /// The head of the bytes of a smaller picture
    #[oai(path = "/:id/variants/:name", method = "head", operation_id = "head_media_variant")]
    async fn variant_head(
        &self,
        call: OpenCall,
        id: Path<MediaId>,
        name: Path<String>,
        asked: Asked,
    ) -> Result<FileReply> {
        self.serve_variant(call, id.0, &name.0, &asked).await
    }
}

impl Api {
    /// The file, and whether one of the staff asks. Public files are for everybody; another one does not exist for
    /// those who may not see it.
    async fn seen(&self, OpenCall(call): OpenCall, id: MediaId) -> Result<(Media, bool)> {
        let identify = self.desk.identify;
        let (credentials, at, request_id) = (call.credentials, self.desk.clock.now(), call.request_id);
        self.desk
            .db
            .read(move |tx| {
                let media = actions::get(tx, id)?;
                let may = match credentials {
                    Credentials::None => Err(Error::not_found("file")),
                    _ => identify(tx, &credentials, at, &request_id)
                        .map_err(|_| Error::not_found("file"))
                        .and_then(|actor| actor.may(READ.0, READ.1)),
                };
                match may {
                    Err(error) if !media.is_public => Err(error),
                    may => Ok((media, may.is_ok())),
                }
            })
            .await
    }

    async fn serve(&self, call: OpenCall, id: MediaId, asked: &Asked) -> Result<FileReply> {
        let (media, staff) = self.seen(call, id).await?;
        // What a camera wrote into a picture is not for the public; until there is a copy without it, nothing is.
        let (media, copy) = if staff || !media.is_picture() {
            (media, None)
        } else {
            let media = self.looked_into(media).await?;
            let copy = media.public_copy.clone().ok_or_else(|| Error::not_found("file"))?;
            (media, Some(copy))
        };
        let filename = media.filename.clone();
        match copy {
            Some(copy) => send(&self.desk, &media, copy, filename, true, asked).await,
            None => {
                let whole = Variant {
                    name: String::new(),
                    content_type: media.content_type.clone(),
                    width: 0,
                    height: 0,
                    size: media.size,
                    sha256: media.sha256,
                    file_key: media.file_key.clone(),
                };
                let public = media.is_public && !media.is_picture();
                send(&self.desk, &media, whole, filename, public, asked).await
            }
        }
    }

    /// The file once it was looked into: who publishes and shows the page at once would see holes in it otherwise.
    async fn looked_into(&self, mut media: Media) -> Result<Media> {
        for _ in 0..PREPARED_WITHIN {
            if media.processing != Processing::Pending {
                return Ok(media);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            let id = media.id;
            media = self.desk.db.read(move |tx| actions::get(tx, id)).await?;
            if !media.is_public {
                return Err(Error::not_found("file"));
            }
        }
        Err(Error::new(Code::Unavailable, "This picture is being prepared. Ask again in a moment.").retry_after(2))
    }

    async fn serve_variant(&self, call: OpenCall, id: MediaId, name: &str, asked: &Asked) -> Result<FileReply> {
        let (media, _) = self.seen(call, id).await?;
        let variant = media.variants.iter().find(|variant| variant.name == name).cloned();
        let variant = variant.ok_or_else(|| Error::not_found("file"))?;
        let stem = media.filename.rsplit_once('.').map_or(media.filename.as_str(), |(stem, _)| stem);
        let filename = format!("{stem}-{name}");
        send(&self.desk, &media, variant, filename, media.is_public, asked).await
    }
}

/// Sends the bytes of a file or of what was made of it.
async fn send(
    desk: &Desk,
    media: &Media,
    file: Variant,
    filename: String,
    public: bool,
    asked: &Asked,
) -> Result<FileReply> {
    let reader = desk.files.reader(&file.file_key).await?.ok_or_else(|| {
        tracing::error!(media = %media.id, "the file of a row is gone");
        Error::not_found("file")
    })?;
    let modified = media.created_at.seconds();
    let Variant { sha256, content_type, .. } = file;
    Download { reader, sha256, modified, content_type, filename, public }.answer(asked)
}

/// When the row could not be made, its file goes too; the sweeper would find it only in an hour.
pub(crate) async fn keep_or_remove<T>(desk: &Desk, key: &str, recorded: Result<T>) -> Result<T> {
    // An answer that was lost on its way may stand for a row that was made: then the sweeper decides.
    if let Err(error) = &recorded
        && !matches!(error.code, Code::DatabaseUnavailable | Code::Internal)
        && let Err(error) = desk.files.delete(key).await
    {
        tracing::warn!(%error, "the file of a refused upload could not be removed");
    }
    recorded
}
