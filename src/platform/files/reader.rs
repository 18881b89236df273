//! Reading a stored file in chunks, off the async threads and under the budget.

use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use sha2::{Digest as _, Sha256};

use super::budget::{Budget, Share};
use crate::base::error::{Error, Result};

/// Bytes of a chunk: 256 KiB keep the number of hops low and the memory of a download small.
pub const CHUNK: usize = 256 << 10;

/// An open file.
#[derive(Clone, Debug)]
pub struct Reader {
    file: Arc<File>,
    size: u64,
    budget: Budget,
}

/// Bytes that hold their share of the budget until they are sent.
struct Held {
    bytes: Vec<u8>,
    _share: Share,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Reader {
    pub(super) fn new(file: File, size: u64, budget: Budget) -> Self {
        Self { file: Arc::new(file), size, budget }
    }

    /// Bytes of the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// `len` bytes from `start`, as a stream of chunks; one is read ahead while another is sent.
    pub fn stream(self, start: u64, len: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let ahead = Box::pin(self.clone().chunk(start, len));
        futures_util::stream::unfold((self, ahead, start, len), |(reader, ahead, start, len)| async move {
            if len == 0 {
                return None;
            }
            let bytes = match ahead.await {
                Ok(bytes) => bytes,
                Err(error) => return Some((Err(error), (reader.clone(), Box::pin(reader.chunk(0, 0)), 0, 0))),
            };
            let got = u64::try_from(bytes.len()).unwrap_or(len).min(len);
            let (start, len) = (start + got, len - got);
            let next = Box::pin(reader.clone().chunk(start, len));
            Some((Ok(bytes), (reader, next, start, len)))
        })
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

    async fn chunk(self, start: u64, len: u64) -> io::Result<Bytes> {
        let size = usize::try_from(len).unwrap_or(CHUNK).min(CHUNK);
        if size == 0 {
            return Ok(Bytes::new());
        }
        let share = self.budget.take(size).await.map_err(io::Error::other)?;
        let file = self.file;
        tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; size];
            read_at(&file, &mut bytes, start)?;
            Ok(Bytes::from_owner(Held { bytes, _share: share }))
        })
        .await
        .map_err(io::Error::other)?
    }

    /// The whole file, for the few that are small and needed at once.
    ///
    /// # Errors
    /// `internal` when it cannot be read.
    pub async fn all(self) -> Result<Vec<u8>> {
        let size = usize::try_from(self.size).map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let mut bytes = vec![0; size];
            read_at(&self.file, &mut bytes, 0).map(|()| bytes)
        })
        .await
        .map_err(Error::internal)?
        .map_err(Error::internal)
    }
}

#[cfg(unix)]
fn read_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
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
