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
        let range = || ("range", "bytes=0-1".to_owned());
        assert_eq!(ask(&[range(), ("if-range", etag)], Method::GET).await.0, 206);
        assert_eq!(ask(&[range(), ("if-range", "\"other\"".into())], Method::GET).await.0, 200);
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
