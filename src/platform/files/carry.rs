//! Carrying files from one home to another: copied, read back, and remembered, so that it can stop and go on.
//!
//! The copy on its way stands in `moving/KEY`, what was read back with its right hash in `moved`, both below the root.
//! The source is only read.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::TryStreamExt as _;
use sha2::{Digest as _, Sha256};

use super::home::Place;
use super::reader::Reader;
use super::store::{Files, translate};
use crate::base::error::{Code, Error, Result};

/// What a file must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// What became of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carried {
    /// It was copied and read back.
    Copied,
    /// It was there and right.
    There,
    /// It is nowhere.
    Missing,
    /// Its bytes are not what its row says; it was not copied.
    Damaged,
}

/// The right to serve from a data directory, or to have it for oneself; given back when dropped.
#[derive(Debug)]
pub struct Lease(File);

impl Drop for Lease {
    fn drop(&mut self) {
        if let Err(error) = self.0.unlock() {
            tracing::debug!(%error, "the lock of the files could not be given back");
        }
    }
}

/// A move between two homes of one data directory.
pub struct Move {
    from: Files,
    to: Files,
    /// Bytes of what is there already, by key.
    there: HashMap<String, u64>,
    done: Mutex<Journal>,
}

/// What was read back and right, also by those who stopped before us.
struct Journal {
    path: PathBuf,
    file: File,
    keys: HashSet<String>,
}

impl Files {
    /// The right to serve; others may serve beside, but nobody moves the files meanwhile. None where the file system
    /// knows no locks.
    ///
    /// # Errors
    /// `unavailable` when the files are being moved.
    pub fn serving(&self) -> Result<Option<Lease>> {
        let file = self.lock_file()?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Lease(file))),
            Err(TryLockError::WouldBlock) => Err(Error::new(
                Code::Unavailable,
                "The files of this desk are being moved by another process. Start it when that is done.",
            )),
            Err(TryLockError::Error(error)) => {
                tracing::debug!(%error, "the data directory cannot be locked");
                Ok(None)
            }
        }
    }

    /// The files for oneself; none while a desk serves from them.
    ///
    /// # Errors
    /// `internal` when the lock cannot be asked.
    pub fn still(&self) -> Result<Option<Lease>> {
        let file = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lease(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(Error::internal(error)),
        }
    }

    fn lock_file(&self) -> Result<File> {
        File::options().create(true).truncate(false).write(true).open(self.0.root.join("lock")).map_err(Error::internal)
    }

    /// Every file older than `age`, with its bytes.
    ///
    /// # Errors
    /// `unavailable`; `internal` when a folder cannot be read.
    pub async fn list(&self, age: Duration) -> Result<Vec<(String, u64)>> {
        self.0.home.list(age).await
    }
}

impl Move {
    /// Prepares to carry files from one store to another below the same root.
    ///
    /// # Errors
    /// `unavailable` when a home cannot be reached, `in_use` while another process moves the same files.
    pub async fn begin(from: &Files, to: &Files, target: &Place) -> Result<Self> {
        from.check().await?;
        to.check().await?;
        let (root, heading) = (to.0.root.clone(), target.to_string());
        let journal = tokio::task::spawn_blocking(move || -> io::Result<Option<Journal>> {
            fs::create_dir_all(root.join("moving"))?;
            Journal::open(root.join("moved"), &heading)
        });
        let Some(journal) = journal.await.map_err(Error::internal)?.map_err(translate)? else {
            return Err(Error::new(Code::InUse, "Another process is moving these files."));
        };
        // What an earlier move left half sent.
        to.0.home.sweep().await?;
        let there = to.list(Duration::ZERO).await?.into_iter().collect();
        Ok(Self { from: from.clone(), to: to.clone(), there, done: Mutex::new(journal) })
    }

    /// Carries one file, unless it is there with the right size and hash. `moved` is told of bytes as they are read.
    ///
    /// # Errors
    /// `unavailable`, `insufficient_storage`, `internal`: the move cannot go on now.
    pub async fn carry(&self, key: &str, known: Option<Known>, moved: &(dyn Fn(u64) + Sync)) -> Result<Carried> {
        let there = self.there.get(key).copied();
        if there.is_some() && known.is_none_or(|known| there == Some(known.size)) && self.lock().keys.contains(key) {
            moved(there.unwrap_or(0));
            return Ok(Carried::There);
        }
        let source = self.from.reader(key).await?;
        let known = match (known, &source) {
            (Some(known), _) => known,
            // No row knows it: it is what it is.
            (None, Some(source)) => survey(source.clone(), &|_| {}).await?,
            (None, None) => return Ok(Carried::Missing),
        };
        if there == Some(known.size) && self.reads_back(key, known, moved).await? {
            self.note(key)?;
            return Ok(Carried::There);
        }
        let Some(source) = source else { return Ok(Carried::Missing) };
        let copied = match (self.from.0.home.file(key), self.to.0.home.file(key)) {
            (Some(path), None) => {
                let right = survey(source, moved).await? == known;
                if right {
                    self.to.0.home.put(&path, key).await?;
                }
                right
            }
            _ => self.copy(source, key, known, moved).await?,
        };
        if !copied {
            return Ok(Carried::Damaged);
        }
        if !self.reads_back(key, known, &|_| {}).await? {
            self.to.delete(key).await?;
            return Err(Error::new(
                Code::Unavailable,
                format!("The file {key} came back from its new place with other bytes, so it was removed there."),
            ));
        }
        self.note(key)?;
        Ok(Carried::Copied)
    }

    /// Forgets what was done: the move is over.
    ///
    /// # Errors
    /// `internal` when it cannot be removed.
    pub fn end(self) -> Result<()> {
        let journal = self.done.into_inner().unwrap_or_else(PoisonError::into_inner);
        fs::remove_file(journal.path).map_err(Error::internal)?;
        fs::remove_dir_all(self.to.0.root.join("moving")).map_err(Error::internal)
    }

    /// By way of a file of our own, which the new home takes.
    async fn copy(&self, source: Reader, key: &str, known: Known, moved: &(dyn Fn(u64) + Sync)) -> Result<bool> {
        self.to.room_for(known.size)?;
        let path = self.to.0.root.join("moving").join(key);
        let (mut hash, len) = (Sha256::new(), source.size());
        let mut file = File::create(&path).map_err(translate)?;
        let mut bytes = std::pin::pin!(source.stream(0, len));
        while let Some(chunk) = bytes.try_next().await.map_err(broken)? {
            moved(u64::try_from(chunk.len()).unwrap_or(0));
            let written = tokio::task::spawn_blocking(move || {
                hash.update(&chunk);
                file.write_all(&chunk).map(|()| (file, hash))
            });
            (file, hash) = written.await.map_err(Error::internal)?.map_err(translate)?;
        }
        drop(file);
        let right = Known { size: len, sha256: hash.finalize().into() } == known;
        if right {
            self.to.0.home.put(&path, key).await?;
        }
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::internal(error)),
            _ => Ok(right),
        }
    }

    async fn reads_back(&self, key: &str, known: Known, moved: &(dyn Fn(u64) + Sync)) -> Result<bool> {
        match self.to.reader(key).await? {
            Some(reader) if reader.size() == known.size => Ok(survey(reader, moved).await? == known),
            _ => Ok(false),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Journal> {
        self.done.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, key: &str) -> Result<()> {
        let mut journal = self.lock();
        writeln!(journal.file, "{key}").map_err(translate)?;
        journal.keys.insert(key.to_owned());
        Ok(())
    }
}

impl Journal {
    /// What was done towards this target; towards another it begins anew. None while another process holds it.
    fn open(path: PathBuf, heading: &str) -> io::Result<Option<Self>> {
        let mut file = File::options().create(true).truncate(false).append(true).read(true).open(&path)?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Ok(None);
        }
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let mut lines = text.lines();
        let same = lines.next() == Some(heading);
        // A line cut by a crash is no key.
        let keys: HashSet<String> = lines.filter(|line| same && line.len() == 32).map(str::to_owned).collect();
        if !same || !text.ends_with('\n') {
            file.set_len(0)?;
            let all = keys.iter().fold(format!("{heading}\n"), |all, key| all + key + "\n");
            file.write_all(all.as_bytes())?;
        }
        Ok(Some(Self { path, file, keys }))
    }
}

async fn survey(reader: Reader, moved: &(dyn Fn(u64) + Sync)) -> Result<Known> {
    let (mut hash, len) = (Sha256::new(), reader.size());
    let mut bytes = std::pin::pin!(reader.stream(0, len));
    while let Some(chunk) = bytes.try_next().await.map_err(broken)? {
        moved(u64::try_from(chunk.len()).unwrap_or(0));
        let hashed = tokio::task::spawn_blocking(move || {
            hash.update(&chunk);
            hash
        });
        hash = hashed.await.map_err(Error::internal)?;
    }
    Ok(Known { size: len, sha256: hash.finalize().into() })
}

fn broken(error: io::Error) -> Error {
    Error::new(Code::Unavailable, "A file could not be read to its end.").because(error)
}
