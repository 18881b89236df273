//! The home in a bucket of an S3-compatible store. `sending` puts, `wire` speaks HTTP.
//!
//! Never: a wait without an end; a piece in memory without its share of the budget; an upload that broke off and is
//! kept by the store for ever (its id stands in `sending/KEY` until it is completed or taken back).

use std::collections::HashSet;
use std::fs;
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path as StorePath;
use object_store::{
    BackoffConfig, Error as StoreError, GetOptions, ObjectStore as _, ObjectStoreExt as _, RetryConfig,
};

use super::place::Bucket as Where;
use super::wire::Wire;
use super::{Doing, Home, place_of};
use crate::base::error::{Code, Error, Result};
use crate::platform::files::budget::Budget;
use crate::platform::files::reader::{Remote, Source};

/// No single answer takes longer than this; one attempt has its own limits in `wire`.
pub(super) const LIMIT: Duration = Duration::from_secs(60);
/// A look whether the store answers.
pub(super) const LOOK: Duration = Duration::from_secs(5);

/// A bucket, or what is below a prefix of it.
#[derive(Clone)]
pub(in crate::platform::files) struct Bucket(pub(super) Arc<Inner>);

pub(in crate::platform::files) struct Inner {
    pub(super) store: AmazonS3,
    prefix: String,
    pub(super) budget: Budget,
    /// Half of what the budget has for speed, so that a slow store cannot take it all from those who come and go.
    pub(super) half: Budget,
    /// Ids of uploads in pieces, a file each.
    pub(super) sending: PathBuf,
    active: Mutex<HashSet<String>>,
}

impl Bucket {
    /// A client of the store; nothing is asked of it yet.
    ///
    /// # Errors
    /// `unavailable` when there can be no client.
    pub(in crate::platform::files) fn new(at: &Where, root: &Path, budget: &Budget) -> Result<Self> {
        let wire = Wire::new(at.endpoint.as_ref().is_none_or(|endpoint| endpoint.starts_with("https:")))?;
        let mut builder = AmazonS3Builder::new();
        for (name, value) in &at.machine {
            if let Ok(key) = name.to_ascii_lowercase().parse() {
                builder = builder.with_config(key, value);
            }
        }
        builder = builder.with_bucket_name(&at.name).with_http_connector(wire).with_disable_bulk_delete(true);
        // A retry is for a hiccup; who waits for a store that is gone is told so.
        builder = builder.with_retry(RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(1),
                base: 2.0,
            },
            max_retries: 2,
            retry_timeout: Duration::from_secs(10),
        });
        if let Some(endpoint) = &at.endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        if let Some(region) = &at.region {
            builder = builder.with_region(region);
        }
        if let Some((id, secret)) = &at.keys {
            builder = builder.with_access_key_id(id).with_secret_access_key(secret);
        }
        if let Some(token) = &at.token {
            builder = builder.with_token(token);
        }
        let store = builder.build().map_err(unavailable)?;
        let sending = root.join("sending");
        fs::create_dir_all(&sending).map_err(|error| {
            Error::new(Code::Unavailable, format!("The folder {} cannot be made: {error}.", sending.display()))
        })?;
        Ok(Self(Arc::new(Inner {
            store,
            prefix: at.prefix.clone(),
            budget: budget.clone(),
            half: Budget::new(budget.total() / 2),
            sending,
            active: Mutex::default(),
        })))
    }

    pub(super) fn lock_active(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn path(&self, key: &str) -> Option<StorePath> {
        place_of(key).map(|[first, second, name]| {
            let parts = [self.0.prefix.as_str(), first, second, name];
            StorePath::from(parts.join("/").trim_start_matches('/'))
        })
    }
}

impl Home for Bucket {
    fn put<'a>(&'a self, part: &'a Path, key: &'a str) -> Doing<'a, ()> {
        Box::pin(self.send(part, key))
    }

    fn open<'a>(&'a self, key: &'a str) -> Doing<'a, Option<(Source, u64)>> {
        Box::pin(async move {
            let Some(path) = self.path(key) else { return Ok(None) };
            match self.0.store.head(&path).await {
                Ok(about) => {
                    let remote = Object { bucket: self.clone(), path };
                    Ok(Some((Source::Store(Arc::new(remote)), about.size)))
                }
                Err(StoreError::NotFound { .. }) => Ok(None),
                Err(error) => Err(unavailable(error)),
            }
        })
    }

    fn delete<'a>(&'a self, key: &'a str) -> Doing<'a, ()> {
        Box::pin(async move {
            let Some(path) = self.path(key) else { return Ok(()) };
            in_time(LIMIT, async { gone_is_good(self.0.store.delete(&path).await) }).await
        })
    }

    fn list(&self, age: Duration) -> Doing<'_, Vec<(String, u64)>> {
        Box::pin(async move {
            let prefix = Some(StorePath::from(self.0.prefix.as_str())).filter(|_| !self.0.prefix.is_empty());
            let mut listed = self.0.store.list(prefix.as_ref());
            let mut files = Vec::new();
            while let Some(about) = in_time(LIMIT, listed.try_next()).await? {
                let Some(key) = about.location.filename() else { continue };
                let old = || SystemTime::from(about.last_modified).elapsed().is_ok_and(|elapsed| elapsed >= age);
                if self.path(key).as_ref() == Some(&about.location) && (age.is_zero() || old()) {
                    files.push((key.to_owned(), about.size));
                }
            }
            Ok(files)
        })
    }

    fn sweep(&self) -> Doing<'_, u64> {
        Box::pin(self.take_back_left())
    }

    fn check(&self) -> Doing<'_, ()> {
        Box::pin(async move {
            // A place of its own, so that the answer is short: whether the bucket is there and may be read.
            let parts = [self.0.prefix.as_str(), "health"];
            let nothing = StorePath::from(parts.join("/").trim_start_matches('/'));
            let mut listed = self.0.store.list(Some(&nothing));
            in_time(LOOK, listed.try_next()).await.map(|_| ())
        })
    }
}

/// A file in the bucket.
struct Object {
    bucket: Bucket,
    path: StorePath,
}

impl Remote for Object {
    fn bytes(&self, start: u64, end: u64) -> Doing<'_, BoxStream<'static, io::Result<Bytes>>> {
        Box::pin(async move {
            let options = GetOptions::new().with_range(Some(start..end));
            let got = in_time(LIMIT, self.bucket.0.store.get_opts(&self.path, options)).await?;
            Ok(got.into_stream().map_err(io::Error::other).boxed())
        })
    }
}

pub(super) fn gone_is_good(result: object_store::Result<()>) -> object_store::Result<()> {
    match result {
        Err(StoreError::NotFound { .. }) => Ok(()),
        result => result,
    }
}

pub(super) async fn in_time<T>(limit: Duration, work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done.map_err(unavailable),
        Err(late) => Err(gone().because(late)),
    }
}

fn gone() -> Error {
    Error::new(Code::Unavailable, "The store of the files cannot be reached just now. Try again in a moment.")
        .retry_after(10)
}

pub(super) fn unavailable(error: StoreError) -> Error {
    gone().because(error)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::net::SocketAddr;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Instant;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpListener, TcpStream};

    use super::*;
    use crate::base::text;
    use crate::platform::files::{self, Files, Options};

    const KEY: &str = "0123456789abcdef0123456789abcdef";

    /// The test server's URL; none when it is not named.
    fn server() -> Option<String> {
        let url = std::env::var("DESKBELL_TEST_S3_URL").ok();
        assert!(url.is_some() || std::env::var_os("CI").is_none(), "CI tests both homes");
        if url.is_none() {
            eprintln!("skipped: DESKBELL_TEST_S3_URL names no server");
        }
        url
    }

    fn below(url: &str, prefix: &str) -> String {
        url.replacen('?', &format!("/{prefix}?"), 1)
    }

    fn open(name: &str, url: &str) -> Files {
        let root = std::env::temp_dir().join(format!("deskbell-s3-{name}-{}", std::process::id()));
        let options = Options { budget: 32 << 20, reserve: 0, idle: Duration::from_secs(1) };
        let place = files::Place::parse(url, &BTreeMap::new()).expect("a bucket");
        Files::open_at(&root, &place, options).expect("a folder")
    }

    fn part(files: &Files, size: usize) -> (PathBuf, Vec<u8>) {
        let bytes: Vec<u8> = (0_u32..).flat_map(|n| n.to_le_bytes()).take(size).collect();
        let path = files.root().join("parts").join(KEY);
        fs::write(&path, &bytes).expect("written");
        (path, bytes)
    }

    /// The server's own list of uploads that are under way below a prefix.
    async fn under_way(url: &str, prefix: &str) -> usize {
        let endpoint = url.split("endpoint=").nth(1).and_then(|rest| rest.split('&').next()).expect("a server");
        let list = reqwest::get(format!("{endpoint}/deskbell?uploads&prefix={prefix}")).await.expect("answered");
        list.text().await.expect("XML").matches("<UploadId>").count()
    }

    /// Passes bytes on to the server until so many went up; then every connection is cut and none is taken.
    async fn cut_after(url: &str, bytes: u64) -> (SocketAddr, Arc<AtomicU64>) {
        let to = url.split("http://").nth(1).and_then(|rest| rest.split('&').next()).expect("a server").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let (address, passed) = (listener.local_addr().expect("bound"), Arc::new(AtomicU64::new(0)));
        let counted = Arc::clone(&passed);
        tokio::spawn(async move {
            while counted.load(Ordering::SeqCst) < bytes {
                let (mut client, _) = listener.accept().await.expect("accepted");
                let (counted, to) = (Arc::clone(&counted), to.clone());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(to).await.expect("connected");
                    let (mut up, mut down) = (vec![0; 64 << 10], vec![0; 64 << 10]);
                    loop {
                        tokio::select! {
                            read = client.read(&mut up) => {
                                let Ok(n @ 1..) = read else { return };
                                let before = counted.fetch_add(u64::try_from(n).expect("small"), Ordering::SeqCst);
                                if before >= bytes || server.write_all(&up[..n]).await.is_err() { return }
                            }
                            read = server.read(&mut down) => {
                                let Ok(n @ 1..) = read else { return };
                                if client.write_all(&down[..n]).await.is_err() { return }
                            }
                        }
                    }
                });
            }
        });
        (address, passed)
    }

    fn through(url: &str, address: SocketAddr) -> String {
        let endpoint = url.split("endpoint=").nth(1).and_then(|rest| rest.split('&').next()).expect("a server");
        url.replacen(endpoint, &format!("http://{address}"), 1)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_large_file_goes_up_in_pieces_and_comes_back_in_any_range() {
        let Some(url) = server() else { return };
        let files = open("large", &below(&url, &format!("large-{}", std::process::id())));
        let (path, bytes) = part(&files, (21 << 20) + 1);
        files.keep(path.clone(), KEY).await.expect("kept");
        assert!(!path.exists() && fs::read_dir(files.root().join("sending")).expect("listed").next().is_none());
        let reader = files.reader(KEY).await.expect("opened").expect("there");
        assert_eq!(reader.size(), (21 << 20) + 1);
        let border = 5 << 20;
        for range in [0..1, border - 3..border + 3, bytes.len() - 1..bytes.len(), 0..bytes.len()] {
            let (start, len) = (range.start as u64, range.len() as u64);
            let got: Vec<Bytes> = reader.clone().stream(start, len).try_collect().await.expect("read");
            assert!(got.concat() == bytes[range.clone()], "{range:?}");
        }
        assert_eq!(files.usage().in_flight, 0);
        files.delete(KEY).await.expect("deleted");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_connection_lost_in_the_middle_leaves_nothing_visible_and_the_rest_is_swept() {
        let Some(url) = server() else { return };
        let prefix = format!("cut-{}", std::process::id());
        let url = below(&url, &prefix);
        let (address, passed) = cut_after(&url, 9 << 20).await;
        let files = open("cut", &through(&url, address));
        let (path, _) = part(&files, 30 << 20);
        let begun = Instant::now();
        let error = files.keep(path.clone(), KEY).await.expect_err("cut");
        assert_eq!((error.code, error.retry_after.is_some()), (Code::Unavailable, true), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(30) && passed.load(Ordering::SeqCst) >= 9 << 20);
        assert!(path.exists(), "the part is the caller's to keep or drop");
        let again = open("cut", &url);
        assert_eq!(again.keys(Duration::ZERO).await.expect("listed").len(), 0);
        assert_eq!(under_way(&url, &prefix).await, 1, "the store could not be told");
        assert_eq!(again.sweep().await.expect("swept"), 2, "the part and the upload");
        assert_eq!(under_way(&url, &prefix).await, 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn an_upload_that_is_dropped_is_taken_back() {
        let Some(url) = server() else { return };
        let prefix = format!("dropped-{}", std::process::id());
        let url = below(&url, &prefix);
        let files = open("dropped", &url);
        let (path, _) = part(&files, 64 << 20);
        let keeping = {
            let files = files.clone();
            tokio::spawn(async move { files.keep(path, KEY).await })
        };
        while under_way(&url, &prefix).await == 0 {
            assert!(!keeping.is_finished(), "too fast to be dropped");
        }
        keeping.abort();
        let begun = Instant::now();
        while under_way(&url, &prefix).await > 0 {
            assert!(begun.elapsed() < Duration::from_secs(30), "still under way");
        }
        assert_eq!(files.keys(Duration::ZERO).await.expect("listed").len(), 0);
        assert_eq!(files.usage().in_flight, 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_store_that_is_gone_or_mute_is_said_to_be_unavailable_in_time() {
        let gone = TcpListener::bind("127.0.0.1:0").await.expect("bound").local_addr().expect("bound");
        let mute = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let keys = "access_key_id=a&secret_access_key=b";
        let (at_gone, at_mute) = (
            open("gone", &format!("s3://desk?endpoint=http://{gone}&{keys}")),
            open("mute", &format!("s3://desk?endpoint=http://{}&{keys}", mute.local_addr().expect("bound"))),
        );
        let (path, _) = part(&at_gone, 9);
        let begun = Instant::now();
        let (kept, opened, deleted, listed, looked) = tokio::join!(
            at_gone.keep(path, KEY),
            at_gone.reader(KEY),
            at_gone.delete(KEY),
            at_gone.keys(Duration::ZERO),
            at_mute.check(),
        );
        for error in [kept.err(), opened.err(), deleted.err(), listed.err(), looked.err()] {
            let error = error.expect("refused");
            assert_eq!((error.code, error.retry_after.is_some()), (Code::Unavailable, true), "{error}");
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_bucket_that_is_not_there_cannot_serve() {
        let Some(url) = server() else { return };
        let other = url.replacen("s3://deskbell", &format!("s3://not-{}", text::secret().expect("random").len()), 1);
        assert_eq!(open("none", &other).check().await.expect_err("no bucket").code, Code::Unavailable);
        open("some", &url).check().await.expect("serves");
    }
}
