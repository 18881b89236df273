//! `/media`, and how other nouns receive and show files.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Media, MediaId};
use crate::base::actor::{Access, Area};
use crate::base::error::{Code, Error, Result};
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::business::settings::{self, model::UploadLimits};
use crate::platform::files::{Kind, Plan, Stored};
use crate::platform::http::{
    Asked, Call, Created, Download, FileReply, Incoming, Json, List, NoContent, OpenCall, Upload,
};
use crate::wire_words;

wire_words!(Kind);

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
    created_at: Instant,
}

impl From<Media> for MediaView {
    fn from(media: Media) -> Self {
        Self {
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

const READ: (Area, Access) = (Area::Media, Access::Read);
const WRITE: (Area, Access) = (Area::Media, Access::Write);

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
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<MediaView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self.desk.read(&call, READ, move |tx, _| actions::page(tx, kind.0, &paging)).await?;
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

    /// Remove a file that nothing shows
    #[oai(path = "/:id", method = "delete", operation_id = "delete_media")]
    async fn delete(&self, call: Call, id: Path<MediaId>) -> Result<NoContent> {
        self.desk.write(&call, WRITE, move |tx, actor| actions::delete(tx, actor, id.0)).await?;
        Ok(NoContent::default())
    }

    /// The bytes of a file
    #[oai(path = "/:id/content", method = "get", operation_id = "download_media")]
    async fn content(&self, call: OpenCall, id: Path<MediaId>, asked: Asked) -> Result<FileReply> {
        self.serve(call, id.0, asked).await
    }

    /// The head of the bytes of a file
    #[oai(path = "/:id/content", method = "head", operation_id = "head_media")]
    async fn content_head(&self, call: OpenCall, id: Path<MediaId>, asked: Asked) -> Result<FileReply> {
        self.serve(call, id.0, asked).await
    }
}

impl Api {
    /// Public files are for everybody; another one does not exist for those who may not see it.
    async fn serve(&self, OpenCall(call): OpenCall, id: MediaId, asked: Asked) -> Result<FileReply> {
        let identify = self.desk.identify;
        let (credentials, at, request_id) = (call.credentials, self.desk.clock.now(), call.request_id);
        let media = self
            .desk
            .db
            .read(move |tx| {
                let media = actions::get(tx, id)?;
                if !media.is_public {
                    let actor = identify(tx, &credentials, at, &request_id).map_err(|_| Error::not_found("file"))?;
                    actor.may(READ.0, READ.1)?;
                }
                Ok(media)
            })
            .await?;
        serve(&self.desk, &media, &asked).await
    }
}

/// Sends the bytes of a file.
///
/// # Errors
/// `not_found` when the store has lost it, `precondition_failed`.
pub(crate) async fn serve(desk: &Desk, media: &Media, asked: &Asked) -> Result<FileReply> {
    let reader = desk.files.reader(&media.file_key).await?.ok_or_else(|| {
        tracing::error!(media = %media.id, "the file of a row is gone");
        Error::not_found("file")
    })?;
    let download = Download {
        reader,
        sha256: media.sha256,
        modified: media.created_at.seconds(),
        content_type: media.content_type.clone(),
        filename: media.filename.clone(),
        public: media.is_public,
    };
    download.answer(asked)
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
