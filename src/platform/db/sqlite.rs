//! Embedded SQLite: one writer thread that commits in groups, and reader connections beside it (WAL).
//!
//! `synchronous=FULL` syncs the log at every commit, so what is answered survives a power cut. One commit serves all
//! bodies that were waiting; each has its own savepoint, and each caller is answered only after that commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, ToSql};
use tokio::sync::{mpsc, oneshot};

use super::pool::{Limits, Pool};
use super::readers::{Readers, read_once};
use super::stats::{PoolFigures, WriterFigures};
use super::value::{Row, Value};
use super::{Again, Engine, Options, Sql, Tx, unavailable};
use crate::base::error::{Code, Error, Result};

/// Most bodies in one commit.
const GROUP: usize = 64;
/// Most bodies waiting; beyond, callers wait to be queued.
const QUEUE: usize = 1024;
/// How long a statement waits for another process.
pub(super) const BUSY: Duration = Duration::from_secs(5);

pub struct Sqlite {
    queue: mpsc::Sender<Box<dyn Job>>,
    readers: Pool<Readers>,
    counts: Arc<Counts>,
    patience: Duration,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    path: PathBuf,
}

#[derive(Default)]
struct Counts {
    commits: AtomicU64,
    bodies: AtomicU64,
}

impl Sqlite {
    pub async fn open(path: &Path, options: &Options) -> Result<Self> {
        let path = path.to_path_buf();
        let writer = {
            let path = path.clone();
            tokio::task::spawn_blocking(move || open_writer(&path)).await.map_err(Error::internal)??
        };
        let (queue, jobs) = mpsc::channel(QUEUE);
        let counts = Arc::new(Counts::default());
        let counting = Arc::clone(&counts);
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || serve(&writer, jobs, &counting))
            .map_err(Error::internal)?;
        let limits = Limits {
            max: options.max,
            min: options.min,
            acquire_timeout: options.acquire_timeout,
            idle_timeout: options.idle_timeout,
            max_age: options.max_age,
            // A file does not hang up.
            check_after: Duration::MAX,
        };
        let readers = Pool::new("sqlite readers", Readers::new(path.clone()), limits);
        let thread = Mutex::new(Some(thread));
        Ok(Self { queue, readers, counts, patience: options.acquire_timeout, thread, path })
    }

    /// Runs `body`, and `committed` once it is: on the writer's thread, also when the caller has gone.
    pub async fn write<T, F, C>(&self, body: F, committed: C) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T> + Send + 'static,
        C: Fn() + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job = Box::new(Body { body, committed, result: None, answer });
        self.queue
            .send_timeout(job, self.patience)
            .await
            .map_err(|_| unavailable("the queue of the writer is full or closed"))?;
        answered.await.map_err(|_| unavailable("the writer has ended"))?
    }

    pub async fn read<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T> + Send + 'static,
    {
        let mut lent = self.readers.acquire().await?;
        if let Some(done) = read_once(&mut lent, &body, true) {
            return done;
        }
        let whole = move || read_once(&mut lent, &body, false);
        let done = tokio::task::spawn_blocking(whole).await.map_err(Error::internal)?;
        done.unwrap_or_else(|| Err(unavailable("the database is busy")))
    }

    /// Runs schema statements in one transaction, between which `body` may run too.
    pub async fn schema(&self, steps: Vec<String>) -> Result<()> {
        let path = self.path.clone();
        tokio::task::spawn_blocking(move || {
            let conn = open_writer(&path)?;
            let all = || -> rusqlite::Result<()> {
                conn.execute_batch("BEGIN IMMEDIATE")?;
                for step in &steps {
                    conn.execute_batch(step)?;
                }
                conn.execute_batch("COMMIT")
            };
            all().map_err(|error| {
                Error::new(Code::Internal, "The database schema could not be brought up to date.").because(error)
            })
        })
        .await
        .map_err(Error::internal)?
    }

    pub fn figures(&self) -> PoolFigures {
        self.readers.figures()
    }

    pub fn writer_figures(&self) -> WriterFigures {
        WriterFigures {
            queued: u64::try_from(QUEUE.saturating_sub(self.queue.capacity())).unwrap_or(u64::MAX),
            commits_total: self.counts.commits.load(Ordering::Relaxed),
            bodies_total: self.counts.bodies.load(Ordering::Relaxed),
        }
    }

    pub async fn close(&self) {
        self.readers.close();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (answer, answered) = oneshot::channel();
        // An error means that it has ended already.
        let _ = self.queue.send(Box::new(Stop { answer })).await;
        let _ = answered.await;
        if let Some(thread) = thread {
            let joined = tokio::task::spawn_blocking(move || thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the SQLite writer ended with a panic");
            }
        }
    }
}

pub(super) fn configure(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(256);
    // Else SQLite plans a statement anew whenever a value changes that its statistics might care about: each time.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    conn.pragma_update(None, "temp_store", "MEMORY")
}

fn open_writer(path: &Path) -> Result<Connection> {
    let open = || -> rusqlite::Result<Connection> {
        let conn = Connection::open(path)?;
        configure(&conn)?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
        conn.pragma_update(None, "cache_size", -8000)?;
        Ok(conn)
    };
    open().map_err(|error| {
        Error::new(Code::DatabaseUnavailable, format!("The database file {} cannot be opened.", path.display()))
            .because(error)
    })
}

/// A transaction body on its way through the writer.
trait Job: Send {
    /// Runs the body; whether it succeeded.
    fn run(&mut self, tx: &mut dyn Tx) -> bool;
    /// Answers the caller; `failed` when the commit was not to be had.
    fn answer(self: Box<Self>, failed: Option<&rusqlite::Error>);
    /// Whether the writer is to end after this.
    fn is_last(&self) -> bool {
        false
    }
}

struct Body<T, F, C> {
    body: F,
    committed: C,
    result: Option<Result<T>>,
    answer: oneshot::Sender<Result<T>>,
}

impl<T: Send, F: Fn(&mut dyn Tx) -> Result<T> + Send, C: Fn() + Send> Job for Body<T, F, C> {
    fn run(&mut self, tx: &mut dyn Tx) -> bool {
        let result = catch_unwind(AssertUnwindSafe(|| (self.body)(tx))).unwrap_or_else(|_| Err(panicked()));
        self.result.insert(result).is_ok()
    }

    fn answer(self: Box<Self>, failed: Option<&rusqlite::Error>) {
        let result = match (self.result, failed) {
            (Some(Ok(_)) | None, Some(error)) => Err(translate_ref(error)),
            (Some(result), _) => result,
            (None, None) => Err(Error::internal("the body was never run")),
        };
        if result.is_ok() {
            (self.committed)();
        }
        // The caller may have gone; the rows stand all the same.
        let _ = self.answer.send(result);
    }
}

struct Stop {
    answer: oneshot::Sender<()>,
}

impl Job for Stop {
    fn run(&mut self, _tx: &mut dyn Tx) -> bool {
        true
    }
    fn answer(self: Box<Self>, _failed: Option<&rusqlite::Error>) {
        let _ = self.answer.send(());
    }
    fn is_last(&self) -> bool {
        true
    }
}

pub(super) fn panicked() -> Error {
    Error::internal("a transaction body panicked")
}

fn serve(conn: &Connection, mut jobs: mpsc::Receiver<Box<dyn Job>>, counts: &Counts) {
    let mut last = false;
    while !last {
        let Some(first) = jobs.blocking_recv() else { break };
        let mut group = vec![first];
        while group.len() < GROUP {
            match jobs.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        last = group.iter().any(|job| job.is_last());
        commit_group(conn, group, counts);
    }
    // Leaves one file behind instead of three.
    if let Err(error) = conn.pragma_update(None, "wal_checkpoint", "TRUNCATE") {
        tracing::debug!(%error, "the log was not truncated at the end");
    }
}

fn commit_group(conn: &Connection, mut group: Vec<Box<dyn Job>>, counts: &Counts) {
    let outcome = run_group(conn, &mut group);
    if matches!(outcome, Outcome::Lost) && group.len() > 1 {
        // One body made SQLite give up the whole transaction (disk full, I/O): each gets its own.
        for job in group {
            commit_group(conn, vec![job], counts);
        }
        return;
    }
    let failed = match outcome {
        Outcome::Committed => {
            counts.commits.fetch_add(1, Ordering::Relaxed);
            counts.bodies.fetch_add(u64::try_from(group.len()).unwrap_or(0), Ordering::Relaxed);
            None
        }
        Outcome::Failed(error) => Some(error),
        Outcome::Lost => Some(rusqlite::Error::InvalidQuery),
    };
    for job in group {
        job.answer(failed.as_ref());
    }
}

enum Outcome {
    Committed,
    Failed(rusqlite::Error),
    Lost,
}

fn run_group(conn: &Connection, group: &mut [Box<dyn Job>]) -> Outcome {
    let alone = group.len() == 1;
    if let Err(error) = statement(conn, "BEGIN IMMEDIATE") {
        return Outcome::Failed(error);
    }
    let mut any = false;
    for job in group.iter_mut() {
        if !alone && let Err(error) = statement(conn, "SAVEPOINT body") {
            return give_up(conn, error);
        }
        let good = job.run(&mut SqliteTx { conn });
        if conn.is_autocommit() {
            // Alone, its own error is the answer.
            return if alone && !good { Outcome::Committed } else { Outcome::Lost };
        }
        any |= good;
        if !alone {
            let undone = if good { Ok(()) } else { statement(conn, "ROLLBACK TO body") };
            if let Err(error) = undone.and_then(|()| statement(conn, "RELEASE body")) {
                return give_up(conn, error);
            }
        }
    }
    match statement(conn, if any { "COMMIT" } else { "ROLLBACK" }) {
        Ok(()) => Outcome::Committed,
        Err(error) => give_up(conn, error),
    }
}

fn give_up(conn: &Connection, error: rusqlite::Error) -> Outcome {
    if !conn.is_autocommit() {
        // The transaction must not outlive its group; when even this fails, SQLite has ended it already.
        let _ = statement(conn, "ROLLBACK");
    }
    Outcome::Failed(error)
}

fn statement(conn: &Connection, sql: &'static str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.raw_execute().map(|_| ())
}

pub(super) fn begin(conn: &Connection, sql: &'static str) -> Result<()> {
    statement(conn, sql).map_err(|error| translate_ref(&error))
}

pub(super) struct SqliteTx<'c> {
    pub(super) conn: &'c Connection,
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(n) => ValueRef::Integer(*n),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Owned(text) => ValueRef::Text(text.as_bytes()),
            Value::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl SqliteTx<'_> {
    fn bound(&self, sql: Sql, args: &[Value<'_>]) -> rusqlite::Result<rusqlite::CachedStatement<'_>> {
        let mut statement = self.conn.prepare_cached(sql.text(Engine::Sqlite))?;
        for (index, value) in args.iter().enumerate() {
            statement.raw_bind_parameter(index + 1, value)?;
        }
        Ok(statement)
    }
}

impl Tx for SqliteTx<'_> {
    fn engine(&self) -> Engine {
        Engine::Sqlite
    }

    fn execute(&mut self, sql: Sql, args: &[Value<'_>]) -> Result<u64> {
        let run = || self.bound(sql, args)?.raw_execute();
        let rows = run().map_err(|error| translate(&error, sql.sqlite))?;
        Ok(u64::try_from(rows).unwrap_or(0))
    }

    fn query(&mut self, sql: Sql, args: &[Value<'_>], each: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        let mut statement = self.bound(sql, args).map_err(|error| translate(&error, sql.sqlite))?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(|error| translate(&error, sql.sqlite))? {
            each(&Row::Sqlite(row))?;
        }
        Ok(())
    }
}

fn translate(error: &rusqlite::Error, sql: &'static str) -> Error {
    let error = translate_ref(error);
    if error.code == Code::Internal {
        tracing::error!(%error, sql, "a statement failed");
    }
    error
}

/// SQLite's result codes (sqlite.org/rescode.html) as ours.
pub(super) fn translate_ref(error: &rusqlite::Error) -> Error {
    let text = error.to_string();
    let Some(code) = error.sqlite_error() else { return Error::internal(text) };
    match (code.code, code.extended_code) {
        (ErrorCode::ConstraintViolation, rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => {
            Error::new(Code::InUse, "Something else refers to this, or what it refers to is gone.").because(text)
        }
        (
            ErrorCode::ConstraintViolation,
            rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE | rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        ) => Error::new(Code::AlreadyExists, "This already exists.").because(text),
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => unavailable(Again("the database is busy")),
        (ErrorCode::OperationInterrupted, _) => unavailable(Again("the body takes long")),
        (ErrorCode::DiskFull, _) => {
            Error::new(Code::InsufficientStorage, "The disk is full. Free some space and try again.")
                .retry_after(30)
                .because(text)
        }
        (ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::ReadOnly, _) => unavailable(text),
        _ => Error::internal(text),
    }
}
