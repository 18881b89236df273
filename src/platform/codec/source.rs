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
