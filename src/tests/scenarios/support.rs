//! The test app: started by each test, asked over HTTP, and held to the facts of the house when it ends.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use deskbell::app::App;
use deskbell::args;
use deskbell::base::time::Clock;
use deskbell::platform::config::{Config, Sources};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

pub enum Engine {
    Sqlite,
    Mysql,
    /// SQLite, and the files in a bucket.
    Bucket,
}

pub struct TestApp {
    pub app: App,
    pub url: String,
    pub http: Client,
    pub token: String,
    pub clock: Clock,
    pub dir: PathBuf,
}

pub struct Reply {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub body: Value,
}

impl Reply {
    pub fn id(&self) -> String {
        self.body["id"].as_str().unwrap_or_else(|| panic!("no id in {}", self.body)).to_owned()
    }

    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("ASCII"))
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self
    }
}

/// Nobody else has this number, in this process or another.
fn unique() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::SeqCst))
}

pub async fn database_url(engine: &Engine, dir: &std::path::Path) -> String {
    match engine {
        Engine::Sqlite | Engine::Bucket => format!("sqlite:{}", dir.join("deskbell.db").display()),
        Engine::Mysql => {
            use sqlx::{ConnectOptions as _, Connection as _};
            let server = std::env::var("DESKBELL_TEST_MYSQL_URL").expect("checked by the caller");
            let options: sqlx::mysql::MySqlConnectOptions = server.parse().expect("a URL");
            let mut conn = options.connect().await.expect("the test server answers");
            let name = format!("deskbell_{}", unique());
            let make = format!("CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
            sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut conn).await.expect("may make databases");
            conn.close().await.expect("closed");
            let (base, _) = server.rsplit_once('/').expect("a URL with a database");
            format!("{base}/{name}")
        }
    }
}

/// A place of its own in the bucket of the test server; none when no server is named.
pub fn bucket() -> Option<String> {
    match std::env::var("DESKBELL_TEST_S3_URL") {
        Ok(url) => Some(url.replacen('?', &format!("/scenario-{}?", unique()), 1)),
        Err(_) => {
            assert!(std::env::var_os("CI").is_none(), "CI tests both homes");
            eprintln!("skipped: DESKBELL_TEST_S3_URL names no server");
            None
        }
    }
}

pub fn config(dir: &std::path::Path, url: &str, more: &[(&str, &str)]) -> Config {
    let flags = BTreeMap::from([
        ("data_dir", dir.display().to_string()),
        ("listen", "127.0.0.1:0".to_owned()),
        ("database_url", url.to_owned()),
    ]);
    let mut environment: BTreeMap<String, String> =
        more.iter().map(|(name, value)| (format!("DESKBELL_{name}"), (*value).to_owned())).collect();
    environment.insert("DESKBELL_DISK_RESERVE_MIB".into(), "0".into());
    Config::load(&Sources { flags, environment }).expect("a good configuration")
}

impl TestApp {
    pub async fn fresh(engine: &Engine) -> Self {
        match engine {
            Engine::Bucket => {
                Self::fresh_at(engine, &[("STORAGE_URL", &bucket().expect("checked by the caller"))]).await
            }
            Engine::Sqlite | Engine::Mysql => Self::fresh_at(engine, &[]).await,
        }
    }

    async fn fresh_at(engine: &Engine, more: &[(&str, &str)]) -> Self {
        let dir = std::env::temp_dir().join(format!("deskbell-test-{}", unique()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let url = database_url(engine, &dir).await;
        Self::start(dir, &url, more).await
    }

    /// As [`TestApp::ready`], with more settings.
    pub async fn ready_at(engine: &Engine, more: &[(&str, &str)]) -> Self {
        let mut app = Self::fresh_at(engine, more).await;
        app.set_up().await;
        app
    }

    pub async fn start(dir: PathBuf, database: &str, more: &[(&str, &str)]) -> Self {
        let clock = Clock::manual("2026-11-24T09:00:00Z".parse().expect("a time"));
        let app = App::start(config(&dir, database, more), clock.clone()).await.expect("starts");
        let url = format!("http://{}", app.address);
        let http = Client::builder().pool_max_idle_per_host(64).build().expect("a client");
        Self { app, url, http, token: String::new(), clock, dir }
    }

    /// A desk that is set up, with a token that may do everything.
    pub async fn ready(engine: &Engine) -> Self {
        let mut app = Self::fresh(engine).await;
        app.set_up().await;
        app
    }

    pub async fn set_up(&mut self) {
        let token = self.app.setup_token.clone().expect("a first run");
        let reply = self
            .post(
                "/setup",
                json!({
                    "token": token,
                    "business": {"name": "Atelier", "country": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"},
                    "owner": {"name": "Ada", "email": "ada@example.org", "password": "correct horse battery"},
                }),
            )
            .await
            .expect(201);
        let cookie = reply.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        let made = self
            .http
            .post(format!("{}/api/v1/api-tokens", self.url))
            .header("cookie", cookie)
            .json(&json!({"name": "tests", "scopes": ["*"]}))
            .send()
            .await
            .expect("answered");
        assert_eq!(made.status(), 201);
        let made: Value = made.json().await.expect("JSON");
        self.token = made["token"].as_str().expect("shown once").to_owned();
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("/health") || path.starts_with("/api/") {
            format!("{}{path}", self.url)
        } else {
            format!("{}/api/v1{path}", self.url)
        };
        let request = self.http.request(method, url);
        if self.token.is_empty() { request } else { request.bearer_auth(&self.token) }
    }

    pub async fn send(&self, request: RequestBuilder) -> Reply {
        let response = request.send().await.expect("answered");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole body");
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Reply { status, headers, body }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::POST, path).json(&body)).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.send(self.request(Method::PATCH, path).json(&body)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub async fn upload(&self, path: &str, filename: &str, bytes: Vec<u8>) -> Reply {
        let part = reqwest::multipart::Part::bytes(bytes).file_name(filename.to_owned());
        self.send(self.request(Method::POST, path).multipart(reqwest::multipart::Form::new().part("file", part))).await
    }

    pub async fn bytes(&self, request: RequestBuilder) -> (StatusCode, reqwest::header::HeaderMap, Vec<u8>) {
        let response = request.send().await.expect("answered");
        let (status, headers) = (response.status(), response.headers().clone());
        (status, headers, response.bytes().await.expect("a whole body").to_vec())
    }

    /// A published program, its first occurrence and a client: `(program, occurrence, client)`.
    pub async fn given(&self, seats: i64) -> (String, String, String) {
        let program = self.post("/programs", json!({
            "title": "Pottery", "price": {"amount": 4900, "currency": "EUR"}, "tax_rate": 1900, "status": "published",
        })).await.expect(201).id();
        let planned = self
            .post(
                &format!("/programs/{program}/occurrences"),
                json!({
                    "local_starts_at": "2026-12-01T10:00", "capacity": seats,
                }),
            )
            .await
            .expect(201);
        let client =
            self.post("/clients", json!({"name": "Grace Hopper", "email": "grace@example.org"})).await.expect(201).id();
        (program, planned.id(), client)
    }

    pub async fn book(&self, occurrence: &str, client: &str, seats: i64) -> Reply {
        self.post("/bookings", json!({"occurrence_id": occurrence, "client_id": client, "seats": seats})).await
    }

    /// Waits until every event is worked off.
    pub async fn settled(&self) {
        for _ in 0..600 {
            let info = self.get("/system/info").await;
            if info.body["events_waiting"] == 0 {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("events were not worked off: {}", self.get("/system/info").await.body);
    }

    /// Ends the app and holds it to the facts of the house.
    pub async fn end(self) {
        if !self.token.is_empty() {
            self.settled().await;
            assert_eq!(self.get("/system/info").await.body["events_failed"], 0, "no failed event");
            facts(&self).await;
        }
        let dir = self.dir.clone();
        self.app.stop().await;
        std::fs::remove_dir_all(dir).expect("removed");
    }
}

pub async fn facts(app: &TestApp) {
    let db = &app.app.desk.db;
    let wrong_seats = db
        .read(|tx| {
            tx.number(
                "SELECT COUNT(*) FROM occurrences o WHERE
                    o.seats_taken <> COALESCE((SELECT CAST(SUM(b.seats) AS SIGNED) FROM bookings b WHERE
                        b.occurrence_id = o.id AND b.status IN ('held', 'confirmed', 'checked_in', 'no_show')), 0)
                    OR o.seats_held <> COALESCE((SELECT CAST(SUM(b.seats) AS SIGNED) FROM bookings b WHERE
                        b.occurrence_id = o.id AND b.status = 'held'), 0)
                    OR o.waitlisted <> COALESCE((SELECT CAST(SUM(b.seats) AS SIGNED) FROM bookings b WHERE
                        b.occurrence_id = o.id AND b.status = 'waitlisted'), 0)",
                args![],
            )
        })
        .await
        .expect("read");
    assert_eq!(wrong_seats, 0, "seats agree with the bookings");
    let series: Vec<(i64, i64, i64)> = db
        .read(|tx| {
            tx.all("SELECT COUNT(*), MIN(seq), MAX(seq) FROM invoices GROUP BY series", args![], |row| {
                Ok((row.next()?, row.next()?, row.next()?))
            })
        })
        .await
        .expect("read");
    for (count, least, most) in series {
        assert_eq!((least, most), (1, count), "numbers are 1..N");
    }
    let files: Vec<(String, i64, [u8; 32])> = db
        .read(|tx| {
            tx.all("SELECT file_key, size, sha256 FROM invoice_files", args![], |row| {
                Ok((row.next()?, row.next()?, row.next()?))
            })
        })
        .await
        .expect("read");
    for (key, size, sha256) in files {
        let reader = app.app.desk.files.reader(&key).await.expect("opened").expect("the file of a row is there");
        let bytes = reader.all().await.expect("read");
        assert_eq!(i64::try_from(bytes.len()).expect("small"), size);
        assert_eq!(deskbell::base::text::sha256(&bytes), sha256, "each PDF's hash is right");
    }
    let parts = std::fs::read_dir(app.dir.join("files/parts")).expect("the folder").count();
    assert_eq!(parts, 0, "no stray part file");
    let mut unfinished: Vec<String> = db
        .read(|tx| tx.all("SELECT file_key FROM uploads WHERE media_id IS NULL", args![], |row| row.next()))
        .await
        .expect("read");
    let mut pieces: Vec<String> = std::fs::read_dir(app.dir.join("files/resumable"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    unfinished.sort();
    pieces.sort();
    assert_eq!(pieces, unfinished, "each unfinished upload has its file, and no other is there");
}

/// Runs a scenario on both engines; on MySQL when a server is named. One about files says `in both homes:` and runs
/// with the files in a bucket too.
#[macro_export]
macro_rules! scenario {
    (in both homes: async fn $name:ident($engine:ident) $body:block) => {
        $crate::scenario! {
            async fn $name($engine) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn in_a_bucket() {
                if $crate::support::bucket().is_some() {
                    scenario(&$crate::support::Engine::Bucket).await;
                }
            }
        }
    };
    ($(#[$meta:meta])* async fn $name:ident($engine:ident) $body:block $($more:item)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn scenario($engine: &$crate::support::Engine) $body

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                scenario(&$crate::support::Engine::Sqlite).await;
            }

            $(#[$meta])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_mysql() {
                if std::env::var_os("DESKBELL_TEST_MYSQL_URL").is_some() {
                    scenario(&$crate::support::Engine::Mysql).await;
                } else {
                    assert!(std::env::var_os("CI").is_none(), "CI tests both engines");
                    eprintln!("skipped: DESKBELL_TEST_MYSQL_URL names no server");
                }
            }

            $($more)*
        }
    };
}
