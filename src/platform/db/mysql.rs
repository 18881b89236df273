//! MySQL and MariaDB through sqlx: the connection is awaited, then the body runs on a blocking thread, each
//! statement through the runtime.
//!
//! Isolation is READ COMMITTED: a body sees what is committed when it asks, takes no gap locks, and guards what it
//! decided on by row counts. Every statement has a limit in time, so a server that no longer answers costs its
//! caller a 503 and never a hang.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqlx::mysql::{MySqlArguments, MySqlConnectOptions, MySqlConnection, MySqlDatabaseError};
use sqlx::query::Query;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, MySql, Row as _};
use tokio::runtime::Handle;

use super::pool::{Lent, Limits, Manager, Pool};
use super::stats::PoolFigures;
use super::value::{Row, Value};
use super::{Again, Engine, Options, Sql, Tx, unavailable};
use crate::base::error::{Code, Error, Result};

pub struct Mysql {
    pool: Pool<Server>,
    options: MySqlConnectOptions,
    patience: Duration,
}

/// Whether a body may change rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Read,
    Write,
}

struct Server {
    options: MySqlConnectOptions,
    patience: Duration,
}

impl Mysql {
    pub async fn open(options: &Options) -> Result<Self> {
        let connect: MySqlConnectOptions = options.url.parse().map_err(|error: sqlx::Error| {
            Error::new(
                Code::DatabaseUnavailable,
                "The database URL is not understood; write mysql://user:password@host:port/name.",
            )
            .because(error)
        })?;
        let connect = connect
            .charset("utf8mb4")
            .collation("utf8mb4_bin")
            .pipes_as_concat(false)
            .statement_cache_capacity(256)
            .disable_statement_logging();
        let limits = Limits {
            max: options.max,
            min: options.min,
            acquire_timeout: options.acquire_timeout,
            idle_timeout: options.idle_timeout,
            max_age: options.max_age,
            check_after: Duration::from_secs(5).min(options.idle_timeout),
        };
        let server = Server { options: connect.clone(), patience: options.acquire_timeout };
        let pool = Pool::new("mysql", server, limits);
        let this = Self { pool, options: connect, patience: options.acquire_timeout };
        this.await_server(options.connect_retry).await?;
        Ok(this)
    }

    /// At start the server may not be there yet (both begin with the machine): try for a while.
    async fn await_server(&self, limit: Duration) -> Result<()> {
        let started = Instant::now();
        let mut attempt = 0;
        loop {
            match self.pool.acquire().await {
                Ok(_) => return Ok(()),
                Err(error) if started.elapsed() < limit => {
                    attempt += 1;
                    let wait = Duration::from_millis(100_u64 << attempt.min(5));
                    tracing::warn!(%error, attempt, "the database does not answer yet");
                    tokio::time::sleep(wait).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Runs `body`, and `committed` once it is: on the body's thread, also when the caller has gone.
    pub async fn run<T, F, C>(&self, mode: Mode, body: F, committed: C) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T> + Send + Sync + 'static,
        C: Fn() + Send + Sync + 'static,
    {
        let body = Arc::new((body, committed));
        // One limit from the request for a connection to the server's answer that the transaction has begun, however
        // many dead connections lie between.
        let deadline = Instant::now() + self.patience;
        loop {
            let lent = self.pool.acquire_within(deadline.saturating_duration_since(Instant::now())).await?;
            let body = Arc::clone(&body);
            let limits = (deadline, self.patience);
            let handle = Handle::current();
            let ran = tokio::task::spawn_blocking(move || {
                let (body, committed) = &*body;
                let ran = transaction(&handle, lent, mode, limits, body);
                if matches!(ran, Ran::Done(Ok(_))) {
                    committed();
                }
                ran
            });
            match ran.await.map_err(Error::internal)? {
                // The connection had died while idle: nothing was run, and the pool has one fewer of its kind.
                Ran::NotBegun { reused: true } => {}
                Ran::NotBegun { reused: false } => return Err(unavailable("the server refused to begin")),
                Ran::Done(result) => return result,
            }
        }
    }

    /// Runs schema statements, each of which MySQL commits by itself; `before` and `after` surround them.
    pub async fn schema(&self, steps: Vec<String>) -> Result<()> {
        let failed = |error: sqlx::Error| {
            Error::new(Code::Internal, "The database schema could not be brought up to date.").because(error)
        };
        let mut conn = self.options.connect().await.map_err(unavailable)?;
        let mut steps = steps.into_iter().peekable();
        while let Some(step) = steps.next() {
            // A change of rows must happen once, however often a start is cut short or two desks start together: it
            // stands in one transaction with its line in the journal, which goes first because only one can write it.
            if step.starts_with("UPDATE ") || step.starts_with("INSERT INTO invoice_") {
                let journal = steps.next_if(|next| next.starts_with("INSERT INTO schema_steps")).unwrap_or_default();
                for part in ["START TRANSACTION".to_owned(), journal, step, "COMMIT".to_owned()] {
                    if !part.is_empty() {
                        sqlx::raw_sql(sqlx::AssertSqlSafe(part)).execute(&mut conn).await.map_err(failed)?;
                    }
                }
                continue;
            }
            let trigger = step.starts_with("CREATE TRIGGER");
            match sqlx::raw_sql(sqlx::AssertSqlSafe(step)).execute(&mut conn).await {
                // A server with a binary log lets only few make triggers. The program never changes such rows anyway,
                // and the chain of hashes shows whoever does.
                Err(error) if trigger && may_not(&error) => {
                    tracing::warn!(%error, "this account may not make triggers: the database itself guards less");
                }
                done => {
                    done.map_err(failed)?;
                }
            }
        }
        conn.close().await.map_err(failed)
    }

    pub fn figures(&self) -> PoolFigures {
        self.pool.figures()
    }

    pub async fn close(&self) {
        self.pool.close();
        // Goodbyes are said by tasks of their own; give them a turn.
        tokio::task::yield_now().await;
    }
}

/// ER_TABLEACCESS_DENIED, ER_SPECIFIC_ACCESS_DENIED, ER_BINLOG_CREATE_ROUTINE_NEED_SUPER.
fn may_not(error: &sqlx::Error) -> bool {
    let number = error.as_database_error().and_then(|e| e.try_downcast_ref::<MySqlDatabaseError>()).map(|e| e.number());
    matches!(number, Some(1142 | 1227 | 1419))
}

impl Manager for Server {
    type Conn = MySqlConnection;

    async fn connect(&self) -> Result<(u64, MySqlConnection)> {
        let open = async {
            let mut conn = self.options.connect().await?;
            conn.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED").await?;
            let row = sqlx::query("SELECT CONNECTION_ID()").fetch_one(&mut conn).await?;
            let id: i64 = row.try_get_unchecked(0)?;
            Ok::<_, sqlx::Error>((id, conn))
        };
        let (id, conn) = tokio::time::timeout(self.patience, open).await.map_err(unavailable)?.map_err(unavailable)?;
        Ok((u64::try_from(id).unwrap_or(0), conn))
    }

    async fn alive(&self, conn: &mut MySqlConnection) -> bool {
        matches!(tokio::time::timeout(Duration::from_secs(1), conn.ping()).await, Ok(Ok(())))
    }

    fn close(&self, conn: MySqlConnection) {
        // COM_QUIT is a courtesy; a server that is gone must not keep us.
        if let Ok(handle) = Handle::try_current() {
            handle.spawn(async move {
                let _ = tokio::time::timeout(Duration::from_secs(1), conn.close()).await;
            });
        }
    }
}

enum Ran<T> {
    NotBegun { reused: bool },
    Done(Result<T>),
}

fn transaction<T>(
    handle: &Handle,
    mut lent: Lent<Server>,
    mode: Mode,
    (deadline, patience): (Instant, Duration),
    body: &dyn Fn(&mut dyn Tx) -> Result<T>,
) -> Ran<T> {
    let reused = lent.reused();
    let Some(conn) = lent.conn() else { return Ran::NotBegun { reused: false } };
    let left = deadline.saturating_duration_since(Instant::now());
    let mut tx = MysqlTx { handle, conn, patience: left, broken: false, again: false };
    let begin = match mode {
        Mode::Read => "START TRANSACTION READ ONLY",
        Mode::Write => "START TRANSACTION",
    };
    if tx.plain(begin).is_err() {
        lent.broken();
        return Ran::NotBegun { reused };
    }
    tx.patience = patience;
    let result = catch_unwind(AssertUnwindSafe(|| body(&mut tx)));
    let result = match result {
        Ok(result) => result,
        Err(_) => {
            tx.broken = true;
            Err(Error::internal("a transaction body panicked"))
        }
    };
    // After a deadlock the server has rolled back already: nothing of this body may be committed, even if the
    // body itself went on.
    let result =
        if tx.again && result.is_ok() { Err(unavailable(Again("the transaction was rolled back"))) } else { result };
    let end = if result.is_ok() { "COMMIT" } else { "ROLLBACK" };
    let ended = if tx.broken { Ok(()) } else { tx.plain(end) };
    let broken = tx.broken || ended.is_err();
    if broken {
        lent.broken();
    }
    Ran::Done(match (result, ended) {
        (Ok(_), Err(error)) => Err(error),
        (result, _) => result,
    })
}

struct MysqlTx<'c> {
    handle: &'c Handle,
    conn: &'c mut MySqlConnection,
    patience: Duration,
    /// The connection is in doubt.
    broken: bool,
    /// The server rolled the transaction back by itself.
    again: bool,
}

impl MysqlTx<'_> {
    fn plain(&mut self, text: &'static str) -> Result<()> {
        let ran = self.handle.block_on(async {
            tokio::time::timeout(self.patience, sqlx::raw_sql(text).execute(&mut *self.conn)).await
        });
        self.settle(ran, text).map(|_| ())
    }

    /// Bookkeeping after a statement: what the failure means for the connection and for the transaction.
    fn settle<R>(
        &mut self,
        ran: std::result::Result<std::result::Result<R, sqlx::Error>, tokio::time::error::Elapsed>,
        sql: &'static str,
    ) -> Result<R> {
        match ran {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                let (error, broken) = translate(error, sql);
                self.broken |= broken;
                self.again |= super::is_again(&error);
                Err(error)
            }
            Err(elapsed) => {
                self.broken = true;
                Err(unavailable(elapsed))
            }
        }
    }

    fn may_go_on(&self) -> Result<()> {
        if self.broken || self.again { Err(unavailable("the transaction has failed already")) } else { Ok(()) }
    }
}

fn bound<'q>(sql: &'static str, args: &'q [Value<'q>]) -> Query<'q, MySql, MySqlArguments> {
    args.iter().fold(sqlx::query(sql), |query, value| match value {
        Value::Null => query.bind(None::<i64>),
        Value::Int(n) => query.bind(*n),
        Value::Text(text) => query.bind(*text),
        Value::Owned(text) => query.bind(text.as_str()),
        Value::Blob(bytes) => query.bind(*bytes),
    })
}

impl Tx for MysqlTx<'_> {
    fn engine(&self) -> Engine {
        Engine::Mysql
    }

    fn execute(&mut self, sql: Sql, args: &[Value<'_>]) -> Result<u64> {
        self.may_go_on()?;
        let ran = self.handle.block_on(async {
            tokio::time::timeout(self.patience, bound(sql.mysql, args).execute(&mut *self.conn)).await
        });
        self.settle(ran, sql.mysql).map(|done| done.rows_affected())
    }

    fn query(&mut self, sql: Sql, args: &[Value<'_>], each: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()> {
        self.may_go_on()?;
        let ran = self.handle.block_on(async {
            tokio::time::timeout(self.patience, bound(sql.mysql, args).fetch_all(&mut *self.conn)).await
        });
        for row in self.settle(ran, sql.mysql)? {
            each(&Row::Mysql(&row))?;
        }
        Ok(())
    }
}

/// MySQL's error numbers (dev.mysql.com, Server Error Message Reference) as ours; and whether the connection is in
/// doubt after it.
fn translate(error: sqlx::Error, sql: &'static str) -> (Error, bool) {
    let number = match &error {
        sqlx::Error::Database(inner) => inner.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number),
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => Some(0),
        _ => None,
    };
    let Some(number) = number else { return (unavailable(error), true) };
    match number {
        // ER_DUP_ENTRY
        1062 => (Error::new(Code::AlreadyExists, "This already exists.").because(error), false),
        // ER_ROW_IS_REFERENCED, ER_NO_REFERENCED_ROW and their second forms
        1216 | 1217 | 1451 | 1452 => (
            Error::new(Code::InUse, "Something else refers to this, or what it refers to is gone.").because(error),
            false,
        ),
        // ER_LOCK_DEADLOCK (Galera: also a lost certification), ER_LOCK_WAIT_TIMEOUT, ER_CHECKREAD
        1213 => (unavailable(Again("deadlock")), false),
        1205 => (unavailable(Again("lock wait")), false),
        1020 => (unavailable(Again("the record has changed")), false),
        // ER_DISK_FULL, ER_RECORD_FILE_FULL, ER_DISK_FULL_NOWAIT
        1021 | 1114 | 3675 => (
            Error::new(Code::InsufficientStorage, "The disk of the database is full. Free some space and try again.")
                .retry_after(30)
                .because(error),
            false,
        ),
        // Shutdown, killed, network, read-only, node not ready
        1040
        | 1042
        | 1047
        | 1053
        | 1077
        | 1079
        | 1080
        | 1152..=1161
        | 1184
        | 1203
        | 1290
        | 1317
        | 1836
        | 1927
        | 3024 => (unavailable(error), true),
        _ => {
            tracing::error!(%error, sql, "a statement failed");
            (Error::internal(error), false)
        }
    }
}
