//! Sending a part to a bucket: whole when it is small, else in pieces, and visible when all are there.
//!
//! Never: an upload in pieces whose id is not noted in `sending/KEY` before the first is sent.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::multipart::MultipartStore as _;
use object_store::path::Path as StorePath;
use object_store::{ObjectStoreExt as _, PutPayload};

use super::s3::{Bucket, LIMIT, LOOK, gone_is_good, in_time, unavailable};
use crate::base::error::{Error, Result};
use crate::platform::files::reader::{Held, read_at};
use crate::platform::files::store::translate;

/// A file up to this size is sent in one request, and a larger one in pieces of it. Signing hashes a piece on the
/// async thread: 8 MiB take some 5 ms. S3 takes pieces from 5 MiB.
const PIECE: u64 = 8 << 20;
const LEAST_PIECE: u64 = 5 << 20;
/// S3 takes so many pieces.
const PIECES: u64 = 10_000;
/// Pieces of one file on their way at once.
const LANES: usize = 4;

/// A key that is being sent, so that the sweeper leaves it.
struct Active(Bucket, String);

impl Drop for Active {
    fn drop(&mut self) {
        self.0.lock_active().remove(&self.1);
    }
}

/// An upload in pieces; dropped before it is complete, it is taken back.
struct Sending {
    bucket: Bucket,
    key: String,
    path: StorePath,
    id: String,
    _active: Active,
    done: bool,
}

impl Bucket {
    /// Bytes of a piece of a file of so many.
    fn piece(&self, size: u64) -> u64 {
        let fits = (self.0.half.total() / 8).clamp(LEAST_PIECE, PIECE);
        fits.max(size.div_ceil(PIECES))
    }

    /// Reads a piece, with its shares of the budget until it is sent.
    async fn read(&self, file: &Arc<File>, start: u64, len: u64) -> Result<Bytes> {
        let len = usize::try_from(len).map_err(Error::internal)?;
        let half = self.0.half.take(len).await?;
        let share = self.0.budget.take(len).await?;
        let file = Arc::clone(file);
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; len];
            read_at(&file, &mut bytes, start)?;
            Ok::<_, io::Error>(Bytes::from_owner(Held::new(bytes, (half, share))))
        });
        read.await.map_err(Error::internal)?.map_err(Error::internal)
    }

    /// Makes the bytes of a part visible under its key.
    pub(super) async fn send(&self, part: &Path, key: &str) -> Result<()> {
        let path = self.path(key).ok_or_else(|| Error::internal("a key of ours is a key"))?;
        let part = part.to_path_buf();
        let opened = tokio::task::spawn_blocking(move || -> io::Result<(File, u64)> {
            let file = File::open(part)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        });
        let (file, size) = opened.await.map_err(Error::internal)?.map_err(Error::internal)?;
        let file = Arc::new(file);
        let piece = self.piece(size);
        if size <= piece {
            let bytes = self.read(&file, 0, size).await?;
            return self.0.store.put(&path, PutPayload::from_bytes(bytes)).await.map(|_| ()).map_err(unavailable);
        }
        let mut sending = self.begin(key, path).await?;
        match sending.all(&file, size, piece).await {
            Ok(()) => {
                sending.done = true;
                self.forget_id(key).await;
                Ok(())
            }
            Err(error) => {
                sending.done = true;
                self.take_back(key, &sending.path, &sending.id).await;
                Err(error)
            }
        }
    }

    /// Begins an upload in pieces, and notes its id before the first is sent.
    async fn begin(&self, key: &str, path: StorePath) -> Result<Sending> {
        self.lock_active().insert(key.to_owned());
        let active = Active(self.clone(), key.to_owned());
        let id = in_time(LIMIT, self.0.store.create_multipart(&path)).await?;
        let sending =
            Sending { bucket: self.clone(), key: key.to_owned(), path, id: id.clone(), _active: active, done: false };
        let note = self.0.sending.join(key);
        let noted = tokio::task::spawn_blocking(move || fs::write(note, id)).await.map_err(Error::internal)?;
        noted.map_err(translate)?;
        Ok(sending)
    }

    /// As if it had never been sent; what cannot be reached now is left to the sweeper. A file whose completion was
    /// done and not heard of is not deleted here: another attempt with the same key may have succeeded meanwhile.
    async fn take_back(&self, key: &str, path: &StorePath, id: &str) {
        let id = id.to_owned();
        match in_time(LOOK, async { gone_is_good(self.0.store.abort_multipart(path, &id).await) }).await {
            Ok(()) => self.forget_id(key).await,
            Err(error) => tracing::warn!(%error, "an upload that broke off could not be taken back yet"),
        }
    }

    async fn forget_id(&self, key: &str) {
        let note = self.0.sending.join(key);
        let removed = tokio::task::spawn_blocking(move || fs::remove_file(note)).await;
        if let Ok(Err(error)) = removed
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "the note of an upload could not be removed");
        }
    }

    /// Takes back every upload that is noted and that nobody sends any more; returns how many.
    pub(super) async fn take_back_left(&self) -> Result<u64> {
        let folder = self.0.sending.clone();
        let notes = tokio::task::spawn_blocking(move || -> io::Result<Vec<(String, String)>> {
            let mut notes = Vec::new();
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                notes.push((entry.file_name().to_string_lossy().into_owned(), fs::read_to_string(entry.path())?));
            }
            Ok(notes)
        });
        let mut swept = 0;
        for (key, id) in notes.await.map_err(Error::internal)?.map_err(Error::internal)? {
            if self.lock_active().contains(&key) {
                continue;
            }
            if let Some(path) = self.path(&key) {
                self.take_back(&key, &path, &id).await;
                swept += 1;
            }
        }
        Ok(swept)
    }
}

impl Sending {
    async fn all(&self, file: &Arc<File>, size: u64, piece: u64) -> Result<()> {
        let (bucket, path, id) = (&self.bucket, &self.path, &self.id);
        let pieces = stream::iter((0..size.div_ceil(piece)).zip(0_usize..)).map(|(number, index)| async move {
            let start = number * piece;
            let bytes = bucket.read(file, start, piece.min(size - start)).await?;
            bucket.0.store.put_part(path, id, index, PutPayload::from_bytes(bytes)).await.map_err(unavailable)
        });
        let sent = pieces.buffered(LANES).try_collect().await?;
        in_time(LIMIT, bucket.0.store.complete_multipart(path, id, sent)).await.map(|_| ())
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if self.done {
            return;
        }
        let (bucket, key, path, id) = (self.bucket.clone(), self.key.clone(), self.path.clone(), self.id.clone());
        // Without a runtime the process ends, and the next one sweeps.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move { bucket.take_back(&key, &path, &id).await });
        }
    }
}
