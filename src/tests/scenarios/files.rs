use base64::Engine as _;
use reqwest::Method;
use serde_json::{Value, json};

use crate::scenario;
use crate::support::{Reply, TestApp};

fn ids(reply: &Reply) -> Vec<&str> {
    let items = reply.body["items"].as_array().unwrap_or_else(|| panic!("no rows in {}", reply.body));
    items.iter().map(|row| row["id"].as_str().expect("an id")).collect()
}

fn pdf() -> Vec<u8> {
    b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n".to_vec()
}

scenario! {
    in both homes: async fn a_clients_files_come_whole_or_in_pieces_and_go_with_the_client(engine) {
        let app = TestApp::ready(engine).await;
        let client = app.post("/clients", json!({"name": "Grace"})).await.expect(201).id();
        let path = format!("/clients/{client}/files");
        let first = app.upload(&format!("{path}?kind=document"), "Vertrag.pdf", pdf()).await.expect(201);
        assert_eq!((first.body["kind"].as_str(), first.body["filename"].as_str()), (Some("document"), Some("Vertrag.pdf")));
        assert_eq!(app.upload(&format!("{path}?kind=poster"), "a.png", crate::variants::png(3, 3)).await.expect(422).code(), "invalid_field");
        app.upload(&format!("{path}?kind=document"), "a.exe", b"MZ\0\0".to_vec()).await.expect(415);

        app.clock.advance_minutes(1);
        let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
        let said = format!("filename {},client_id {},role {},kind {}", encode("foto.png"), encode(&client), encode("file"), encode("image"));
        let png = crate::variants::png(40, 30);
        let begun = app.send(app.request(Method::POST, "/uploads").header("tus-resumable", "1.0.0")
            .header("upload-length", png.len()).header("upload-metadata", said)).await.expect(201);
        assert_eq!(app.get("/uploads").await.body["items"][0]["role"], "client_file");
        let done = app.send(app.request(Method::PATCH, begun.header("location")).header("tus-resumable", "1.0.0")
            .header("upload-offset", 0).header("content-type", "application/offset+octet-stream").body(png)).await.expect(204);
        let second = done.header("media-id").to_owned();
        let listed = app.get(&path).await.expect(200);
        assert_eq!(ids(&listed), [second.as_str(), &first.id()]);
        let page = app.get(&format!("{path}?limit=1")).await.expect(200);
        let next = page.body["next_cursor"].as_str().expect("more");
        assert_eq!(ids(&app.get(&format!("{path}?limit=1&cursor={next}")).await), [first.id()]);
        let open = app.http.get(format!("{}/api/v1/media/{second}/content", app.url)).send().await.expect("answered");
        assert_eq!(open.status(), 404, "never for the public");

        let refused = app.delete(&format!("/media/{second}")).await.expect(409);
        assert_eq!((refused.code(), refused.body["detail"].as_str()), ("in_use", Some("This file is a file of the client Grace. Take it out there first.")));
        let other = app.post("/clients", json!({"name": "Bo"})).await.expect(201).id();
        app.delete(&format!("/clients/{other}/files/{second}")).await.expect(404);
        app.delete(&format!("{path}/{second}")).await.expect(204);
        app.get(&format!("/media/{second}")).await.expect(404);
        assert_eq!(app.get(&format!("/clients/{client}/summary")).await.expect(200).body["files"], 1);
        app.delete(&format!("/clients/{client}")).await.expect(204);
        app.get(&format!("/media/{}", first.id())).await.expect(404);
        app.settled().await;
        deskbell::app::worker::sweep(&app.app.desk).await.expect("swept");
        app.end().await;
    }
}

scenario! {
    async fn a_file_says_where_it_is_shown_and_stays_as_long(engine) {
        let app = TestApp::ready(engine).await;
        let (program, _, client) = app.given(4).await;
        let png = || crate::variants::png(20, 20);
        let poster = app.upload(&format!("/programs/{program}/poster"), "Plakat Größe.png", png()).await.expect(201);
        let poster = poster.body["poster"]["id"].as_str().expect("an id").to_owned();
        let images = app.upload(&format!("/programs/{program}/images"), "one.png", png()).await.expect(201);
        let image = images.body["items"][0]["media"]["id"].as_str().expect("an id").to_owned();
        let file = app.upload(&format!("/clients/{client}/files?kind=document"), "a.pdf", pdf()).await.expect(201).id();
        let ogg = [b"OggS\0\x02\0\0\0\0\0\0\0\0".to_vec(), vec![0; 2000]].concat();
        let note = app.upload(&format!("/clients/{client}/audio-notes?title=Call"), "note.ogg", ogg).await.expect(201);
        let sound = app.get("/media?kind=audio").await.body["items"][0]["id"].as_str().expect("an id").to_owned();
        let logo = app.upload("/media?kind=image", "logo.png", png()).await.expect(201).id();
        app.patch("/settings", json!({"invoicing": {"logo_id": logo}})).await.expect(200);
        let spare = app.upload("/media?kind=image", "spare_100%.png", png()).await.expect(201).id();

        for (media, noun, id, role) in [
            (&poster, "program", program.clone(), "poster"),
            (&image, "program", program.clone(), "image"),
            (&file, "client", client.clone(), "file"),
            (&sound, "audio_note", note.id(), "note"),
        ] {
            let usage = app.get(&format!("/media/{media}/usage")).await.expect(200);
            let shown = &usage.body["items"][0];
            assert_eq!((shown["noun"].as_str(), shown["id"].as_str(), shown["role"].as_str()), (Some(noun), Some(id.as_str()), Some(role)));
            assert_eq!(app.delete(&format!("/media/{media}")).await.expect(409).code(), "in_use");
        }
        assert_eq!(app.get(&format!("/media/{sound}/usage")).await.body["items"][0]["title"], "Call");
        assert_eq!(app.get(&format!("/media/{spare}/usage")).await.expect(200).body["items"], json!([]));
        assert_eq!(app.get(&format!("/media/{logo}/usage")).await.body["items"][0]["role"], "logo");
        app.delete(&format!("/media/{logo}")).await.expect(409);
        assert_eq!(ids(&app.get("/media?unused=true").await.expect(200)), [spare.as_str()]);
        let named = |q: &'static str| {
            let app = &app;
            async move { app.get(&format!("/media?q={}", crate::clients::encoded(q))).await.expect(200) }
        };
        assert_eq!(ids(&named("GROSSE").await), [poster.as_str()]);
        assert_eq!(ids(&named("0%").await), [spare.as_str()]);
        assert_eq!(named("png").await.body["items"].as_array().expect("rows").len(), 4);

        let etag = app.get(&format!("/programs/{program}")).await.header("etag").to_owned();
        let stale = app.request(Method::DELETE, &format!("/programs/{program}/poster")).header("if-match", "\"1\"");
        app.send(stale).await.expect(412);
        let request = app.request(Method::DELETE, &format!("/programs/{program}/poster")).header("if-match", &etag);
        let bare = app.send(request).await.expect(200);
        assert_eq!((&bare.body["poster"], bare.body["images"].as_array().map(Vec::len)), (&Value::Null, Some(1)));
        assert_ne!(bare.header("etag"), etag);
        app.get(&format!("/media/{poster}")).await.expect(404);
        app.delete(&format!("/programs/{program}/poster")).await.expect(200);
        app.delete(&format!("/programs/{program}/video")).await.expect(200);
        app.delete(&format!("/media/{spare}")).await.expect(204);
        app.end().await;
    }
}

scenario! {
    async fn programs_are_found_by_a_part_of_their_title(engine) {
        let app = TestApp::ready(engine).await;
        let price = json!({"amount": 100, "currency": "EUR"});
        for title in ["Töpfern für Anfänger", "Yoga", "Yoga am Morgen"] {
            app.post("/programs", json!({"title": title, "price": price, "slug": null})).await.expect(201);
        }
        let found = |query: &'static str| {
            let app = &app;
            async move { app.get(&format!("/programs?{query}")).await.expect(200).body["items"].as_array().expect("rows").len() }
        };
        assert_eq!(found("q=ANFANG").await, 1);
        assert_eq!(found("q=yoga").await, 2);
        assert_eq!(found("q=yoga&status=published").await, 0);
        assert_eq!(found("q=").await, 3);
        app.end().await;
    }
}

scenario! {
    async fn an_occurrence_is_dragged_and_never_has_fewer_seats_than_are_taken(engine) {
        let app = TestApp::ready(engine).await;
        let (program, occurrence, client) = app.given(8).await;
        app.book(&occurrence, &client, 3).await.expect(201);
        let path = format!("/occurrences/{occurrence}");
        let etag = app.get(&path).await.expect(200).header("etag").to_owned();
        let drag = |etag: String, body: Value| app.send(app.request(Method::PATCH, &path).header("if-match", etag).json(&body));
        let moved = drag(etag.clone(), json!({"local_starts_at": "2026-12-02T23:30", "duration_minutes": 120})).await.expect(200);
        assert_eq!((moved.body["starts_at"].as_str(), moved.body["ends_at"].as_str()), (Some("2026-12-02T22:30:00Z"), Some("2026-12-03T00:30:00Z")));
        assert_eq!((moved.body["capacity"].as_i64(), moved.body["seats_taken"].as_i64()), (Some(8), Some(3)));
        drag(etag, json!({"local_starts_at": "2026-12-03T10:00"})).await.expect(412);
        let etag = moved.header("etag").to_owned();
        assert_eq!(drag(etag.clone(), json!({"capacity": 2})).await.expect(409).code(), "invalid_state");
        assert_eq!(drag(etag.clone(), json!({"capacity": 3})).await.expect(200).body["seats_left"], 0);
        drag("*".into(), json!({"duration_minutes": 0})).await.expect(422);

        let planned = app.post(&format!("/programs/{program}/occurrences"), json!({"local_starts_at": "2026-12-03T10:00"})).await.expect(201);
        let within = |query: &'static str| {
            let app = &app;
            async move { app.get(&format!("/occurrences?{query}")).await.expect(200) }
        };
        // The first one goes on past midnight in UTC.
        let day = "from=2026-12-03T00:00:00Z&to=2026-12-04T00:00:00Z";
        assert_eq!(ids(&within(day).await), [occurrence.clone(), planned.id()]);
        let first = within("from=2026-12-03T00:00:00Z&to=2026-12-04T00:00:00Z&limit=1").await;
        let next = first.body["next_cursor"].as_str().expect("more");
        assert_eq!(ids(&app.get(&format!("/occurrences?{day}&limit=1&cursor={next}")).await), [planned.id()]);
        assert_eq!(ids(&within("from=2026-12-03T00:30:00Z").await), [planned.id()]);
        app.post(&format!("/occurrences/{}/cancel", planned.id()), json!({})).await.expect(200);
        assert_eq!(ids(&within("status=cancelled").await), [planned.id()]);
        assert_eq!(ids(&within("status=scheduled").await), std::slice::from_ref(&occurrence));
        let by_program = format!("/occurrences?program_id={program}&status=scheduled&from=2026-12-03T00:00:00Z");
        assert_eq!(ids(&app.get(&by_program).await.expect(200)),  std::slice::from_ref(&occurrence));
        app.end().await;
    }
}
