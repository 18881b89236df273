use std::time::{Duration, Instant};

use deskbell::base::actor::Actor;
use deskbell::business::clients::actions::create;
use deskbell::business::clients::model::Details;
use serde_json::{Value, json};

use crate::scenario;
use crate::support::{Reply, TestApp};

fn names(reply: &Reply) -> Vec<&str> {
    let items = reply.body["items"].as_array().unwrap_or_else(|| panic!("no rows in {}", reply.body));
    items.iter().map(|row| row["name"].as_str().expect("a name")).collect()
}

/// As a value of a query.
pub fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

async fn client(app: &TestApp, body: Value) -> String {
    app.post("/clients", body).await.expect(201).id()
}

scenario! {
    async fn clients_are_found_by_beginnings_without_case_and_marks(engine) {
        let app = TestApp::ready(engine).await;
        client(&app, json!({"name": "Jürgen Groß", "email": "JG@Beispiel.de", "address": {"city": "Köln"}})).await;
        app.clock.advance_minutes(1);
        client(&app, json!({"name": "Grace Hopper", "phone": "+49 (30) 123-45", "tags": ["VIP Gäste"]})).await;
        let found = |q: &'static str| {
            let app = &app;
            async move { app.get(&format!("/clients?q={}", encoded(q))).await.expect(200) }
        };
        for (q, expected) in [
            ("gr", vec!["Grace Hopper", "Jürgen Groß"]),
            ("g", vec!["Grace Hopper", "Jürgen Groß"]),
            ("gross", vec!["Jürgen Groß"]),
            ("GROß jurg", vec!["Jürgen Groß"]),
            ("koln", vec!["Jürgen Groß"]),
            ("jg@bei", vec!["Jürgen Groß"]),
            ("beispiel", vec!["Jürgen Groß"]),
            ("49 301", vec!["Grace Hopper"]),
            ("vip", vec!["Grace Hopper"]),
            ("gast hop g", vec!["Grace Hopper"]),
            ("hop jurg", vec![]),
            ("opper", vec![]),
        ] {
            assert_eq!(names(&found(q).await), expected, "{q}");
        }
        assert_eq!(app.get("/clients?q=-").await.expect(422).code(), "invalid_field");
        app.end().await;
    }
}

scenario! {
    async fn clients_are_listed_by_name_and_by_tag_page_by_page(engine) {
        let app = TestApp::ready(engine).await;
        for (name, tag) in [("Zoe", "a"), ("Ädel", "b"), ("adam", "a"), ("Émile", "a"), ("Bo", "b"), ("Eva", "a")] {
            client(&app, json!({"name": name, "tags": [tag, "Tanzkurs"]})).await;
            // Who comes at the same moment is in no order.
            app.clock.advance_minutes(1);
        }
        let pages = |path: &'static str| {
            let app = &app;
            async move {
                let (mut seen, mut cursor) = (Vec::new(), String::new());
                loop {
                    let page = app.get(&format!("{path}&limit=2{cursor}")).await.expect(200);
                    seen.extend(names(&page).into_iter().map(str::to_owned));
                    match page.body["next_cursor"].as_str() {
                        Some(next) => cursor = format!("&cursor={next}"),
                        None => return seen,
                    }
                }
            }
        };
        assert_eq!(pages("/clients?sort=name").await, ["adam", "Ädel", "Bo", "Émile", "Eva", "Zoe"]);
        assert_eq!(pages("/clients?sort=newest").await, ["Eva", "Bo", "Émile", "adam", "Ädel", "Zoe"]);
        assert_eq!(pages("/clients?sort=name&tag=a").await, ["adam", "Émile", "Eva", "Zoe"]);
        assert_eq!(pages("/clients?tag=a").await, ["Eva", "Émile", "adam", "Zoe"]);
        assert_eq!(pages("/clients?tag=a&q=e").await, ["Eva", "Émile"]);
        assert_eq!(pages("/clients?tag=b&sort=name&q=tanzk").await, ["Ädel", "Bo"]);
        assert_eq!(pages("/clients?q=t&sort=name").await.len(), 6);
        app.get("/clients?sort=age").await.expect(422);
        let tags = app.get("/client-tags").await.expect(200);
        assert_eq!(tags.body["items"], json!([
            {"tag": "Tanzkurs", "clients": 6}, {"tag": "a", "clients": 4}, {"tag": "b", "clients": 2},
        ]));
        let bo = app.get("/clients?q=bo").await.body["items"][0].clone();
        let path = format!("/clients/{}", bo["id"].as_str().expect("an id"));
        app.patch(&path, json!({"name": "Zz", "tags": ["a"]})).await.expect(200);
        assert_eq!(pages("/clients?sort=name&tag=a").await, ["adam", "Émile", "Eva", "Zoe", "Zz"]);
        assert!(names(&app.get("/clients?q=bo").await).is_empty());
        app.delete(&path).await.expect(204);
        assert_eq!(app.get("/client-tags").await.body["items"].as_array().expect("tags").len(), 3);
        app.end().await;
    }
}

scenario! {
    async fn a_client_of_an_older_version_is_findable_after_the_start(engine) {
        let app = TestApp::ready(engine).await;
        let id = client(&app, json!({"name": "Ada King", "email": "ada@example.net"})).await;
        let db = &app.app.desk.db;
        db.write(|tx| {
            tx.run("DELETE FROM client_terms", deskbell::args![])?;
            tx.run("UPDATE clients SET name_key = '', email_key = NULL", deskbell::args![])
        })
        .await
        .expect("as before");
        assert!(names(&app.get("/clients?q=king").await).is_empty());
        let (dir, url, token) = (app.dir.clone(), app.app.desk.config.database.url.clone(), app.token.clone());
        app.app.stop().await;
        let mut app = TestApp::start(dir, &url, &[]).await;
        app.token = token;
        assert_eq!(app.get("/clients?q=king").await.body["items"][0]["id"], id);
        app.end().await;
    }
}

scenario! {
    async fn clients_who_are_one_are_found_and_merged_and_documents_stay(engine) {
        let app = TestApp::ready(engine).await;
        let (_, occurrence, grace) = app.given(8).await;
        let twin = client(&app, json!({"name": "grace  HOPPER", "phone": "+49 30 1234567", "tags": ["VIP"],
            "address": {"city": "Kiel"}, "notes": "Left-handed"})).await;
        let third = client(&app, json!({"name": "G. Hopper", "phone": "(49) 30 123 4567", "email": "g@example.net",
            "notes": "Likes blue"})).await;
        let groups = app.get("/clients/duplicates").await.expect(200);
        let seen: Vec<_> = groups.body["items"].as_array().expect("groups").iter()
            .map(|g| (g["reason"].as_str().expect("why"), g["value"].as_str().expect("what"), g["clients"].as_array().expect("who").len()))
            .collect();
        assert_eq!(seen, [("phone", "49301234567", 2), ("name", "grace hopper", 2)]);
        let first = app.get("/clients/duplicates?limit=1").await.expect(200);
        let cursor = first.body["next_cursor"].as_str().expect("more");
        let second = app.get(&format!("/clients/duplicates?limit=1&cursor={cursor}")).await.expect(200);
        assert_eq!((second.body["items"][0]["reason"].as_str(), second.body["next_cursor"].is_null()), (Some("name"), true));

        let booking = app.book(&occurrence, &twin, 2).await.expect(201).id();
        app.post(&format!("/bookings/{booking}/confirm"), json!({})).await.expect(200);
        let ogg = [b"OggS\0\x02\0\0\0\0\0\0\0\0".to_vec(), vec![0; 2000]].concat();
        app.upload(&format!("/clients/{twin}/audio-notes"), "note.ogg", ogg).await.expect(201);
        app.upload(&format!("/clients/{twin}/files?kind=document"), "a.pdf", b"%PDF-1.7\n%%EOF\n".to_vec()).await.expect(201);
        let invoice = app.get(&format!("/invoices?client_id={twin}")).await.body["items"][0].clone();
        app.post(&format!("/invoices/{}/send", invoice["id"].as_str().expect("an id")), json!({"to": "x@example.org"})).await;

        let merge = |ids: Value, etag: &str| {
            let request = app.request(reqwest::Method::POST, &format!("/clients/{grace}/merge"));
            app.send(request.header("if-match", etag.to_owned()).json(&json!({"other_ids": ids})))
        };
        assert_eq!(merge(json!([grace]), "*").await.expect(422).body["errors"][0]["field"], "other_ids[0]");
        assert_eq!(merge(json!([]), "*").await.expect(422).code(), "invalid_field");
        merge(json!([twin, third]), "\"9\"").await.expect(412);
        let one = merge(json!([twin, third]), "\"1\"").await.expect(200);
        assert_eq!((one.id(), one.header("etag")), (grace.clone(), "\"2\""));
        assert_eq!(one.body["email"], "grace@example.org");
        assert_eq!((one.body["phone"].as_str(), one.body["address"]["city"].as_str()), (Some("+49 30 1234567"), Some("Kiel")));
        assert_eq!((one.body["tags"].clone(), one.body["notes"].as_str()), (json!(["VIP"]), Some("Left-handed\n\nLikes blue")));
        assert_eq!(merge(json!([twin]), "*").await.expect(409).code(), "invalid_state");

        assert_eq!(app.get(&format!("/clients/{twin}")).await.expect(200).id(), grace, "an old link leads on");
        app.delete(&format!("/clients/{twin}")).await.expect(404);
        assert_eq!(names(&app.get("/clients?sort=name").await), ["Grace Hopper"]);
        assert_eq!(names(&app.get("/clients").await), ["Grace Hopper"]);
        assert_eq!(names(&app.get("/clients?q=hopper").await), ["Grace Hopper"]);
        assert!(app.get("/clients/duplicates").await.body["items"].as_array().expect("groups").is_empty());
        for path in ["/bookings?client_id=", "/invoices?client_id=", "/mails?client_id="] {
            let list = app.get(&format!("{path}{grace}")).await.expect(200);
            assert!(list.body["items"].as_array().expect("rows").len() <= 1, "{path}");
        }
        assert_eq!(app.get(&format!("/bookings?client_id={grace}")).await.body["items"][0]["id"], booking);
        let found = app.get(&format!("/invoices?client_id={grace}")).await.body["items"][0].clone();
        assert_eq!(found, invoice, "a document stays as it was issued");
        assert_eq!(app.get(&format!("/clients/{grace}/audio-notes")).await.body["items"].as_array().expect("one").len(), 1);
        assert_eq!(app.get(&format!("/clients/{grace}/files")).await.body["items"].as_array().expect("one").len(), 1);
        let summary = app.get(&format!("/clients/{twin}/summary")).await.expect(200).body;
        assert_eq!((summary["bookings"].as_i64(), summary["upcoming"].as_i64(), summary["invoices"].as_i64()), (Some(1), Some(1), Some(1)));
        assert_eq!((summary["audio_notes"].as_i64(), summary["files"].as_i64()), (Some(1), Some(1)));
        assert_eq!(summary["balance_due"], json!({"amount": 9800, "currency": "EUR"}));
        assert_eq!(summary["invoiced"]["amount"], 9800);
        // Who books by an old address is the one that stayed, and so is who is merged once more.
        let booked = app.post("/bookings", json!({"occurrence_id": occurrence, "seats": 1,
            "client": {"name": "G", "email": "g@example.net"}})).await.expect(201);
        assert_eq!(booked.body["client_id"], grace);
        let last = client(&app, json!({"name": "Rear Admiral"})).await;
        app.post(&format!("/clients/{last}/merge"), json!({"other_ids": [grace]})).await.expect(200);
        assert_eq!(app.get(&format!("/clients/{third}")).await.expect(200).id(), last);
        assert_eq!(app.get(&format!("/invoices?client_id={last}")).await.body["items"][0]["id"], invoice["id"]);
        app.delete(&format!("/clients/{last}")).await.expect(409);
        let audit = app.get("/audit-log?limit=200").await.expect(200);
        let merges = audit.body["items"].as_array().expect("entries").iter().filter(|e| e["action"] == "merge").count();
        assert_eq!(merges, 2);
        app.end().await;
    }
}

scenario! {
    async fn an_import_says_first_what_it_does_then(engine) {
        let app = TestApp::ready(engine).await;
        let known = client(&app, json!({"name": "Ada", "email": "ada@example.org", "phone": "1", "notes": "Old"})).await;
        let rows = json!([
            {"name": "Ada King", "email": "ADA@example.org", "tags": ["VIP"], "notes": "New"},
            {"name": "", "email": "x"},
            {"name": "Bo", "email": "bo@example.org"},
            {"name": "Bo again", "email": "bo@example.org"},
            {"name": "No address"},
        ]);
        let import = |dry_run: bool, how: &str| app.post("/clients/import", json!({"rows": rows, "dry_run": dry_run, "on_duplicate": how}));
        let outcomes = |reply: &Reply| -> Vec<String> {
            let rows = reply.body["rows"].as_array().expect("rows");
            rows.iter().map(|row| row["outcome"].as_str().expect("one").to_owned()).collect()
        };
        let dry = import(true, "skip").await.expect(200);
        assert_eq!(outcomes(&dry), ["skipped", "wrong", "created", "skipped", "created"]);
        assert_eq!(dry.body["rows"][0]["client_id"], known);
        let wrong: Vec<_> = dry.body["rows"][1]["errors"].as_array().expect("two").iter().map(|e| e["field"].clone()).collect();
        assert_eq!(wrong, ["name", "email"]);
        assert_eq!(names(&app.get("/clients").await), ["Ada"], "a dry run changes nothing");
        let dry = import(true, "update").await.expect(200);
        let real = import(false, "update").await.expect(200);
        assert_eq!(outcomes(&dry), outcomes(&real));
        assert_eq!(outcomes(&real), ["updated", "wrong", "created", "updated", "created"]);
        assert_eq!((real.body["created"].as_i64(), real.body["updated"].as_i64(), real.body["wrong"].as_i64()), (Some(2), Some(2), Some(1)));
        let ada = app.get(&format!("/clients/{known}")).await.body;
        assert_eq!((ada["name"].as_str(), ada["phone"].as_str(), ada["notes"].as_str()), (Some("Ada King"), Some("1"), Some("Old\n\nNew")));
        assert_eq!(names(&app.get("/clients?sort=name").await), ["Ada King", "Bo again", "No address"]);
        assert_eq!(outcomes(&import(false, "create").await.expect(200))[0], "created");
        assert_eq!(app.get("/clients/duplicates").await.body["items"][0]["value"], "ada@example.org");
        let many: Vec<_> = (0..201).map(|n| json!({"name": format!("N{n}")})).collect();
        let refused = app.post("/clients/import", json!({"rows": many, "dry_run": true, "on_duplicate": "skip"})).await;
        assert_eq!(refused.expect(422).body["errors"][0]["field"], "rows");
        app.end().await;
    }
}

/// Choices with a few that are common and many that are rare.
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % below
    }

    fn skewed<'t>(&mut self, of: &'t [&'t str]) -> &'t str {
        let bound = self.next(of.len()) + 1;
        of[self.next(bound)]
    }
}

const FIRST: &[&str] = &[
    "Anna",
    "Maria",
    "Martin",
    "Thomas",
    "Peter",
    "Julia",
    "Marie",
    "Markus",
    "Andreas",
    "Sabine",
    "Jürgen",
    "Claudia",
    "Stefan",
    "Mario",
    "Mark",
    "Katharina",
    "Lena",
    "Felix",
    "Zoë",
    "Xaver",
    "Quentin",
    "Yvonne",
    "Oskar",
    "Ulrike",
];
const LAST: &[&str] = &[
    "Müller",
    "Schmidt",
    "Schneider",
    "Fischer",
    "Weber",
    "Meyer",
    "Wagner",
    "Becker",
    "Schulz",
    "Hoffmann",
    "Schäfer",
    "Koch",
    "Bauer",
    "Richter",
    "Klein",
    "Wolf",
    "Schröder",
    "Neumann",
    "Schwarz",
    "Zimmermann",
    "Braun",
    "Krüger",
    "Hofmann",
    "Hartmann",
    "Lange",
    "Schmitt",
    "Werner",
    "Schmitz",
    "Krause",
    "Meier",
    "Lehmann",
    "Schmid",
    "Schulze",
    "Maier",
    "Köhler",
    "Herrmann",
    "König",
    "Walter",
    "Mayer",
    "Huber",
    "Kaiser",
    "Fuchs",
    "Peters",
    "Lang",
    "Scholz",
    "Möller",
    "Weiß",
    "Jung",
    "Hahn",
    "Schubert",
    "Vogel",
    "Friedrich",
    "Keller",
    "Günther",
    "Frank",
    "Berger",
];
const CITY: &[&str] = &["Berlin", "Hamburg", "München", "Köln", "Kiel", "Bremen", "Leipzig", "Aachen", "Ulm", "Zossen"];
const TAG: &[&str] = &["Stammgast", "Newsletter", "VIP", "Gutschein", "Firma", "Verein", "Schule"];
const HOUSE: &[&str] = &["gmail.com", "gmx.de", "web.de", "posteo.de", "example.org"];

fn somebody(dice: &mut Dice, n: usize) -> Details {
    let (first, last) = (dice.skewed(FIRST), dice.skewed(LAST));
    // One in three has a name that hardly anybody else has.
    let last = if dice.next(3) == 0 { format!("{last}{}", ["mann", "ing", "owski", "s"][n % 4]) } else { last.into() };
    let name = format!("{first} {last}");
    let email = match dice.next(4) {
        0 => None,
        1 => Some(format!("{}{n}@{}", first.to_lowercase(), dice.skewed(HOUSE))),
        _ => Some(format!("{}.{}{n}@{}", first.to_lowercase(), last.to_lowercase(), dice.skewed(HOUSE))),
    };
    Details {
        name,
        email,
        phone: (dice.next(3) > 0).then(|| format!("+49 15{} {:07}", dice.next(10), dice.next(10_000_000))),
        city: (dice.next(4) > 0).then(|| dice.skewed(CITY).to_owned()),
        tags: (0..dice.next(3)).map(|_| dice.skewed(TAG).to_owned()).collect(),
        ..Details::default()
    }
}

scenario! {
    async fn a_search_for_what_many_have_and_few_have_both_leads_on(engine) {
        let app = TestApp::ready(engine).await;
        let at = app.clock.now();
        let named = |name: &str| Details { name: name.into(), ..Details::default() };
        // The one who has both stands behind more than one look takes in.
        let others = (0..4200).map(|n| named(["Anna Berg", "Maria Dorn"][n % 2]));
        let people: Vec<_> = [named("Anna Maria Zorn")].into_iter().chain(others).collect();
        for chunk in people.chunks(500) {
            let people = chunk.to_vec();
            let write = app.app.desk.db.write(move |tx| {
                let actor = Actor::system(at, "many");
                people.iter().try_for_each(|details| create(tx, &actor, details.clone()).map(|_| ()))
            });
            write.await.expect("written");
        }
        for (query, sort) in [("anna+maria", "newest"), ("anna+maria", "name"), ("an+maria", "newest"), ("an+ma", "name")] {
            let path = format!("/clients?q={query}&sort={sort}&limit=10");
            let (mut found, mut pages, mut cursor) = (Vec::new(), 0, String::new());
            loop {
                let reply = app.get(&format!("{path}{cursor}")).await.expect(200);
                found.extend(names(&reply).into_iter().map(str::to_owned));
                pages += 1;
                let Some(next) = reply.body["next_cursor"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!((found, pages), (vec!["Anna Maria Zorn".to_owned()], 2), "{path}");
        }
        // Who has all is found at once.
        let berg = app.get("/clients?q=anna+berg&limit=10").await.expect(200);
        assert_eq!(names(&berg).len(), 10);
        app.end().await;
    }
}

scenario! {
    /// Run by hand; DESKBELL_MANY says how many, 100,000 unless said.
    #[ignore = "takes minutes"]
    async fn a_hundred_thousand_clients_are_found_quickly(engine) {
        let many = std::env::var("DESKBELL_MANY").ok().and_then(|many| many.parse().ok()).unwrap_or(100_000_usize);
        let app = TestApp::ready(engine).await;
        let begun = Instant::now();
        let mut dice = Dice(7);
        let at = app.clock.now();
        for chunk in 0..many.div_ceil(500) {
            let people: Vec<_> = (0..500).map(|n| somebody(&mut dice, chunk * 500 + n)).collect();
            let write = app.app.desk.db.write(move |tx| {
                let actor = Actor::system(at, "many");
                people.iter().try_for_each(|details| create(tx, &actor, details.clone()).map(|_| ()))
            });
            write.await.expect("written");
        }
        println!("{many} clients in {:.1} s", begun.elapsed().as_secs_f64());
        let mut slowest = (Duration::ZERO, String::new());
        for query in [
            "", "q=a", "q=m", "q=z", "q=x", "q=s", "q=ma", "q=mar", "q=marti", "q=schm", "q=schmidt", "q=berlin",
            "q=gmail", "q=4915", "q=49151", "q=491512", "q=anna+schmidt", "q=maria+berlin", "q=m+b", "q=s+m+k", "q=gmail+gmx",
            "q=anna+maria", "q=xaver+zimmermannowski", "q=a+b+c+d+e", "q=martin.w", "q=martin@", "q=anna.schmidt5@", "q=qqq",
            "q=anna+qqq", "tag=VIP", "tag=VIP&q=a", "tag=Schule&q=zossen", "tag=none", "tag=Stammgast&q=gmail+berlin",
            "q=@a", "q=@ann", "q=@anna", "q=@anna.s", "q=@anna.schmidt",
        ] {
            for sort in ["newest", "name"] {
                let path = format!("/clients?{query}&sort={sort}&limit=50");
                let (mut least, mut rows, mut cursor) = (Duration::MAX, 0, None);
                for _ in 0..3 {
                    let begun = Instant::now();
                    let reply = app.get(&path).await.expect(200);
                    least = least.min(begun.elapsed());
                    rows = names(&reply).len();
                    cursor = reply.body["next_cursor"].as_str().map(str::to_owned);
                }
                let further = match cursor {
                    Some(cursor) => {
                        let begun = Instant::now();
                        app.get(&format!("{path}&cursor={cursor}")).await.expect(200);
                        begun.elapsed()
                    }
                    None => Duration::ZERO,
                };
                let ms = |time: Duration| time.as_secs_f64() * 1000.0;
                println!("{query:32} {sort:6} {rows:3} rows {:7.1} ms, next page {:7.1} ms", ms(least), ms(further));
                if least.max(further) > slowest.0 {
                    slowest = (least.max(further), path);
                }
            }
        }
        for path in ["/client-tags", "/clients/duplicates"] {
            let begun = Instant::now();
            app.get(path).await.expect(200);
            println!("{path}: {:.1} ms", begun.elapsed().as_secs_f64() * 1000.0);
        }
        println!("slowest: {:.1} ms, {}", slowest.0.as_secs_f64() * 1000.0, slowest.1);
        app.end().await;
    }
}
