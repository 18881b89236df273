use reqwest::Method;
use serde_json::{Value, json};

use crate::scenario;
use crate::support::TestApp;

async fn login(app: &TestApp, email: &str, password: &str) -> (u16, String, Value) {
    let reply = app
        .http
        .post(format!("{}/api/v1/auth/login", app.url))
        .json(&json!({"email": email, "password": password}))
        .send()
        .await
        .expect("answered");
    let cookie = reply.headers().get("set-cookie").map_or("", |c| c.to_str().expect("ASCII")).to_owned();
    (reply.status().as_u16(), cookie, reply.json().await.expect("JSON"))
}

scenario! {
    async fn the_first_run_happens_once_and_with_its_token(engine) {
        let mut app = TestApp::fresh(engine).await;
        assert_eq!(app.get("/setup").await.body["needed"], true);
        let wrong = app.post("/setup", json!({
            "token": "guess",
            "business": {"name": "A", "country": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"},
            "owner": {"name": "A", "email": "a@example.org", "password": "correct horse battery"},
        })).await;
        wrong.expect(403);
        app.set_up().await;
        let state = app.get("/setup").await.expect(200).body;
        assert_eq!((state["needed"].as_bool(), state["account"]["email"].as_str()), (Some(false), Some("ada@example.org")));
        assert!(!app.dir.join("setup-token").exists(), "the used token is gone");
        let again = app.post("/setup", json!({
            "token": app.app.setup_token.clone().expect("it was"),
            "business": {"name": "B", "country": "DE", "currency": "EUR", "time_zone": "Europe/Berlin"},
            "owner": {"name": "B", "email": "b@example.org", "password": "correct horse battery"},
        })).await;
        assert_eq!(again.expect(409).code(), "already_set_up");
        app.end().await;
    }
}

scenario! {
    async fn a_session_is_for_one_browser_and_ends(engine) {
        let app = TestApp::ready(engine).await;
        let (status, cookie, _) = login(&app, "ada@example.org", "correct horse battery").await;
        assert_eq!(status, 201);
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"));
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        let me = |extra: Option<(&'static str, &'static str)>| {
            let mut request = app.http.get(format!("{}/api/v1/auth/me", app.url)).header("cookie", &cookie);
            if let Some((name, value)) = extra {
                request = request.header(name, value);
            }
            request.send()
        };
        assert_eq!(me(None).await.expect("answered").status(), 200);
        let logout = |site: &'static str| {
            app.http
                .post(format!("{}/api/v1/auth/logout", app.url))
                .header("cookie", &cookie)
                .header("sec-fetch-site", site)
                .send()
        };
        assert_eq!(logout("cross-site").await.expect("answered").status(), 403);
        assert_eq!(logout("same-origin").await.expect("answered").status(), 204);
        assert_eq!(me(None).await.expect("answered").status(), 401);
        // Whoever is not signed in is answered all the same.
        let state = app.http.get(format!("{}/api/v1/setup", app.url)).header("cookie", &cookie).send().await.expect("answered");
        assert_eq!(state.json::<Value>().await.expect("JSON"), json!({"needed": false, "account": null}));
        app.end().await;
    }
}

scenario! {
    async fn guessing_is_slowed_and_the_owner_is_not_locked_out_for_good(engine) {
        let app = TestApp::ready(engine).await;
        for _ in 0..5 {
            assert_eq!(login(&app, "ada@example.org", "wrong password").await.0, 401);
        }
        let (status, _, body) = login(&app, "ada@example.org", "correct horse battery").await;
        assert_eq!((status, body["code"].as_str()), (429, Some("rate_limited")));
        app.clock.advance_minutes(16);
        assert_eq!(login(&app, "ada@example.org", "correct horse battery").await.0, 201);
        app.end().await;
    }
}

scenario! {
    async fn roles_and_scopes_are_kept(engine) {
        let app = TestApp::ready(engine).await;
        let staff = json!({"name": "Sam", "email": "sam@example.org", "role": "staff", "password": "another long one"});
        app.post("/staff", staff.clone()).await.expect(201);
        assert_eq!(app.post("/staff", staff).await.expect(409).code(), "already_exists");
        let (_, cookie, _) = login(&app, "sam@example.org", "another long one").await;
        let cookie = cookie.split(';').next().expect("a pair").to_owned();
        let ask = |method: Method, path: &str, body: Value| {
            app.http.request(method, format!("{}/api/v1{path}", app.url)).header("cookie", &cookie).json(&body).send()
        };
        assert_eq!(ask(Method::POST, "/clients", json!({"name": "C"})).await.expect("answered").status(), 201);
        assert_eq!(ask(Method::GET, "/staff", json!({})).await.expect("answered").status(), 403);
        assert_eq!(ask(Method::PATCH, "/settings", json!({"name": "X"})).await.expect("answered").status(), 403);

        let reader = app.post("/api-tokens", json!({"name": "r", "scopes": ["clients:read"]})).await.expect(201);
        let token = reader.body["token"].as_str().expect("shown once").to_owned();
        let read = app.http.get(format!("{}/api/v1/clients", app.url)).bearer_auth(&token).send().await;
        assert_eq!(read.expect("answered").status(), 200);
        let write = app.http.post(format!("{}/api/v1/clients", app.url)).bearer_auth(&token).json(&json!({"name": "D"}));
        assert_eq!(write.send().await.expect("answered").status(), 403);
        app.delete(&format!("/api-tokens/{}", reader.id())).await.expect(204);
        let revoked = app.http.get(format!("{}/api/v1/clients", app.url)).bearer_auth(&token).send().await;
        assert_eq!(revoked.expect("answered").status(), 401);
        let people = app.get("/staff").await.body["items"].as_array().expect("two").clone();
        let owner = people.iter().find(|one| one["role"] == "owner").expect("there is one");
        let owner = owner["id"].as_str().expect("an id").to_owned();
        let demoted = app.patch(&format!("/staff/{owner}"), json!({"role": "staff"})).await;
        assert_eq!(demoted.expect(409).code(), "invalid_state", "the last owner stays");
        app.end().await;
    }
}
