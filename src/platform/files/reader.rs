//! Reading a stored file in chunks, off the async threads and under the budget.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::Either;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use sha2::{Digest as _, Sha256};
use tokio::task::JoinHandle;

use super::budget::{BUFFER, Budget, STEP};
use super::home::Doing;
use crate::base::error::{Error, Result};

/// A store that sends no byte for so long is asked anew.
const STALL: Duration = Duration::from_secs(30);
/// So often, when no byte comes in between.
const ATTEMPTS: u32 = 3;
/// What comes within this time is passed on together.
const TOGETHER: Duration = Duration::from_millis(5);

/// Where bytes are read.
#[derive(Clone)]
pub(super) enum Source {
    /// An open file of the data directory.
    Disk(Arc<File>),
    /// A file of an object store.
    Store(Arc<dyn Remote>),
}

/// A file that is asked for over a network.
pub(super) trait Remote: Send + Sync {
    /// The bytes from `start` to before `end`, as they come.
    ///
    /// # Errors
    /// `unavailable`.
    fn bytes(&self, start: u64, end: u64) -> Doing<'_, BoxStream<'static, io::Result<Bytes>>>;
}

/// An open file.
#[derive(Clone)]
pub struct Reader {
    source: Source,
    size: u64,
    budget: Budget,
}

/// Bytes that hold their share of the budget until they are sent.
pub(super) struct Held<B, S> {
    bytes: B,
    _share: S,
}

impl<B, S> Held<B, S> {
    pub(super) fn new(bytes: B, share: S) -> Self {
        Self { bytes, _share: share }
    }
}

impl<B: AsRef<[u8]>, S> AsRef<[u8]> for Held<B, S> {
    fn as_ref(&self) -> &[u8] {
        self.bytes.as_ref()
    }
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reader({} bytes)", self.size)
    }
}

impl Reader {
    pub(super) fn new(source: Source, size: u64, budget: Budget) -> Self {
        Self { source, size, budget }
    }

    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// `len` bytes from `start`, as a stream of chunks; one is read ahead while another is sent.
    pub fn stream(self, start: u64, len: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        match self.source {
            Source::Disk(file) => Either::Left(Disk { file, budget: self.budget }.stream(start, len)),
            Source::Store(remote) => Either::Right(distant(remote, self.budget, start, start + len)),
        }
    }

    /// Reads the file once: its first bytes, its size and its SHA-256.
    ///
    /// # Errors
    /// `internal` when it cannot be read.
    pub async fn survey(self, first: usize) -> Result<(Vec<u8>, u64, [u8; 32])> {
        let (mut head, mut hash, mut size) = (Vec::new(), Sha256::new(), 0);
        let len = self.size;
        let mut bytes = std::pin::pin!(self.stream(0, len));
        while let Some(chunk) = bytes.next().await {
            let chunk = chunk.map_err(Error::internal)?;
            head.extend(chunk.iter().take(first - head.len()));
            hash.update(&chunk);
            size += u64::try_from(chunk.len()).unwrap_or(0);
        }
        Ok((head, size, hash.finalize().into()))
    }

    /// The whole file, for the few that are small and needed at once.
    ///
    /// # Errors
    /// `internal` when it cannot be read.
    pub async fn all(self) -> Result<Vec<u8>> {
        let size = usize::try_from(self.size).map_err(Error::internal)?;
        let mut all = Vec::with_capacity(size);
        let mut chunks = std::pin::pin!(self.stream(0, u64::try_from(size).unwrap_or(u64::MAX)));
        while let Some(chunk) = chunks.try_next().await.map_err(Error::internal)? {
            all.extend_from_slice(&chunk);
        }
        Ok(all)
    }
}

/// Positioned reads of an open file.
#[derive(Clone)]
struct Disk {
    file: Arc<File>,
    budget: Budget,
}

type Ahead = JoinHandle<io::Result<Bytes>>;

impl Disk {
    /// While there are buffers, one is read ahead while another is sent; else one small step follows the other.
    fn stream(self, start: u64, len: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let state = (self, None::<Ahead>, start, start.saturating_add(len));
        futures_util::stream::unfold(state, |(disk, ahead, at, end)| async move {
            if at >= end {
                return None;
            }
            let read = match ahead.or_else(|| disk.read_ahead(at, end)) {
                Some(ahead) => ahead.await.map_err(io::Error::other).flatten(),
                None => disk.step(at, end).await,
            };
            let Ok(bytes) = read else { return Some((read, (disk, None, end, end))) };
            let at = at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            let ahead = if at < end { disk.read_ahead(at, end) } else { None };
            Some((Ok(bytes), (disk, ahead, at, end)))
        })
    }

    /// Begins to read what comes next into a buffer, if there is one.
    fn read_ahead(&self, at: u64, end: u64) -> Option<Ahead> {
        let mut buffer = self.budget.try_buffer()?;
        let file = Arc::clone(&self.file);
        let len = usize::try_from(end - at).unwrap_or(BUFFER).min(BUFFER);
        Some(tokio::task::spawn_blocking(move || {
            buffer.fill_by(len, |bytes| read_at(&file, bytes, at))?;
            Ok(Bytes::from_owner(buffer))
        }))
    }

    async fn step(&self, at: u64, end: u64) -> io::Result<Bytes> {
        let share = self.budget.floor(STEP).await.map_err(io::Error::other)?;
        let file = Arc::clone(&self.file);
        let len = usize::try_from(end - at).unwrap_or(STEP).min(STEP);
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; len];
            read_at(&file, &mut bytes, at)?;
            Ok(Bytes::from_owner(Held::new(bytes, share)))
        });
        read.await.map_err(io::Error::other)?
    }
}

/// What is still to come of a file of a store.
struct Rest {
    remote: Arc<dyn Remote>,
    budget: Budget,
    /// How far it was read.
    at: u64,
    end: u64,
    /// Read, and not passed on yet.
    left: Bytes,
    /// The open answer, if there is one.
    bytes: Option<BoxStream<'static, io::Result<Bytes>>>,
    failures: u32,
}

/// One request for the whole range, read as fast as the client takes it. A store closes a connection that a slow
/// client leaves idle; then the rest is asked for anew.
fn distant(
    remote: Arc<dyn Remote>,
    budget: Budget,
    start: u64,
    end: u64,
) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let rest = Rest { remote, budget, at: start, end, left: Bytes::new(), bytes: None, failures: 0 };
    futures_util::stream::unfold(rest, |mut rest| async move {
        if rest.is_over() {
            return None;
        }
        let next = rest.next().await;
        if next.is_err() {
            (rest.at, rest.left) = (rest.end, Bytes::new());
        }
        Some((next, rest))
    })
}

impl Rest {
    fn is_over(&self) -> bool {
        self.at >= self.end && self.left.is_empty()
    }

    /// A buffer of what comes at once, or a small step; copied, since a slice of a connection's buffer would keep all
    /// of it in memory.
    async fn next(&mut self) -> io::Result<Bytes> {
        let Some(mut buffer) = self.budget.try_buffer() else {
            let share = self.budget.floor(STEP).await.map_err(io::Error::other)?;
            let mut frame = self.frame().await?;
            self.left = frame.split_off(frame.len().min(STEP));
            return Ok(Bytes::from_owner(Held::new(frame.to_vec(), share)));
        };
        let mut frame = self.frame().await?;
        let until = tokio::time::Instant::now() + TOGETHER;
        loop {
            let taken = buffer.fill(&frame);
            self.left = frame.split_off(taken);
            if buffer.is_full() || self.is_over() {
                break;
            }
            match tokio::time::timeout_at(until, self.frame()).await {
                Ok(more) => frame = more?,
                Err(_) => break,
            }
        }
        Ok(Bytes::from_owner(buffer))
    }

    /// What is left, or comes next. Whoever stops waiting for it loses nothing.
    async fn frame(&mut self) -> io::Result<Bytes> {
        if !self.left.is_empty() {
            return Ok(std::mem::take(&mut self.left));
        }
        loop {
            match self.attempt().await {
                Ok(frame) => {
                    self.failures = 0;
                    self.at += u64::try_from(frame.len()).unwrap_or(u64::MAX);
                    return Ok(frame);
                }
                Err(error) => {
                    self.bytes = None;
                    self.failures += 1;
                    if self.failures >= ATTEMPTS {
                        return Err(error);
                    }
                    tracing::debug!(%error, at = self.at, "a file is asked for anew");
                }
            }
        }
    }

    /// The next frame, of the open answer or a new one.
    async fn attempt(&mut self) -> io::Result<Bytes> {
        let bytes = match &mut self.bytes {
            Some(bytes) => bytes,
            None => self.bytes.insert(self.remote.bytes(self.at, self.end).await.map_err(io::Error::other)?),
        };
        loop {
            let next = tokio::time::timeout(STALL, bytes.next()).await;
            let frame = next.map_err(|late| io::Error::new(io::ErrorKind::TimedOut, late))?;
            let mut frame = frame.unwrap_or_else(|| Err(io::ErrorKind::UnexpectedEof.into()))?;
            frame.truncate(usize::try_from(self.end - self.at).unwrap_or(usize::MAX));
            if !frame.is_empty() {
                return Ok(frame);
            }
        }
    }
}

#[cfg(unix)]
pub(super) fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
pub(super) fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                buffer = buffer.get_mut(n..).unwrap_or_default();
                offset += u64::try_from(n).unwrap_or(0);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Counts up, in frames of 1,000 bytes; each answer breaks off after so many frames.
    struct Flaky {
        frames: usize,
        asked: AtomicU64,
    }

    impl Remote for Flaky {
        fn bytes(&self, start: u64, end: u64) -> Doing<'_, BoxStream<'static, io::Result<Bytes>>> {
            self.asked.fetch_add(1, Ordering::SeqCst);
            let all: Vec<u8> = (start..end).map(|n| u8::try_from(n % 251).expect("small")).collect();
            let frames: Vec<_> = all.chunks(1000).map(Bytes::copy_from_slice).map(Ok).take(self.frames).collect();
            Box::pin(async move { Ok(futures_util::stream::iter(frames).boxed()) })
        }
    }

    async fn read(frames: usize) -> (io::Result<Vec<Bytes>>, u64, u64) {
        let (remote, budget) = (Arc::new(Flaky { frames, asked: AtomicU64::new(0) }), Budget::new(1 << 20));
        let reader = Reader::new(Source::Store(Arc::clone(&remote) as Arc<dyn Remote>), 10_500, budget.clone());
        let got = reader.stream(500, 10_000).try_collect().await;
        let in_flight = if got.is_err() { budget.in_flight() } else { 0 };
        (got, remote.asked.load(Ordering::SeqCst), in_flight)
    }

    #[tokio::test]
    async fn a_store_that_breaks_off_is_asked_for_the_rest() {
        let (got, asked, _) = read(3).await;
        let expected: Vec<u8> = (500..10_500).map(|n| u8::try_from(n % 251).expect("small")).collect();
        assert_eq!((got.expect("whole").concat() == expected, asked), (true, 4));
    }

    #[tokio::test]
    async fn a_store_that_sends_nothing_is_given_up() {
        let (got, asked, in_flight) = read(0).await;
        assert_eq!(got.expect_err("nothing came").kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!((asked, in_flight), (u64::from(ATTEMPTS), 0));
    }
}
