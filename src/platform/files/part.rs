//! A file on its way in: gathered, hashed, written, and moved to its place once whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinHandle;

use super::budget::{Budget, Buffer, Share, UPLOAD};
use super::digest::{Checksum, mismatch};
use super::resume::Hold;
use super::store::{Files, Stored, translate};
use crate::base::error::{Error, Result};
use crate::base::text;

/// Hashes and counts what is written to a file.
pub(super) struct Sink {
    pub(super) file: File,
    pub(super) hash: Sha256,
    pub(super) size: u64,
    /// A checksum of what one request brings, where that is less than the whole file.
    pub(super) also: Option<Checksum>,
    /// What a resumable upload holds while it is written, so that a writer nobody waits for any more still keeps
    /// others away.
    pub(super) hold: Option<Hold>,
}

impl Sink {
    pub(super) fn new(file: File) -> Self {
        Self { file, hash: Sha256::new(), size: 0, also: None, hold: None }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        let bytes = bytes.get(..written).unwrap_or(bytes);
        self.hash.update(bytes);
        if let Some(also) = &mut self.also {
            also.update(bytes);
        }
        self.size += u64::try_from(written).unwrap_or(0);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

type Writing = JoinHandle<(Sink, io::Result<()>)>;

/// Bytes waiting to be written, and the sink they go to. Writing happens on the blocking pool, one batch behind the
/// other, while more is gathered.
pub(super) struct Pipe {
    sink: Option<Sink>,
    writing: Option<Writing>,
    gathered: Vec<Buffer>,
    size: usize,
    /// Write when so much has come together.
    write_size: usize,
    budget: Budget,
    /// What a frame stands on that finds no buffer; none while the client pauses.
    floor: Option<Share>,
}

impl Pipe {
    pub(super) fn new(sink: Sink, write_size: usize, budget: &Budget) -> Self {
        let budget = budget.clone();
        Self { sink: Some(sink), writing: None, gathered: Vec::new(), size: 0, write_size, budget, floor: None }
    }

    /// Takes a frame: copied, since a slice of a connection's buffer would keep all of it in memory.
    pub(super) async fn push(&mut self, frame: Bytes) -> Result<()> {
        if self.floor.is_none() {
            self.floor = Some(self.budget.floor(UPLOAD).await?);
        }
        let mut rest = frame.as_ref();
        while !rest.is_empty() {
            if self.gathered.last().is_none_or(Buffer::is_full) {
                match self.budget.try_buffer() {
                    Some(buffer) => self.gathered.push(buffer),
                    None => return self.write_now(frame.slice_ref(rest)).await,
                }
            }
            if let Some(buffer) = self.gathered.last_mut() {
                let taken = buffer.fill(rest);
                self.size += taken;
                rest = rest.get(taken..).unwrap_or_default();
            }
        }
        if self.size >= self.write_size { self.flush().await } else { Ok(()) }
    }

    /// The client pauses: writes what was gathered, and gives back everything until more comes.
    pub(super) async fn pause(&mut self) -> Result<()> {
        self.flush().await?;
        self.settle().await?;
        self.floor = None;
        Ok(())
    }

    /// Others hold all buffers: gives back what this transfer holds, and writes the frame before the next is read.
    async fn write_now(&mut self, frame: Bytes) -> Result<()> {
        self.flush().await?;
        self.settle().await?;
        self.hand_over(move |sink| sink.write_all(&frame))?;
        self.settle().await
    }

    fn hand_over(&mut self, write: impl FnOnce(&mut Sink) -> io::Result<()> + Send + 'static) -> Result<()> {
        let Some(mut sink) = self.sink.take() else { return Err(Error::internal("the part has no sink")) };
        self.writing = Some(tokio::task::spawn_blocking(move || {
            let written = write(&mut sink);
            (sink, written)
        }));
        Ok(())
    }

    /// Hands what was gathered to the blocking pool, after what was handed before.
    pub(super) async fn flush(&mut self) -> Result<()> {
        if self.gathered.is_empty() {
            return Ok(());
        }
        self.settle().await?;
        self.size = 0;
        let gathered = std::mem::take(&mut self.gathered);
        self.hand_over(move |sink| gathered.into_iter().try_for_each(|buffer| sink.write_all(buffer.as_ref())))
    }

    /// Waits until what was handed over is written.
    pub(super) async fn settle(&mut self) -> Result<()> {
        if let Some(handle) = &mut self.writing {
            // Kept in its place until it is done: whoever stops waiting in the middle may wait again.
            let done = handle.await;
            self.writing = None;
            let (sink, written) = done.map_err(Error::internal)?;
            self.sink = Some(sink);
            written.map_err(translate)?;
        }
        Ok(())
    }

    /// The sink, once everything gathered is written; also after a failed write, with what was written.
    pub(super) async fn end(mut self) -> (Option<Sink>, Result<()>) {
        let mut written = self.flush().await;
        if written.is_ok() {
            written = self.settle().await;
        }
        (self.sink, written)
    }
}

/// A file that is to be whole before anybody sees it; dropped before its end, it leaves nothing.
pub(super) struct Part {
    files: Files,
    key: String,
    done: bool,
}

impl Part {
    /// A new file, and the sink that fills it.
    pub(super) fn begin(files: &Files) -> Result<(Self, Sink)> {
        let key = hex::encode(text::random::<16>()?);
        files.0.lock_active().insert(key.clone());
        let part = Self { files: files.clone(), key, done: false };
        let file = File::create_new(part.path()).map_err(translate)?;
        Ok((part, Sink::new(file)))
    }

    fn path(&self) -> PathBuf {
        self.files.0.root.join("parts").join(&self.key)
    }

    /// Gives the file to its home: from here on it survives a power cut.
    /// A client's own SHA-256, when it said one, must be ours.
    pub(super) async fn finish(
        mut self,
        sink: Sink,
        content_type: &'static str,
        said: Option<[u8; 32]>,
    ) -> Result<Stored> {
        let sha256 = sink.hash.finalize().into();
        if said.is_some_and(|said| said != sha256) {
            return Err(mismatch());
        }
        let stored = Stored { key: self.key.clone(), size: sink.size, sha256, content_type };
        drop(sink.file);
        self.files.keep(self.path(), &self.key).await?;
        self.done = true;
        Ok(stored)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            // A writer may still run; it writes into a file without a name, which goes when it ends.
            let _ = fs::remove_file(self.path());
        }
        self.files.0.lock_active().remove(&self.key);
    }
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
