//! `/system`, `/health`, `/metrics`.

use std::net::IpAddr;

use poem::endpoint::make;
use poem::http::header;
use poem::{IntoEndpoint, Response, get};
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::{Deserialize, Serialize};

use super::actions::resident_bytes;
use super::metrics::{self, Figures};
use crate::args;
use crate::base::actor::{Access, Area};
use crate::base::error::{Code, Error, Result};
use crate::base::id::Id;
use crate::base::page::Paging;
use crate::base::time::Instant;
use crate::business::desk::Desk;
use crate::business::events::model::{Event, Job, Kind as EventKind, Standing, Subject};
use crate::business::{events, media};
use crate::platform::config;
use crate::platform::db::{Engine, PoolFigures};
use crate::platform::files::{Kind, Place};
use crate::platform::http::{Call, Json, List, NoContent, OpenCall, Traffic};
use crate::wire_words;

/// The running program.
#[derive(Debug, Object, Serialize, Deserialize)]
struct SystemInfo {
    version: String,
    started_at: Instant,
    uptime_seconds: i64,
    /// Resident memory in bytes, where the system tells it.
    memory_bytes: Option<u64>,
    /// What is still to be done after commits.
    events_waiting: i64,
    /// What was tried too often and waits for somebody to look.
    events_failed: i64,
}

/// One connection.
#[derive(Debug, Object, Serialize, Deserialize)]
struct ConnectionView {
    /// The server's own number for it.
    id: u64,
    /// `idle` or `in_use`.
    state: String,
    age_ms: u64,
    /// Since it was last lent or given back.
    since_ms: u64,
}

/// Connections closed, by reason.
#[derive(Debug, Object, Serialize, Deserialize)]
struct ClosedView {
    idle: u64,
    max_age: u64,
    broken: u64,
}

/// Waits for a connection, over the last 1,024.
#[derive(Debug, Object, Serialize, Deserialize)]
struct WaitView {
    p50: u64,
    p95: u64,
    p99: u64,
}

/// The connections of a database; readers on SQLite.
#[derive(Debug, Object, Serialize, Deserialize)]
struct PoolView {
    max: u32,
    min: u32,
    open: u32,
    idle: u32,
    in_use: u32,
    waiting: u32,
    opened_total: u64,
    closed_total: ClosedView,
    acquired_total: u64,
    acquire_timeouts_total: u64,
    acquire_wait_us: WaitView,
    connections: Vec<ConnectionView>,
}

impl From<PoolFigures> for PoolView {
    fn from(f: PoolFigures) -> Self {
        Self {
            max: f.max,
            min: f.min,
            open: f.open,
            idle: f.idle,
            in_use: f.in_use,
            waiting: f.waiting,
            opened_total: f.opened_total,
            closed_total: ClosedView {
                idle: f.closed_idle_total,
                max_age: f.closed_max_age_total,
                broken: f.closed_broken_total,
            },
            acquired_total: f.acquired_total,
            acquire_timeouts_total: f.acquire_timeouts_total,
            acquire_wait_us: WaitView {
                p50: f.acquire_wait_p50_us,
                p95: f.acquire_wait_p95_us,
                p99: f.acquire_wait_p99_us,
            },
            connections: f
                .connections
                .into_iter()
                .map(|c| ConnectionView { id: c.id, state: c.state.to_owned(), age_ms: c.age_ms, since_ms: c.since_ms })
                .collect(),
        }
    }
}

/// The writer that commits in groups; on SQLite.
#[derive(Debug, Object, Serialize, Deserialize)]
struct WriterView {
    queued: u64,
    commits_total: u64,
    /// Transactions committed; divided by the commits, the mean size of a group.
    transactions_total: u64,
}

/// The database.
#[derive(Debug, Object, Serialize, Deserialize)]
struct SystemDatabase {
    /// `sqlite` or `mysql`.
    engine: String,
    version: String,
    pool: PoolView,
    writer: Option<WriterView>,
}

/// Files of one kind.
#[derive(Debug, Object, Serialize, Deserialize)]
struct KindTotal {
    kind: Kind,
    files: i64,
    bytes: i64,
}

/// Where files live.
#[derive(Debug, Object, Serialize, Deserialize)]
struct SystemStorage {
    /// `local` (the data directory) or `s3` (a bucket).
    home: String,
    /// The directory, or the bucket as `s3://bucket/prefix?endpoint=…`, without its keys.
    location: String,
    kinds: Vec<KindTotal>,
    disk_free_bytes: u64,
    disk_reserve_bytes: u64,
    /// Bytes of uploads and downloads in memory now.
    budget_in_use_bytes: u64,
    budget_bytes: u64,
    /// Transfers that wait for their share.
    budget_waiting: u64,
}

/// Something that is done after a commit.
#[derive(Debug, Object, Serialize, Deserialize)]
#[oai(rename = "Job")]
struct JobView {
    id: Id<Event>,
    /// What is done, such as `render_invoice`.
    kind: EventKind,
    /// To which invoice or file.
    subject_id: Id<Subject>,
    /// When it is tried next; of a failed one, when it was tried last.
    due_at: Instant,
    /// How often it was begun.
    attempts: i64,
    /// When it was given up by itself.
    failed_at: Option<Instant>,
    /// Why the last try failed.
    error: Option<String>,
    state: Standing,
}

impl From<Job> for JobView {
    fn from(job: Job) -> Self {
        let state = job.standing();
        let Job { id, kind, subject_id, due_at, attempts, failed_at, error } = job;
        Self { id, kind, subject_id, due_at, attempts, failed_at, error, state }
    }
}

wire_words!(EventKind, Standing);

/// Whether the desk can serve.
#[derive(Debug, Object, Serialize, Deserialize)]
struct Health {
    status: String,
}

const READ: (Area, Access) = (Area::System, Access::Read);
const WRITE: (Area, Access) = (Area::System, Access::Write);

/// The handlers of `/system`.
pub struct Api {
    desk: Desk,
    started_at: Instant,
}

impl Api {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        let started_at = desk.clock.now();
        Self { desk, started_at }
    }
}

#[OpenApi(prefix_path = "/system")]
impl Api {
    /// The running program
    #[oai(path = "/info", method = "get", operation_id = "get_system_info")]
    async fn info(&self, call: Call) -> Result<Json<SystemInfo>> {
        let (waiting, failed) = self.desk.read(&call, READ, |tx, _| events::actions::counts(tx)).await?;
        let statm = config::process_memory();
        Ok(Json(SystemInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: self.started_at,
            uptime_seconds: self.desk.clock.now().seconds() - self.started_at.seconds(),
            memory_bytes: resident_bytes(statm.as_deref()),
            events_waiting: waiting,
            events_failed: failed,
        }))
    }

    /// The database and its connections
    #[oai(path = "/database", method = "get", operation_id = "get_system_database")]
    async fn database(&self, call: Call) -> Result<Json<SystemDatabase>> {
        self.desk.admit(&call, READ).await?;
        let version = self.desk.db.version().await?;
        let engine = engine_word(&self.desk);
        let writer = self.desk.db.writer().map(|w| WriterView {
            queued: w.queued,
            commits_total: w.commits_total,
            transactions_total: w.bodies_total,
        });
        Ok(Json(SystemDatabase { engine: engine.into(), version, pool: self.desk.db.figures().into(), writer }))
    }

    /// What is done after commits, newest first
    #[oai(path = "/jobs", method = "get", operation_id = "list_jobs")]
    async fn jobs(
        &self,
        call: Call,
        state: Query<Option<Standing>>,
        limit: Query<Option<u32>>,
        cursor: Query<Option<String>>,
    ) -> Result<Json<List<JobView>>> {
        let paging = Paging::new(limit.0, cursor.0.as_deref())?;
        let page = self.desk.read(&call, READ, move |tx, _| events::actions::page(tx, state.0, &paging)).await?;
        Ok(Json(List::of(page, JobView::from)))
    }

    /// Try a failed job again, now
    #[oai(path = "/jobs/:id/retry", method = "post", operation_id = "retry_job")]
    async fn retry_job(&self, call: Call, id: Path<Id<Event>>) -> Result<NoContent> {
        self.desk.write(&call, WRITE, move |tx, actor| events::actions::retry(tx, actor, id.0)).await?;
        Ok(NoContent::default())
    }

    /// Give a job up
    #[oai(path = "/jobs/:id", method = "delete", operation_id = "give_up_job")]
    async fn give_up_job(&self, call: Call, id: Path<Id<Event>>) -> Result<NoContent> {
        self.desk.write(&call, WRITE, move |tx, actor| events::actions::give_up(tx, actor, id.0)).await?;
        Ok(NoContent::default())
    }

    /// Where files live
    #[oai(path = "/storage", method = "get", operation_id = "get_system_storage")]
    async fn storage(&self, call: Call) -> Result<Json<SystemStorage>> {
        let totals = self.desk.read(&call, READ, |tx, _| media::actions::totals(tx)).await?;
        let usage = self.desk.files.usage();
        let (home, location) = match &self.desk.config.storage {
            Place::Folder => ("local", self.desk.files.root().display().to_string()),
            bucket @ Place::Bucket(_) => ("s3", bucket.to_string()),
        };
        Ok(Json(SystemStorage {
            home: home.to_owned(),
            location,
            kinds: totals.into_iter().map(|(kind, files, bytes)| KindTotal { kind, files, bytes }).collect(),
            disk_free_bytes: usage.free,
            disk_reserve_bytes: usage.reserve,
            budget_in_use_bytes: usage.in_flight,
            budget_bytes: usage.budget,
            budget_waiting: usage.waiting,
        }))
    }
}

/// The handlers of `/health`: for loopback, or with a token.
pub struct HealthApi {
    desk: Desk,
}

impl HealthApi {
    /// Handlers over this desk.
    pub fn new(desk: Desk) -> Self {
        Self { desk }
    }

    async fn admit(&self, call: &Call) -> Result<()> {
        admit(&self.desk, call).await
    }
}

/// Loopback needs no identity: what watches the program runs beside it.
async fn admit(desk: &Desk, call: &Call) -> Result<()> {
    let loopback = match call.peer {
        IpAddr::V4(v4) => v4.is_loopback(),
        IpAddr::V6(v6) => v6.is_loopback(),
    };
    if loopback { Ok(()) } else { desk.admit(call, READ).await.map(|_| ()) }
}

/// `GET /metrics`: for loopback, or with a token.
pub fn metrics(desk: &Desk, traffic: &Traffic) -> impl IntoEndpoint + use<> {
    let (desk, traffic, started_at) = (desk.clone(), traffic.clone(), desk.clock.now());
    get(make(move |request| {
        let (desk, traffic) = (desk.clone(), traffic.clone());
        async move {
            // Behind a proxy that is not trusted everybody seems to be loopback.
            let forwarded = ["x-forwarded-for", "forwarded"].iter().any(|name| request.headers().contains_key(*name));
            let call = Call::of(&request)?;
            if forwarded {
                desk.admit(&call, READ).await?;
            } else {
                admit(&desk, &call).await?;
            }
            // A database that is gone is a figure, not a failure.
            let events = desk.db.read(events::actions::counts).await.ok();
            let figures = Figures {
                version: env!("CARGO_PKG_VERSION"),
                engine: engine_word(&desk),
                uptime_seconds: desk.clock.now().seconds() - started_at.seconds(),
                memory_bytes: resident_bytes(config::process_memory().as_deref()),
                pool: desk.db.figures(),
                writer: desk.db.writer(),
                usage: desk.files.usage(),
                events,
                traffic: traffic.figures(),
            };
            let response = Response::builder().content_type(metrics::CONTENT_TYPE);
            Ok::<_, poem::Error>(response.header(header::CACHE_CONTROL, "no-store").body(metrics::text(&figures)))
        }
    }))
}

fn engine_word(desk: &Desk) -> &'static str {
    match desk.db.engine() {
        Engine::Sqlite => "sqlite",
        Engine::Mysql => "mysql",
    }
}

#[OpenApi(prefix_path = "/health")]
impl HealthApi {
    /// Whether the program runs
    #[oai(path = "/live", method = "get", operation_id = "get_health_live")]
    async fn live(&self, call: OpenCall) -> Result<Json<Health>> {
        self.admit(&call.0).await?;
        Ok(Json(Health { status: "ok".into() }))
    }

    /// Whether database, disk and store can serve
    #[oai(path = "/ready", method = "get", operation_id = "get_health_ready")]
    async fn ready(&self, call: OpenCall) -> Result<Json<Health>> {
        self.admit(&call.0).await?;
        self.desk.db.read(|tx| tx.number("SELECT 1", args![])).await?;
        self.desk.files.check().await?;
        let usage = self.desk.files.usage();
        if usage.free < usage.reserve {
            return Err(
                Error::new(Code::Unavailable, "The disk is below its reserve. Free some space.").retry_after(60)
            );
        }
        Ok(Json(Health { status: "ok".into() }))
    }
}
