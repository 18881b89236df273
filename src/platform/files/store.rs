//! The store: receiving, generating, opening, deleting, sweeping.

use std::collections::HashSet;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};

use super::budget::Budget;
use super::home::{Bucket, Home, Local, Place};
use super::kind::{Kind, SNIFF};
use super::part::{Part, Pipe, Sink};
use super::reader::Reader;
use super::resume::Lives;
use crate::base::error::{Code, Error, Result};

/// Settings of the store.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Bytes in flight at most.
    pub budget: u64,
    /// Free bytes that uploads leave alone.
    pub reserve: u64,
    /// An upload of which no byte comes for so long is given up.
    pub idle: Duration,
}

/// What is to be received.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Decides types.
    pub kind: Kind,
    /// Bytes at most.
    pub limit: u64,
    /// Its size, when the client said it.
    pub expected: Option<u64>,
    /// Its SHA-256, when the client said it.
    pub sha256: Option<[u8; 32]>,
}

/// A file that is whole and synced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Names it in the store.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
    /// What its first bytes say it is.
    pub content_type: &'static str,
}

/// Figures of the store.
#[derive(Clone, Copy, Debug)]
pub struct Usage {
    /// Bytes in flight.
    pub in_flight: u64,
    /// Bytes in flight at most.
    pub budget: u64,
    /// Transfers that wait for their share.
    pub waiting: u64,
    /// Free bytes on the disk.
    pub free: u64,
    /// Free bytes that uploads leave alone.
    pub reserve: u64,
}

pub(super) struct Inner {
    pub(super) root: PathBuf,
    pub(super) home: Arc<dyn Home>,
    budget: Budget,
    pub(super) options: Options,
    // Parts that are being written now, so that the sweeper leaves them.
    active: Mutex<HashSet<String>>,
    pub(super) lives: Lives,
}

/// The store; cheap to clone.
#[derive(Clone)]
pub struct Files(pub(super) Arc<Inner>);

/// The disk is asked for its free space each time this many bytes were written.
const ASK_EVERY: u64 = 8 << 20;
/// Gathered bytes do not wait longer than this for more.
const GATHER: Duration = Duration::from_millis(200);

impl Files {
    /// Opens the store below `root`, making it when it is new; whole files live there too.
    ///
    /// # Errors
    /// `unavailable` when the folder cannot be made.
    pub fn open(root: &Path, options: Options) -> Result<Self> {
        Self::open_at(root, &Place::Folder, options)
    }

    /// Opens the store whose parts are below `root` and whose whole files live at `place`. A store over the network
    /// is not asked yet.
    ///
    /// # Errors
    /// `unavailable` when the folder cannot be made.
    pub fn open_at(root: &Path, place: &Place, options: Options) -> Result<Self> {
        for folder in ["parts", "resumable"] {
            fs::create_dir_all(root.join(folder)).map_err(|error| {
                Error::new(Code::Unavailable, format!("The folder {} cannot be made: {error}.", root.display()))
            })?;
        }
        let budget = Budget::new(options.budget);
        let home: Arc<dyn Home> = match place {
            Place::Folder => Arc::new(Local::new(root)),
            Place::Bucket(at) => Arc::new(Bucket::new(at, root, &budget)?),
        };
        let (root, active, lives) = (root.to_path_buf(), Mutex::default(), Lives::default());
        Ok(Self(Arc::new(Inner { root, home, budget, options, active, lives })))
    }

    /// Receives a file from a stream of its bytes: judges its type by the first, its size by each, hashes and
    /// writes off the async threads, and leaves nothing when it fails or is dropped.
    ///
    /// # Errors
    /// `too_large`, `unsupported_media_type`, `checksum_mismatch`, `insufficient_storage`, `timeout`, `bad_request`
    /// when fewer bytes came than were said, and what the stream fails with.
    pub async fn receive(&self, plan: Plan, bytes: impl Stream<Item = Result<Bytes>> + Send) -> Result<Stored> {
        fits(plan.kind, plan.expected.unwrap_or(0), plan.limit)?;
        self.room_for(plan.expected.unwrap_or(0))?;
        let (part, sink) = Part::begin(self)?;
        let mut judge = Judge::new(plan.kind, plan.limit);
        let mut pipe = self.pipe(sink, plan.kind);
        self.pour(&mut pipe, &mut judge, bytes).await?;
        let content_type = judge.content_type()?;
        let (sink, written) = pipe.end().await;
        written?;
        let Some(sink) = sink else { return Err(Error::internal("the part has no sink")) };
        if plan.expected.is_some_and(|size| size != sink.size) {
            return Err(Error::new(Code::BadRequest, "The upload broke off. Send it again."));
        }
        part.finish(sink, content_type, plan.sha256).await
    }

    pub(super) fn pipe(&self, sink: Sink, kind: Kind) -> Pipe {
        Pipe::new(sink, kind.write_size(), &self.0.budget)
    }

    /// Carries a stream of bytes to a sink, judging each frame, within the budget.
    pub(super) async fn pour(
        &self,
        pipe: &mut Pipe,
        judge: &mut Judge,
        bytes: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<()> {
        let mut bytes = std::pin::pin!(bytes);
        let mut asked = 0_u64;
        loop {
            let frame = match tokio::time::timeout(GATHER, bytes.next()).await {
                Ok(frame) => frame,
                Err(_) => {
                    // A client that pauses does not keep its share of the budget meanwhile.
                    pipe.pause().await?;
                    tokio::time::timeout(self.0.options.idle, bytes.next()).await.map_err(|_| {
                        Error::new(Code::Timeout, "No byte of the upload came for too long. Send it again.")
                    })?
                }
            };
            let Some(frame) = frame else { return Ok(()) };
            let frame = frame?;
            judge.see(&frame)?;
            if judge.size - asked >= ASK_EVERY {
                asked = judge.size;
                self.room_for(0)?;
            }
            pipe.push(frame).await?;
        }
    }

    /// Gives a whole part to its home, under a key that is new: durable, then visible. The part is gone when this is
    /// done and still there when it fails.
    ///
    /// # Errors
    /// `insufficient_storage`, `unavailable`.
    pub(super) async fn keep(&self, part: PathBuf, key: &str) -> Result<()> {
        self.0.home.put(&part, key).await?;
        // Renamed, or sent and left behind.
        match tokio::task::spawn_blocking(move || fs::remove_file(part)).await.map_err(Error::internal)? {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::internal(error)),
            _ => Ok(()),
        }
    }

    /// The folder of the parts, and of whole files when they live in the data directory.
    pub fn root(&self) -> &Path {
        &self.0.root
    }

    /// Whether the home of the files can serve.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn check(&self) -> Result<()> {
        self.0.home.check().await
    }

    /// Stores what `write` writes, on the blocking pool, by the same way as an upload.
    ///
    /// # Errors
    /// What `write` returns, `insufficient_storage`.
    pub async fn generate<T, F>(&self, content_type: &'static str, write: F) -> Result<(Stored, T)>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Write) -> Result<T> + Send + 'static,
    {
        self.room_for(0)?;
        let (part, sink) = Part::begin(self)?;
        let (sink, made) = tokio::task::spawn_blocking(move || -> Result<_> {
            let mut buffered = io::BufWriter::with_capacity(256 << 10, sink);
            let made = write(&mut buffered)?;
            let sink = buffered.into_inner().map_err(|error| translate(error.into_error()))?;
            Ok((sink, made))
        })
        .await
        .map_err(Error::internal)??;
        Ok((part.finish(sink, content_type, None).await?, made))
    }

    /// Opens a stored file; none when there is no such file.
    ///
    /// # Errors
    /// `unavailable`; `internal` when it cannot be opened.
    pub async fn reader(&self, key: &str) -> Result<Option<Reader>> {
        let opened = self.0.home.open(key).await?;
        Ok(opened.map(|(source, size)| Reader::new(source, size, self.0.budget.clone())))
    }

    /// Deletes a stored file; that it is gone already is as good.
    ///
    /// # Errors
    /// `unavailable`; `internal` when it cannot be deleted.
    pub async fn delete(&self, key: &str) -> Result<()> {
        self.0.home.delete(key).await
    }

    /// Removes parts that nobody is writing, here and in the home; returns how many.
    ///
    /// # Errors
    /// `internal` when the folder cannot be read.
    pub async fn sweep(&self) -> Result<u64> {
        let inner = Arc::clone(&self.0);
        let parts = tokio::task::spawn_blocking(move || {
            let mut removed = 0;
            for entry in fs::read_dir(inner.root.join("parts")).map_err(Error::internal)? {
                let entry = entry.map_err(Error::internal)?;
                let name = entry.file_name().to_string_lossy().into_owned();
                if inner.lock_active().contains(&name) {
                    continue;
                }
                if fs::remove_file(entry.path()).is_ok() {
                    removed += 1;
                }
            }
            Ok::<u64, Error>(removed)
        });
        Ok(parts.await.map_err(Error::internal)?? + self.0.home.sweep().await?)
    }

    /// Every key in the store that is older than `age`: a file younger may still be on its way to its row.
    ///
    /// # Errors
    /// `unavailable`; `internal` when a folder cannot be read.
    pub async fn keys(&self, age: Duration) -> Result<Vec<String>> {
        Ok(self.list(age).await?.into_iter().map(|(key, _)| key).collect())
    }

    /// Figures as of now.
    pub fn usage(&self) -> Usage {
        Usage {
            in_flight: self.0.budget.in_flight(),
            budget: self.0.budget.total(),
            waiting: self.0.budget.waiting(),
            free: free(&self.0.root),
            reserve: self.0.options.reserve,
        }
    }

    pub(super) fn room_for(&self, bytes: u64) -> Result<()> {
        if free(&self.0.root) < self.0.options.reserve.saturating_add(bytes) { Err(disk_full()) } else { Ok(()) }
    }
}

impl Inner {
    pub(super) fn lock_active(&self) -> std::sync::MutexGuard<'_, HashSet<String>> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Judges a file by its bytes as they come: its type by the first, its size by each.
pub(super) struct Judge {
    kind: Kind,
    limit: u64,
    head: Vec<u8>,
    content_type: Option<&'static str>,
    size: u64,
}

impl Judge {
    pub(super) fn new(kind: Kind, limit: u64) -> Self {
        Self { kind, limit, head: Vec::new(), content_type: None, size: 0 }
    }

    /// Goes on behind so many bytes that were judged before, the first of which are these.
    pub(super) fn resume(&mut self, head: &[u8], size: u64) -> Result<()> {
        self.see(head)?;
        self.size = size;
        Ok(())
    }

    fn see(&mut self, frame: &[u8]) -> Result<()> {
        self.size = self.size.saturating_add(u64::try_from(frame.len()).unwrap_or(u64::MAX));
        fits(self.kind, self.size, self.limit)?;
        if self.content_type.is_none() {
            self.head.extend(frame.iter().take(SNIFF - self.head.len().min(SNIFF)));
            if self.head.len() >= SNIFF {
                self.content_type = Some(self.kind.content_type(&self.head)?);
            }
        }
        Ok(())
    }

    fn content_type(&self) -> Result<&'static str> {
        self.content_type.map_or_else(|| self.kind.content_type(&self.head), Ok)
    }
}

fn free(path: &Path) -> u64 {
    fs4::available_space(path).unwrap_or(u64::MAX)
}

/// Refuses a file of so many bytes when its kind may have at most `limit`.
///
/// # Errors
/// `too_large`.
pub fn fits(kind: Kind, size: u64, limit: u64) -> Result<()> {
    if size <= limit {
        return Ok(());
    }
    let limit = if limit.is_multiple_of(1 << 20) { format!("{} MiB", limit >> 20) } else { format!("{limit} bytes") };
    Err(Error::new(Code::TooLarge, format!("This {kind} has more than the {limit} it may have.")))
}

fn disk_full() -> Error {
    Error::new(Code::InsufficientStorage, "The disk is nearly full. Free some space and send the file again.")
        .retry_after(60)
}

pub(super) fn translate(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => disk_full().because(error),
        _ => Error::internal(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text;
    use crate::platform::files::tests::stores;

    fn parts(files: &Files) -> usize {
        fs::read_dir(files.0.root.join("parts")).expect("the folder").count()
    }

    fn frames(total: usize) -> impl Stream<Item = Result<Bytes>> + Send {
        let mut first = b"\0\0\0\x20ftypisom".to_vec();
        first.resize(total.min(16 << 10), 7);
        let rest = total - first.len();
        let more = std::iter::repeat_n(16 << 10, rest / (16 << 10)).chain([rest % (16 << 10)]);
        futures_util::stream::iter(
            std::iter::once(Bytes::from(first)).chain(more.map(|n| Bytes::from(vec![7; n]))).map(Ok),
        )
    }

    const VIDEO: Plan = Plan { kind: Kind::Video, limit: 8 << 30, expected: None, sha256: None };
    const IMAGE: Plan = Plan { kind: Kind::Image, limit: 32 << 20, ..VIDEO };

    #[tokio::test]
    async fn what_was_received_is_read_back_with_its_hash() {
        for files in stores("roundtrip", 1 << 20) {
            let stored = files.receive(VIDEO, frames(5_000_001)).await.expect("received");
            let bytes = files.reader(&stored.key).await.expect("opened").expect("there").all().await.expect("read");
            assert_eq!((stored.size, bytes.len()), (5_000_001, 5_000_001));
            assert_eq!(text::sha256(&bytes), stored.sha256);
            assert_eq!((parts(&files), files.usage().in_flight), (0, 0));
            assert_eq!(files.keys(Duration::ZERO).await.expect("listed"), [stored.key.as_str()]);
            files.delete(&stored.key).await.expect("deleted");
            files.delete(&stored.key).await.expect("gone is as good");
            assert!(files.reader(&stored.key).await.expect("asked").is_none());
            assert!(files.reader("../../../../etc/passwd").await.expect("asked").is_none());
            files.check().await.expect("serves");
        }
    }

    #[tokio::test]
    async fn an_upload_that_is_refused_or_breaks_off_leaves_nothing() {
        for files in stores("refused", 1 << 20) {
            let wrong = files.receive(IMAGE, frames(100_000)).await.expect_err("a film is no image");
            assert_eq!(wrong.code, Code::UnsupportedMediaType);
            let early = Plan { expected: Some(33 << 20), ..IMAGE };
            assert_eq!(files.receive(early, frames(10)).await.expect_err("said before").code, Code::TooLarge);
            let png = futures_util::stream::iter(
                std::iter::once(Bytes::from_static(b"\x89PNG\r\n\x1a\n"))
                    .chain(std::iter::repeat_n(Bytes::from(vec![0; 1 << 20]), 33))
                    .map(Ok),
            );
            assert_eq!(files.receive(IMAGE, png).await.expect_err("33 MiB").code, Code::TooLarge);
            let broken = Plan { sha256: Some([7; 32]), ..VIDEO };
            let other = files.receive(broken, frames(200_000)).await.expect_err("another hash was said");
            assert_eq!(other.code, Code::ChecksumMismatch);
            let short = Plan { expected: Some(200_001), ..VIDEO };
            assert_eq!(files.receive(short, frames(200_000)).await.expect_err("one is missing").code, Code::BadRequest);
            let cut = frames(200_000).chain(futures_util::stream::iter([Err(Error::new(Code::BadRequest, "cut"))]));
            assert_eq!(files.receive(VIDEO, cut).await.expect_err("cut").code, Code::BadRequest);
            let stalled = frames(200_000).chain(futures_util::stream::pending());
            assert_eq!(files.receive(VIDEO, stalled).await.expect_err("stalled").code, Code::Timeout);
            assert_eq!((parts(&files), files.keys(Duration::ZERO).await.expect("listed").len()), (0, 0));
            assert_eq!(files.usage().in_flight, 0);
        }
    }

    #[tokio::test]
    async fn many_uploads_share_a_small_budget_and_all_finish() {
        for files in stores("budget", 1 << 20) {
            let uploads = (0..200).map(|_| files.receive(VIDEO, frames(300_000)));
            for stored in futures_util::future::join_all(uploads).await {
                assert_eq!(stored.expect("received").size, 300_000);
            }
            assert_eq!((parts(&files), files.usage().in_flight), (0, 0));
        }
    }

    #[tokio::test]
    async fn below_the_reserve_nothing_is_taken() {
        let root = std::env::temp_dir().join(format!("deskbell-files-reserve-{}", std::process::id()));
        let options = Options { budget: 1 << 20, reserve: u64::MAX / 2, idle: Duration::from_secs(1) };
        let files = Files::open(&root, options).expect("a folder");
        assert_eq!(files.receive(VIDEO, frames(10)).await.expect_err("full").code, Code::InsufficientStorage);
    }

    #[tokio::test]
    async fn the_sweeper_takes_what_nobody_writes() {
        for files in stores("sweep", 1 << 20) {
            fs::write(files.0.root.join("parts").join("left-by-a-crash"), b"x").expect("written");
            let _writing = Part::begin(&files).expect("begun");
            assert_eq!(files.sweep().await.expect("swept"), 1);
            assert_eq!(parts(&files), 1);
        }
    }
}
