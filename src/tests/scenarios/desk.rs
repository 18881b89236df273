//! The first run's suggestions and demo, the first steps, saved views, and jobs.

use reqwest::Method;
use serde_json::{Value, json};

use crate::scenario;
use crate::support::TestApp;

async fn found(app: &TestApp, country: &str, more: Value) -> crate::support::Reply {
    let mut body = json!({
        "token": app.app.setup_token.clone().expect("a first run"),
        "business": {"name": "Atelier", "country": country, "currency": "CHF", "time_zone": "Europe/Zurich"},
        "owner": {"name": "Ada", "email": "ada@example.org", "password": "correct horse battery"},
    });
    body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    app.post("/setup", body).await
}

/// The cookie of somebody who signed in.
async fn signed_in(app: &TestApp, name: &str) -> String {
    let body = json!({"email": format!("{name}@example.org"), "password": "another long one"});
    let reply = app.send(app.http.post(format!("{}/api/v1/auth/login", app.url)).json(&body)).await.expect(201);
    reply.header("set-cookie").split(';').next().expect("a pair").to_owned()
}

scenario! {
    async fn the_first_run_takes_what_the_country_suggests_unless_told(engine) {
        let mut app = TestApp::fresh(engine).await;
        let countries = app.get("/setup/countries").await.expect(200).body;
        let swiss = countries["items"].as_array().expect("rows").iter().find(|one| one["code"] == "CH").expect("CH");
        assert_eq!((&swiss["currency"], &swiss["time_zone"], &swiss["locale"]), (&json!("CHF"), &json!("Europe/Zurich"), &json!("de")));
        assert_eq!(swiss["tax_rates"][0], json!({"name": "Standard", "rate": 810, "category": "S", "reason": null}));
        let wrong = found(&app, "CH", json!({"tax_rates": [{"name": "Too much", "rate": 10001}]})).await.expect(422);
        assert_eq!(wrong.body["errors"][0]["field"], "tax_rates");
        let rates = json!([{"name": "Mine", "rate": 770}]);
        let reply = found(&app, "CH", json!({"locale": "fr", "tax_rates": rates})).await.expect(201);
        assert_eq!((&reply.body["totp_enabled"], &reply.body["recovery_codes_left"]), (&json!(false), &json!(0)));
        let cookie = reply.header("set-cookie").split(';').next().expect("a pair").to_owned();
        let settings = app.send(app.http.get(format!("{}/api/v1/settings", app.url)).header("cookie", &cookie)).await.body;
        assert_eq!(settings["locale"], "fr");
        assert_eq!(settings["tax_rates"].as_array().expect("rates").len(), 1);
        assert_eq!(settings["tax_rates"][0]["rate"], 770);

        let made = app.http.post(format!("{}/api/v1/api-tokens", app.url)).header("cookie", &cookie);
        let made = app.send(made.json(&json!({"name": "tests", "scopes": ["*"]}))).await.expect(201);
        app.token = made.body["token"].as_str().expect("shown once").to_owned();
        app.post("/setup/demo", json!({})).await.expect(204);
        let programs = app.get("/programs").await.expect(200).body;
        assert_eq!(programs["items"].as_array().expect("rows").len(), 4);
        assert_eq!(programs["items"][0]["price"]["currency"], "CHF");
        assert_eq!(programs["items"][0]["tax_rate"], 770);
        assert_eq!(app.get("/bookings?limit=200").await.body["items"].as_array().expect("rows").len(), 200);
        assert_eq!(app.post("/setup/demo", json!({})).await.expect(409).code(), "invalid_state");
        app.end().await;
    }
}

scenario! {
    async fn the_first_steps_are_seen_in_the_data_or_marked_by_hand(engine) {
        let app = TestApp::ready(engine).await;
        let done = |list: &Value| -> Vec<String> {
            let items = list["items"].as_array().expect("steps").iter();
            items.filter(|step| step["done"] == true).map(|step| step["key"].as_str().expect("a key").to_owned()).collect()
        };
        let list = app.get("/checklist").await.expect(200).body;
        assert_eq!((list["items"].as_array().expect("steps").len(), list["dismissed"] == false), (6, true));
        assert!(done(&list).is_empty());
        let manual: Vec<&Value> = list["items"].as_array().expect("steps").iter().filter(|s| s["manual"] == true).collect();
        assert_eq!((&manual[0]["key"], &manual[1]["key"]), (&json!("mail"), &json!("backup")));

        app.given(5).await;
        app.patch("/settings", json!({"iban": "DE89370400440532013000"})).await.expect(200);
        let logo = app.upload("/media?kind=image", "logo.png", crate::variants::png(30, 20)).await.expect(201).id();
        app.patch("/settings", json!({"invoicing": {"logo_id": logo}})).await.expect(200);
        assert_eq!(done(&app.get("/checklist").await.body), ["program", "occurrence", "logo", "bank"]);
        let marked = app.post("/checklist/mail", json!({"done": true})).await.expect(200).body;
        assert!(done(&marked).contains(&"mail".to_owned()));
        app.post("/checklist/mail", json!({"done": true})).await.expect(200);
        assert!(!done(&app.post("/checklist/mail", json!({"done": false})).await.expect(200).body).contains(&"mail".to_owned()));
        assert_eq!(app.post("/checklist/logo", json!({"done": false})).await.expect(409).code(), "invalid_state");
        app.post("/checklist/tea", json!({"done": true})).await.expect(404);
        app.post("/checklist/dismiss", json!({})).await.expect(204);
        app.post("/checklist/dismiss", json!({})).await.expect(204);
        assert_eq!(app.get("/checklist").await.body["dismissed"], true);
        app.end().await;
    }
}

scenario! {
    async fn views_are_ones_own_or_shared(engine) {
        let app = TestApp::ready(engine).await;
        for (name, role) in [("sam", "staff"), ("max", "manager")] {
            let email = format!("{name}@example.org");
            let body = json!({"name": name, "email": email, "role": role, "password": "another long one"});
            app.post("/staff", body).await.expect(201);
        }
        let (sam, max) = (signed_in(&app, "sam").await, signed_in(&app, "max").await);
        let ask = |cookie: &str, method: Method, path: &str, body: Value| {
            let request = app.http.request(method, format!("{}/api/v1{path}", app.url)).header("cookie", cookie);
            app.send(request.json(&body))
        };
        let view = |name: &str, shared: bool| json!({"page": "bookings", "name": name, "query": "status=held", "shared": shared});
        let own = ask(&sam, Method::POST, "/views", view("Mine", false)).await.expect(201);
        assert_eq!((&own.body["mine"], &own.body["query"]), (&json!(true), &json!("status=held")));
        let shared = ask(&sam, Method::POST, "/views", view("All", true)).await.expect(201);
        let by_ada = app.post("/views", view("Owner's", true)).await.expect(201);
        let listed = ask(&max, Method::GET, "/views?page=bookings", json!({})).await.expect(200).body;
        let names: Vec<&str> = listed["items"].as_array().expect("rows").iter().filter_map(|v| v["name"].as_str()).collect();
        assert_eq!(names, ["All", "Owner's"]);
        assert_eq!(listed["items"][0]["mine"], false);
        assert_eq!(ask(&sam, Method::GET, "/views", json!({})).await.body["items"].as_array().expect("rows").len(), 3);
        assert_eq!(app.get("/views?page=clients").await.body["items"], json!([]));
        app.get("/views?page=boats").await.expect(422);

        ask(&max, Method::DELETE, &format!("/views/{}", own.id()), json!({})).await.expect(404);
        ask(&sam, Method::DELETE, &format!("/views/{}", by_ada.id()), json!({})).await.expect(403);
        ask(&max, Method::DELETE, &format!("/views/{}", shared.id()), json!({})).await.expect(204);
        ask(&sam, Method::DELETE, &format!("/views/{}", own.id()), json!({})).await.expect(204);
        for (body, field) in [
            (view("", false), "name"),
            (view(&"x".repeat(61), false), "name"),
            (json!({"page": "bookings", "name": "Long", "query": "x".repeat(2001), "shared": false}), "query"),
        ] {
            assert_eq!(app.post("/views", body).await.expect(422).body["errors"][0]["field"], field);
        }
        for n in 1..100 {
            app.post("/views", view(&format!("View {n}"), false)).await.expect(201);
        }
        assert_eq!(app.post("/views", view("One more", false)).await.expect(409).code(), "invalid_state");
        app.end().await;
    }
}

scenario! {
    async fn failed_jobs_are_seen_tried_again_and_given_up(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, client) = app.given(5).await;
        let booking = app.book(&occurrence, &client, 1).await.expect(201).id();
        app.post(&format!("/bookings/{booking}/confirm"), json!({})).await.expect(200);
        app.settled().await;
        let invoice = app.get("/invoices").await.body["items"][0]["id"].as_str().expect("an id").to_owned();
        let subject: deskbell::base::id::Id<()> = invoice.parse().expect("an id");
        app.app.desk.db.write(move |tx| {
            for n in 1..=3_u8 {
                tx.run(
                    "INSERT INTO events (id, kind, subject_id, due_at, attempts, failed_at, error)
                     VALUES (?, 'render_invoice', ?, 0, 8, 5, 'disk full')",
                    deskbell::args![&[n; 16], &subject],
                )?;
            }
            Ok(())
        }).await.expect("written");
        let page = app.get("/system/jobs?state=failed&limit=2").await.expect(200).body;
        assert_eq!(page["items"].as_array().expect("rows").len(), 2);
        let job = page["items"][0].clone();
        assert_eq!((&job["state"], &job["error"], &job["attempts"]), (&json!("failed"), &json!("disk full"), &json!(8)));
        assert_eq!(job["subject_id"], json!(invoice));
        let cursor = page["next_cursor"].as_str().expect("more");
        let rest = app.get(&format!("/system/jobs?state=failed&cursor={cursor}")).await.expect(200).body;
        assert_eq!(rest["items"].as_array().expect("rows").len(), 1);
        assert_eq!(app.get("/system/jobs?state=waiting").await.expect(200).body["items"], json!([]));
        let ids: Vec<String> = [&page["items"][0], &page["items"][1], &rest["items"][0]]
            .iter().map(|job| job["id"].as_str().expect("an id").to_owned()).collect();

        app.post(&format!("/system/jobs/{}/retry", ids[0]), json!({})).await.expect(204);
        app.settled().await;
        app.post(&format!("/system/jobs/{}/retry", ids[0]), json!({})).await.expect(404);
        app.delete(&format!("/system/jobs/{}", ids[1])).await.expect(204);
        app.delete(&format!("/system/jobs/{}", ids[2])).await.expect(204);
        app.delete(&format!("/system/jobs/{}", ids[2])).await.expect(404);
        let noted = app.get("/audit-log?limit=200").await.expect(200).body;
        let jobs = noted["items"].as_array().expect("rows").iter().filter(|row| row["noun"] == "job");
        let mut deeds: Vec<&str> = jobs.map(|row| row["action"].as_str().expect("a verb")).collect();
        deeds.sort_unstable();
        assert_eq!(deeds, ["give_up", "give_up", "retry"]);
        app.end().await;
    }
}
