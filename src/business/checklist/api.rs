//! `/checklist`.

use poem_openapi::param::Path;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Checklist, Step};
use crate::base::actor::{Access, Area};
use crate::base::error::Result;
use crate::business::desk::Desk;
use crate::platform::http::{Call, Json, NoContent};
use crate::wire_words;

wire_words!(Step);

/// A first step.
#[derive(Debug, Object, Serialize, Deserialize)]
struct ChecklistItem {
    key: Step,
    done: bool,
    /// Whether it is marked by hand.
    manual: bool,
}

/// The first steps of this desk.
#[derive(Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Checklist")]
struct ChecklistView {
    items: Vec<ChecklistItem>,
    /// Whether nobody wants to see it any more.
    dismissed: bool,
}

/// Whether a step is done.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct ChecklistMark {
    done: bool,
}

impl From<Checklist> for ChecklistView {
    fn from(list: Checklist) -> Self {
        let items = list.items.into_iter();
        Self {
            items: items
                .map(|item| ChecklistItem { key: item.step, done: item.done, manual: item.step.is_manual() })
                .collect(),
            dismissed: list.dismissed,
        }
    }
}

const READ: (Area, Access) = (Area::Settings, Access::Read);
const WRITE: (Area, Access) = (Area::Settings, Access::Write);

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

#[OpenApi(prefix_path = "/checklist")]
impl Api {
    /// The first steps of this desk
    #[oai(path = "/", method = "get", operation_id = "get_checklist")]
    async fn get(&self, call: Call) -> Result<Json<ChecklistView>> {
        let list = self.desk.read(&call, READ, |tx, _| actions::get(tx)).await?;
        Ok(Json(list.into()))
    }

    /// Hide the first steps for everybody
    #[oai(path = "/dismiss", method = "post", operation_id = "dismiss_checklist")]
    async fn dismiss(&self, call: Call) -> Result<NoContent> {
        self.desk.write(&call, WRITE, actions::dismiss).await?;
        Ok(NoContent::default())
    }

    /// Say whether a step is done that is marked by hand
    #[oai(path = "/:key", method = "post", operation_id = "mark_checklist")]
    async fn mark(&self, call: Call, key: Path<Step>, body: Json<ChecklistMark>) -> Result<Json<ChecklistView>> {
        let list = self.desk.write(&call, WRITE, move |tx, actor| actions::mark(tx, actor, key.0, body.0.done)).await?;
        Ok(Json(list.into()))
    }
}
