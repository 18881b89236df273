//! A bounded set of connections, lent one at a time, with a reason for every closing.
//!
//! sqlx's own pool tells neither why it closed a connection nor which connection a request was given, and both are
//! promised by `/system/database`; so sqlx makes the connections and this keeps them, for MySQL and for the readers
//! of SQLite alike.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::stats::{Closed, PoolFigures, Stats};
use crate::base::error::Result;

/// Makes, tries and ends connections of one kind.
pub trait Manager: Send + Sync + 'static {
    /// The connection.
    type Conn: Send + 'static;

    /// Opens one; its number is the one the server knows it by.
    fn connect(&self) -> impl Future<Output = Result<(u64, Self::Conn)>> + Send;

    /// Whether a connection that was idle still answers.
    fn alive(&self, conn: &mut Self::Conn) -> impl Future<Output = bool> + Send;

    /// Says goodbye; must not block.
    fn close(&self, conn: Self::Conn);
}

/// How many connections, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most connections.
    pub max: u32,
    /// Kept open when idle.
    pub min: u32,
    /// How long a request waits.
    pub acquire_timeout: Duration,
    /// Idle for longer: closed.
    pub idle_timeout: Duration,
    /// Older: closed; each connection adds up to a tenth by chance, so that not all end together.
    pub max_age: Duration,
    /// Idle for longer: asked whether it still answers before it is lent.
    pub check_after: Duration,
}

struct Entry<C> {
    conn: C,
    id: u64,
    opened: Instant,
    max_age: Duration,
    since: Instant,
}

struct Shared<M: Manager> {
    manager: M,
    limits: Limits,
    stats: Stats,
    permits: Arc<Semaphore>,
    // Last in, first out: what is not needed grows idle and is closed.
    idle: Mutex<Vec<Entry<M::Conn>>>,
    closed: AtomicBool,
}

/// The pool; cheap to clone.
pub struct Pool<M: Manager>(Arc<Shared<M>>);

impl<M: Manager> Clone for Pool<M> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

/// A lent connection; goes back when dropped, or is closed when it was called broken.
pub struct Lent<M: Manager> {
    entry: Option<Entry<M::Conn>>,
    broken: bool,
    reused: bool,
    shared: Arc<Shared<M>>,
    _permit: OwnedSemaphorePermit,
}

impl<M: Manager> Lent<M> {
    /// The connection.
    pub fn conn(&mut self) -> Option<&mut M::Conn> {
        self.entry.as_mut().map(|entry| &mut entry.conn)
    }

    /// Whether it was idle before, and may have died meanwhile.
    pub fn reused(&self) -> bool {
        self.reused
    }

    /// It failed or is in doubt: close it instead of lending it again.
    pub fn broken(&mut self) {
        self.broken = true;
    }
}

impl<M: Manager> Drop for Lent<M> {
    fn drop(&mut self) {
        let Some(mut entry) = self.entry.take() else { return };
        if self.broken {
            self.shared.end(entry, Closed::Broken);
        } else if self.shared.closed.load(Ordering::Acquire) {
            self.shared.end(entry, Closed::Shutdown);
        } else {
            entry.since = Instant::now();
            self.shared.stats.returned(entry.id);
            self.shared.lock_idle().push(entry);
        }
    }
}

impl<M: Manager> Shared<M> {
    fn lock_idle(&self) -> MutexGuard<'_, Vec<Entry<M::Conn>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, entry: Entry<M::Conn>, why: Closed) {
        self.stats.closed(entry.id, why);
        self.manager.close(entry.conn);
    }

    async fn open(&self) -> Result<Entry<M::Conn>> {
        let (id, conn) = self.manager.connect().await?;
        self.stats.opened(id);
        let now = Instant::now();
        let tenth = u64::try_from(self.limits.max_age.as_millis() / 10).unwrap_or(u64::MAX).max(1);
        let jitter = crate::base::text::random::<8>().map_or(0, u64::from_le_bytes) % tenth;
        let max_age = self.limits.max_age + Duration::from_millis(jitter);
        Ok(Entry { conn, id, opened: now, max_age, since: now })
    }

    /// An idle connection that may be lent: neither too old nor too long idle, and answering.
    async fn reuse(&self) -> Option<Entry<M::Conn>> {
        loop {
            let mut entry = self.lock_idle().pop()?;
            if let Some(why) = self.expired(&entry) {
                self.end(entry, why);
            } else if entry.since.elapsed() < self.limits.check_after {
                return Some(entry);
            } else {
                // Cancelled in the middle (the client left), the entry is dropped and must still be counted.
                let guard = InDoubt { shared: self, id: entry.id, done: false };
                let alive = self.manager.alive(&mut entry.conn).await;
                guard.settle();
                if alive {
                    return Some(entry);
                }
                self.end(entry, Closed::Broken);
            }
        }
    }

    fn expired(&self, entry: &Entry<M::Conn>) -> Option<Closed> {
        if entry.opened.elapsed() >= entry.max_age {
            Some(Closed::MaxAge)
        } else if entry.since.elapsed() >= self.limits.idle_timeout {
            Some(Closed::Idle)
        } else {
            None
        }
    }

    /// Closes what is too old or idle for too long; keeps `min` against idleness, not against age.
    fn tidy(&self) {
        let gone: Vec<_> = {
            let mut idle = self.lock_idle();
            let mut keep = usize::try_from(self.limits.min).unwrap_or(usize::MAX);
            let mut gone = Vec::new();
            // From the most recently used down, so that the longest idle go first.
            for index in (0..idle.len()).rev() {
                let why = idle.get(index).and_then(|entry| self.expired(entry));
                match why {
                    Some(Closed::Idle) if keep > 0 => keep -= 1,
                    Some(why) => gone.push((idle.remove(index), why)),
                    None => keep = keep.saturating_sub(1),
                }
            }
            gone
        };
        for (entry, why) in gone {
            self.end(entry, why);
        }
    }
}

struct InDoubt<'s, M: Manager> {
    shared: &'s Shared<M>,
    id: u64,
    done: bool,
}

impl<M: Manager> InDoubt<'_, M> {
    fn settle(mut self) {
        self.done = true;
    }
}

impl<M: Manager> Drop for InDoubt<'_, M> {
    fn drop(&mut self) {
        if !self.done {
            self.shared.stats.closed(self.id, Closed::Broken);
        }
    }
}

impl<M: Manager> Pool<M> {
    /// An empty pool that tidies itself each second for as long as it lives.
    pub fn new(name: &'static str, manager: M, limits: Limits) -> Self {
        let shared = Arc::new(Shared {
            manager,
            limits,
            stats: Stats::new(name),
            permits: Arc::new(Semaphore::new(usize::try_from(limits.max).unwrap_or(usize::MAX).max(1))),
            idle: Mutex::new(Vec::new()),
            closed: AtomicBool::new(false),
        });
        let weak = Arc::downgrade(&shared);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(1)).await;
                let Some(shared) = weak.upgrade() else { return };
                shared.tidy();
            }
        });
        Self(shared)
    }

    /// Lends a connection, at the latest after the acquire timeout.
    ///
    /// # Errors
    /// `database_unavailable` when none became free or could be opened in time.
    pub async fn acquire(&self) -> Result<Lent<M>> {
        self.acquire_within(self.0.limits.acquire_timeout).await
    }

    /// Lends a connection, at the latest after `limit`.
    ///
    /// # Errors
    /// As [`Pool::acquire`].
    pub async fn acquire_within(&self, limit: Duration) -> Result<Lent<M>> {
        let shared = &self.0;
        let started = Instant::now();
        let waiting = shared.stats.wait();
        let attempt = async {
            let permit = Arc::clone(&shared.permits).acquire_owned().await.map_err(super::unavailable)?;
            let (entry, reused) = match shared.reuse().await {
                Some(entry) => (entry, true),
                None => (shared.open().await?, false),
            };
            Ok((permit, entry, reused))
        };
        let got = tokio::time::timeout(limit, attempt).await;
        drop(waiting);
        match got {
            Ok(Ok((permit, entry, reused))) => {
                shared.stats.lent(entry.id, started.elapsed());
                Ok(Lent { entry: Some(entry), broken: false, reused, shared: Arc::clone(shared), _permit: permit })
            }
            Ok(Err(error)) => Err(error),
            Err(elapsed) => {
                shared.stats.timed_out(started.elapsed());
                Err(super::unavailable(elapsed))
            }
        }
    }

    /// The figures as of now.
    pub fn figures(&self) -> PoolFigures {
        self.0.stats.figures(self.0.limits.max, self.0.limits.min)
    }

    /// Lends nothing any more and closes what is idle; what is lent is closed when it comes back.
    pub fn close(&self) {
        self.0.closed.store(true, Ordering::Release);
        self.0.permits.close();
        let idle = std::mem::take(&mut *self.0.lock_idle());
        for entry in idle {
            self.0.end(entry, Closed::Shutdown);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;

    use super::*;

    /// Connections that are numbers; those in `dead` do not answer.
    struct Numbers {
        next: AtomicU64,
        dead: Mutex<Vec<u64>>,
    }

    impl Manager for Numbers {
        type Conn = u64;

        async fn connect(&self) -> Result<(u64, u64)> {
            let id = self.next.fetch_add(1, Ordering::SeqCst);
            Ok((id, id))
        }

        async fn alive(&self, conn: &mut u64) -> bool {
            !self.dead.lock().expect("no panic holds it").contains(conn)
        }

        fn close(&self, _conn: u64) {}
    }

    fn pool(change: impl FnOnce(&mut Limits)) -> Pool<Numbers> {
        let mut limits = Limits {
            max: 2,
            min: 0,
            acquire_timeout: Duration::from_millis(50),
            idle_timeout: Duration::from_secs(60),
            max_age: Duration::from_secs(600),
            check_after: Duration::from_secs(60),
        };
        change(&mut limits);
        Pool::new("test", Numbers { next: AtomicU64::new(1), dead: Mutex::default() }, limits)
    }

    #[tokio::test]
    async fn a_request_that_finds_all_lent_is_refused_after_the_timeout() {
        let pool = pool(|_| ());
        let first = pool.acquire().await.expect("free");
        let _second = pool.acquire().await.expect("free");
        let refused = pool.acquire().await.map(|_| ()).expect_err("all are lent");
        assert_eq!(refused.code, crate::base::error::Code::DatabaseUnavailable);
        assert!(refused.retry_after.is_some());
        assert_eq!(pool.figures().acquire_timeouts_total, 1);
        drop(first);
        assert!(pool.acquire().await.is_ok());
        assert_eq!(pool.figures().opened_total, 2);
    }

    #[tokio::test]
    async fn closings_are_counted_by_their_reason() {
        let old = pool(|limits| limits.max_age = Duration::ZERO);
        drop(old.acquire().await.expect("free"));
        // A tenth of zero is one millisecond of jitter at most.
        tokio::time::sleep(Duration::from_millis(5)).await;
        drop(old.acquire().await.expect("free"));
        assert_eq!(old.figures().closed_max_age_total, 1);

        let idle = pool(|limits| limits.idle_timeout = Duration::ZERO);
        drop(idle.acquire().await.expect("free"));
        idle.0.tidy();
        assert_eq!((idle.figures().closed_idle_total, idle.figures().open), (1, 0));

        let broken = pool(|_| ());
        broken.acquire().await.expect("free").broken();
        assert_eq!((broken.figures().closed_broken_total, broken.figures().open), (1, 0));
    }

    #[tokio::test]
    async fn an_idle_connection_is_asked_before_it_is_lent() {
        let pool = pool(|limits| limits.check_after = Duration::ZERO);
        drop(pool.acquire().await.expect("free"));
        pool.0.manager.dead.lock().expect("no panic holds it").push(1);
        let mut lent = pool.acquire().await.expect("another is opened");
        assert_eq!(lent.conn(), Some(&mut 2));
        assert_eq!(pool.figures().closed_broken_total, 1);
    }

    #[tokio::test]
    async fn the_minimum_stays_open_when_idle() {
        let pool = pool(|limits| {
            limits.idle_timeout = Duration::ZERO;
            limits.min = 1;
        });
        let (first, second) = (pool.acquire().await.expect("free"), pool.acquire().await.expect("free"));
        drop((first, second));
        pool.0.tidy();
        assert_eq!((pool.figures().open, pool.figures().closed_idle_total), (1, 1));
    }
}
