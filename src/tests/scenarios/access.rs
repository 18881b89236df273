//! Second factors, sessions, and what a person changes of their own account.

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use serde_json::{Value, json};

use crate::scenario;
use crate::support::{Reply, TestApp};

const ADA: &str = "ada@example.org";
const PASSWORD: &str = "correct horse battery";

/// What an authenticator app shows (RFC 6238), by another hand than the program's.
fn code(secret: &str, seconds: i64) -> String {
    let mut bits = String::new();
    for letter in secret.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|l| *l == letter).expect("base32");
        bits.extend((0..5).rev().map(|place| if value >> place & 1 == 1 { '1' } else { '0' }));
    }
    let key: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| u8::from_str_radix(std::str::from_utf8(byte).expect("digits"), 2).expect("a byte"))
        .collect();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&key).expect("a key");
    mac.update(&(seconds / 30).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes([hash[at], hash[at + 1], hash[at + 2], hash[at + 3]]) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

async fn login(app: &TestApp, email: &str, password: &str, totp: Option<&str>) -> Reply {
    let body = json!({"email": email, "password": password, "totp": totp});
    app.send(app.http.post(format!("{}/api/v1/auth/login", app.url)).json(&body)).await
}

fn cookie(reply: &Reply) -> String {
    reply.header("set-cookie").split(';').next().expect("a pair").to_owned()
}

/// A browser that is signed in.
struct Browser<'a> {
    app: &'a TestApp,
    cookie: String,
}

impl<'a> Browser<'a> {
    async fn of(app: &'a TestApp, email: &str, password: &str) -> Self {
        let cookie = cookie(&login(app, email, password, None).await.expect(201));
        Self { app, cookie }
    }

    async fn ask(&self, method: Method, path: &str, body: Value) -> Reply {
        let request = self.app.http.request(method, format!("{}/api/v1{path}", self.app.url));
        self.app.send(request.header("cookie", &self.cookie).json(&body)).await
    }

    async fn get(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, json!({})).await
    }

    async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask(Method::POST, path, body).await
    }

    /// Sets an authenticator app up: its secret and the recovery codes.
    async fn with_totp(&self) -> (String, Vec<String>) {
        let setup = self.post("/auth/totp", json!({})).await.expect(200);
        let secret = setup.body["secret"].as_str().expect("base32").to_owned();
        let shown = code(&secret, self.app.clock.now().seconds());
        let done = self.post("/auth/totp/confirm", json!({"code": shown})).await.expect(200);
        let codes = done.body["codes"].as_array().expect("codes").iter();
        (secret, codes.map(|code| code.as_str().expect("text").to_owned()).collect())
    }
}

scenario! {
    async fn a_second_factor_counts_from_its_confirmation_on(engine) {
        let app = TestApp::ready(engine).await;
        let ada = Browser::of(&app, ADA, PASSWORD).await;
        let setup = ada.post("/auth/totp", json!({})).await.expect(200).body;
        let uri = setup["uri"].as_str().expect("a link");
        assert!(uri.starts_with("otpauth://totp/Atelier:ada%40example.org?secret="), "{uri}");
        assert!(setup["qr"]["size"].as_u64().expect("modules") > 20);
        assert!(setup["qr"]["path"].as_str().expect("a path").starts_with("M4 4h7v1h-7z"));
        login(&app, ADA, PASSWORD, None).await.expect(201);
        assert_eq!(ada.get("/auth/me").await.body["totp_enabled"], false);
        let wrong = ada.post("/auth/totp/confirm", json!({"code": "000000"})).await.expect(422);
        assert_eq!(wrong.body["errors"][0]["field"], "code");

        let (secret, codes) = ada.with_totp().await;
        assert_ne!(secret, setup["secret"].as_str().expect("base32"), "the earlier secret is forgotten");
        assert_eq!(codes.len(), 10);
        let me = ada.get("/auth/me").await.expect(200).body;
        assert_eq!((&me["totp_enabled"], &me["recovery_codes_left"]), (&json!(true), &json!(10)));
        ada.post("/auth/totp", json!({})).await.expect(409);

        assert_eq!(login(&app, ADA, PASSWORD, None).await.expect(401).code(), "totp_required");
        assert_eq!(login(&app, ADA, PASSWORD, Some(" ")).await.expect(401).code(), "totp_required");
        assert_eq!(login(&app, ADA, "wrong password", None).await.expect(401).code(), "wrong_credentials");
        let now = || app.clock.now().seconds();
        let used = code(&secret, now());
        assert_eq!(login(&app, ADA, PASSWORD, Some(&used)).await.expect(401).code(), "wrong_code", "it confirmed already");
        app.clock.advance_minutes(1);
        let next = code(&secret, now());
        let spaced = format!("{} {}", &next[..3], &next[3..]);
        let reply = login(&app, ADA, PASSWORD, Some(&spaced)).await.expect(201);
        assert_eq!(reply.body["totp_enabled"], true);
        login(&app, ADA, PASSWORD, Some(&next)).await.expect(401);
        app.clock.advance_minutes(1);
        login(&app, ADA, PASSWORD, Some(&code(&secret, now() - 60))).await.expect(401);
        login(&app, ADA, PASSWORD, Some(&code(&secret, now() - 30))).await.expect(201);
        login(&app, ADA, PASSWORD, Some(&code(&secret, now() + 30))).await.expect(201);
        login(&app, ADA, PASSWORD, Some(&code(&secret, now()))).await.expect(401);
        app.end().await;
    }
}

scenario! {
    async fn a_recovery_code_lets_in_once(engine) {
        let app = TestApp::ready(engine).await;
        let ada = Browser::of(&app, ADA, PASSWORD).await;
        ada.post("/auth/recovery-codes", json!({"password": PASSWORD})).await.expect(409);
        let (_, codes) = ada.with_totp().await;
        let typed = codes[0].to_lowercase().replace('-', " ");
        let reply = login(&app, ADA, PASSWORD, Some(&typed)).await.expect(201);
        assert_eq!(reply.body["recovery_codes_left"], 9);
        assert_eq!(login(&app, ADA, PASSWORD, Some(&codes[0])).await.expect(401).code(), "wrong_code");
        let wrong = ada.post("/auth/recovery-codes", json!({"password": "not this one"})).await.expect(422);
        assert_eq!(wrong.body["errors"][0]["field"], "password");
        let renewed = ada.post("/auth/recovery-codes", json!({"password": PASSWORD})).await.expect(200);
        login(&app, ADA, PASSWORD, Some(&codes[1])).await.expect(401);
        login(&app, ADA, PASSWORD, renewed.body["codes"][0].as_str()).await.expect(201);
        let stored: Vec<[u8; 32]> = app.app.desk.db.read(|tx| {
            tx.all("SELECT code_hash FROM recovery_codes", deskbell::args![], |row| row.next())
        }).await.expect("read");
        assert_eq!(stored.len(), 9, "hashes alone");
        app.end().await;
    }
}

scenario! {
    async fn guessing_codes_is_slowed_as_guessing_passwords_is(engine) {
        let app = TestApp::ready(engine).await;
        let ada = Browser::of(&app, ADA, PASSWORD).await;
        let (secret, _) = ada.with_totp().await;
        app.clock.advance_minutes(1);
        for guess in 0..5 {
            let reply = login(&app, ADA, PASSWORD, Some(&format!("00000{guess}"))).await;
            assert_eq!(reply.expect(401).code(), "wrong_code");
        }
        let right = code(&secret, app.clock.now().seconds());
        assert_eq!(login(&app, ADA, PASSWORD, Some(&right)).await.expect(429).code(), "rate_limited");
        assert_eq!(login(&app, ADA, PASSWORD, None).await.expect(429).code(), "rate_limited");
        app.clock.advance_minutes(16);
        let right = code(&secret, app.clock.now().seconds());
        login(&app, ADA, PASSWORD, Some(&right)).await.expect(201);
        app.end().await;
    }
}

scenario! {
    async fn a_second_factor_is_switched_off_by_password_by_an_owner_and_on_the_machine(engine) {
        let app = TestApp::ready(engine).await;
        let staff = json!({"name": "Sam", "email": "sam@example.org", "role": "staff", "password": "another long one"});
        let id = app.post("/staff", staff).await.expect(201).id();
        let sam = Browser::of(&app, "sam@example.org", "another long one").await;
        sam.with_totp().await;
        sam.post("/auth/totp/disable", json!({"password": "not this one"})).await.expect(422);
        sam.post("/auth/totp/disable", json!({"password": "another long one"})).await.expect(204);
        assert_eq!(sam.get("/auth/me").await.body["recovery_codes_left"], 0);
        login(&app, "sam@example.org", "another long one", None).await.expect(201);

        app.clock.advance_minutes(1);
        sam.with_totp().await;
        let listed = app.get("/staff").await.expect(200).body;
        let shown = listed["items"].as_array().expect("two").iter().find(|one| one["name"] == "Sam").expect("Sam").clone();
        assert_eq!(shown["totp_enabled"], true);
        sam.post(&format!("/staff/{id}/reset-totp"), json!({})).await.expect(403);
        app.post(&format!("/staff/{id}/reset-totp"), json!({})).await.expect(204);
        login(&app, "sam@example.org", "another long one", None).await.expect(201);

        app.clock.advance_minutes(1);
        sam.with_totp().await;
        let at = app.clock.now();
        let hash = deskbell::business::accounts::model::hash("a third long one").expect("hashed");
        app.app.desk.db.write(move |tx| {
            let actor = deskbell::base::actor::Actor::system(at, "test");
            deskbell::business::accounts::actions::reset_access(tx, &actor, "sam@example.org", &hash)
        }).await.expect("reset");
        login(&app, "sam@example.org", "a third long one", None).await.expect(201);
        assert_eq!(sam.get("/auth/me").await.status, 401, "its sessions ended");
        let audit = app.get("/audit-log?limit=200").await.expect(200).body;
        let deeds: Vec<&str> =
            audit["items"].as_array().expect("rows").iter().filter_map(|row| row["action"].as_str()).collect();
        for deed in ["begin_totp", "enable_totp", "disable_totp", "reset_totp", "reset_password"] {
            assert!(deeds.contains(&deed), "{deed} is not in {deeds:?}");
        }
        app.end().await;
    }
}

scenario! {
    async fn sessions_are_seen_and_ended_one_by_one_and_all_others(engine) {
        let app = TestApp::ready(engine).await;
        let first = Browser::of(&app, ADA, PASSWORD).await;
        app.clock.advance_minutes(1);
        let second = Browser::of(&app, ADA, PASSWORD).await;
        app.clock.advance_minutes(1);
        let third = Browser::of(&app, ADA, PASSWORD).await;
        let listed = |reply: Reply| reply.expect(200).body["items"].as_array().expect("rows").clone();
        let rows = listed(third.get("/auth/sessions").await);
        assert_eq!(rows.len(), 4, "and that of the first run");
        assert_eq!((&rows[0]["current"], &rows[1]["current"]), (&json!(true), &json!(false)));
        assert_eq!(rows[0]["address"], "127.0.0.1");

        app.clock.advance_minutes(5);
        first.get("/auth/me").await.expect(200);
        app.clock.advance_minutes(6);
        let seen = app.clock.now().to_string();
        first.get("/auth/me").await.expect(200);
        let rows = listed(third.get("/auth/sessions").await);
        assert_eq!(rows[0]["last_seen_at"], json!(seen), "the one seen last comes first");
        app.clock.advance_minutes(9);
        first.get("/auth/me").await.expect(200);
        assert_eq!(listed(third.get("/auth/sessions").await)[0]["last_seen_at"], json!(seen), "to ten minutes");

        let id = rows[0]["id"].as_str().expect("an id").to_owned();
        let staff = json!({"name": "Sam", "email": "sam@example.org", "role": "staff", "password": "another long one"});
        app.post("/staff", staff).await.expect(201);
        let sam = Browser::of(&app, "sam@example.org", "another long one").await;
        sam.ask(Method::DELETE, &format!("/auth/sessions/{id}"), json!({})).await.expect(404);
        third.ask(Method::DELETE, &format!("/auth/sessions/{id}"), json!({})).await.expect(204);
        first.get("/auth/me").await.expect(401);
        assert_eq!(third.post("/auth/sessions/end-others", json!({})).await.expect(200).body["ended"], 2);
        second.get("/auth/me").await.expect(401);
        third.get("/auth/me").await.expect(200);
        sam.get("/auth/me").await.expect(200);
        assert_eq!(app.get("/auth/sessions").await.expect(403).code(), "forbidden", "not for tokens");
        app.end().await;
    }
}

scenario! {
    async fn a_person_changes_their_name_and_password_and_a_token_does_not(engine) {
        let app = TestApp::ready(engine).await;
        let ada = Browser::of(&app, ADA, PASSWORD).await;
        let other = Browser::of(&app, ADA, PASSWORD).await;
        let renamed = ada.ask(Method::PATCH, "/auth/me", json!({"name": "Ada L."})).await.expect(200);
        assert_eq!((&renamed.body["name"], renamed.header("etag")), (&json!("Ada L."), "\"2\""));
        ada.ask(Method::PATCH, "/auth/me", json!({"name": " "})).await.expect(422);
        ada.ask(Method::PATCH, "/auth/me", json!({"role": "staff"})).await.expect(200);
        assert_eq!(ada.get("/auth/me").await.body["role"], "owner", "a role is not one's own affair");
        let stale = app.http.patch(format!("{}/api/v1/auth/me", app.url)).header("cookie", &ada.cookie);
        app.send(stale.header("if-match", "\"1\"").json(&json!({"name": "X"}))).await.expect(412);

        let change = |current: &str, password: &str| json!({"current": current, "password": password});
        let wrong = ada.post("/auth/password", change("not this one", "a new long one")).await.expect(422);
        assert_eq!(wrong.body["errors"][0]["field"], "current");
        let short = ada.post("/auth/password", change(PASSWORD, "short")).await.expect(422);
        assert_eq!(short.body["errors"][0]["field"], "password");
        app.post("/auth/password", change(PASSWORD, "a new long one")).await.expect(403);
        ada.post("/auth/password", change(PASSWORD, "a new long one")).await.expect(204);
        ada.get("/auth/me").await.expect(200);
        other.get("/auth/me").await.expect(401);
        login(&app, ADA, PASSWORD, None).await.expect(401);
        login(&app, ADA, "a new long one", None).await.expect(201);
        for _ in 0..5 {
            ada.post("/auth/password", change("not this one", "another new one")).await.expect(422);
        }
        let braked = ada.post("/auth/password", change("a new long one", "another new one")).await;
        assert_eq!(braked.expect(429).code(), "rate_limited");
        app.end().await;
    }
}
