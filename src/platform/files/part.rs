//! A file on its way in: gathered, hashed, written, and moved to its place once whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinHandle;

use super::budget::Share;
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

/// Frames waiting to be written with their shares of the budget, and the sink they go to. Writing happens on the
/// blocking pool, one batch behind the other, while more is gathered.
pub(super) struct Pipe {
    sink: Option<Sink>,
    writing: Option<Writing>,
    frames: Vec<(Bytes, Share)>,
    gathered: usize,
}

impl Pipe {
    pub(super) fn new(sink: Sink) -> Self {
        Self { sink: Some(sink), writing: None, frames: Vec::new(), gathered: 0 }
    }

    /// Bytes that wait.
    pub(super) fn gathered(&self) -> usize {
        self.gathered
    }

    pub(super) fn push(&mut self, frame: Bytes, share: Share) {
        self.gathered += frame.len();
        self.frames.push((frame, share));
    }

    /// Hands what was gathered to the blocking pool, after what was handed before.
    pub(super) async fn flush(&mut self) -> Result<()> {
        if self.frames.is_empty() {
            return Ok(());
        }
        self.settle().await?;
        let Some(mut sink) = self.sink.take() else { return Err(Error::internal("the part has no sink")) };
        let frames = std::mem::take(&mut self.frames);
        self.gathered = 0;
        self.writing = Some(tokio::task::spawn_blocking(move || {
            let all = || -> io::Result<()> {
                for (frame, share) in frames {
                    sink.write_all(&frame)?;
                    drop(share);
                }
                Ok(())
            };
            let written = all();
            (sink, written)
        }));
        Ok(())
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
