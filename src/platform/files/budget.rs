//! One budget for all bytes in flight, up and down: who wants more waits, nobody fails.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::error::{Error, Result};

/// Permits are counted in units of so many bytes.
const UNIT: u64 = 1024;

/// The budget; cheap to clone.
#[derive(Clone, Debug)]
pub struct Budget {
    units: Arc<Semaphore>,
    total: u32,
    waiting: Arc<AtomicU64>,
}

/// A share of the budget, given back when dropped.
#[derive(Debug)]
pub struct Share {
    permit: OwnedSemaphorePermit,
}

impl Share {
    /// Gives back what is over so many bytes.
    pub fn shrunk_to(mut self, bytes: usize) -> Self {
        let units = bytes.div_ceil(usize::try_from(UNIT).unwrap_or(usize::MAX));
        drop(self.permit.split(self.permit.num_permits().saturating_sub(units)));
        self
    }
}

struct Waiting<'w>(&'w AtomicU64);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Budget {
    /// A budget of so many bytes, 1 MiB at least.
    pub fn new(bytes: u64) -> Self {
        let total = u32::try_from((bytes / UNIT).max(1024)).unwrap_or(u32::MAX >> 3);
        let units = Arc::new(Semaphore::new(usize::try_from(total).unwrap_or(1024)));
        Self { units, total, waiting: Arc::default() }
    }

    fn units(&self, bytes: usize) -> u32 {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.total)
    }

    /// A share at once, or none.
    pub fn try_take(&self, bytes: usize) -> Option<Share> {
        let permit = Arc::clone(&self.units).try_acquire_many_owned(self.units(bytes)).ok()?;
        Some(Share { permit })
    }

    /// A share as soon as there is one, in order of asking.
    ///
    /// # Errors
    /// `internal`, never in practice: the budget is not closed.
    pub async fn take(&self, bytes: usize) -> Result<Share> {
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&self.waiting);
        let permit = Arc::clone(&self.units).acquire_many_owned(self.units(bytes)).await.map_err(Error::internal)?;
        drop(waiting);
        Ok(Share { permit })
    }

    /// Bytes of the whole budget.
    pub fn total(&self) -> u64 {
        u64::from(self.total) * UNIT
    }

    /// Bytes in flight now.
    pub fn in_flight(&self) -> u64 {
        let free = u64::try_from(self.units.available_permits()).unwrap_or(0);
        self.total().saturating_sub(free * UNIT)
    }

    /// Transfers that wait for a share.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }
}
