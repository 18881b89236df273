use deskbell::args;
use deskbell::base::time::Clock;

use crate::scenario;
use crate::support::{Engine, TestApp, config, database_url};

scenario! {
    async fn a_schema_that_is_newer_than_the_program_is_refused(engine) {
        let app = TestApp::fresh(engine).await;
        let hash = [1_u8; 32];
        app.app
            .desk
            .db
            .write(move |tx| {
                tx.run(
                    "INSERT INTO schema_steps (name, step, hash, applied_at) VALUES ('9999_future', 0, ?, 0)",
                    args![&hash],
                )
            })
            .await
            .expect("written");
        let (dir, url) = (app.dir.clone(), app.app.desk.config.database.url.clone());
        app.app.stop().await;
        let refused = deskbell::app::App::start(config(&dir, &url, &[]), Clock::System).await.map(|_| ());
        assert!(refused.expect_err("newer").detail.contains("newer Deskbell"));
        std::fs::remove_dir_all(dir).expect("removed");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_engines_have_the_same_schema() {
    if std::env::var_os("DESKBELL_TEST_MYSQL_URL").is_none() {
        assert!(std::env::var_os("CI").is_none(), "CI tests both engines");
        eprintln!("skipped: DESKBELL_TEST_MYSQL_URL names no server");
        return;
    }
    let mut shapes = Vec::new();
    for engine in [Engine::Sqlite, Engine::Mysql] {
        let dir = std::env::temp_dir().join(format!("deskbell-schema-{}-{}", std::process::id(), shapes.len()));
        std::fs::create_dir_all(&dir).expect("a folder");
        let url = database_url(&engine, &dir).await;
        let desk = deskbell::app::open(config(&dir, &url, &[]), Clock::System).await.expect("opened");
        shapes.push(desk.db.introspect().await.expect("described"));
        desk.db.close().await;
        std::fs::remove_dir_all(dir).expect("removed");
    }
    let [sqlite, mysql] = <[_; 2]>::try_from(shapes).expect("two");
    assert_eq!(sqlite.columns, mysql.columns);
    assert_eq!(sqlite.indexes, mysql.indexes);
}
