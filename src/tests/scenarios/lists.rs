//! Finding bookings, changing and taking back, and what happened to one.

use reqwest::Method;
use serde_json::{Value, json};

use crate::scenario;
use crate::support::TestApp;

/// References of a list, in its order.
fn references(list: &Value) -> Vec<String> {
    list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|item| item["reference"].as_str().unwrap().to_owned())
        .collect()
}

/// What a query finds, as a set: the clock of a test stands still, and ids of one moment have no order.
async fn found(app: &TestApp, query: &str) -> Vec<String> {
    let mut found = references(&app.get(&format!("/bookings?{query}")).await.expect(200).body);
    found.sort();
    found
}

fn set<const N: usize>(names: [&str; N]) -> Vec<String> {
    let mut names = names.map(str::to_owned).to_vec();
    names.sort();
    names
}

scenario! {
    async fn bookings_are_found_by_state_day_program_money_and_words(engine) {
        let app = TestApp::ready(engine).await;
        let (program, occurrence, grace) = app.given(10).await;
        let other = app.post("/programs", json!({
            "title": "Weaving", "price": {"amount": 1000, "currency": "EUR"}, "tax_rate": 1900, "status": "published",
        })).await.expect(201).id();
        let later = app.post(&format!("/programs/{other}/occurrences"), json!({
            "local_starts_at": "2026-12-05T23:30", "capacity": 5,
        })).await.expect(201).id();
        let ada = app.post("/clients", json!({"name": "Ada Lovelace", "email": "ada@example.org"})).await.expect(201).id();
        let held = app.book(&occurrence, &grace, 1).await.expect(201);
        let confirmed = app.post("/bookings", json!({
            "occurrence_id": occurrence, "client_id": ada, "confirm": true,
        })).await.expect(201);
        let woven = app.post("/bookings", json!({
            "occurrence_id": later, "client_id": ada, "confirm": true,
        })).await.expect(201);
        let paid = json!({"amount": {"amount": 1000, "currency": "EUR"}, "method": "cash"});
        app.post(&format!("/bookings/{}/payments", woven.id()), paid).await.expect(201);
        let gone = app.book(&later, &grace, 1).await.expect(201);
        app.post(&format!("/bookings/{}/cancel", gone.id()), json!({})).await.expect(200);
        let name = |reply: &crate::support::Reply| reply.body["reference"].as_str().unwrap().to_owned();
        let (held, confirmed, woven, gone, number) =
            (name(&held), name(&confirmed), name(&woven), name(&gone), confirmed.body["invoice_number"].as_str().unwrap().to_owned());

        assert_eq!(found(&app, "status=held,cancelled").await, set([&*gone, &*held]));
        assert_eq!(found(&app, &format!("program_id={other}")).await, set([&*gone, &*woven]));
        assert_eq!(found(&app, &format!("program_id={program}&status=confirmed")).await, set([&*confirmed]));
        // The day is the wall's: half past eleven in the evening is still the fifth.
        assert_eq!(found(&app, "from=2026-12-05&to=2026-12-05").await, set([&*gone, &*woven]));
        assert_eq!(found(&app, "to=2026-12-04").await, set([&*confirmed, &*held]));
        assert_eq!(found(&app, "from=2026-12-06").await, set([""; 0]));
        assert_eq!(found(&app, "balance=due").await, set([&*confirmed, &*held]));
        assert_eq!(found(&app, "balance=settled").await, set([&*gone, &*woven]));
        assert_eq!(found(&app, "q=lovel").await, set([&*woven, &*confirmed]));
        assert_eq!(found(&app, "q=LOVELACE%20ad&from=2026-12-02").await, set([&*woven]));
        assert_eq!(found(&app, &format!("q={}", held[..4].to_lowercase())).await, set([&*held]));
        assert_eq!(found(&app, &format!("q={number}")).await, set([&*confirmed]));
        assert_eq!(found(&app, &format!("q=grace&client_id={grace}&status=held")).await, set([&*held]));
        assert_eq!(found(&app, "q=nobody").await, set([""; 0]));

        for (query, field) in [("status=boat", "status"), ("from=x", "from"), ("from=2026-12-02&to=2026-12-01", "to"), ("q=--", "q")] {
            let refused = app.get(&format!("/bookings?{query}")).await.expect(422);
            assert_eq!(refused.body["errors"][0]["field"], field, "{}", refused.body);
        }

        // Page by page it is the same list.
        let first = app.get("/bookings?balance=due&limit=1").await.expect(200);
        let mut walked = references(&first.body);
        assert_eq!(walked.len(), 1);
        let cursor = first.body["next_cursor"].as_str().expect("another page");
        let second = app.get(&format!("/bookings?balance=due&limit=1&cursor={cursor}")).await.expect(200);
        walked.extend(references(&second.body));
        walked.sort();
        assert_eq!((walked, second.body["next_cursor"].is_null()), (set([&*confirmed, &*held]), true));
        app.end().await;
    }
}

scenario! {
    async fn a_note_is_changed_and_a_stale_change_is_refused(engine) {
        let app = TestApp::ready(engine).await;
        let (program, occurrence, client) = app.given(10).await;
        let target = app.post(&format!("/programs/{program}/occurrences"), json!({
            "local_starts_at": "2026-12-08T10:00", "capacity": 3,
        })).await.expect(201).id();
        let booking = app.book(&occurrence, &client, 1).await.expect(201).id();
        let path = format!("/bookings/{booking}");
        let changed = app.send(app.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({"note": " By the window "}))).await.expect(200);
        assert_eq!((changed.body["note"].as_str(), changed.header("etag")), (Some("By the window"), "\"2\""));
        let stale = app.send(app.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({"note": "x"}))).await;
        assert_eq!(stale.expect(412).code(), "precondition_failed");
        for (verb, body) in [
            ("confirm", json!({})),
            ("cancel", json!({})),
            ("check-in", json!({})),
            ("no-show", json!({})),
            ("undo", json!({})),
            ("reschedule", json!({"occurrence_id": target})),
        ] {
            let request = app.request(Method::POST, &format!("{path}/{verb}")).header("if-match", "\"1\"").json(&body);
            assert_eq!(app.send(request).await.expect(412).code(), "precondition_failed", "{verb}");
        }
        assert_eq!(app.patch(&path, json!({"note": null})).await.expect(200).body["note"], Value::Null);
        app.patch(&path, json!({"note": "x".repeat(2001)})).await.expect(422);
        app.end().await;
    }
}

scenario! {
    async fn a_check_in_is_taken_back_to_what_was_before(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(10).await;
        let booking = app.post("/bookings", json!({
            "occurrence_id": occurrence, "client_id": client, "confirm": true,
        })).await.expect(201).id();
        let path = format!("/bookings/{booking}");
        let undo = format!("{path}/undo");
        assert_eq!(app.post(&undo, json!({})).await.expect(409).code(), "invalid_state");
        app.post(&format!("{path}/no-show"), json!({})).await.expect(200);
        let here = app.post(&format!("{path}/check-in"), json!({})).await.expect(200);
        assert_eq!(here.body["checked_in_at"], "2026-11-24T09:00:00Z");
        let absent = app.post(&undo, json!({})).await.expect(200);
        assert_eq!((absent.body["status"].as_str(), &absent.body["checked_in_at"]), (Some("no_show"), &Value::Null));
        assert_eq!(app.post(&undo, json!({})).await.expect(200).body["status"], "confirmed");
        assert_eq!(app.post(&undo, json!({})).await.expect(409).code(), "invalid_state");
        app.end().await;
    }
}

scenario! {
    async fn the_timeline_tells_of_a_booking_and_all_that_belongs_to_it(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(10).await;
        let booking = app.post("/bookings", json!({
            "occurrence_id": occurrence, "client_id": client, "confirm": true,
        })).await.expect(201).id();
        let path = format!("/bookings/{booking}");
        let paid = json!({"amount": {"amount": 4900, "currency": "EUR"}, "method": "cash"});
        app.post(&format!("{path}/payments"), paid).await.expect(201);
        app.clock.advance_minutes(1);
        app.post(&format!("{path}/cancel"), json!({"reason": "Ill", "refund": true})).await.expect(200);
        let timeline = app.get(&format!("{path}/timeline")).await.expect(200);
        let deeds: Vec<String> = timeline.body["items"].as_array().unwrap().iter()
            .map(|item| format!("{} {}", item["noun"].as_str().unwrap(), item["action"].as_str().unwrap()))
            .collect();
        for deed in ["booking hold", "booking confirm", "invoice issue", "payment receive", "booking cancel", "credit_note issue", "payment give_back"] {
            assert!(deeds.iter().any(|found| found == deed), "{deed} in {deeds:?}");
        }
        let times: Vec<&str> = timeline.body["items"].as_array().unwrap().iter().map(|item| item["at"].as_str().unwrap()).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");
        assert!(timeline.body["items"].as_array().unwrap().iter().any(|item| item["detail"] == "Ill"));
        app.get("/bookings/00000000-0000-7000-8000-000000000000/timeline").await.expect(404);
        app.end().await;
    }
}
