//! Where whole files live: a home takes a finished part under its key, opens, lists and deletes.
//!
//! Bytes always arrive in a part file in the data directory, because type, size and hash must be known before
//! anything is visible. Only then a home gets them.

mod local;
mod place;
mod s3;
mod sending;
mod wire;

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::reader::Source;
use crate::base::error::Result;

pub(super) use local::Local;
pub use place::Place;
pub(super) use s3::Bucket;

/// What a home does; the trait must be usable as `dyn`, so its futures are boxed.
pub(super) type Doing<'a, T> = BoxFuture<'a, Result<T>>;

/// A home of whole files.
pub(super) trait Home: Send + Sync {
    /// Takes the bytes of a finished part under a key that is new. When it is done they survive a power cut; when it
    /// fails or is dropped, nothing is visible under the key. A part left behind is the caller's.
    ///
    /// # Errors
    /// `insufficient_storage`, `unavailable`.
    fn put<'a>(&'a self, part: &'a Path, key: &'a str) -> Doing<'a, ()>;

    /// Opens a file: where its bytes are read, and how many there are; none when there is no such file.
    ///
    /// # Errors
    /// `unavailable`; `internal` when it is there and cannot be opened.
    fn open<'a>(&'a self, key: &'a str) -> Doing<'a, Option<(Source, u64)>>;

    /// Deletes a file; that it is gone already is as good.
    ///
    /// # Errors
    /// `unavailable`; `internal` when it cannot be deleted.
    fn delete<'a>(&'a self, key: &'a str) -> Doing<'a, ()>;

    /// Every file older than `age`, with its bytes.
    ///
    /// # Errors
    /// `unavailable`; `internal` when it cannot be listed.
    fn list(&self, age: Duration) -> Doing<'_, Vec<(String, u64)>>;

    /// The file of a key, where each is a file of this machine.
    fn file(&self, _: &str) -> Option<PathBuf> {
        None
    }

    /// Takes back what was sent in part and never finished, by a process that is no more; returns how many.
    ///
    /// # Errors
    /// `internal` when the notes about it cannot be read.
    fn sweep(&self) -> Doing<'_, u64> {
        Box::pin(async { Ok(0) })
    }

    /// Whether it can serve.
    ///
    /// # Errors
    /// `unavailable`.
    fn check(&self) -> Doing<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// Where a key lives below the root or the prefix, as folders and name; none for what is no key.
pub(super) fn place_of(key: &str) -> Option<[&str; 3]> {
    let good = key.len() == 32 && key.bytes().all(|b| b.is_ascii_hexdigit());
    good.then(|| [&key[..2], &key[2..4], key])
}
