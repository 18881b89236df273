//! The home in a bucket of an S3-compatible store: a part is sent in pieces, and visible when all are there.
//!
//! Never: a wait without an end; a piece in memory without its share of the budget; an upload that broke off and is
//! kept by the store for ever (its id stands in `sending/KEY` until it is completed or taken back).

use std::collections::HashSet;
use std::fs::{self, File};
use std::future::Future;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::multipart::MultipartStore as _;
use object_store::path::Path as StorePath;
use object_store::{
    BackoffConfig, Error as StoreError, GetOptions, ObjectStore as _, ObjectStoreExt as _, PutPayload, RetryConfig,
};

use super::place::Bucket as Where;
use super::wire::Wire;
use super::{Doing, Home, place_of};
use crate::base::error::{Code, Error, Result};
use crate::platform::files::budget::Budget;
use crate::platform::files::reader::{Held, Remote, Source, read_at};

/// A file up to this size is sent in one request, and a larger one in pieces of it. Signing hashes a piece on the
/// async thread: 8 MiB take some 5 ms. S3 takes pieces from 5 MiB.
const PIECE: u64 = 8 << 20;
const LEAST_PIECE: u64 = 5 << 20;
/// S3 takes so many pieces.
const PIECES: u64 = 10_000;
/// Pieces of one file on their way at once.
const LANES: usize = 4;
/// No single answer takes longer than this; one attempt has its own limits in `wire`.
const LIMIT: Duration = Duration::from_secs(60);
/// A look whether the store answers.
const LOOK: Duration = Duration::from_secs(5);

/// A bucket, or what is below a prefix of it.
#[derive(Clone)]
pub(in crate::platform::files) struct Bucket(Arc<Inner>);

struct Inner {
    store: AmazonS3,
    prefix: String,
    budget: Budget,
    /// Half of the budget, so that a slow store cannot take it all from those who come and go.
    half: Budget,
    /// Ids of uploads in pieces, a file each.
    sending: PathBuf,
    active: Mutex<HashSet<String>>,
}

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

    fn lock_active(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.active.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, key: &str) -> Option<StorePath> {
        place_of(key).map(|[first, second, name]| {
            let parts = [self.0.prefix.as_str(), first, second, name];
            StorePath::from(parts.join("/").trim_start_matches('/'))
        })
    }

    /// Bytes of a piece of a file of so many.
    fn piece(&self, size: u64) -> u64 {
        let fits = (self.0.half.total() / 4).clamp(LEAST_PIECE, PIECE);
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

    async fn send(&self, part: &Path, key: &str) -> Result<()> {
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
        noted.map_err(crate::platform::files::store::translate)?;
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
        Box::pin(async move {
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
        })
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

fn gone_is_good(result: object_store::Result<()>) -> object_store::Result<()> {
    match result {
        Err(StoreError::NotFound { .. }) => Ok(()),
        result => result,
    }
}

async fn in_time<T>(limit: Duration, work: impl Future<Output = object_store::Result<T>>) -> Result<T> {
    match tokio::time::timeout(limit, work).await {
        Ok(done) => done.map_err(unavailable),
        Err(late) => Err(gone().because(late)),
    }
}

fn gone() -> Error {
    Error::new(Code::Unavailable, "The store of the files cannot be reached just now. Try again in a moment.")
        .retry_after(10)
}

fn unavailable(error: StoreError) -> Error {
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
            assert!(begun.elapsed() < Duration::from_secs(10), "still under way");
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
        let (a, b, c, d, e) = tokio::join!(
            at_gone.keep(path, KEY),
            at_gone.reader(KEY),
            at_gone.delete(KEY),
            at_gone.keys(Duration::ZERO),
            at_mute.check(),
        );
        for error in [a.err(), b.err(), c.err(), d.err(), e.err()] {
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
