//! `/views`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Details, ListPage, View, ViewId};
use crate::base::actor::{Access, Actor, Area};
use crate::base::error::Result;
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::platform::http::{Call, Created, Json, NoContent};
use crate::wire_words;

wire_words!(ListPage);

/// A filter with a name.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct SavedView {
    id: ViewId,
    page: ListPage,
    name: String,
    /// The query of the page's address.
    query: String,
    /// Whether all who work here see it.
    shared: bool,
    /// Whether it is your own.
    mine: bool,
}

impl SavedView {
    fn of(view: View, actor: &Actor) -> Self {
        let Details { page, name, query, shared } = view.details;
        Self { id: view.id, page, name, query, shared, mine: actor.staff_id() == Some(view.staff_id) }
    }
}

/// A filter to be kept.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct SavedViewInput {
    page: ListPage,
    /// 1 to 60 characters.
    name: String,
    /// The query of the page's address, at most 2000 characters.
    query: String,
    shared: bool,
}

impl From<SavedViewInput> for Details {
    fn from(input: SavedViewInput) -> Self {
        Self { page: input.page, name: input.name, query: input.query, shared: input.shared }
    }
}

/// Own and shared views, by name.
#[derive(Debug, Object, Serialize, Deserialize)]
struct SavedViews {
    items: Vec<SavedView>,
}

// Who works at the desk every day has these.
const READ: (Area, Access) = (Area::Bookings, Access::Read);
const WRITE: (Area, Access) = (Area::Bookings, Access::Write);

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

#[OpenApi(prefix_path = "/views")]
impl Api {
    /// Your own views and the shared ones
    #[oai(path = "/", method = "get", operation_id = "list_views")]
    async fn list(&self, call: Call, page: Query<Option<ListPage>>) -> Result<Json<SavedViews>> {
        let items = self
            .desk
            .read(&call, READ, move |tx, actor| {
                let views = actions::list(tx, actor, page.0)?;
                Ok(views.into_iter().map(|view| SavedView::of(view, actor)).collect())
            })
            .await?;
        Ok(Json(SavedViews { items }))
    }

    /// Keep a view
    #[oai(path = "/", method = "post", operation_id = "create_view")]
    async fn save(&self, call: Call, body: Json<SavedViewInput>) -> Result<Created<SavedView>> {
        let retry = call.retry(&body.0)?;
        let view = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    actions::save(tx, actor, body.0.clone().into()).map(|view| SavedView::of(view, actor))
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/views/{}", view.id), view))
    }

    /// Remove a view
    #[oai(path = "/:id", method = "delete", operation_id = "delete_view")]
    async fn remove(&self, call: Call, id: Path<ViewId>) -> Result<NoContent> {
        self.desk.write(&call, WRITE, move |tx, actor| actions::remove(tx, actor, id.0)).await?;
        Ok(NoContent::default())
    }
}
