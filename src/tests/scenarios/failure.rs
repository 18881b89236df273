use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::scenario;
use crate::support::{Engine, TestApp, database_url};

/// Stands between the desk and its database, and cuts when told to.
struct Proxy {
    address: SocketAddr,
    // Whether it is cut; each connection that runs holds a receiver.
    cut: watch::Sender<bool>,
    running: watch::Sender<usize>,
}

impl Proxy {
    async fn to(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bound");
        let address = listener.local_addr().expect("bound");
        let (cut, running) = (watch::Sender::new(false), watch::Sender::new(0));
        let (told, count) = (cut.clone(), running.clone());
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                // Counted before the flag is read: a cut either sees this connection or is seen by it.
                count.send_modify(|n| *n += 1);
                let (mut told, count) = (told.subscribe(), count.clone());
                tokio::spawn(async move {
                    let carry = async {
                        let Ok(mut server) = TcpStream::connect(target).await else { return };
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    };
                    tokio::select! {
                        biased;
                        _ = told.wait_for(|cut| *cut) => {}
                        () = carry => {}
                    }
                    count.send_modify(|n| *n -= 1);
                });
            }
        });
        Self { address, cut, running }
    }

    /// Cuts, and comes back once no connection carries a byte any more.
    async fn cut(&self) {
        self.cut.send_replace(true);
        self.running.subscribe().wait_for(|n| *n == 0).await.expect("the proxy runs");
    }

    fn mend(&self) {
        self.cut.send_replace(false);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cut_database_is_503_and_comes_back_without_a_restart() {
    if std::env::var_os("DESKBELL_TEST_MYSQL_URL").is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI tests both engines");
        eprintln!("skipped: DESKBELL_TEST_MYSQL_URL names no server");
        return;
    }
    let dir = std::env::temp_dir().join(format!("deskbell-cut-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("a folder");
    let direct = database_url(&Engine::Mysql, &dir).await;
    let host = direct.split('@').nth(1).and_then(|rest| rest.split('/').next()).expect("host:port").to_owned();
    let proxy = Proxy::to(host.parse().expect("an address")).await;
    let url = direct.replace(&host, &proxy.address.to_string());
    let more = [("DATABASE_ACQUIRE_TIMEOUT_SECONDS", "1"), ("DATABASE_MAX_CONNECTIONS", "4")];
    let mut app = TestApp::start(dir, &url, &more).await;
    app.set_up().await;
    let (_, occurrence, client) = app.given(1000).await;
    let mut acknowledged = Vec::new();
    for _ in 0..20 {
        acknowledged.push(app.book(&occurrence, &client, 1).await.expect(201).id());
    }
    proxy.cut().await;
    let started = Instant::now();
    let mut refused = 0;
    while started.elapsed() < Duration::from_secs(2) {
        let asked = Instant::now();
        let reply = app.book(&occurrence, &client, 1).await;
        assert!(asked.elapsed() < Duration::from_secs(3), "never hangs: {:?}", asked.elapsed());
        assert_eq!((reply.status.as_u16(), reply.code()), (503, "database_unavailable"), "{}", reply.body);
        assert!(!reply.header("retry-after").is_empty());
        refused += 1;
    }
    assert!(refused > 0);
    app.get("/health/ready").await.expect(503);
    app.get("/health/live").await.expect(200);
    proxy.mend();
    let back = Instant::now();
    while app.get("/health/ready").await.status != 200 {
        assert!(back.elapsed() < Duration::from_secs(5), "comes back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    for id in &acknowledged {
        assert_eq!(app.get(&format!("/bookings/{id}")).await.status, 200, "nothing lost");
    }
    app.book(&occurrence, &client, 1).await.expect(201);
    let pool = app.get("/system/database").await.body["pool"].clone();
    assert!(pool["closed_total"]["broken"].as_u64().expect("a count") > 0, "{pool}");
    app.end().await;
}

scenario! {
    async fn the_pool_agrees_with_the_server(engine) {
        let app = TestApp::ready(engine).await;
        app.given(10).await;
        let reads = futures_util::future::join_all((0..40).map(|_| app.get("/bookings"))).await;
        assert!(reads.iter().all(|reply| reply.status == 200));
        let pool = app.get("/system/database").await.expect(200).body["pool"].clone();
        let number = |name: &str| pool[name].as_u64().unwrap_or_else(|| panic!("{name} in {pool}"));
        assert_eq!(number("open"), number("idle") + number("in_use"));
        assert_eq!(number("open"), u64::try_from(pool["connections"].as_array().expect("a list").len()).expect("few"));
        assert!(number("open") <= number("max") && number("opened_total") >= number("open"));
        if matches!(engine, Engine::Mysql) {
            let seen: Vec<i64> = app
                .app
                .desk
                .db
                .read(|tx| {
                    tx.all(
                        "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE db = DATABASE() ORDER BY id",
                        deskbell::args![],
                        |row| row.next(),
                    )
                })
                .await
                .expect("read");
            let ours: Vec<i64> =
                pool["connections"].as_array().expect("a list").iter().map(|c| c["id"].as_i64().expect("a number")).collect();
            assert!(ours.iter().all(|id| seen.contains(id)), "{ours:?} of {seen:?}");
            assert_eq!(ours.len(), seen.len(), "{ours:?} and {seen:?}");
        }
        app.end().await;
    }
}

scenario! {
    async fn what_was_acknowledged_is_there_after_a_restart(engine) {
        let mut app = TestApp::fresh(engine).await;
        app.set_up().await;
        let (_, occurrence, client) = app.given(10).await;
        let booking = app.book(&occurrence, &client, 2).await.expect(201).id();
        let (dir, url, token) = (app.dir.clone(), app.app.desk.config.database.url.clone(), app.token.clone());
        app.app.stop().await;
        let mut app = TestApp::start(dir, &url, &[]).await;
        app.token = token;
        assert!(app.app.setup_token.is_none());
        assert_eq!(app.get(&format!("/bookings/{booking}")).await.expect(200).body["seats"], 2);
        let confirmed = app.post(&format!("/bookings/{booking}/confirm"), json!({})).await.expect(200);
        assert_eq!(confirmed.body["status"], "confirmed");
        app.end().await;
    }
}
