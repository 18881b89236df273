use reqwest::Method;

use crate::scenario;
use crate::support::TestApp;

fn film(size: usize) -> Vec<u8> {
    let mut bytes = b"\0\0\0\x20ftypisom\0\0\x02\0".to_vec();
    bytes.extend((bytes.len()..size).map(|n| u8::try_from(n % 251).expect("small")));
    bytes
}

scenario! {
    in both homes: async fn a_file_is_served_with_everything_a_client_needs(engine) {
        let app = TestApp::ready(engine).await;
        let bytes = film(1_000_000);
        let raw = app.request(Method::POST, "/media?kind=video&filename=Gr%C3%B6%C3%9Fe.mp4").body(bytes.clone());
        let made = app.send(raw).await.expect(201);
        assert_eq!(made.body["filename"], "Größe.mp4");
        assert_eq!(made.body["sha256"], hex::encode(deskbell::base::text::sha256(&bytes)));
        let path = format!("/media/{}/content", made.id());
        let ask = |headers: &[(&'static str, String)], method: Method| {
            let mut request = app.request(method, &path);
            for (name, value) in headers {
                request = request.header(*name, value);
            }
            app.bytes(request)
        };
        let (status, head, body) = ask(&[], Method::GET).await;
        assert_eq!((status.as_u16(), &body), (200, &bytes));
        for (name, value) in [
            ("accept-ranges", "bytes"), ("content-length", "1000000"), ("content-type", "video/mp4"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(head[name], value);
        }
        assert!(head["content-disposition"].to_str().expect("ASCII").contains("filename*=UTF-8''Gr%C3%B6%C3%9Fe.mp4"));
        let etag = head["etag"].to_str().expect("ASCII").to_owned();
        let modified = head["last-modified"].to_str().expect("ASCII").to_owned();
        let (status, also, body) = ask(&[], Method::HEAD).await;
        assert_eq!((status.as_u16(), body.len(), &also["content-length"]), (200, 0, &head["content-length"]));

        let (status, head, body) = ask(&[("range", "bytes=0-1".into())], Method::GET).await;
        assert_eq!((status.as_u16(), body.as_slice()), (206, &bytes[..2]));
        assert_eq!(head["content-range"], "bytes 0-1/1000000");
        let (_, _, body) = ask(&[("range", "bytes=-300000".into())], Method::GET).await;
        assert_eq!(body, bytes[700_000..]);
        let (status, head, body) = ask(&[("range", "bytes=0-1,500000-500002".into())], Method::GET).await;
        assert_eq!(status, 206);
        assert!(head["content-type"].to_str().expect("ASCII").starts_with("multipart/byteranges; boundary="));
        assert_eq!(head["content-length"].to_str().expect("ASCII"), body.len().to_string());
        assert!(String::from_utf8_lossy(&body).contains("Content-Range: bytes 500000-500002/1000000"));
        let (status, head, _) = ask(&[("range", "bytes=1000000-".into())], Method::GET).await;
        assert_eq!(status, 416);
        assert_eq!(head["content-range"], "bytes */1000000");

        assert_eq!(ask(&[("if-none-match", etag.clone())], Method::GET).await.0, 304);
        assert_eq!(ask(&[("if-modified-since", modified)], Method::GET).await.0, 304);
        assert_eq!(ask(&[("if-match", "\"other\"".into())], Method::GET).await.0, 412);
        let early = || "Sun, 06 Nov 1994 08:49:37 GMT".to_owned();
        assert_eq!(ask(&[("if-unmodified-since", early())], Method::GET).await.0, 412);
        assert_eq!(ask(&[("range", "bytes=0-1".into()), ("if-range", early())], Method::GET).await.0, 200);
        assert_eq!(ask(&[("range", "bytes=0-1".into())], Method::HEAD).await.0, 200);
        let (status, head, _) = ask(&[("if-none-match", "*".into())], Method::HEAD).await;
        assert_eq!((status.as_u16(), head["etag"].to_str().expect("ASCII")), (304, etag.as_str()));
        let range = || ("range", "bytes=0-1".to_owned());
        assert_eq!(ask(&[range(), ("if-range", etag)], Method::GET).await.0, 206);
        assert_eq!(ask(&[range(), ("if-range", "\"other\"".into())], Method::GET).await.0, 200);
        app.end().await;
    }
}

/// A file with holes, which costs no disk: recorded as if it had been sent.
async fn with_holes(app: &TestApp, size: u64) -> String {
    let key = format!("{:032x}", u128::from(size) + 0xabcd);
    let folder = app.dir.join("files").join(&key[..2]).join(&key[2..4]);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::File::create(folder.join(&key)).expect("made").set_len(size).expect("sized");
    let stored = deskbell::platform::files::Stored { key, size, sha256: [7; 32], content_type: "application/pdf" };
    let actor = deskbell::base::actor::Actor::system(app.clock.now(), "test");
    let kind = deskbell::platform::files::Kind::Document;
    let record = move |tx: &mut dyn deskbell::platform::db::Tx| {
        deskbell::business::media::actions::record(tx, &actor, kind, "a.pdf", &stored)
    };
    app.app.desk.db.write(record).await.expect("recorded").id.to_string()
}

scenario! {
    async fn a_file_over_4_gib_and_an_empty_one_are_served_as_any_other(engine) {
        let app = TestApp::ready(engine).await;
        let size = (5_u64 << 30) + 3;
        let path = format!("/media/{}/content", with_holes(&app, size).await);
        let head = app.send(app.request(Method::HEAD, &path)).await.expect(200);
        assert_eq!(head.header("content-length"), size.to_string());
        let ask = |range: &str| app.bytes(app.request(Method::GET, &path).header("range", range.to_owned()));
        let (status, head, body) = ask("bytes=-5").await;
        assert_eq!((status.as_u16(), body.as_slice()), (206, &[0; 5][..]));
        assert_eq!(head["content-range"], format!("bytes {}-{}/{size}", size - 5, size - 1));
        let (status, head, body) = ask(&format!("bytes=0-0,{}-{}", 5_u64 << 30, u64::MAX)).await;
        assert_eq!((status.as_u16(), head["content-length"].to_str().expect("ASCII")), (206, &*body.len().to_string()));
        assert!(String::from_utf8_lossy(&body).contains(&format!("bytes {}-{}/{size}", 5_u64 << 30, size - 1)));
        assert_eq!(ask(&format!("bytes={size}-")).await.0, 416);

        let empty = format!("/media/{}/content", with_holes(&app, 0).await);
        let (status, head, body) = app.bytes(app.request(Method::GET, &empty)).await;
        assert_eq!((status.as_u16(), &head["content-length"], body.len()), (200, &"0".parse().expect("ASCII"), 0));
        let (status, head, _) = app.bytes(app.request(Method::GET, &empty).header("range", "bytes=0-")).await;
        assert_eq!(status, 416);
        assert_eq!(head["content-range"], "bytes */0");
        app.end().await;
    }
}

scenario! {
    async fn a_client_that_leaves_in_the_middle_gives_its_share_back(engine) {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let app = TestApp::ready(engine).await;
        let id = with_holes(&app, 1 << 30).await;
        let mut leaving = Vec::new();
        for _ in 0..20 {
            let mut stream = tokio::net::TcpStream::connect(app.app.address).await.expect("connected");
            let head = format!(
                "GET /api/v1/media/{id}/content HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\r\n",
                app.token
            );
            stream.write_all(head.as_bytes()).await.expect("asked");
            stream.read_exact(&mut [0; 10_000]).await.expect("begun");
            leaving.push(stream);
        }
        assert!(app.app.desk.files.usage().in_flight > 0, "downloads hold their share");
        drop(leaving);
        for _ in 0..500 {
            if app.app.desk.files.usage().in_flight == 0 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        assert_eq!(app.app.desk.files.usage().in_flight, 0);
        app.end().await;
    }
}

scenario! {
    in both homes: async fn what_is_refused_leaves_nothing(engine) {
        let app = TestApp::ready(engine).await;
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec();
        let refused = app.upload("/media?kind=image", "a.png", svg).await;
        assert_eq!(refused.expect(415).code(), "unsupported_media_type");
        let mut large = b"\x89PNG\r\n\x1a\n".to_vec();
        large.resize((32 << 20) + 1, 0);
        assert_eq!(app.upload("/media?kind=image", "a.png", large).await.expect(413).code(), "too_large");
        let empty = app.request(Method::POST, "/media?kind=image").multipart(reqwest::multipart::Form::new());
        assert_eq!(app.send(empty).await.expect(400).code(), "bad_request");
        assert_eq!(app.get("/media").await.body["items"].as_array().expect("rows").len(), 0);
        app.end().await;
    }
}

scenario! {
    in both homes: async fn a_removed_file_goes_with_its_row(engine) {
        let app = TestApp::ready(engine).await;
        let made = app.upload("/media?kind=video", "film.mp4", film(5000)).await.expect(201);
        app.delete(&format!("/media/{}", made.id())).await.expect(204);
        app.get(&format!("/media/{}/content", made.id())).await.expect(404);
        app.settled().await;
        let left = app.app.desk.files.keys(std::time::Duration::ZERO).await.expect("listed");
        assert!(left.is_empty(), "the bytes are gone too: {left:?}");
        app.end().await;
    }
}

scenario! {
    async fn who_goes_takes_the_files_along(engine) {
        let app = TestApp::ready(engine).await;
        let (program, _, client) = app.given(4).await;
        let other = app.post("/clients", serde_json::json!({"name": "Ada"})).await.expect(201).id();
        let mut sound = b"OggS\0\x02\0\0\0\0\0\0\0\0".to_vec();
        sound.resize(2000, 1);
        for who in [&client, &other] {
            app.upload(&format!("/clients/{who}/audio-notes"), "note.ogg", sound.clone()).await.expect(201);
        }
        app.upload(&format!("/programs/{program}/video"), "a.mp4", film(5000)).await.expect(201);
        app.settled().await;
        let kept = || async { app.app.desk.files.keys(std::time::Duration::ZERO).await.expect("listed").len() };
        assert_eq!(kept().await, 3);
        app.delete(&format!("/clients/{other}")).await.expect(204);
        // Occurrences keep a program; one without them goes.
        let plain = app.post("/programs", serde_json::json!({
            "title": "Walk", "price": {"amount": 0, "currency": "EUR"},
        })).await.expect(201).id();
        app.upload(&format!("/programs/{plain}/video"), "b.mp4", film(6000)).await.expect(201);
        app.delete(&format!("/programs/{plain}")).await.expect(204);
        app.settled().await;
        assert_eq!(kept().await, 2, "the files of who stays are there, and no others");
        app.end().await;
    }
}
