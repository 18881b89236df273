//! Figures of the connections: counted where a connection is opened, lent, given back and closed.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Why a connection was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It was idle for too long.
    Idle,
    /// It was too old.
    MaxAge,
    /// It failed, or may have.
    Broken,
    /// The program ends.
    Shutdown,
}

impl Closed {
    /// The word in logs and figures.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::MaxAge => "max_age",
            Self::Broken => "broken",
            Self::Shutdown => "shutdown",
        }
    }
}

/// One connection, as it is now.
#[derive(Clone, Debug)]
pub struct ConnectionInfo {
    /// The server's own number for it (`CONNECTION_ID()`), or ours on SQLite.
    pub id: u64,
    /// `idle` or `in_use`.
    pub state: &'static str,
    /// Age in milliseconds.
    pub age_ms: u64,
    /// Milliseconds since it was last lent or given back.
    pub since_ms: u64,
}

/// All figures of a pool.
#[derive(Clone, Debug, Default)]
pub struct PoolFigures {
    /// Most connections.
    pub max: u32,
    /// Connections kept when idle.
    pub min: u32,
    /// Open connections.
    pub open: u32,
    /// Of these, waiting to be used.
    pub idle: u32,
    /// Of these, in use.
    pub in_use: u32,
    /// Requests that wait for a connection.
    pub waiting: u32,
    /// Connections opened since the start.
    pub opened_total: u64,
    /// Closed since the start, for being idle too long.
    pub closed_idle_total: u64,
    /// Closed since the start, for their age.
    pub closed_max_age_total: u64,
    /// Closed since the start, for being broken.
    pub closed_broken_total: u64,
    /// Requests that waited in vain.
    pub acquire_timeouts_total: u64,
    /// Times a connection was lent.
    pub acquired_total: u64,
    /// Half of the last 1,024 waits were no longer than this, in microseconds.
    pub acquire_wait_p50_us: u64,
    /// 95 % of them.
    pub acquire_wait_p95_us: u64,
    /// 99 % of them.
    pub acquire_wait_p99_us: u64,
    /// Each connection.
    pub connections: Vec<ConnectionInfo>,
}

/// Figures of the writer that commits in groups.
#[derive(Clone, Copy, Debug, Default)]
pub struct WriterFigures {
    /// Transaction bodies waiting.
    pub queued: u64,
    /// Commits since the start.
    pub commits_total: u64,
    /// Bodies committed since the start; divided by the commits, the mean size of a group.
    pub bodies_total: u64,
}

#[derive(Debug)]
struct Known {
    opened: Instant,
    since: Instant,
    in_use: bool,
}

/// The last waits, in microseconds, as a ring.
#[derive(Debug)]
struct Waits {
    ring: Vec<u32>,
    next: usize,
}

/// What a pool counts.
#[derive(Debug)]
pub struct Stats {
    name: &'static str,
    known: Mutex<BTreeMap<u64, Known>>,
    waits: Mutex<Waits>,
    waiting: AtomicU64,
    opened: AtomicU64,
    closed_idle: AtomicU64,
    closed_max_age: AtomicU64,
    closed_broken: AtomicU64,
    timeouts: AtomicU64,
    acquired: AtomicU64,
}

const RING: usize = 1024;

/// A request that waits; counted until it is dropped, also when its client has gone.
pub struct Waiting<'s>(&'s Stats);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Stats {
    /// Counts for the pool called `name` in the logs.
    pub fn new(name: &'static str) -> Self {
        Self {
            name,
            known: Mutex::default(),
            waits: Mutex::new(Waits { ring: Vec::new(), next: 0 }),
            waiting: AtomicU64::new(0),
            opened: AtomicU64::new(0),
            closed_idle: AtomicU64::new(0),
            closed_max_age: AtomicU64::new(0),
            closed_broken: AtomicU64::new(0),
            timeouts: AtomicU64::new(0),
            acquired: AtomicU64::new(0),
        }
    }

    /// A request begins to wait.
    pub fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    /// A connection was opened, and is in use.
    pub fn opened(&self, id: u64) {
        self.opened.fetch_add(1, Ordering::Relaxed);
        let now = Instant::now();
        let open = {
            let mut known = self.lock_known();
            known.insert(id, Known { opened: now, since: now, in_use: true });
            known.len()
        };
        tracing::info!(pool = self.name, connection = id, open, "database connection opened");
    }

    /// A connection was lent after `waited`.
    pub fn lent(&self, id: u64, waited: Duration) {
        self.acquired.fetch_add(1, Ordering::Relaxed);
        self.mark(id, true);
        let micros = u32::try_from(waited.as_micros()).unwrap_or(u32::MAX);
        let mut waits = self.waits.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if waits.ring.len() < RING {
            waits.ring.push(micros);
        } else {
            let next = waits.next;
            if let Some(slot) = waits.ring.get_mut(next) {
                *slot = micros;
            }
            waits.next = (next + 1) % RING;
        }
    }

    /// A connection was given back.
    pub fn returned(&self, id: u64) {
        self.mark(id, false);
    }

    /// A connection was closed.
    pub fn closed(&self, id: u64, why: Closed) {
        let (age, open) = {
            let mut known = self.lock_known();
            let Some(gone) = known.remove(&id) else { return };
            (gone.opened.elapsed(), known.len())
        };
        match why {
            Closed::Idle => self.closed_idle.fetch_add(1, Ordering::Relaxed),
            Closed::MaxAge => self.closed_max_age.fetch_add(1, Ordering::Relaxed),
            Closed::Broken => self.closed_broken.fetch_add(1, Ordering::Relaxed),
            Closed::Shutdown => 0,
        };
        let age_ms = u64::try_from(age.as_millis()).unwrap_or(u64::MAX);
        tracing::info!(
            pool = self.name,
            connection = id,
            why = why.as_str(),
            age_ms,
            open,
            "database connection closed"
        );
    }

    /// A request waited in vain.
    pub fn timed_out(&self, after: Duration) {
        self.timeouts.fetch_add(1, Ordering::Relaxed);
        let waited_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(pool = self.name, waited_ms, "no database connection became free in time");
    }

    /// The figures as of now.
    pub fn figures(&self, max: u32, min: u32) -> PoolFigures {
        let now = Instant::now();
        let millis = |since: Instant| u64::try_from(now.duration_since(since).as_millis()).unwrap_or(u64::MAX);
        let connections: Vec<ConnectionInfo> = self
            .lock_known()
            .iter()
            .map(|(id, known)| ConnectionInfo {
                id: *id,
                state: if known.in_use { "in_use" } else { "idle" },
                age_ms: millis(known.opened),
                since_ms: millis(known.since),
            })
            .collect();
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let in_use = connections.iter().filter(|c| c.state == "in_use").count();
        let mut waits = self.waits.lock().unwrap_or_else(std::sync::PoisonError::into_inner).ring.clone();
        waits.sort_unstable();
        PoolFigures {
            max,
            min,
            open: count(connections.len()),
            idle: count(connections.len() - in_use),
            in_use: count(in_use),
            waiting: u32::try_from(self.waiting.load(Ordering::Relaxed)).unwrap_or(u32::MAX),
            opened_total: self.opened.load(Ordering::Relaxed),
            closed_idle_total: self.closed_idle.load(Ordering::Relaxed),
            closed_max_age_total: self.closed_max_age.load(Ordering::Relaxed),
            closed_broken_total: self.closed_broken.load(Ordering::Relaxed),
            acquire_timeouts_total: self.timeouts.load(Ordering::Relaxed),
            acquired_total: self.acquired.load(Ordering::Relaxed),
            acquire_wait_p50_us: percentile(&waits, 50),
            acquire_wait_p95_us: percentile(&waits, 95),
            acquire_wait_p99_us: percentile(&waits, 99),
            connections,
        }
    }

    fn mark(&self, id: u64, in_use: bool) {
        if let Some(known) = self.lock_known().get_mut(&id) {
            known.in_use = in_use;
            known.since = Instant::now();
        }
    }

    fn lock_known(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Known>> {
        self.known.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// The smallest value that at least `percent` of the sorted values do not exceed (nearest rank).
fn percentile(sorted: &[u32], percent: usize) -> u64 {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied().map_or(0, u64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_counted_from_opening_to_closing() {
        let stats = Stats::new("test");
        stats.opened(7);
        stats.lent(7, Duration::from_micros(40));
        assert_eq!(stats.figures(4, 1).in_use, 1);
        stats.returned(7);
        let figures = stats.figures(4, 1);
        assert_eq!((figures.open, figures.idle, figures.in_use, figures.acquired_total), (1, 1, 0, 1));
        stats.closed(7, Closed::MaxAge);
        stats.closed(7, Closed::MaxAge);
        let figures = stats.figures(4, 1);
        assert_eq!((figures.open, figures.closed_max_age_total, figures.opened_total), (0, 1, 1));
    }

    #[test]
    fn a_waiter_that_gives_up_is_no_longer_counted() {
        let stats = Stats::new("test");
        let waiting = stats.wait();
        assert_eq!(stats.figures(1, 0).waiting, 1);
        drop(waiting);
        assert_eq!(stats.figures(1, 0).waiting, 0);
    }

    #[test]
    fn percentiles_are_by_nearest_rank() {
        let sorted: Vec<u32> = (1..=100).collect();
        assert_eq!((percentile(&sorted, 50), percentile(&sorted, 99), percentile(&[], 50)), (50, 99, 0));
    }
}
