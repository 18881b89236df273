//! `/clients/{id}/files`.

use poem_openapi::OpenApi;
use poem_openapi::param::{Path, Query};

use super::actions;
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::{Error, Result};
use crate::base::page::Paging;
use crate::business::clients;
use crate::business::clients::model::ClientId;
use crate::business::desk::Desk;
use crate::business::media::api::{MediaView, keep_or_remove, receive_one};
use crate::business::media::model::MediaId;
use crate::business::settings;
use crate::platform::db::Tx;
use crate::platform::files::Kind;
use crate::platform::http::{Call, Created, Json, List, NoContent, Upload};

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
}

#[OpenApi]
impl Api {
    /// Files of a client, newest first
    #[oai(path = "/clients/:id/files", method = "get", operation_id = "list_client_files")]
    async fn list(
        &self,
        call: Call,
        id: Path<ClientId>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<MediaView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self.desk.read(&call, READ, move |tx, _| actions::page(tx, id.0, &paging)).await?;
        Ok(Json(List::of(page, MediaView::from)))
    }

    /// Send a file of a client
    #[oai(path = "/clients/:id/files", method = "post", operation_id = "upload_client_file")]
    async fn upload(
        &self,
        call: Call,
        id: Path<ClientId>,
        /// `document`, `image`, `video` or `audio`.
        kind: Query<Kind>,
        upload: Upload,
    ) -> Result<Created<MediaView>> {
        let (id, kind) = (id.0, kind.0);
        let look = move |tx: &mut dyn Tx, _: &Actor| {
            clients::actions::get(tx, id)?;
            match actions::takes(kind) {
                true => settings::actions::upload_limits(tx),
                false => Err(Error::field("kind", "must be image, video, audio or document for a client")),
            }
        };
        let limits = self.desk.read(&call, WRITE, look).await?;
        let (filename, stored) = receive_one(&self.desk, kind, &limits, upload).await?;
        let key = stored.key.clone();
        let recorded = self
            .desk
            .write(&call, WRITE, move |tx, actor| actions::record(tx, actor, id, kind, &filename, &stored))
            .await;
        let media = keep_or_remove(&self.desk, &key, recorded).await?;
        Ok(Created::at(&format!("/api/v1/media/{}", media.id), media.into()))
    }

    /// Remove a file of a client
    #[oai(path = "/clients/:id/files/:media_id", method = "delete", operation_id = "delete_client_file")]
    async fn delete(&self, call: Call, id: Path<ClientId>, media_id: Path<MediaId>) -> Result<NoContent> {
        self.desk.write(&call, WRITE, move |tx, actor| actions::delete(tx, actor, id.0, media_id.0)).await?;
        Ok(NoContent::default())
    }
}
