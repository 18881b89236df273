use std::collections::{BTreeMap, BTreeSet};

use crate::scenario;
use crate::support::TestApp;

/// Reads an OpenMetrics exposition strictly: every line is metadata or a sample of the family before it, no sample
/// comes twice, and the end is marked. Gives each sample with its labels as written.
fn parse(text: &str) -> BTreeMap<String, f64> {
    let body = text.strip_suffix("# EOF\n").expect("the end is marked");
    let (mut samples, mut families) = (BTreeMap::new(), BTreeSet::new());
    let (mut family, mut kind) = (String::new(), String::new());
    for line in body.lines() {
        if let Some(meta) = line.strip_prefix("# ") {
            let mut words = meta.splitn(3, ' ');
            let mut next = || words.next().unwrap_or_else(|| panic!("short: {line}"));
            let (what, name, rest) = (next(), next(), next());
            match what {
                "TYPE" => {
                    (family, kind) = (name.to_owned(), rest.to_owned());
                    assert!(families.insert(family.clone()), "{family} comes twice");
                    assert!(matches!(rest, "gauge" | "counter" | "info" | "summary"), "{line}");
                }
                "UNIT" => assert!(name == family && name.ends_with(&format!("_{rest}")), "{line}"),
                "HELP" => assert!(name == family && !rest.is_empty(), "{line}"),
                _ => panic!("unknown: {line}"),
            }
            continue;
        }
        let (name, value) = line.rsplit_once(' ').unwrap_or_else(|| panic!("no value: {line}"));
        let bare = name.split('{').next().expect("a name");
        let good = match kind.as_str() {
            "counter" => bare == format!("{family}_total"),
            "info" => bare == format!("{family}_info"),
            "summary" => bare == family || bare == format!("{family}_count"),
            _ => bare == family,
        };
        assert!(good, "{line} stands under the {kind} {family}");
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
        assert!(value >= 0.0, "{line}");
        assert!(samples.insert(name.to_owned(), value).is_none(), "{name} comes twice");
    }
    samples
}

async fn metrics(app: &TestApp) -> BTreeMap<String, f64> {
    let reply = app.http.get(format!("{}/metrics", app.url)).send().await.expect("answered");
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.headers()["content-type"], "application/openmetrics-text; version=1.0.0; charset=utf-8");
    parse(&reply.text().await.expect("text"))
}

scenario! {
    async fn the_metrics_tell_what_the_system_pages_tell(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(5).await;
        app.book(&occurrence, &client, 1).await.expect(201);
        app.settled().await;
        let before = metrics(&app).await;
        app.get("/nothing").await.expect(404);
        let after = metrics(&app).await;
        let more = |name: &str| after[name] - before[name];
        assert!((more("deskbell_http_requests_total{status=\"4xx\"}") - 1.0).abs() < f64::EPSILON);
        assert!((more("deskbell_http_requests_total{status=\"2xx\"}") - 1.0).abs() < f64::EPSILON, "the metrics before");
        assert!(after["deskbell_resident_memory_bytes"] > 1e6);
        for (name, value) in [
            ("deskbell_database_up", 1.0),
            ("deskbell_http_requests_running", 1.0),
            ("deskbell_events{state=\"waiting\"}", 0.0),
            ("deskbell_events{state=\"failed\"}", 0.0),
            ("deskbell_budget_in_flight_bytes", 0.0),
        ] {
            assert!((after[name] - value).abs() < f64::EPSILON, "{name} is {}", after[name]);
        }
        let database = app.get("/system/database").await.expect(200).body;
        let pool = &database["pool"];
        let same = |name: &str, told: &serde_json::Value| {
            assert!((after[name] - told.as_f64().expect("a number")).abs() < f64::EPSILON, "{name}: {told}");
        };
        same("deskbell_database_connections_max", &pool["max"]);
        same("deskbell_database_connections_opened_total", &pool["opened_total"]);
        same("deskbell_database_connections_closed_total{reason=\"broken\"}", &pool["closed_total"]["broken"]);
        same("deskbell_database_acquire_timeouts_total", &pool["acquire_timeouts_total"]);
        if let Some(writer) = database["writer"].as_object() {
            assert!(after["deskbell_database_writer_commits_total"] > 0.0);
            same("deskbell_database_writer_transactions_total", &writer["transactions_total"]);
        }
        same("deskbell_budget_bytes", &app.get("/system/storage").await.body["budget_bytes"]);
        let info = format!("deskbell_build_info{{version=\"{}\",engine={}}}", env!("CARGO_PKG_VERSION"), database["engine"]);
        assert!(after.contains_key(&info), "{info}");
        app.end().await;
    }
}

scenario! {
    async fn the_metrics_are_for_loopback_and_for_tokens(engine) {
        let app = TestApp::ready(engine).await;
        let url = format!("{}/metrics", app.url);
        let from_afar = || app.http.get(&url).header("x-forwarded-for", "203.0.113.7");
        assert_eq!(app.send(from_afar()).await.expect(401).code(), "unauthenticated");
        app.send(from_afar().bearer_auth(&app.token)).await.expect(200);
        assert_eq!(app.send(app.http.post(&url)).await.expect(405).code(), "method_not_allowed");
        app.end().await;
    }
}
