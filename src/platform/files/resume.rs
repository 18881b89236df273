//! Files that arrive in pieces: their bytes so far stand in `resumable/KEY`, across requests and restarts.
//!
//! How far an upload has come is the length of its file, which is synced before it is acknowledged. Its hash goes on
//! from request to request in memory; after a restart the file is read once more. One writer holds an upload at a
//! time: whoever comes next asks the present one to stop and waits for it, so that a client that lost its connection
//! need not wait until the server has noticed.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedMutexGuard, watch};

use super::digest::Checksum;
use super::home::place_of;
use super::kind::{Kind, SNIFF};
use super::part::{Sink, sync_folder};
use super::store::{Files, Judge, Stored, translate};
use crate::base::error::{Code, Error, Result};
use crate::base::text;

/// How long a request waits for the one before it to stop.
const PATIENCE: Duration = Duration::from_secs(15);

/// What is known of a file that is read no further than its length: its hash so far.
#[derive(Clone, Default)]
pub(super) struct Progress {
    hash: Sha256,
    size: u64,
}

/// One upload as the requests on it see it.
#[derive(Clone)]
struct Live {
    progress: Arc<tokio::sync::Mutex<Progress>>,
    // Counts those who came for it; the present holder stops when it changes.
    asked: watch::Sender<u64>,
}

/// Every upload that a request has touched since the start.
#[derive(Default)]
pub(super) struct Lives(Mutex<HashMap<String, Live>>);

impl Lives {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Live>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn of(&self, key: &str) -> Live {
        let fresh = || Live { progress: Arc::default(), asked: watch::Sender::new(0) };
        self.lock().entry(key.to_owned()).or_insert_with(fresh).clone()
    }
}

/// The right to write to an upload.
pub(super) struct Hold {
    progress: OwnedMutexGuard<Progress>,
    asked: watch::Receiver<u64>,
}

/// What one request brings.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Decides types.
    pub kind: Kind,
    /// Bytes of the whole file at most.
    pub limit: u64,
    /// Bytes of the whole file, when it is known.
    pub total: Option<u64>,
    /// Where the piece begins.
    pub offset: u64,
    /// What the bytes of the piece must come to.
    pub checksum: Option<Checksum>,
}

/// What became of a piece: how far the file has come, also when the piece broke off.
#[derive(Debug)]
pub struct Appended {
    /// Bytes that are there and synced.
    pub offset: u64,
    /// Whether the piece came whole.
    pub outcome: Result<()>,
}

impl Files {
    /// Makes room for a file that arrives in pieces; the key names it from now on.
    ///
    /// # Errors
    /// `insufficient_storage` when it would not fit.
    pub async fn begin_resumable(&self, total: Option<u64>) -> Result<String> {
        self.room_for(total.unwrap_or(0))?;
        let key = hex::encode(text::random::<16>()?);
        let folder = self.resumable();
        let path = folder.join(&key);
        tokio::task::spawn_blocking(move || -> io::Result<()> {
            File::create_new(path)?;
            sync_folder(&folder)
        })
        .await
        .map_err(Error::internal)?
        .map_err(translate)?;
        Ok(key)
    }

    /// How far a file has come; none when there is no such file. Whoever writes to it is asked to stop first.
    ///
    /// # Errors
    /// `locked` when the writer does not stop in time.
    pub async fn resumable_size(&self, key: &str) -> Result<Option<u64>> {
        let _hold = self.hold(key).await?;
        self.resumable_length(key).await
    }

    /// Appends a piece. What arrives before a break stays, unless the piece has a checksum.
    ///
    /// # Errors
    /// `locked`, `offset_mismatch`, `not_found`. What goes wrong with the bytes stands in the outcome:
    /// `too_large`, `unsupported_media_type`, `checksum_mismatch`, `insufficient_storage`, `timeout`, and what the
    /// stream fails with.
    pub async fn append(
        &self,
        key: &str,
        piece: Piece,
        frames: impl Stream<Item = Result<Bytes>> + Send,
    ) -> Result<Appended> {
        let mut hold = self.hold(key).await?;
        let Some(length) = self.resumable_length(key).await? else { return Err(Error::not_found("upload")) };
        if length != piece.offset {
            return Err(Error::new(
                Code::OffsetMismatch,
                format!(
                    "The upload has {length} bytes and not {}. Ask for its offset and go on from there.",
                    piece.offset
                ),
            ));
        }
        let path = self.resumable().join(key);
        let (file, head, progress) = self.open_to_append(path, hold.progress.clone(), length).await?;
        let start = progress.clone();
        *hold.progress = progress.clone();
        let mut asked = hold.asked.clone();
        let checked = piece.checksum.is_some();
        let mut sink = Sink::new(file);
        (sink.hash, sink.size, sink.also, sink.hold) = (progress.hash, progress.size, piece.checksum, Some(hold));
        let mut judge = Judge::new(piece.kind, piece.limit.min(piece.total.unwrap_or(u64::MAX)));
        let mut pipe = self.pipe(sink, piece.kind);
        let poured = match judge.resume(&head, length) {
            Err(error) => Err(error),
            Ok(()) => tokio::select! {
                poured = self.pour(&mut pipe, &mut judge, frames) => poured,
                _ = asked.changed() => Err(Error::new(Code::Locked, "Another request goes on with this upload.")),
            },
        };
        let (sink, written) = pipe.end().await;
        let mut outcome = poured.and(written);
        let Some(mut sink) = sink else { return Err(Error::internal("the writer is gone")) };
        if let Some(checksum) = sink.also.take()
            && outcome.is_ok()
        {
            outcome = checksum.verify();
        }
        let undo = checked && outcome.is_err();
        let offset = tokio::task::spawn_blocking(move || -> io::Result<u64> {
            let end = if undo { start } else { Progress { hash: sink.hash, size: sink.size } };
            if undo {
                sink.file.set_len(end.size)?;
            }
            sink.file.sync_data()?;
            let size = end.size;
            if let Some(hold) = &mut sink.hold {
                *hold.progress = end;
            }
            Ok(size)
        })
        .await
        .map_err(Error::internal)?
        .map_err(translate)?;
        Ok(Appended { offset, outcome })
    }

    /// Moves a whole file to its place, where it is a stored file under the same key. Asked again, it answers the
    /// same.
    ///
    /// # Errors
    /// `not_found`, `unsupported_media_type`, `locked`, `internal`.
    pub async fn finish_resumable(&self, key: &str, kind: Kind) -> Result<Stored> {
        let mut hold = self.hold(key).await?;
        let path = self.resumable().join(key);
        let stored = match self.resumable_length(key).await? {
            Some(length) => {
                let (_, head, progress) = self.open_to_append(path.clone(), hold.progress.clone(), length).await?;
                *hold.progress = progress.clone();
                let content_type = kind.content_type(&head)?;
                self.keep(path, key).await?;
                Stored { key: key.to_owned(), size: length, sha256: progress.hash.finalize().into(), content_type }
            }
            // Moved before, by an end that was cut short: what it is can be read again.
            None => {
                let reader = self.reader(key).await?.ok_or_else(|| Error::not_found("upload"))?;
                let (head, size, sha256) = reader.survey(SNIFF).await?;
                Stored { key: key.to_owned(), size, sha256, content_type: kind.content_type(&head)? }
            }
        };
        drop(hold);
        self.0.lives.lock().remove(key);
        Ok(stored)
    }

    /// Removes what has come of a file; that it is gone already is as good.
    ///
    /// # Errors
    /// `internal` when it cannot be removed.
    pub async fn discard_resumable(&self, key: &str) -> Result<()> {
        if place_of(key).is_none() {
            return Ok(());
        }
        // A writer that does not stop in time writes into a file without a name.
        let hold = self.hold(key).await;
        let path = self.resumable().join(key);
        let removed = tokio::task::spawn_blocking(move || fs::remove_file(path)).await.map_err(Error::internal)?;
        drop(hold);
        self.0.lives.lock().remove(key);
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Error::internal(error)),
            _ => Ok(()),
        }
    }

    /// The keys of all files that arrive in pieces and were not touched for `age`.
    ///
    /// # Errors
    /// `internal` when the folder cannot be read.
    pub async fn resumable_keys(&self, age: Duration) -> Result<Vec<String>> {
        let folder = self.resumable();
        tokio::task::spawn_blocking(move || -> io::Result<Vec<String>> {
            let mut keys = Vec::new();
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.metadata()?.modified()?.elapsed().is_ok_and(|elapsed| elapsed >= age) {
                    keys.push(entry.file_name().to_string_lossy().into_owned());
                }
            }
            Ok(keys)
        })
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
    }

    fn resumable(&self) -> PathBuf {
        self.0.root.join("resumable")
    }

    /// Bytes of a file that arrives in pieces, without asking its writer to stop; none when there is no such file.
    ///
    /// # Errors
    /// `internal` when the folder cannot be read.
    pub async fn resumable_length(&self, key: &str) -> Result<Option<u64>> {
        if place_of(key).is_none() {
            return Ok(None);
        }
        let path = self.resumable().join(key);
        match tokio::task::spawn_blocking(move || fs::metadata(path)).await.map_err(Error::internal)? {
            Ok(metadata) => Ok(Some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::internal(error)),
        }
    }

    async fn hold(&self, key: &str) -> Result<Hold> {
        if place_of(key).is_none() {
            return Err(Error::not_found("upload"));
        }
        let live = self.0.lives.of(key);
        live.asked.send_modify(|count| *count += 1);
        let locked = tokio::time::timeout(PATIENCE, Arc::clone(&live.progress).lock_owned()).await;
        let progress = locked.map_err(|_| {
            Error::new(Code::Locked, "Another request is still writing to this upload. Try again in a moment.")
                .retry_after(2)
        })?;
        // Seen from here on: only who comes later makes this holder stop.
        Ok(Hold { progress, asked: live.asked.subscribe() })
    }

    /// The file, positioned at its end, its first bytes, and its hash so far: the known one when it is of this
    /// length, else by reading the file.
    async fn open_to_append(&self, path: PathBuf, known: Progress, length: u64) -> Result<(File, Vec<u8>, Progress)> {
        tokio::task::spawn_blocking(move || open(&path, known, length))
            .await
            .map_err(Error::internal)?
            .map_err(translate)
    }
}

fn open(path: &Path, known: Progress, length: u64) -> io::Result<(File, Vec<u8>, Progress)> {
    let mut file = File::options().read(true).write(true).open(path)?;
    let mut head = Vec::with_capacity(SNIFF);
    file.by_ref().take(u64::try_from(SNIFF).unwrap_or(0)).read_to_end(&mut head)?;
    let progress = if known.size == length {
        known
    } else {
        file.seek(SeekFrom::Start(0))?;
        let mut progress = Progress::default();
        let mut buffer = vec![0; 256 << 10];
        loop {
            let read = file.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            progress.hash.update(buffer.get(..read).unwrap_or(&buffer));
            progress.size += u64::try_from(read).unwrap_or(0);
        }
        progress
    };
    file.seek(SeekFrom::Start(length))?;
    Ok((file, head, progress))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;
    use crate::platform::files::tests::store;

    fn piece(offset: u64) -> Piece {
        Piece { kind: Kind::Video, limit: 1 << 30, total: None, offset, checksum: None }
    }

    fn film(size: usize) -> Vec<u8> {
        let mut bytes = b"\0\0\0\x20ftypisom".to_vec();
        bytes.extend((bytes.len()..size).map(|n| u8::try_from(n % 251).unwrap_or(0)));
        bytes
    }

    fn frames(bytes: &[u8]) -> impl Stream<Item = Result<Bytes>> + Send + use<> {
        let all: Vec<_> = bytes.chunks(9000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect();
        stream::iter(all)
    }

    fn left(files: &Files) -> usize {
        fs::read_dir(files.resumable()).expect("the folder").count()
    }

    #[tokio::test]
    async fn pieces_make_one_file_also_across_a_restart() {
        let files = store("resume-pieces", 1 << 20);
        let film = film(700_001);
        let key = files.begin_resumable(Some(700_001)).await.expect("begun");
        let first = files.append(&key, piece(0), frames(&film[..300])).await.expect("taken");
        assert_eq!((first.offset, first.outcome.is_ok()), (300, true));
        files.append(&key, piece(300), frames(&film[300..400_000])).await.expect("taken").outcome.expect("whole");
        // A new process knows nothing but the folder.
        let again = Files::open(&files.0.root, files.0.options).expect("opened");
        assert_eq!(again.resumable_size(&key).await.expect("asked"), Some(400_000));
        again.append(&key, piece(400_000), frames(&film[400_000..])).await.expect("taken").outcome.expect("whole");
        let stored = again.finish_resumable(&key, Kind::Video).await.expect("finished");
        assert_eq!((stored.size, stored.sha256), (700_001, text::sha256(&film)));
        assert_eq!(again.finish_resumable(&key, Kind::Video).await.expect("once more"), stored);
        assert_eq!((left(&again), again.usage().in_flight), (0, 0));
    }

    #[tokio::test]
    async fn what_came_before_a_break_stays() {
        let files = store("resume-break", 1 << 20);
        let film = film(100_000);
        let key = files.begin_resumable(None).await.expect("begun");
        let cut = futures_util::StreamExt::chain(
            frames(&film[..50_000]),
            stream::iter([Err(Error::new(Code::BadRequest, "cut"))]),
        );
        let appended = files.append(&key, piece(0), cut).await.expect("taken");
        assert_eq!((appended.offset, appended.outcome.expect_err("cut").code), (50_000, Code::BadRequest));
        let wrong = files.append(&key, piece(40_000), frames(&film)).await.expect_err("from elsewhere");
        assert_eq!(wrong.code, Code::OffsetMismatch);
    }

    #[tokio::test]
    async fn a_piece_with_another_checksum_is_taken_back() {
        let files = store("resume-checksum", 1 << 20);
        let film = film(60_000);
        let key = files.begin_resumable(None).await.expect("begun");
        files.append(&key, piece(0), frames(&film[..20_000])).await.expect("taken").outcome.expect("whole");
        let checked = |bytes: &[u8]| {
            let checksum = Checksum::new("sha256", &text::sha256(bytes)).expect("known");
            Piece { checksum: Some(checksum), ..piece(20_000) }
        };
        let broken = files.append(&key, checked(b"else"), frames(&film[20_000..])).await.expect("taken");
        assert_eq!((broken.offset, broken.outcome.expect_err("else").code), (20_000, Code::ChecksumMismatch));
        let good = files.append(&key, checked(&film[20_000..]), frames(&film[20_000..])).await.expect("taken");
        assert_eq!(good.offset, 60_000);
        let stored = files.finish_resumable(&key, Kind::Video).await.expect("finished");
        assert_eq!(stored.sha256, text::sha256(&film));
    }

    #[tokio::test]
    async fn who_comes_next_does_not_wait_for_a_client_that_is_gone() {
        let files = store("resume-lock", 1 << 20);
        let film = film(30_000);
        let key = files.begin_resumable(None).await.expect("begun");
        let silent = futures_util::StreamExt::chain(frames(&film[..10_000]), stream::pending());
        let (store, name) = (files.clone(), key.clone());
        let hanging = tokio::spawn(async move { store.append(&name, piece(0), silent).await });
        while fs::metadata(files.resumable().join(&key)).expect("there").len() < 10_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        assert_eq!(files.resumable_size(&key).await.expect("at once"), Some(10_000));
        let stopped = hanging.await.expect("ended").expect("taken");
        assert_eq!((stopped.offset, stopped.outcome.expect_err("stopped").code), (10_000, Code::Locked));
        assert_eq!(files.append(&key, piece(10_000), frames(&film[10_000..])).await.expect("taken").offset, 30_000);
    }

    #[tokio::test]
    async fn the_kind_is_judged_by_the_first_bytes_however_they_are_cut() {
        let files = store("resume-kind", 1 << 20);
        let key = files.begin_resumable(None).await.expect("begun");
        files.append(&key, piece(0), frames(b"<svg ")).await.expect("taken").outcome.expect("too little to judge");
        let judged = files.append(&key, piece(5), frames(&[b'x'; 600])).await.expect("taken");
        assert_eq!(judged.outcome.expect_err("no film").code, Code::UnsupportedMediaType);
        let small = files.begin_resumable(None).await.expect("begun");
        let tight = Piece { limit: 1000, ..piece(0) };
        let over = files.append(&small, tight, frames(&film(2000))).await.expect("taken");
        assert_eq!(over.outcome.expect_err("over").code, Code::TooLarge);
        for key in [key, small] {
            files.discard_resumable(&key).await.expect("gone");
        }
        assert_eq!((left(&files), files.usage().in_flight), (0, 0));
    }
}
