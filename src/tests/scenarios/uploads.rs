use base64::Engine as _;
use reqwest::{Method, RequestBuilder};

use crate::scenario;
use crate::support::{Reply, TestApp};

fn metadata(pairs: &[(&str, &str)]) -> String {
    let encode = |value: &str| base64::engine::general_purpose::STANDARD.encode(value);
    pairs.iter().map(|(name, value)| format!("{name} {}", encode(value))).collect::<Vec<_>>().join(",")
}

fn film(size: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x20ftypisom".to_vec();
    bytes.extend((bytes.len()..size).map(|n| u8::try_from(n % 251).expect("small")));
    bytes
}

fn tus(app: &TestApp, method: Method, path: &str) -> RequestBuilder {
    app.request(method, path).header("tus-resumable", "1.0.0")
}

async fn begin(app: &TestApp, length: usize, pairs: &[(&str, &str)]) -> Reply {
    let request = tus(app, Method::POST, "/uploads").header("upload-length", length);
    app.send(request.header("upload-metadata", metadata(pairs))).await
}

async fn add(app: &TestApp, location: &str, offset: usize, bytes: &[u8]) -> Reply {
    let request = tus(app, Method::PATCH, location).header("upload-offset", offset);
    app.send(request.header("content-type", "application/offset+octet-stream").body(bytes.to_vec())).await
}

async fn offset(app: &TestApp, location: &str) -> Reply {
    app.send(tus(app, Method::HEAD, location)).await
}

scenario! {
    in both homes: async fn an_upload_stops_and_goes_on_until_the_program_shows_it(engine) {
        let app = TestApp::ready(engine).await;
        let (program, _, _) = app.given(4).await;
        let film = film(300_000);
        let begun = begin(&app, film.len(), &[("filename", "Größe.mp4"), ("program_id", &program), ("role", "video")])
            .await
            .expect(201);
        let location = begun.header("location").to_owned();
        assert_eq!((begun.header("upload-offset"), begun.header("tus-resumable")), ("0", "1.0.0"));
        assert!(!begun.header("upload-expires").is_empty());

        add(&app, &location, 0, &film[..100_000]).await.expect(204);
        let wrong = add(&app, &location, 7, &film[7..]).await.expect(409);
        assert_eq!((wrong.code(), wrong.header("tus-resumable")), ("offset_mismatch", "1.0.0"));
        let known = offset(&app, &location).await.expect(200);
        assert_eq!((known.header("upload-offset"), known.header("upload-length")), ("100000", "300000"));
        assert_eq!(known.header("cache-control"), "no-store");
        assert!(known.header("upload-metadata").contains("kind dmlkZW8="));
        let open = app.get("/uploads").await.expect(200);
        assert_eq!((&open.body["items"][0]["offset"], &open.body["items"][0]["role"]), (&100_000.into(), &"video".into()));
        assert!(app.get(&format!("/programs/{program}")).await.expect(200).body["video"].is_null(), "not before it is whole");

        let done = add(&app, &location, 100_000, &film[100_000..]).await.expect(204);
        let media = done.header("media-id").to_owned();
        assert_eq!(done.header("upload-offset"), "300000");
        let program = app.get(&format!("/programs/{program}")).await.expect(200);
        assert_eq!(program.body["video"]["id"], media.as_str());
        assert_eq!(program.body["video"]["filename"], "Größe.mp4");
        let (_, _, bytes) = app.bytes(app.request(Method::GET, &format!("/media/{media}/content"))).await;
        assert!(bytes == film, "the same bytes");
        // The last reply may be lost: the client asks again and hears the same.
        assert_eq!(offset(&app, &location).await.expect(200).header("media-id"), media);
        assert_eq!(add(&app, &location, 300_000, b"").await.expect(204).header("media-id"), media);
        assert_eq!(app.get("/media").await.expect(200).body["items"].as_array().expect("a list").len(), 1);
        assert_eq!(app.get("/uploads").await.expect(200).body["items"].as_array().expect("a list").len(), 0);
        app.end().await;
    }
}

scenario! {
    in both homes: async fn a_recording_of_unknown_length_becomes_a_note(engine) {
        let app = TestApp::ready(engine).await;
        let (_, _, client) = app.given(4).await;
        let begun = app.send(
            tus(&app, Method::POST, "/uploads")
                .header("upload-defer-length", 1)
                .header("upload-metadata", metadata(&[("client_id", &client), ("role", "audio_note"), ("title", "Glaze")])),
        ).await.expect(201);
        let location = begun.header("location").to_owned();
        let mut sound = b"OggS\0\x02\0\0\0\0\0\0\0\0".to_vec();
        sound.resize(2000, 1);
        add(&app, &location, 0, &sound[..700]).await.expect(204);
        let known = offset(&app, &location).await.expect(200);
        assert_eq!((known.header("upload-defer-length"), known.header("upload-offset")), ("1", "700"));
        add(&app, &location, 700, &sound[700..]).await.expect(204);
        let end = tus(&app, Method::PATCH, &location).header("upload-offset", 2000).header("upload-length", 2000);
        let done = app.send(end.header("content-type", "application/offset+octet-stream")).await.expect(204);
        let note = app.get(&format!("/audio-notes/{}", done.header("audio-note-id"))).await.expect(200);
        assert_eq!((&note.body["title"], &note.body["size"]), (&"Glaze".into(), &2000.into()));
        assert_eq!(note.body["client_id"], client.as_str());
        app.end().await;
    }
}

scenario! {
    in both homes: async fn what_cannot_become_a_file_is_refused_and_leaves_nothing(engine) {
        let app = TestApp::ready(engine).await;
        let (program, _, _) = app.given(4).await;
        let large = begin(&app, 9 << 30, &[("kind", "video")]).await.expect(413);
        assert_eq!(large.code(), "too_large");
        assert_eq!(begin(&app, 10, &[("kind", "svg")]).await.expect(422).body["errors"][0]["field"], "kind");
        let nobody = begin(&app, 10, &[("program_id", "0190f1c2-7b3a-7cc0-8000-000000000001"), ("role", "poster")]).await;
        assert_eq!(nobody.expect(404).code(), "not_found");
        assert_eq!(app.send(tus(&app, Method::POST, "/uploads")).await.expect(400).code(), "bad_request");
        let old = app.request(Method::POST, "/uploads").header("tus-resumable", "0.2.2").header("upload-length", 3);
        let old = app.send(old).await.expect(412);
        assert_eq!((old.header("tus-version"), old.header("tus-resumable")), ("1.0.0", "1.0.0"));

        // A page that calls itself a picture: refused at the bytes, and the upload is gone.
        let page = format!("<!doctype html>{}", "x".repeat(600));
        let begun = begin(&app, page.len(), &[("program_id", &program), ("role", "image"), ("filename", "a.png")]).await;
        let location = begun.expect(201).header("location").to_owned();
        assert_eq!(add(&app, &location, 0, page.as_bytes()).await.expect(415).code(), "unsupported_media_type");
        assert_eq!(offset(&app, &location).await.status, 404);
        let more = begin(&app, 1000, &[("kind", "video")]).await.expect(201).header("location").to_owned();
        assert_eq!(add(&app, &more, 0, &film(2000)).await.expect(413).code(), "too_large");
        let plain = tus(&app, Method::PATCH, &more).header("upload-offset", 0).body("x");
        assert_eq!(app.send(plain).await.expect(415).code(), "unsupported_media_type");
        app.send(tus(&app, Method::DELETE, &more)).await.expect(204);
        assert_eq!(offset(&app, &more).await.status, 404);
        app.end().await;
    }
}

scenario! {
    in both homes: async fn a_piece_is_checked_and_comes_with_the_beginning(engine) {
        let app = TestApp::ready(engine).await;
        let film = film(5000);
        let sum = |bytes: &[u8]| {
            let sum = base64::engine::general_purpose::STANDARD.encode(deskbell::base::text::sha256(bytes));
            format!("sha256 {sum}")
        };
        let request = tus(&app, Method::POST, "/uploads")
            .header("upload-length", film.len())
            .header("upload-metadata", metadata(&[("kind", "video")]))
            .header("upload-checksum", sum(&film[..2000]))
            .header("content-type", "application/offset+octet-stream");
        let begun = app.send(request.body(film[..2000].to_vec())).await.expect(201);
        assert_eq!(begun.header("upload-offset"), "2000");
        let location = begun.header("location").to_owned();
        let piece = |checksum: String| {
            let request = tus(&app, Method::PATCH, &location).header("upload-offset", 2000);
            let request = request.header("upload-checksum", checksum).body(film[2000..].to_vec());
            app.send(request.header("content-type", "application/offset+octet-stream"))
        };
        assert_eq!(piece(sum(b"other")).await.expect(460).code(), "checksum_mismatch");
        assert_eq!(piece("crc32 AAAA".into()).await.expect(400).code(), "bad_request");
        assert_eq!(offset(&app, &location).await.expect(200).header("upload-offset"), "2000");
        assert!(!piece(sum(&film[2000..])).await.expect(204).header("media-id").is_empty());

        // The same for an upload in one go (RFC 9530).
        let send = |bytes: &[u8]| {
            let digest = base64::engine::general_purpose::STANDARD.encode(deskbell::base::text::sha256(bytes));
            let request = app.request(Method::POST, "/media?kind=video&filename=a.mp4").body(film.clone());
            app.send(request.header("content-digest", format!("sha-256=:{digest}:")).header("content-type", "video/mp4"))
        };
        send(&film).await.expect(201);
        assert_eq!(send(b"other").await.expect(460).code(), "checksum_mismatch");
        app.end().await;
    }
}

scenario! {
    in both homes: async fn an_upload_is_its_owners_alone_and_ends_after_a_day(engine) {
        let app = TestApp::ready(engine).await;
        let location = begin(&app, 5000, &[("kind", "video")]).await.expect(201).header("location").to_owned();
        add(&app, &location, 0, &film(5000)[..1000]).await.expect(204);
        app.post("/staff", serde_json::json!({
            "name": "Bob", "email": "bob@example.org", "password": "another horse battery", "role": "staff",
        })).await.expect(201);
        let login = app.post("/auth/login", serde_json::json!({
            "email": "bob@example.org", "password": "another horse battery",
        })).await.expect(201);
        let cookie = login.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        let as_bob = |method| app.http.request(method, format!("{}{location}", app.url)).header("cookie", cookie.clone());
        let other = app.send(as_bob(Method::HEAD).header("tus-resumable", "1.0.0")).await;
        assert_eq!(other.status, 404);
        let nobody = app.http.head(format!("{}{location}", app.url)).header("tus-resumable", "1.0.0");
        assert_eq!(app.send(nobody).await.status, 401);

        app.clock.advance_minutes(25 * 60);
        assert_eq!(add(&app, &location, 1000, &film(5000)[1000..]).await.expect(410).code(), "gone");
        deskbell::app::worker::sweep(&app.app.desk).await.expect("swept");
        assert_eq!(offset(&app, &location).await.status, 404);
        assert_eq!(std::fs::read_dir(app.dir.join("files/resumable")).expect("the folder").count(), 0);
        app.end().await;
    }
}

scenario! {
    in both homes: async fn limits_are_settings_and_said_before_the_upload(engine) {
        let app = TestApp::ready(engine).await;
        let limits = app.get("/media/limits").await.expect(200).body;
        assert_eq!(limits["items"][2]["kind"], "video");
        assert_eq!((&limits["items"][2]["max_size"], &limits["items"][2]["write_size"]), (&(8_u64 << 30).into(), &(2 << 20).into()));
        let small = serde_json::json!({"upload_limits": {"video": 2048}});
        app.patch("/settings", small).await.expect(200);
        assert_eq!(app.get("/media/limits").await.expect(200).body["items"][2]["max_size"], 2048);
        assert_eq!(app.upload("/media?kind=video", "a.mp4", film(2049)).await.expect(413).code(), "too_large");
        app.upload("/media?kind=video", "a.mp4", film(2048)).await.expect(201);
        assert_eq!(begin(&app, 2049, &[("kind", "video")]).await.expect(413).code(), "too_large");
        let options = app.send(app.request(Method::OPTIONS, "/uploads")).await.expect(204);
        assert_eq!(options.header("tus-max-size"), (256_u64 << 20).to_string());
        assert!(options.header("tus-extension").contains("creation-defer-length"));
        let wrong = app.patch("/settings", serde_json::json!({"upload_limits": {"audio": 0}})).await.expect(422);
        assert_eq!(wrong.body["errors"][0]["field"], "upload_limits.audio");
        app.end().await;
    }
}
