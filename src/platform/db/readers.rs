//! The connections of SQLite that read, and where a reading body runs.
//!
//! Most bodies are over sooner than another thread is woken and has answered, so they begin on the thread that asks;
//! that thread also serves others, so a body that takes long is broken off and run again on one that may wait.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::pool::{Lent, Manager};
use super::sqlite::{BUSY, SqliteTx, begin, configure, panicked, translate_ref};
use super::{Tx, is_again, unavailable};
use crate::base::error::{Error, Result};

/// Steps of SQLite's machine (sqlite.org/opcode.html) between two looks at a hurried body; about 10 rows of a list.
const STEPS: i32 = 1000;
/// A hurried body may take this many looks, which is about a millisecond of work,
const LOOKS: u32 = 50;
/// or so long, when it is the disk that it waits for.
const LONG: Duration = Duration::from_millis(10);

/// Opens the connections that read.
pub struct Readers {
    path: PathBuf,
    next: AtomicU64,
}

/// A connection that reads.
pub struct Reader {
    conn: Connection,
    hurry: Arc<Hurry>,
}

impl Readers {
    pub fn new(path: PathBuf) -> Self {
        Self { path, next: AtomicU64::new(1) }
    }
}

impl Manager for Readers {
    type Conn = Reader;

    async fn connect(&self) -> Result<(u64, Reader)> {
        let path = self.path.clone();
        let reader = tokio::task::spawn_blocking(move || {
            // Not READ_ONLY: the last reader of a log left by a crash must be able to recover it.
            let mut conn =
                Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            configure(&conn)?;
            conn.pragma_update(None, "query_only", true)?;
            let hurry = Arc::new(Hurry::default());
            let asked = Arc::clone(&hurry);
            conn.progress_handler(STEPS, Some(move || asked.look()))?;
            Ok::<_, rusqlite::Error>(Reader { conn, hurry })
        })
        .await
        .map_err(Error::internal)?
        .map_err(unavailable)?;
        Ok((self.next.fetch_add(1, Ordering::Relaxed), reader))
    }

    async fn alive(&self, _reader: &mut Reader) -> bool {
        true
    }

    fn close(&self, reader: Reader) {
        drop(reader);
    }
}

/// Runs a body on a lent connection; none when it is `hurried` and would take long.
pub fn read_once<T>(
    lent: &mut Lent<Readers>,
    body: &impl Fn(&mut dyn Tx) -> Result<T>,
    hurried: bool,
) -> Option<Result<T>> {
    let Some(Reader { conn, hurry }) = lent.conn() else { return Some(Err(unavailable("the connection is gone"))) };
    // Who hurries must not sleep until another process gives way.
    let patience = conn.busy_timeout(if hurried { Duration::ZERO } else { BUSY });
    if let Err(error) = patience.map_err(|error| translate_ref(&error)).and_then(|()| begin(conn, "BEGIN")) {
        return Some(Err(error));
    }
    hurry.begin(hurried);
    let result = catch_unwind(AssertUnwindSafe(|| body(&mut SqliteTx { conn })));
    let broken_off = hurry.end();
    let ended = begin(conn, "COMMIT");
    if ended.is_err() || result.is_err() {
        lent.broken();
    }
    match result {
        _ if broken_off => None,
        Ok(Err(error)) if hurried && is_again(&error) => None,
        Ok(result) => Some(result),
        Err(_) => Some(Err(panicked())),
    }
}

/// How far a hurried body has come; SQLite asks it every so many steps.
#[derive(Debug, Default)]
struct Hurry(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    until: Option<Instant>,
    looks: u32,
    broken_off: bool,
}

impl Hurry {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, hurried: bool) {
        *self.lock() = State { until: hurried.then(|| Instant::now() + LONG), ..State::default() };
    }

    /// Whether the statement is to be broken off.
    fn look(&self) -> bool {
        let mut state = self.lock();
        state.looks += 1;
        state.broken_off |= state.until.is_some_and(|until| state.looks > LOOKS || Instant::now() > until);
        state.broken_off
    }

    /// Lets statements run on; whether one was broken off.
    fn end(&self) -> bool {
        std::mem::take(&mut *self.lock()).broken_off
    }
}
