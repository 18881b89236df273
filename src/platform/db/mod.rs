//! The database: one synchronous transaction body, two engines.
//!
//! Uses: base. Never: an await inside a transaction; a statement that is not static text; a reply before its
//! commit is durable.
//!
//! A body is written once against `&mut dyn Tx` and may run more than once: on deadlock, lock wait, busy or a row
//! that another transaction changed, the *whole* body is run again. It therefore has no effect but rows.

mod migrate;
mod mysql;
mod pool;
mod readers;
mod sqlite;
mod stats;
mod telling;
mod value;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::base::change::Change;
use crate::base::error::{Code, Error, Result};
use telling::Telling;

pub use migrate::{Introspected, Migration};
pub use stats::{Closed, ConnectionInfo, PoolFigures, WriterFigures};
pub use telling::Hear;
pub use value::{Column, Columns, Row, Value};

/// Which engine runs the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Embedded SQLite.
    Sqlite,
    /// MySQL or MariaDB.
    Mysql,
}

/// Statement text. Nearly always the same for both engines; [`sql!`](crate::sql) spells the exceptions.
#[derive(Clone, Copy, Debug)]
pub struct Sql {
    /// Text for SQLite.
    pub sqlite: &'static str,
    /// Text for MySQL and MariaDB.
    pub mysql: &'static str,
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self { sqlite: text, mysql: text }
    }
}

impl Sql {
    /// The text for `engine`.
    pub const fn text(self, engine: Engine) -> &'static str {
        match engine {
            Engine::Sqlite => self.sqlite,
            Engine::Mysql => self.mysql,
        }
    }
}

/// A statement that the two engines must spell differently; each use states its reason beside it.
#[macro_export]
macro_rules! sql {
    (sqlite: $sqlite:expr, mysql: $mysql:expr $(,)?) => {
        $crate::platform::db::Sql { sqlite: $sqlite, mysql: $mysql }
    };
}

/// The values of a statement, in order of its `?`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::platform::db::Value::from($value)),*] };
}

/// A transaction: statements run in it, and all stand or none.
pub trait Tx {
    /// Which engine this is.
    fn engine(&self) -> Engine;

    /// Runs a statement; the number of rows it matched.
    ///
    /// # Errors
    /// `already_exists` on a unique key, `in_use` on a foreign key, `insufficient_storage` when the disk is full,
    /// `database_unavailable` when the engine is gone.
    fn execute(&mut self, sql: Sql, args: &[Value<'_>]) -> Result<u64>;

    /// Runs a query and shows each row once.
    ///
    /// # Errors
    /// As [`Tx::execute`], and what `each` returns.
    fn query(&mut self, sql: Sql, args: &[Value<'_>], each: &mut dyn FnMut(&Row<'_>) -> Result<()>) -> Result<()>;

    /// Tells of a change once this transaction is committed; never when it is rolled back.
    fn tell(&mut self, change: Change) {
        let _ = change;
    }
}

impl dyn Tx + '_ {
    /// Runs a statement; the number of rows it matched.
    ///
    /// # Errors
    /// As [`Tx::execute`].
    pub fn run(&mut self, sql: impl Into<Sql>, args: &[Value<'_>]) -> Result<u64> {
        self.execute(sql.into(), args)
    }

    /// Every row of a query, each made by `read`.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn all<T>(
        &mut self,
        sql: impl Into<Sql>,
        args: &[Value<'_>],
        read: impl Fn(&mut Columns<'_, '_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.query(sql.into(), args, &mut |row| {
            rows.push(read(&mut Columns::new(row))?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// The first row of a query, if any.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn first<T>(
        &mut self,
        sql: impl Into<Sql>,
        args: &[Value<'_>],
        read: impl Fn(&mut Columns<'_, '_>) -> Result<T>,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.query(sql.into(), args, &mut |row| {
            if found.is_none() {
                found = Some(read(&mut Columns::new(row))?);
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// A count or sum; 0 when there is none.
    ///
    /// # Errors
    /// As [`Tx::query`].
    pub fn number(&mut self, sql: impl Into<Sql>, args: &[Value<'_>]) -> Result<i64> {
        Ok(self.first(sql, args, |row| row.next::<Option<i64>>())?.flatten().unwrap_or(0))
    }
}

/// Marks an error after which the whole body is worth running again.
#[derive(Debug)]
pub(crate) struct Again(pub &'static str);

impl std::fmt::Display for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for Again {}

/// The row was changed by another transaction since it was read: run the body again.
pub fn changed_meanwhile() -> Error {
    unavailable(Again("another transaction changed the row"))
}

/// Another transaction inserted the same at the same moment: run the body again, which finds what is there then.
pub fn others_first(error: Error) -> Error {
    if error.code == Code::AlreadyExists { changed_meanwhile() } else { error }
}

/// The database cannot serve just now.
pub(crate) fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::new(Code::DatabaseUnavailable, "The database cannot serve just now. Try again in a moment.")
        .retry_after(2)
        .because(cause)
}

fn is_again(error: &Error) -> bool {
    error.cause().is_some_and(|cause| (cause as &(dyn std::error::Error + 'static)).is::<Again>())
}

/// How often a body is run before its caller hears of the conflict.
const ATTEMPTS: u32 = 8;

/// A pause before attempt `attempt`, longer each time, with jitter so that rivals part.
fn pause(attempt: u32) -> Duration {
    let most = 2_u64 << attempt.min(7);
    let jitter = crate::base::text::random::<8>().map_or(1, u64::from_le_bytes);
    Duration::from_millis(1 + jitter % most)
}

/// Settings of the database, from the configuration.
#[derive(Clone, Debug)]
pub struct Options {
    /// `sqlite:PATH` or `mysql://user:password@host:port/name`.
    pub url: String,
    /// Reader connections (SQLite) or all connections (MySQL).
    pub max: u32,
    /// Connections that stay open when idle.
    pub min: u32,
    /// How long a request waits for a connection, and a statement for the server.
    pub acquire_timeout: Duration,
    /// A connection idle for longer is closed.
    pub idle_timeout: Duration,
    /// A connection older than this (and up to a tenth more, so that not all end together) is closed.
    pub max_age: Duration,
    /// How long the start waits for a server that is not there yet.
    pub connect_retry: Duration,
}

impl Options {
    /// Bodies that may keep a thread at once.
    pub fn threads(&self) -> usize {
        usize::try_from(self.max).unwrap_or(usize::MAX)
    }
}

/// What the last run of a body told, on its way from the body to the commit.
#[derive(Clone)]
struct Told(Arc<Mutex<Vec<Change>>>);

impl Told {
    fn set(&self, changes: Vec<Change>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = changes;
    }

    fn take(&self) -> Vec<Change> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The database, cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Inner>, Option<Hear>);

enum Inner {
    Sqlite(sqlite::Sqlite),
    Mysql(mysql::Mysql),
}

impl Db {
    /// Opens the database and brings its schema up to date.
    ///
    /// # Errors
    /// `database_unavailable` when it cannot be reached or opened, `internal` when its schema is newer than this
    /// program or a migration fails.
    pub async fn open(options: &Options) -> Result<Self> {
        let inner = if let Some(path) = options.url.strip_prefix("sqlite:") {
            Inner::Sqlite(sqlite::Sqlite::open(std::path::Path::new(path), options).await?)
        } else {
            Inner::Mysql(mysql::Mysql::open(options).await?)
        };
        let db = Self(Arc::new(inner), None);
        migrate::run(&db).await?;
        Ok(db)
    }

    /// The same database, with somebody who hears of every committed change that this value or its clones make.
    #[must_use]
    pub fn heard_by(self, hear: Hear) -> Self {
        Self(self.0, Some(hear))
    }

    /// Which engine this is.
    pub fn engine(&self) -> Engine {
        match &*self.0 {
            Inner::Sqlite(_) => Engine::Sqlite,
            Inner::Mysql(_) => Engine::Mysql,
        }
    }

    /// Runs `body` in one transaction that may change rows, and commits it durably.
    ///
    /// # Errors
    /// What `body` returns (everything is rolled back then), or `database_unavailable`.
    pub async fn write<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T> + Send + Sync + 'static,
    {
        let body = Arc::new(body);
        let mut attempt = 0;
        loop {
            let once = Arc::clone(&body);
            let told = Told(Arc::default());
            let gathered = told.clone();
            let run = move |tx: &mut dyn Tx| {
                let mut telling = Telling::new(tx);
                let done = once(&mut telling)?;
                gathered.set(telling.told());
                Ok(done)
            };
            let hear = self.1.clone();
            let committed = move || {
                if let Some(hear) = &hear {
                    hear(told.take());
                }
            };
            let result = match &*self.0 {
                Inner::Sqlite(engine) => engine.write(run, committed).await,
                Inner::Mysql(engine) => engine.run(mysql::Mode::Write, run, committed).await,
            };
            match result {
                Err(error) if is_again(&error) && attempt + 1 < ATTEMPTS => {
                    attempt += 1;
                    tokio::time::sleep(pause(attempt)).await;
                }
                other => return other,
            }
        }
    }

    /// Runs `body` with a consistent view and no right to change rows.
    ///
    /// # Errors
    /// What `body` returns, or `database_unavailable`.
    pub async fn read<T, F>(&self, body: F) -> Result<T>
    where
        T: Send + 'static,
        F: Fn(&mut dyn Tx) -> Result<T> + Send + Sync + 'static,
    {
        match &*self.0 {
            Inner::Sqlite(engine) => engine.read(body).await,
            Inner::Mysql(engine) => engine.run(mysql::Mode::Read, body, || {}).await,
        }
    }

    /// The engine's version, as it says itself.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn version(&self) -> Result<String> {
        match &*self.0 {
            Inner::Sqlite(_) => Ok(rusqlite::version().to_owned()),
            Inner::Mysql(_) => {
                self.read(|tx| Ok(tx.first("SELECT VERSION()", args![], |row| row.next())?.unwrap_or_default())).await
            }
        }
    }

    /// Figures of the connections, as of now.
    pub fn figures(&self) -> PoolFigures {
        match &*self.0 {
            Inner::Sqlite(engine) => engine.figures(),
            Inner::Mysql(engine) => engine.figures(),
        }
    }

    /// Figures of the group-committing writer; none on MySQL.
    pub fn writer(&self) -> Option<WriterFigures> {
        match &*self.0 {
            Inner::Sqlite(engine) => Some(engine.writer_figures()),
            Inner::Mysql(_) => None,
        }
    }

    /// Finishes what is queued and closes every connection.
    pub async fn close(&self) {
        match &*self.0 {
            Inner::Sqlite(engine) => engine.close().await,
            Inner::Mysql(engine) => engine.close().await,
        }
    }

    /// The schema as the engine itself describes it, for comparing the two.
    ///
    /// # Errors
    /// `database_unavailable`.
    pub async fn introspect(&self) -> Result<Introspected> {
        migrate::introspect(self).await
    }

    /// The migrations in this program, in order.
    pub fn migrations() -> Vec<Migration> {
        migrate::all()
    }
}
