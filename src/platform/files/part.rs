//! A file on its way in: gathered, hashed, written, and moved to its place once whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use tokio::task::JoinHandle;

use super::budget::Share;
use super::store::{Files, Stored, translate};
use crate::base::error::{Error, Result};
use crate::base::text;

/// Frames waiting to be written, with their shares of the budget.
#[derive(Default)]
pub(super) struct Gathered {
    frames: Vec<(Bytes, Share)>,
    pub(super) size: usize,
}

impl Gathered {
    pub(super) fn push(&mut self, frame: Bytes, share: Share) {
        self.size += frame.len();
        self.frames.push((frame, share));
    }
}

/// Hashes and counts what is written to the part file.
pub(super) struct Sink {
    file: File,
    hash: Sha256,
    size: u64,
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        self.size += u64::try_from(written).unwrap_or(0);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

pub(super) type Writing = JoinHandle<(Sink, io::Result<()>)>;

/// A file on its way in; dropped before its end, it leaves nothing.
pub(super) struct Part {
    files: Files,
    key: String,
    pub(super) sink: Option<Sink>,
    done: bool,
}

impl Part {
    pub(super) fn begin(files: &Files) -> Result<Self> {
        let key = hex::encode(text::random::<16>()?);
        files.0.lock_active().insert(key.clone());
        let mut part = Self { files: files.clone(), key, sink: None, done: false };
        let file = File::create_new(part.path()).map_err(translate)?;
        part.sink = Some(Sink { file, hash: Sha256::new(), size: 0 });
        Ok(part)
    }

    fn path(&self) -> PathBuf {
        self.files.0.root.join("parts").join(&self.key)
    }

    /// Hands what was gathered to the blocking pool, after what was handed before.
    pub(super) async fn flush(&mut self, gathered: &mut Gathered, writing: &mut Option<Writing>) -> Result<()> {
        if gathered.frames.is_empty() {
            return Ok(());
        }
        self.settle(writing).await?;
        let Some(mut sink) = self.sink.take() else { return Err(Error::internal("the part has no sink")) };
        let frames = std::mem::take(gathered).frames;
        *writing = Some(tokio::task::spawn_blocking(move || {
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
    pub(super) async fn settle(&mut self, writing: &mut Option<Writing>) -> Result<()> {
        if let Some(handle) = writing.take() {
            let (sink, written) = handle.await.map_err(Error::internal)?;
            self.sink = Some(sink);
            written.map_err(translate)?;
        }
        Ok(())
    }

    /// Syncs the file, moves it to its place, and syncs its folder: from here on it survives a power cut.
    pub(super) async fn finish(mut self, content_type: &'static str) -> Result<Stored> {
        let Some(sink) = self.sink.take() else { return Err(Error::internal("the part has no sink")) };
        let target = self.files.path(&self.key).ok_or_else(|| Error::internal("a key of ours is a key"))?;
        let part = self.path();
        let stored = tokio::task::spawn_blocking(move || -> io::Result<(u64, [u8; 32])> {
            sink.file.sync_all()?;
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
                fs::rename(&part, &target)?;
                sync_folder(folder)?;
                if let Some(above) = folder.parent() {
                    sync_folder(above)?;
                }
            }
            Ok((sink.size, sink.hash.finalize().into()))
        })
        .await
        .map_err(Error::internal)?;
        let (size, sha256) = stored.map_err(translate)?;
        self.done = true;
        Ok(Stored { key: self.key.clone(), size, sha256, content_type })
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

fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
