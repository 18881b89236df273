//! `/programs`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Role};
use super::model::{Details, ProgramId, Shown, Status};
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::{Code, Error, FieldError, Result};
use crate::base::money::{BasisPoints, Money};
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::media;
use crate::business::media::api::{MediaView, keep_or_remove, plan, receive_one};
use crate::business::media::model::MediaId;
use crate::business::settings::{self, model::UploadLimits};
use crate::platform::db::Tx;
use crate::platform::files::Kind;
use crate::platform::http::{Call, Created, Json, List, NoContent, Patch, Tagged, Upload};
use crate::wire_words;

wire_words!(Status);

/// Words and numbers of a program.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct ProgramInput {
    title: String,
    /// Made from the title when it is left out.
    slug: Option<String>,
    /// One sentence.
    summary: Option<String>,
    /// Markdown.
    description: Option<String>,
    /// `draft` unless said.
    status: Option<Status>,
    /// Of one seat.
    price: Money,
    /// Basis points: 1900 is 19 %. None unless said.
    tax_rate: Option<BasisPoints>,
    /// Seats of an occurrence, unless it says otherwise; 10 unless said.
    default_capacity: Option<i64>,
    /// 60 unless said.
    duration_minutes: Option<i64>,
    location: Option<String>,
    /// The gallery's pictures in another order, or fewer of them; only when changing.
    images: Option<Vec<MediaId>>,
}

impl From<ProgramInput> for Details {
    fn from(input: ProgramInput) -> Self {
        Self {
            title: input.title,
            slug: input.slug.unwrap_or_default(),
            summary: input.summary,
            description: input.description,
            status: input.status.unwrap_or(Status::Draft),
            price: input.price,
            tax_rate: input.tax_rate.unwrap_or_default(),
            default_capacity: input.default_capacity.unwrap_or(10),
            duration_minutes: input.duration_minutes.unwrap_or(60),
            location: input.location,
        }
    }
}

/// What is offered.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Program")]
struct ProgramView {
    id: ProgramId,
    title: String,
    slug: String,
    summary: Option<String>,
    /// Markdown.
    description: Option<String>,
    status: Status,
    /// Of one seat.
    price: Money,
    /// Basis points.
    tax_rate: BasisPoints,
    default_capacity: i64,
    duration_minutes: i64,
    location: Option<String>,
    poster: Option<MediaView>,
    /// The gallery, in order.
    images: Vec<MediaView>,
    video: Option<MediaView>,
    created_at: Instant,
    version: i64,
}

impl From<Shown> for ProgramView {
    fn from(shown: Shown) -> Self {
        let d = shown.program.details;
        Self {
            id: shown.program.id,
            title: d.title,
            slug: d.slug,
            summary: d.summary,
            description: d.description,
            status: d.status,
            price: d.price,
            tax_rate: d.tax_rate,
            default_capacity: d.default_capacity,
            duration_minutes: d.duration_minutes,
            location: d.location,
            poster: shown.poster.map(MediaView::from),
            images: shown.images.into_iter().map(MediaView::from).collect(),
            video: shown.video.map(MediaView::from),
            created_at: shown.program.created_at,
            version: shown.program.version,
        }
    }
}

/// What became of one picture of several.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct ImageResult {
    filename: String,
    /// The picture, when it was taken.
    media: Option<MediaView>,
    /// The code, when it was refused.
    code: Option<String>,
    /// Why it was refused.
    detail: Option<String>,
}

/// What became of several pictures, and the program as it is now.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct ImageResults {
    items: Vec<ImageResult>,
    program: ProgramView,
}

const READ: (Area, Access) = (Area::Programs, Access::Read);
const WRITE: (Area, Access) = (Area::Programs, Access::Write);

/// The handlers.
pub struct Api {
    desk: Desk,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    /// Refuses who may not send a file to this program, before its bytes are read; how large it may be.
    async fn limits(&self, call: &Call, id: ProgramId) -> Result<UploadLimits> {
        let look = move |tx: &mut dyn Tx, _: &Actor| {
            actions::get(tx, id)?;
            settings::actions::upload_limits(tx)
        };
        self.desk.read(call, WRITE, look).await
    }

    async fn detach(&self, call: &Call, id: ProgramId, role: Role) -> Result<Tagged<ProgramView>> {
        let expected = call.expected.clone();
        let shown = self
            .desk
            .write(call, WRITE, move |tx, actor| {
                let program = actions::detach(tx, actor, id, &expected, role)?;
                actions::shown(tx, program)
            })
            .await?;
        Ok(Tagged::new(shown.program.version, shown.into()))
    }

    async fn attach_one(
        &self,
        call: &Call,
        id: ProgramId,
        (kind, role): (Kind, Role),
        upload: Upload,
    ) -> Result<Created<ProgramView>> {
        let limits = self.limits(call, id).await?;
        let (filename, stored) = receive_one(&self.desk, kind, &limits, upload).await?;
        let key = stored.key.clone();
        let recorded = self
            .desk
            .write(call, WRITE, move |tx, actor| {
                let file = media::actions::record(tx, actor, kind, &filename, &stored)?;
                let program = actions::attach(tx, actor, id, role, file.id)?;
                actions::shown(tx, program)
            })
            .await;
        let shown = keep_or_remove(&self.desk, &key, recorded).await?;
        let version = shown.program.version;
        Ok(Created::at(&format!("/api/v1/programs/{id}"), shown.into()).tagged(version))
    }
}

#[OpenApi(prefix_path = "/programs")]
impl Api {
    /// Programs, newest first
    #[oai(path = "/", method = "get", operation_id = "list_programs")]
    async fn list(
        &self,
        call: Call,
        status: Query<Option<Status>>,
        /// A part of the title.
        q: Query<Option<String>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<ProgramView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page =
            self.desk.read(&call, READ, move |tx, _| actions::page(tx, status.0, q.0.as_deref(), &paging)).await?;
        Ok(Json(List::of(page, ProgramView::from)))
    }

    /// Offer a program
    #[oai(path = "/", method = "post", operation_id = "create_program")]
    async fn create(&self, call: Call, body: Json<ProgramInput>) -> Result<Created<ProgramView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    let program = actions::create(tx, actor, body.0.clone().into())?;
                    actions::shown(tx, program).map(ProgramView::from)
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/programs/{}", view.id), view.clone()).tagged(view.version))
    }

    /// One program
    #[oai(path = "/:id", method = "get", operation_id = "get_program")]
    async fn get(&self, call: Call, id: Path<ProgramId>) -> Result<Tagged<ProgramView>> {
        let shown = self
            .desk
            .read(&call, READ, move |tx, _| {
                let program = actions::get(tx, id.0)?;
                actions::shown(tx, program)
            })
            .await?;
        Ok(Tagged::new(shown.program.version, shown.into()))
    }

    /// Change a program
    #[oai(path = "/:id", method = "patch", operation_id = "change_program")]
    async fn change(&self, call: Call, id: Path<ProgramId>, patch: Patch<ProgramInput>) -> Result<Tagged<ProgramView>> {
        let expected = call.expected.clone();
        let shown = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let d = actions::get(tx, id.0)?.details;
                let form = patch.apply(&ProgramInput {
                    title: d.title,
                    slug: Some(d.slug),
                    summary: d.summary,
                    description: d.description,
                    status: Some(d.status),
                    price: d.price,
                    tax_rate: Some(d.tax_rate),
                    default_capacity: Some(d.default_capacity),
                    duration_minutes: Some(d.duration_minutes),
                    location: d.location,
                    images: None,
                })?;
                let images = form.images.clone();
                let mut program = actions::change(tx, actor, id.0, &expected, form.into())?;
                if let Some(images) = images {
                    program = actions::arrange(tx, actor, id.0, &images)?;
                }
                actions::shown(tx, program)
            })
            .await?;
        Ok(Tagged::new(shown.program.version, shown.into()))
    }

    /// Remove a program without occurrences
    #[oai(path = "/:id", method = "delete", operation_id = "delete_program")]
    async fn delete(&self, call: Call, id: Path<ProgramId>) -> Result<NoContent> {
        let expected = call.expected.clone();
        self.desk.write(&call, WRITE, move |tx, actor| actions::delete(tx, actor, id.0, &expected)).await?;
        Ok(NoContent::default())
    }

    /// Send the poster
    #[oai(path = "/:id/poster", method = "post", operation_id = "upload_poster")]
    async fn poster(&self, call: Call, id: Path<ProgramId>, upload: Upload) -> Result<Created<ProgramView>> {
        self.attach_one(&call, id.0, (Kind::Poster, Role::Poster), upload).await
    }

    /// Take the poster off
    #[oai(path = "/:id/poster", method = "delete", operation_id = "delete_poster")]
    async fn remove_poster(&self, call: Call, id: Path<ProgramId>) -> Result<Tagged<ProgramView>> {
        self.detach(&call, id.0, Role::Poster).await
    }

    /// Take the film off
    #[oai(path = "/:id/video", method = "delete", operation_id = "delete_video")]
    async fn remove_video(&self, call: Call, id: Path<ProgramId>) -> Result<Tagged<ProgramView>> {
        self.detach(&call, id.0, Role::Video).await
    }

    /// Send the film
    #[oai(path = "/:id/video", method = "post", operation_id = "upload_video")]
    async fn video(&self, call: Call, id: Path<ProgramId>, upload: Upload) -> Result<Created<ProgramView>> {
        self.attach_one(&call, id.0, (Kind::Video, Role::Video), upload).await
    }

    /// Send pictures of the gallery; each is judged by itself
    #[oai(path = "/:id/images", method = "post", operation_id = "upload_images")]
    async fn images(&self, call: Call, id: Path<ProgramId>, mut upload: Upload) -> Result<Created<ImageResults>> {
        let id = id.0;
        let limits = self.limits(&call, id).await?;
        let mut items = Vec::new();
        let mut refused = None;
        while let Some((incoming, frames)) = upload.next().await? {
            let filename = incoming.filename.clone();
            let outcome = match self.desk.files.receive(plan(Kind::Image, &limits, &incoming), frames).await {
                Ok(stored) => {
                    let (key, name) = (stored.key.clone(), filename.clone());
                    let recorded = self
                        .desk
                        .write(&call, WRITE, move |tx, actor| {
                            let file = media::actions::record(tx, actor, Kind::Image, &name, &stored)?;
                            actions::attach(tx, actor, id, Role::Image, file.id)?;
                            Ok(file)
                        })
                        .await;
                    keep_or_remove(&self.desk, &key, recorded).await
                }
                Err(error) => Err(error),
            };
            items.push(match outcome {
                Ok(file) => ImageResult { filename, media: Some(file.into()), code: None, detail: None },
                Err(error) => {
                    let result = ImageResult {
                        filename,
                        media: None,
                        code: Some(error.code.as_str().to_owned()),
                        detail: Some(error.detail.to_string()),
                    };
                    refused = Some(error);
                    result
                }
            });
        }
        // When nothing was taken, the request as a whole is refused.
        if items.iter().all(|item| item.media.is_none()) {
            return Err(match refused {
                Some(error) if items.len() == 1 => error,
                Some(mut error) => {
                    let said = |item: &ImageResult| FieldError {
                        field: item.filename.clone(),
                        message: item.detail.clone().unwrap_or_default(),
                    };
                    error.fields = items.iter().map(said).collect();
                    error
                }
                None => Error::new(Code::BadRequest, "There is no file in the request. Send each as a part `file`."),
            });
        }
        let shown = self
            .desk
            .read(&call, READ, move |tx, _| {
                let program = actions::get(tx, id)?;
                actions::shown(tx, program)
            })
            .await?;
        let version = shown.program.version;
        let results = ImageResults { items, program: shown.into() };
        Ok(Created::at(&format!("/api/v1/programs/{id}"), results).tagged(version))
    }
}
