use std::sync::{Arc, Mutex};

use deskbell::args;
use deskbell::base::time::Clock;

use crate::scenario;
use crate::support::{Engine, TestApp, config, database_url};

scenario! {
    async fn an_update_that_changes_nothing_counts_the_rows_it_matched(engine) {
        let app = TestApp::fresh(engine).await;
        let counts = app
            .app
            .desk
            .db
            .write(|tx| {
                tx.run("INSERT INTO counters (series, value) VALUES ('same', 7)", args![])?;
                let same = tx.run("UPDATE counters SET value = 7 WHERE series = 'same'", args![])?;
                let none = tx.run("UPDATE counters SET value = 7 WHERE series = 'other'", args![])?;
                Ok((same, none))
            })
            .await
            .expect("written");
        assert_eq!(counts, (1, 0));
        app.end().await;
    }
}

/// On SQLite a reading body begins on the thread that asks and is broken off there when it takes long.
#[tokio::test]
async fn a_long_read_is_run_again_where_it_keeps_nobody_waiting() {
    let app = TestApp::fresh(&Engine::Sqlite).await;
    let count = |most: i64| {
        let runs = Arc::new(Mutex::new(Vec::new()));
        let (seen, db) = (Arc::clone(&runs), app.app.desk.db.clone());
        async move {
            let counted = db
                .read(move |tx| {
                    seen.lock().expect("whole").push(std::thread::current().id());
                    tx.number(
                        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                         SELECT COUNT(*) FROM n",
                        args![most],
                    )
                })
                .await
                .expect("counted");
            let runs = runs.lock().expect("whole").clone();
            (counted, runs)
        }
    };
    let here = std::thread::current().id();
    assert_eq!(count(10).await, (10, vec![here]));
    let (counted, runs) = count(300_000).await;
    assert_eq!((counted, runs.len(), runs[0]), (300_000, 2, here));
    assert_ne!(runs[1], here);
    // What was broken off left the connection as it was.
    assert_eq!(count(10).await, (10, vec![here]));
    app.end().await;
}

/// MySQL's `caching_sha2_password` sends a password that the server has not seen yet through TLS or, without it,
/// encrypted by the server's RSA key; one it has seen goes a shorter way. MariaDB has a way of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_user_signs_in_with_and_without_tls() {
    if std::env::var_os("DESKBELL_TEST_MYSQL_URL").is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI tests both engines");
        eprintln!("skipped: DESKBELL_TEST_MYSQL_URL names no server");
        return;
    }
    for mode in ["PREFERRED", "DISABLED"] {
        let dir = std::env::temp_dir().join(format!("deskbell-sign-in-{}-{mode}", std::process::id()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let url = database_url(&Engine::Mysql, &dir).await;
        let (server, name) = url.rsplit_once('/').expect("a database");
        let host = server.split('@').nth(1).expect("a host");
        let user = format!("{}{}", name.replace("deskbell", "d"), &mode[..1]);
        let desk = deskbell::app::open(config(&dir, &url, &[]), Clock::System).await.expect("opened");
        make_user(&url, &user, name).await;
        desk.db.close().await;
        let theirs = format!("mysql://{user}:a%20long%20pass@{host}/{name}?ssl-mode={mode}");
        for time in ["first", "second"] {
            let desk = deskbell::app::open(config(&dir, &theirs, &[]), Clock::System)
                .await
                .unwrap_or_else(|error| panic!("{mode}, the {time} time: {error}"));
            let signed_in = desk
                .db
                .read(|tx| tx.first("SELECT CURRENT_USER()", args![], |row| row.next::<String>()))
                .await
                .expect("read");
            assert_eq!(signed_in, Some(format!("{user}@127.0.0.1")));
            desk.db.close().await;
        }
        std::fs::remove_dir_all(dir).expect("removed");
    }
}

async fn make_user(url: &str, user: &str, database: &str) {
    use sqlx::{ConnectOptions as _, Connection as _};
    let options: sqlx::mysql::MySqlConnectOptions = url.parse().expect("a URL");
    let mut conn = options.connect().await.expect("the test server answers");
    let make = format!(
        "CREATE USER {user}@'127.0.0.1' IDENTIFIED BY 'a long pass';
        GRANT ALL ON `{database}`.* TO {user}@'127.0.0.1'"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(make)).execute(&mut conn).await.expect("may make users");
    conn.close().await.expect("closed");
}
