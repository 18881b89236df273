//! Hearing what others change.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::scenario;
use crate::support::TestApp;

/// Somebody who listens.
struct Ear {
    response: reqwest::Response,
    text: String,
}

impl Ear {
    async fn listen(app: &TestApp, token: &str) -> Self {
        let request = app.http.get(format!("{}/api/v1/live", app.url)).bearer_auth(token);
        let response = request.send().await.expect("answered");
        assert_eq!(
            (response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()),
            (200, "text/event-stream")
        );
        let mut ear = Self { response, text: String::new() };
        assert_eq!(ear.hear().await, Some(("hello".to_owned(), json!({}))));
        ear
    }

    /// The next event; none when the stream ends.
    async fn hear(&mut self) -> Option<(String, Value)> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                if event == ":" {
                    continue;
                }
                let (name, data) = event.split_once("\ndata: ").expect("an event with data");
                return Some((
                    name.strip_prefix("event: ").expect("a name").to_owned(),
                    serde_json::from_str(data).expect("JSON"),
                ));
            }
            let chunk = tokio::time::timeout(Duration::from_secs(10), self.response.chunk()).await.expect("in time");
            self.text.push_str(std::str::from_utf8(&chunk.ok()??).expect("UTF-8"));
        }
    }

    /// Reads on until something was done to a thing.
    async fn hear_of(&mut self, noun: &str, action: &str) -> Value {
        loop {
            let (name, data) = self.hear().await.expect("goes on");
            if name == "changed" && data["noun"] == noun && data["action"] == action {
                return data;
            }
        }
    }
}

async fn token(app: &TestApp, scopes: Value) -> (String, String) {
    let cookie = sign_in(app).await;
    let made = app
        .http
        .post(format!("{}/api/v1/api-tokens", app.url))
        .header("cookie", cookie)
        .json(&json!({"name": "more", "scopes": scopes}))
        .send()
        .await
        .expect("answered");
    let made: Value = made.json().await.expect("JSON");
    (made["token"].as_str().expect("shown once").to_owned(), made["id"].as_str().expect("an id").to_owned())
}

async fn sign_in(app: &TestApp) -> String {
    let reply = app
        .http
        .post(format!("{}/api/v1/auth/login", app.url))
        .json(&json!({"email": "ada@example.org", "password": "correct horse battery"}))
        .send()
        .await
        .expect("answered");
    assert!(reply.status().is_success(), "{}", reply.status());
    reply.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

scenario! {
    async fn one_hears_the_others_check_in_within_a_second_and_nothing_that_was_refused(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(2).await;
        let booking = app.post("/bookings", json!({
            "occurrence_id": occurrence, "client_id": client, "confirm": true,
        })).await.expect(201).id();
        let mut ear = Ear::listen(&app, &app.token).await;
        // Sold out: the body noted nothing that stands.
        app.book(&occurrence, &client, 2).await.expect(409);
        let done = app.post(&format!("/bookings/{booking}/check-in"), json!({})).await.expect(200);
        let answered = std::time::Instant::now();
        let (name, data) = ear.hear().await.expect("goes on");
        assert!(answered.elapsed() < Duration::from_secs(1), "{:?}", answered.elapsed());
        assert_eq!(name, "changed");
        assert_eq!((data["noun"].as_str(), data["id"].as_str(), data["action"].as_str()), (Some("booking"), Some(&*booking), Some("check_in")));
        assert_eq!(data["request_id"], done.header("x-request-id"));
        assert!(data["actor_id"].is_string());
        app.post(&format!("/bookings/{booking}/undo"), json!({})).await.expect(200);
        ear.hear_of("booking", "undo").await;
        // What is only saved, and not logged, is heard as well.
        let draft = app.post("/drafts", json!({})).await.expect(201).id();
        app.patch(&format!("/drafts/{draft}"), json!({"notes": "Never mind"})).await.expect(200);
        assert_eq!(ear.hear_of("draft", "change").await["id"], draft);
        // What the house does by itself is heard too.
        app.book(&occurrence, &client, 1).await.expect(201);
        app.clock.advance_minutes(24 * 60 + 1);
        let (now, actor) = (app.clock.now(), deskbell::base::actor::Actor::system(app.clock.now(), "test"));
        let expire = move |tx: &mut dyn deskbell::platform::db::Tx| {
            deskbell::business::bookings::actions::expire_holds(tx, &actor, now)
        };
        app.app.desk.db.write(expire).await.expect("expired");
        assert_eq!(ear.hear_of("booking", "expire").await["actor_id"], Value::Null);
        app.end().await;
    }
}

scenario! {
    async fn each_hears_what_their_role_may_see_and_only_while_they_are_known(engine) {
        let app = TestApp::ready(engine).await;
        let (narrow, id) = token(&app, json!(["clients:read"])).await;
        let mut ear = Ear::listen(&app, &narrow).await;
        let mut all = Ear::listen(&app, &app.token).await;
        app.given(1).await;
        assert_eq!(ear.hear().await.expect("goes on").1["noun"], "client");
        all.hear_of("program", "create").await;
        app.delete(&format!("/api-tokens/{id}")).await.expect(204);
        assert_eq!(ear.hear().await, None);
        all.hear_of("api_token", "revoke").await;

        let cookie = sign_in(&app).await;
        let response = app.http.get(format!("{}/api/v1/live", app.url)).header("cookie", &cookie).send().await.expect("answered");
        let mut mine = Ear { response, text: String::new() };
        assert_eq!(mine.hear().await.expect("a greeting").0, "hello");
        app.http.post(format!("{}/api/v1/auth/logout", app.url)).header("cookie", &cookie).send().await.expect("answered");
        while mine.hear().await.is_some() {}
        let refused = app.http.get(format!("{}/api/v1/live", app.url)).send().await.expect("answered");
        assert_eq!(refused.status(), 401);
        app.end().await;
    }
}

scenario! {
    async fn a_stop_does_not_wait_for_listeners(engine) {
        let app = TestApp::ready(engine).await;
        let ears: Vec<_> = futures_util::stream::iter(0..20).then(|_| Ear::listen(&app, &app.token)).collect().await;
        // The house's own work borrows one now and then; a listener would keep its own.
        let mut free = false;
        for _ in 0..500 {
            free = app.app.desk.db.figures().in_use == 0;
            if free {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert!(free, "no listener keeps a connection");
        let started = std::time::Instant::now();
        app.end().await;
        // Half of the time that requests are given at a stop.
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        for mut ear in ears {
            assert_eq!(ear.hear().await, None);
        }
    }
}
