//! `/audit-log`.

use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions;
use super::model::{Entry, Subject};
use crate::base::actor::{Access, Area, StaffId};
use crate::base::error::Result;
use crate::base::id::Id;
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::platform::http::{Call, Json, List};

/// One line of the audit log.
#[derive(Debug, Object, Serialize, Deserialize)]
#[oai(rename = "AuditEntry")]
struct EntryView {
    id: Id<Entry>,
    at: Instant,
    /// Name of the one who acted.
    actor: String,
    actor_id: Option<StaffId>,
    /// The verb: `confirm`, `cancel`, `issue`.
    action: String,
    /// The noun: `booking`, `invoice`.
    noun: String,
    subject_id: Id<Subject>,
    detail: Option<String>,
    request_id: String,
}

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

#[OpenApi(prefix_path = "/audit-log")]
impl Api {
    /// Who did what, newest first
    #[oai(path = "/", method = "get", operation_id = "list_audit_log")]
    async fn list(
        &self,
        call: Call,
        /// Only what was done to this one.
        subject_id: Query<Option<Id<Subject>>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<EntryView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self
            .desk
            .read(&call, (Area::System, Access::Read), move |tx, _| actions::page(tx, subject_id.0, &paging))
            .await?;
        Ok(Json(List::of(page, |entry| EntryView {
            id: entry.id,
            at: entry.at,
            actor: entry.actor,
            actor_id: entry.actor_id,
            action: entry.action,
            noun: entry.noun,
            subject_id: entry.subject_id,
            detail: entry.detail,
            request_id: entry.request_id,
        })))
    }
}
