//! A stored file as decoders read it: in order and by jumps, through the store's chunks, and only for so long.

use std::io::{self, Read, Seek, SeekFrom};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Buf as _, Bytes};
use futures_util::{Stream, StreamExt as _};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::base::error::{Code, Error, Result};
use crate::platform::files::Reader;

/// Bytes that decoders read.
pub trait Input: Read + Seek + Send + Sync {}

impl<T: Read + Seek + Send + Sync> Input for T {}

type Chunks = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// A stored file for a decoder, which runs on a blocking thread.
pub struct Source {
    reader: Reader,
    runtime: Handle,
    at: u64,
    chunk: Bytes,
    // The mutex is never locked: a stream alone could not be shared between threads, and symphonia asks for that.
    chunks: Mutex<Option<Chunks>>,
    // Bytes asked for at once: few after a jump, twice as many each time that reading goes on where it was.
    window: u64,
    first_window: u64,
    until: Instant,
    stop: watch::Receiver<bool>,
    trouble: Trouble,
}

/// What went wrong below a decoder. Decoders turn every failure of a read into one of their own, or swallow it;
/// this remembers which it was.
#[derive(Clone, Debug, Default)]
pub struct Trouble(Arc<Mutex<Option<Error>>>);

impl Trouble {
    /// The decoder's result, unless the store failed or the time was over meanwhile.
    ///
    /// # Errors
    /// `timeout`, `internal`, and what `result` holds.
    pub fn judge<T>(&self, result: Result<T>) -> Result<T> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(error) => Err(error),
            None => result,
        }
    }

    fn note(&self, error: Error) -> io::Error {
        let said = io::Error::other(error.detail.clone().into_owned());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        said
    }
}

impl Source {
    /// Opens a stored file. `window` is how many bytes are asked for at once, at first and after each jump; reading
    /// in order asks for more and more. After `patience`, and when `stop` says so, every read fails.
    ///
    /// Only on a thread of the runtime that may block.
    pub fn open(reader: Reader, window: u64, patience: Duration, stop: watch::Receiver<bool>) -> (Self, Trouble) {
        let trouble = Trouble::default();
        let source = Self {
            reader,
            runtime: Handle::current(),
            at: 0,
            chunk: Bytes::new(),
            chunks: Mutex::new(None),
            window: window.max(1),
            first_window: window.max(1),
            until: Instant::now() + patience,
            stop,
            trouble: trouble.clone(),
        };
        (source, trouble)
    }

    fn fetch(&mut self) -> io::Result<()> {
        if *self.stop.borrow() {
            return Err(self.trouble.note(Error::new(Code::Unavailable, "The server is shutting down.")));
        }
        if Instant::now() > self.until {
            return Err(self.trouble.note(Error::new(Code::Timeout, "It took too long to read this file.")));
        }
        // Its share of the budget goes back before another is asked for.
        self.chunk = Bytes::new();
        let chunks = self.chunks.get_mut().unwrap_or_else(PoisonError::into_inner);
        loop {
            let fresh = chunks.is_none();
            let stream = chunks.get_or_insert_with(|| {
                let rest = self.reader.size().saturating_sub(self.at);
                Box::pin(self.reader.clone().stream(self.at, rest.min(self.window)))
            });
            match self.runtime.block_on(stream.next()) {
                Some(Ok(bytes)) if bytes.is_empty() => {}
                Some(Ok(bytes)) => {
                    self.chunk = bytes;
                    return Ok(());
                }
                Some(Err(error)) => return Err(self.trouble.note(Error::internal(error))),
                None if fresh => {
                    return Err(self.trouble.note(Error::internal("the store ended a file before its end")));
                }
                None => {
                    *chunks = None;
                    self.window = self.window.saturating_mul(2);
                }
            }
        }
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || self.at >= self.reader.size() {
            return Ok(0);
        }
        if self.chunk.is_empty() {
            self.fetch()?;
        }
        let count = buffer.len().min(self.chunk.len());
        if let Some(part) = buffer.get_mut(..count) {
            self.chunk.copy_to_slice(part);
        }
        self.at += u64::try_from(count).unwrap_or(0);
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.reader.size().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let target = target.ok_or(io::ErrorKind::InvalidInput)?;
        let ahead = target.checked_sub(self.at).and_then(|ahead| usize::try_from(ahead).ok());
        match ahead {
            Some(ahead) if ahead <= self.chunk.len() => self.chunk.advance(ahead),
            _ => {
                self.chunk = Bytes::new();
                self.window = self.first_window;
                *self.chunks.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
            }
        }
        self.at = target;
        Ok(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::files::{Files, Kind, Options, Plan};

    async fn stored(name: &str, bytes: Vec<u8>) -> Reader {
        let root = std::env::temp_dir().join(format!("deskbell-source-{name}-{}", std::process::id()));
        let options = Options { budget: 1 << 20, reserve: 0, idle: Duration::from_secs(5) };
        let files = Files::open(&root, options).expect("a folder");
        let plan = Plan { kind: Kind::Video, limit: 1 << 30, expected: None, sha256: None };
        let stored = files.receive(plan, futures_util::stream::iter([Ok(Bytes::from(bytes))])).await.expect("received");
        files.reader(&stored.key).await.expect("opened").expect("there")
    }

    fn film() -> Vec<u8> {
        let mut bytes = b"\0\0\0\x20ftypisom".to_vec();
        bytes.extend((12..1_500_000_u32).map(|n| u8::try_from(n % 251).expect("small")));
        bytes
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_stored_file_is_read_in_order_and_by_jumps() {
        let bytes = film();
        let reader = stored("jumps", bytes.clone()).await;
        let reading = tokio::task::spawn_blocking(move || {
            let stop = watch::Sender::new(false);
            let (mut source, trouble) = Source::open(reader, 4096, Duration::from_secs(60), stop.subscribe());
            let mut whole = Vec::new();
            source.read_to_end(&mut whole).expect("read");
            assert!(whole == bytes, "in order");
            for at in [700_000, 0, 1_499_990, 3, 4096, 4095, 700_000, 1_400_000] {
                let end = (at + 300_000).min(bytes.len());
                source.seek(SeekFrom::Start(at as u64)).expect("inside");
                let mut part = vec![0; end - at];
                source.read_exact(&mut part).expect("read");
                assert!(part == bytes[at..end], "from {at}");
                source.seek(SeekFrom::Current(-5)).expect("inside");
                source.read_exact(&mut part[..5]).expect("read");
                assert_eq!(part[..5], bytes[end - 5..end]);
            }
            assert_eq!(source.seek(SeekFrom::End(10)).expect("behind the end"), 1_500_010);
            assert_eq!(source.read(&mut [0; 4]).expect("nothing"), 0);
            assert!(source.seek(SeekFrom::Current(-2_000_000)).is_err());
            assert!(trouble.judge(Ok(())).is_ok());
        });
        reading.await.expect("no panic");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_fails_below_a_decoder_is_not_taken_for_a_damaged_file() {
        let reader = stored("trouble", film()).await;
        let reading = tokio::task::spawn_blocking(move || {
            for (patience, stopped, code) in [(0, false, Code::Timeout), (60, true, Code::Unavailable)] {
                let stop = watch::Sender::new(stopped);
                let patience = Duration::from_secs(patience);
                let (mut source, trouble) = Source::open(reader.clone(), 4096, patience, stop.subscribe());
                let read = crate::platform::codec::film::read(&mut source, "video/mp4");
                assert_eq!(read.as_ref().expect_err("no film").code, Code::UnsupportedMediaType);
                assert_eq!(trouble.judge(read).expect_err("the reason").code, code);
            }
        });
        reading.await.expect("no panic");
    }
}
