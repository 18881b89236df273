//! One budget for all bytes in flight, up and down: who wants more waits, nobody fails.
//!
//! Half of it is the floor: each transfer that moves has a small share of its own there, so that it can go on without
//! any buffer; one that pauses gives its share back, so that slow clients keep nobody waiting. The other half is for
//! speed: large buffers for those who come first, and none for the rest, who then go on by small steps.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::base::error::{Error, Result};

/// Permits are counted in units of so many bytes.
const UNIT: u64 = 1024;
/// A small step of a download.
pub const STEP: usize = 32 << 10;
/// What an upload costs that has no buffer: the two read buffers of its connection, and what is kept of its request.
pub const UPLOAD: usize = 192 << 10;
/// Bytes of a buffer: 256 KiB keep the number of hops low and the memory of a transfer small.
pub const BUFFER: usize = 256 << 10;
/// So many buffers are kept when all transfers are done. While some run every buffer is: an allocator would keep a freed
/// one for the thread that freed it, and another thread would be given one more.
const SPARE: usize = 8;

/// The budget; cheap to clone.
#[derive(Clone, Debug)]
pub struct Budget {
    floor: Pool,
    speed: Pool,
    waiting: Arc<AtomicU64>,
    spare: Arc<Mutex<Vec<Vec<u8>>>>,
}

#[derive(Clone, Debug)]
struct Pool {
    units: Arc<Semaphore>,
    total: u32,
}

impl Pool {
    fn new(units: u32) -> Self {
        Self { units: Arc::new(Semaphore::new(usize::try_from(units).unwrap_or(0))), total: units }
    }

    fn units(&self, bytes: usize) -> u32 {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.total)
    }

    fn try_take(&self, bytes: usize) -> Option<Share> {
        let permit = Arc::clone(&self.units).try_acquire_many_owned(self.units(bytes)).ok()?;
        Some(Share { _permit: permit })
    }

    async fn take(&self, bytes: usize) -> Result<Share> {
        let permit = Arc::clone(&self.units).acquire_many_owned(self.units(bytes)).await.map_err(Error::internal)?;
        Ok(Share { _permit: permit })
    }

    fn taken(&self) -> u64 {
        let free = u64::try_from(self.units.available_permits()).unwrap_or(0);
        u64::from(self.total).saturating_sub(free) * UNIT
    }
}

/// A share of the budget, given back when dropped.
#[derive(Debug)]
pub struct Share {
    _permit: OwnedSemaphorePermit,
}

/// [`BUFFER`] bytes with their share of the budget; the first `filled` of them count.
pub struct Buffer {
    bytes: Vec<u8>,
    filled: usize,
    spare: Arc<Mutex<Vec<Vec<u8>>>>,
    speed: Pool,
    _share: Share,
}

impl Buffer {
    /// Takes as much of `bytes` as there is room for; how much that was.
    pub fn fill(&mut self, bytes: &[u8]) -> usize {
        let room = self.bytes.get_mut(self.filled..).unwrap_or_default();
        let taken = room.len().min(bytes.len());
        if let Some((to, from)) = room.get_mut(..taken).zip(bytes.get(..taken)) {
            to.copy_from_slice(from);
        }
        self.filled += taken;
        taken
    }

    /// Lets `read` fill the first `len` bytes.
    ///
    /// # Errors
    /// What `read` returns.
    pub fn fill_by<E>(
        &mut self,
        len: usize,
        read: impl FnOnce(&mut [u8]) -> std::result::Result<(), E>,
    ) -> std::result::Result<(), E> {
        self.filled = len.min(self.bytes.len());
        read(self.bytes.get_mut(..self.filled).unwrap_or_default())
    }

    /// Whether nothing more fits.
    pub fn is_full(&self) -> bool {
        self.filled == self.bytes.len()
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.filled).unwrap_or(&self.bytes)
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        spare.push(std::mem::take(&mut self.bytes));
        // Its own share is still taken.
        if self.speed.taken() <= u64::from(self.speed.units(BUFFER)) * UNIT {
            spare.truncate(SPARE);
        }
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
        let half = u32::try_from((bytes / 2 / UNIT).max(512)).unwrap_or(u32::MAX >> 3);
        Self { floor: Pool::new(half), speed: Pool::new(half), waiting: Arc::default(), spare: Arc::default() }
    }

    /// A buffer at once, or none.
    pub fn try_buffer(&self) -> Option<Buffer> {
        let share = self.speed.try_take(BUFFER)?;
        let kept = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let bytes = kept.unwrap_or_else(|| vec![0; BUFFER]);
        let (spare, speed) = (Arc::clone(&self.spare), self.speed.clone());
        Some(Buffer { bytes, filled: 0, spare, speed, _share: share })
    }

    /// A transfer's own small share ([`STEP`], [`UPLOAD`]), in order of asking.
    ///
    /// # Errors
    /// `internal`, never in practice: the budget is not closed.
    pub async fn floor(&self, bytes: usize) -> Result<Share> {
        self.wait(&self.floor, bytes).await
    }

    /// A share for speed as soon as there is one, in order of asking; who waits must hold no other.
    ///
    /// # Errors
    /// `internal`, never in practice: the budget is not closed.
    pub async fn take(&self, bytes: usize) -> Result<Share> {
        self.wait(&self.speed, bytes).await
    }

    async fn wait(&self, pool: &Pool, bytes: usize) -> Result<Share> {
        if let Some(share) = pool.try_take(bytes) {
            return Ok(share);
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _waiting = Waiting(&self.waiting);
        pool.take(bytes).await
    }

    /// Bytes of the whole budget.
    pub fn total(&self) -> u64 {
        (u64::from(self.floor.total) + u64::from(self.speed.total)) * UNIT
    }

    /// Bytes in flight now.
    pub fn in_flight(&self) -> u64 {
        self.floor.taken() + self.speed.taken()
    }

    /// Transfers that wait for a share.
    pub fn waiting(&self) -> u64 {
        self.waiting.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn buffers_run_out_and_the_floor_does_not() {
        let budget = Budget::new(1 << 20);
        let buffers: Vec<_> = std::iter::from_fn(|| budget.try_buffer()).collect();
        assert_eq!((buffers.len(), budget.in_flight()), (2, 512 << 10));
        let floors = futures_util::future::join_all((0..16).map(|_| budget.floor(STEP))).await;
        assert_eq!((floors.len(), budget.in_flight()), (16, 1 << 20));
        drop((buffers, floors));
        assert_eq!((budget.in_flight(), budget.waiting()), (0, 0));
    }

    #[test]
    fn a_buffer_takes_what_fits_and_is_used_again() {
        let budget = Budget::new(1 << 20);
        let mut buffer = budget.try_buffer().expect("free");
        assert_eq!(buffer.fill(&vec![1; 200_000]), 200_000);
        assert_eq!(buffer.fill(&vec![2; 200_000]), BUFFER - 200_000);
        assert!(buffer.is_full() && buffer.as_ref().ends_with(&[2; 1000]));
        drop(buffer);
        assert_eq!(budget.try_buffer().expect("free").as_ref(), b"");
    }
}
