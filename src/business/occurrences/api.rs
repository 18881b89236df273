//! `/occurrences`, `/programs/{id}/occurrences`.

use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::{self, Filter};
use super::model::{Occurrence, OccurrenceId, Plan, Status};
use crate::base::actor::{Access, Area};
use crate::base::error::{Error, Result};
use crate::base::page::Paging;
use crate::base::time::{Instant, Local, Zone};
use crate::business::desk::Desk;
use crate::business::idempotency::actions::once;
use crate::business::programs;
use crate::business::programs::model::ProgramId;
use crate::business::settings;
use crate::platform::http::{Call, Created, Json, List, NoContent, Patch, Tagged};
use crate::wire_words;

wire_words!(Status);

/// One time at which a program takes place.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Occurrence")]
struct OccurrenceView {
    id: OccurrenceId,
    program_id: ProgramId,
    program_title: String,
    local_starts_at: Local,
    time_zone: Zone,
    starts_at: Instant,
    ends_at: Instant,
    duration_minutes: i64,
    status: Status,
    capacity: i64,
    /// Seats of live bookings, held ones among them.
    seats_taken: i64,
    /// Of these, held and not yet confirmed.
    seats_held: i64,
    seats_left: i64,
    waitlisted: i64,
    version: i64,
}

impl From<Occurrence> for OccurrenceView {
    fn from(o: Occurrence) -> Self {
        Self {
            seats_left: o.seats_left(),
            id: o.id,
            program_id: o.program_id,
            program_title: o.program_title,
            local_starts_at: o.local_starts_at,
            time_zone: o.time_zone,
            starts_at: o.starts_at,
            ends_at: o.ends_at,
            duration_minutes: o.duration_minutes,
            status: o.status,
            capacity: o.capacity,
            seats_taken: o.seats_taken,
            seats_held: o.seats_held,
            waitlisted: o.waitlisted,
            version: o.version,
        }
    }
}

/// What is planned; what is left out comes from the program and the business.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct OccurrenceInput {
    local_starts_at: Local,
    time_zone: Option<Zone>,
    duration_minutes: Option<i64>,
    capacity: Option<i64>,
    /// A rule (RFC 5545 RRULE) that ends by COUNT or UNTIL; only when planning.
    recurrence: Option<String>,
}

/// The occurrences that were planned. With one, its fields stand beside the list too.
#[derive(Clone, Debug, Object, Serialize, Deserialize)]
struct Planned {
    /// The first one.
    id: OccurrenceId,
    items: Vec<OccurrenceView>,
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
}

#[OpenApi]
impl Api {
    /// Plan one occurrence, or as many as a rule says
    #[oai(path = "/programs/:id/occurrences", method = "post", operation_id = "plan_occurrences")]
    async fn plan(&self, call: Call, id: Path<ProgramId>, body: Json<OccurrenceInput>) -> Result<Created<Planned>> {
        let retry = call.retry(&body.0)?;
        let planned = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let input = &body.0;
                once(tx, actor, retry.as_ref(), |tx| {
                    let program = programs::actions::get(tx, id.0)?;
                    let time_zone = match &input.time_zone {
                        Some(zone) => zone.clone(),
                        None => settings::actions::get(tx)?.business.time_zone,
                    };
                    let plan = Plan {
                        local_starts_at: input.local_starts_at,
                        time_zone,
                        duration_minutes: input.duration_minutes.unwrap_or(program.details.duration_minutes),
                        capacity: input.capacity.unwrap_or(program.details.default_capacity),
                    };
                    let made = actions::plan(tx, actor, id.0, &plan, input.recurrence.as_deref())?;
                    let first = made.first().ok_or_else(|| Error::internal("nothing was planned"))?.id;
                    Ok(Planned { id: first, items: made.into_iter().map(OccurrenceView::from).collect() })
                })
            })
            .await?;
        Ok(Created::at(&format!("/api/v1/occurrences/{}", planned.id), planned))
    }

    /// What takes place within a time, also in part, in the order of its start
    #[oai(path = "/occurrences", method = "get", operation_id = "list_occurrences")]
    #[allow(clippy::too_many_arguments)] // one for each of the query's words
    async fn list(
        &self,
        call: Call,
        /// Goes on at this instant or later.
        from: Query<Option<Instant>>,
        /// Starts before this instant.
        to: Query<Option<Instant>>,
        program_id: Query<Option<ProgramId>>,
        status: Query<Option<Status>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<OccurrenceView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let filter = Filter { program: program_id.0, status: status.0, from: from.0, to: to.0 };
        let page = self.desk.read(&call, READ, move |tx, _| actions::page(tx, &filter, &paging)).await?;
        Ok(Json(List::of(page, OccurrenceView::from)))
    }

    /// One occurrence
    #[oai(path = "/occurrences/:id", method = "get", operation_id = "get_occurrence")]
    async fn get(&self, call: Call, id: Path<OccurrenceId>) -> Result<Tagged<OccurrenceView>> {
        let occurrence = self.desk.read(&call, READ, move |tx, _| actions::get(tx, id.0)).await?;
        Ok(Tagged::new(occurrence.version, occurrence.into()))
    }

    /// Change time or capacity
    #[oai(path = "/occurrences/:id", method = "patch", operation_id = "change_occurrence")]
    async fn change(
        &self,
        call: Call,
        id: Path<OccurrenceId>,
        patch: Patch<OccurrenceInput>,
    ) -> Result<Tagged<OccurrenceView>> {
        let expected = call.expected.clone();
        let occurrence = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                let current = actions::get(tx, id.0)?;
                let form = patch.apply(&OccurrenceInput {
                    local_starts_at: current.local_starts_at,
                    time_zone: Some(current.time_zone.clone()),
                    duration_minutes: Some(current.duration_minutes),
                    capacity: Some(current.capacity),
                    recurrence: None,
                })?;
                let plan = Plan {
                    local_starts_at: form.local_starts_at,
                    time_zone: form.time_zone.unwrap_or(current.time_zone),
                    duration_minutes: form.duration_minutes.unwrap_or(current.duration_minutes),
                    capacity: form.capacity.unwrap_or(current.capacity),
                };
                actions::change(tx, actor, id.0, &expected, plan)
            })
            .await?;
        Ok(Tagged::new(occurrence.version, occurrence.into()))
    }

    /// Remove an occurrence that nobody booked
    #[oai(path = "/occurrences/:id", method = "delete", operation_id = "delete_occurrence")]
    async fn delete(&self, call: Call, id: Path<OccurrenceId>) -> Result<NoContent> {
        let expected = call.expected.clone();
        self.desk.write(&call, WRITE, move |tx, actor| actions::delete(tx, actor, id.0, &expected)).await?;
        Ok(NoContent::default())
    }

    /// Call an occurrence off
    #[oai(path = "/occurrences/:id/cancel", method = "post", operation_id = "cancel_occurrence")]
    async fn cancel(&self, call: Call, id: Path<OccurrenceId>) -> Result<Tagged<OccurrenceView>> {
        let (expected, retry) = (call.expected.clone(), call.retry(&())?);
        let occurrence = self
            .desk
            .write(&call, WRITE, move |tx, actor| {
                once(tx, actor, retry.as_ref(), |tx| {
                    actions::cancel(tx, actor, id.0, &expected).map(OccurrenceView::from)
                })
            })
            .await?;
        Ok(Tagged::new(occurrence.version, occurrence))
    }
}
