use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use deskbell::app::{open, storage};
use deskbell::base::error::Code;
use deskbell::base::text::sha256;
use deskbell::base::time::Clock;
use deskbell::business::desk::Desk;
use deskbell::platform::files::Place;
use reqwest::Method;
use serde_json::{Value, json};

use crate::failure::Proxy;
use crate::support::{Engine, TestApp, bucket, config};

fn film(size: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x20ftypisom\0\0\x02\0".to_vec();
    bytes.extend((bytes.len()..size).map(|n| u8::try_from(n * 7 % 251).expect("small")));
    bytes
}

async fn uploaded(app: &TestApp, bytes: &[u8]) -> String {
    let request = app.request(Method::POST, "/media?kind=video&filename=film.mp4").body(bytes.to_vec());
    app.send(request).await.expect(201).id()
}

async fn content(app: &TestApp, id: &str, range: Option<&str>) -> Vec<u8> {
    let mut request = app.request(Method::GET, &format!("/media/{id}/content"));
    if let Some(range) = range {
        request = request.header("range", range);
    }
    let (status, _, bytes) = app.bytes(request).await;
    assert_eq!(status.as_u16(), if range.is_some() { 206 } else { 200 });
    bytes
}

async fn invoiced(app: &TestApp) -> String {
    let (_, occurrence, client) = app.given(10).await;
    let booking = app.book(&occurrence, &client, 1).await.expect(201).id();
    app.post(&format!("/bookings/{booking}/confirm"), json!({})).await.expect(200);
    app.settled().await;
    booking
}

async fn invoice(app: &TestApp, booking: &str) -> Vec<u8> {
    let (status, _, pdf) = app.bytes(app.request(Method::GET, &format!("/bookings/{booking}/invoice"))).await;
    assert_eq!(status.as_u16(), 200);
    assert!(pdf.starts_with(b"%PDF"));
    pdf
}

/// Every whole file of the data directory.
fn local_files(dir: &Path) -> Vec<PathBuf> {
    let below = |dir: PathBuf| std::fs::read_dir(dir).expect("a folder").map(|entry| entry.expect("an entry").path());
    below(dir.join("files"))
        .filter(|path| path.is_dir() && path.file_name().is_some_and(|name| name.len() == 2))
        .flat_map(below)
        .flat_map(below)
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_in_a_bucket_are_served_as_from_the_data_directory() {
    let Some(url) = bucket() else { return };
    let app = TestApp::ready_at(&Engine::Sqlite, &[("STORAGE_URL", &url)]).await;
    let shown = app.get("/system/storage").await.expect(200).body;
    assert_eq!(shown["home"], "s3");
    let location = shown["location"].as_str().expect("text");
    assert!(location.starts_with("s3://deskbell/scenario-") && !location.contains("secret"), "{location}");
    app.get("/health/ready").await.expect(200);

    let bytes = film(20_000_001);
    let id = uploaded(&app, &bytes).await;
    assert!(content(&app, &id, None).await == bytes, "in pieces up, and whole down");
    assert!(content(&app, &id, Some("bytes=8388000-8389000")).await == bytes[8_388_000..=8_389_000]);
    assert_eq!(content(&app, &id, Some("bytes=-1")).await, bytes[20_000_000..]);
    let booking = invoiced(&app).await;
    assert_eq!(invoice(&app, &booking).await, invoice(&app, &booking).await);

    let files = &app.app.desk.files;
    assert_eq!(files.keys(Duration::ZERO).await.expect("listed").len(), 2);
    assert!(local_files(&app.dir).is_empty(), "nothing whole stays here");
    assert!(files.keys(Duration::from_secs(3600)).await.expect("listed").is_empty(), "none is old");
    app.delete(&format!("/media/{id}")).await.expect(204);
    app.settled().await;
    assert_eq!(files.keys(Duration::ZERO).await.expect("listed").len(), 1, "the invoice stays");
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_cut_off_is_503_and_comes_back_without_a_restart() {
    let Some(url) = bucket() else { return };
    let host = url.split("http://").nth(1).and_then(|rest| rest.split('&').next()).expect("host:port").to_owned();
    let proxy = Proxy::to(host.parse().expect("an address")).await;
    let through = url.replacen(&host, &proxy.address.to_string(), 1);
    let app = TestApp::ready_at(&Engine::Sqlite, &[("STORAGE_URL", &through)]).await;
    let bytes = film(100_000);
    let id = uploaded(&app, &bytes).await;
    // What follows the upload needs the store too, and would be tried again only when the clock moves.
    app.settled().await;
    proxy.cut(crate::failure::Way::Closed).await;
    let asked = Instant::now();
    let upload = app.request(Method::POST, "/media?kind=video").body(film(9_000_000));
    let refused =
        [app.get(&format!("/media/{id}/content")).await, app.send(upload).await, app.get("/health/ready").await];
    for reply in refused {
        assert_eq!((reply.status.as_u16(), reply.code()), (503, "unavailable"), "{}", reply.body);
        assert!(!reply.header("retry-after").is_empty());
    }
    assert!(asked.elapsed() < Duration::from_secs(20), "never hangs: {:?}", asked.elapsed());
    assert_eq!(std::fs::read_dir(app.dir.join("files/parts")).expect("the folder").count(), 0, "no part stays");
    assert_eq!(app.get("/media").await.expect(200).body["items"].as_array().expect("rows").len(), 1);
    proxy.mend();
    assert!(content(&app, &id, None).await == bytes);
    app.get("/health/ready").await.expect(200);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desk_starts_while_its_store_is_away_and_says_so() {
    let url = "s3://desk?endpoint=http://127.0.0.1:9&access_key_id=a&secret_access_key=b";
    let app = TestApp::ready_at(&Engine::Sqlite, &[("STORAGE_URL", url)]).await;
    assert_eq!(app.get("/health/ready").await.expect(503).code(), "unavailable");
    app.get("/programs").await.expect(200);
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_for_a_slow_store_is_not_cut_off_as_idle() {
    let Some(url) = bucket() else { return };
    let host = url.split("http://").nth(1).and_then(|rest| rest.split('&').next()).expect("host:port").to_owned();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bound");
    let slow = url.replacen(&host, &listener.local_addr().expect("bound").to_string(), 1);
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let host = host.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(2500)).await;
                let mut server = tokio::net::TcpStream::connect(host).await.expect("connected");
                let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    let more = [("STORAGE_URL", slow.as_str()), ("IDLE_TIMEOUT_SECONDS", "1")];
    let app = TestApp::ready_at(&Engine::Sqlite, &more).await;
    let bytes = film(9_000_000);
    uploaded(&app, &bytes).await;
    let files = &app.app.desk.files;
    let keys = files.keys(Duration::ZERO).await.expect("listed");
    let reader = files.reader(&keys[0]).await.expect("opened").expect("there");
    assert!(reader.all().await.expect("read") == bytes);
    app.end().await;
}

struct Moving {
    dir: PathBuf,
    database: String,
}

impl Moving {
    async fn desk(&self, storage: &str) -> Desk {
        let config = config(&self.dir, &self.database, &[("STORAGE_URL", storage)]);
        open(config, Clock::System).await.expect("opened")
    }

    async fn run(&self, from: &str, to: &str) -> deskbell::base::error::Result<String> {
        let desk = self.desk(from).await;
        let done = storage::move_files(&desk, &place(to), &|_, _| {}).await;
        desk.db.close().await;
        done
    }
}

fn place(url: &str) -> Place {
    Place::parse(url, &std::collections::BTreeMap::new()).expect("a place")
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).expect("read");
    let last = bytes.last_mut().expect("not empty");
    *last ^= 1;
    std::fs::write(path, bytes).expect("written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_files_move_to_a_bucket_and_back_also_when_it_is_broken_off() {
    let Some(url) = bucket() else { return };
    let app = TestApp::ready(&Engine::Sqlite).await;
    let films: Vec<Vec<u8>> = [9_000_000, 2_000_000, 300_000, 5_000_000, 12_000_000, 64].map(film).into();
    let mut ids = Vec::new();
    for film in &films {
        ids.push(uploaded(&app, film).await);
    }
    let booking = invoiced(&app).await;
    let pdf = invoice(&app, &booking).await;
    let (token, database) = (app.token.clone(), app.app.desk.config.database.url.clone());
    let moving = Moving { dir: app.dir.clone(), database };

    // Beside a running desk all is copied, but it is not done.
    let beside = moving.run("file:", &url).await.expect_err("the desk is running");
    assert_eq!(beside.code, Code::InUse, "{beside}");
    assert!(beside.detail.starts_with("7 files are at s3://"), "{beside}");
    let late = film(70_000);
    let late_id = uploaded(&app, &late).await;
    app.app.stop().await;

    // Broken off after some bytes: towards another prefix, so that it begins anew.
    let url = url.replacen('?', "/second?", 1);
    let desk = moving.desk("file:").await;
    let (seen, enough) = (AtomicU64::new(0), tokio::sync::Notify::new());
    let tell = |moved, _| {
        if seen.fetch_add(moved, Ordering::SeqCst) + moved > 10_000_000 {
            enough.notify_one();
        }
    };
    let target = place(&url);
    tokio::select! {
        done = storage::move_files(&desk, &target, &tell) => panic!("too fast to be broken off: {done:?}"),
        () = enough.notified() => {}
    }
    desk.db.close().await;
    drop(desk);

    // A damaged file is named and not carried, all others are.
    let there = moving.desk(&url).await;
    let carried = there.files.keys(Duration::ZERO).await.expect("listed");
    there.db.close().await;
    drop(there);
    let key_of = |path: &Path| path.file_name().expect("a key").to_string_lossy().into_owned();
    let victim = local_files(&moving.dir).into_iter().find(|path| !carried.contains(&key_of(path)));
    let victim = victim.expect("one that was not carried before the break");
    flip(&victim);
    let damaged = moving.run("file:", &url).await.expect_err("one is damaged");
    let key = key_of(&victim);
    assert_eq!(damaged.code, Code::InvalidState, "{damaged}");
    assert!(damaged.detail.contains(&format!("{key} is damaged")), "{damaged}");
    flip(&victim);
    let said = moving.run("file:", &url).await.expect("moved");
    assert!(
        said.starts_with("8 files (") && said.contains("1 of them copied now") && said.contains("DESKBELL_STORAGE_URL"),
        "{said}"
    );
    assert!(!moving.dir.join("files/moved").exists() && !moving.dir.join("files/moving").exists());

    // From the bucket alone all is served.
    std::fs::rename(moving.dir.join("files"), moving.dir.join("old")).expect("put aside");
    let mut app = TestApp::start(moving.dir.clone(), &moving.database, &[("STORAGE_URL", &url)]).await;
    app.token = token.clone();
    for (id, film) in ids.iter().zip(&films).chain([(&late_id, &late)]) {
        assert!(content(&app, id, None).await == *film);
    }
    assert!(invoice(&app, &booking).await == pdf, "the same PDF, not a new one");
    let in_bucket: Value = app.get(&format!("/media/{late_id}")).await.expect(200).body;
    assert_eq!(in_bucket["sha256"], hex::encode(sha256(&late)));
    app.app.stop().await;

    // And back, over a leftover of the right size and other bytes.
    std::fs::remove_dir_all(moving.dir.join("files")).expect("removed");
    std::fs::rename(moving.dir.join("old"), moving.dir.join("files")).expect("put back");
    flip(&victim);
    let said = moving.run(&url, "file:").await.expect("moved");
    assert!(said.contains("1 of them copied now") && said.contains("remove storage_url"), "{said}");
    let mut app = TestApp::start(moving.dir.clone(), &moving.database, &[]).await;
    app.token = token;
    for (id, film) in ids.iter().zip(&films).chain([(&late_id, &late)]) {
        assert!(content(&app, id, None).await == *film);
    }
    app.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_desk_starts_while_its_files_are_for_somebody_alone() {
    let app = TestApp::ready(&Engine::Sqlite).await;
    let (dir, database) = (app.dir.clone(), app.app.desk.config.database.url.clone());
    assert!(app.app.desk.files.still().expect("asked").is_none(), "a desk serves");
    app.app.stop().await;
    let desk = open(config(&dir, &database, &[]), Clock::System).await.expect("opened");
    let alone = desk.files.still().expect("asked");
    assert!(alone.is_some());
    let refused = deskbell::app::App::start(config(&dir, &database, &[]), Clock::System).await.err().expect("refused");
    assert_eq!(refused.code, Code::Unavailable, "{refused}");
    drop(alone);
    TestApp::start(dir, &database, &[]).await.end().await;
}
