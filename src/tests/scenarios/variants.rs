//! What is found in a file after its upload, and who sees what of it.

use deskbell::args;
use deskbell::base::actor::Actor;
use deskbell::business::media;
use deskbell::platform::db::Tx;
use deskbell::platform::files::{Kind, Plan};
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::json;

use crate::scenario;
use crate::support::{Reply, TestApp};

/// Stands in a photo's metadata as a camera writes it.
const PLACE: &[u8] = b"52.5200N 13.4050E";

/// A photo that lies on its side (Exif 6: red at the left comes on top), with the place where it was taken.
fn photo(width: u16, height: u16) -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0".to_vec();
    exif.extend(PLACE);
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.add_exif_metadata(&exif).expect("short");
    let pixels: Vec<u8> = (0..height)
        .flat_map(|_| (0..width).flat_map(|x| if x < width / 2 { [220, 10, 10] } else { [10, 10, 220] }))
        .collect();
    encoder.encode(&pixels, width, height, jpeg_encoder::ColorType::Rgb).expect("encoded");
    file
}

pub fn png(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("written");
    writer.write_image_data(&vec![99; (width * height * 3) as usize]).expect("written");
    writer.finish().expect("written");
    file
}

/// As Chromium records a note: Opus in WebM, with no duration in its head.
const NOTE: &[u8] = include_bytes!("../data/note.webm");

fn holds(file: &[u8], words: &[u8]) -> bool {
    file.windows(words.len()).any(|window| window == words)
}

/// Asks without an identity.
async fn as_public(app: &TestApp, method: Method, url: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    app.bytes(app.http.request(method, format!("{}{url}", app.url))).await
}

fn names(media: &Reply) -> Vec<&str> {
    media.body["variants"].as_array().expect("a list").iter().map(|v| v["name"].as_str().expect("a name")).collect()
}

scenario! {
    async fn a_photo_comes_upright_in_sizes_and_the_public_never_learns_where_it_was_taken(engine) {
        let app = TestApp::ready(engine).await;
        let original = photo(1400, 1000);
        let made = app.post("/programs", json!({"title": "Walk", "price": {"amount": 0, "currency": "EUR"}})).await;
        let program = made.expect(201).id();
        let made = app.upload(&format!("/programs/{program}/poster"), "Größe.jpg", original.clone()).await.expect(201);
        let poster = made.body["poster"].clone();
        let id = poster["id"].as_str().expect("an id").to_owned();
        let content = poster["content_url"].as_str().expect("a URL").to_owned();
        app.settled().await;

        let media = app.get(&format!("/media/{id}")).await.expect(200);
        assert_eq!(media.body["processing"], "done", "{}", media.body);
        assert!(media.body["processing_error"].is_null() && media.body["duration_seconds"].is_null());
        assert_eq!((&media.body["width"], &media.body["height"]), (&json!(1000), &json!(1400)));
        assert_eq!(names(&media), ["640.webp", "640.jpg", "320.webp", "320.jpg"]);
        let largest = media.body["variants"][0].clone();
        assert_eq!((&largest["width"], &largest["height"]), (&json!(640), &json!(896)));
        let shown = app.get(&format!("/programs/{program}")).await.expect(200);
        assert_eq!(shown.body["poster"]["variants"], media.body["variants"]);
        let url = largest["content_url"].as_str().expect("a URL").to_owned();
        assert_eq!(url, format!("/api/v1/media/{id}/variants/640.webp"));

        // Of a draft the public sees nothing; the staff sees everything.
        for hidden in [&content, &url] {
            assert_eq!(as_public(&app, Method::GET, hidden).await.0, 404);
            assert_eq!(as_public(&app, Method::HEAD, hidden).await.0, 404);
        }
        let (status, head, bytes) = app.bytes(app.request(Method::GET, &format!("/media/{id}/content"))).await;
        assert_eq!((status.as_u16(), &bytes), (200, &original));
        assert!(head["cache-control"].to_str().expect("ASCII").contains("private"));

        app.patch(&format!("/programs/{program}"), json!({"status": "published"})).await.expect(200);
        let (status, head, copy) = as_public(&app, Method::GET, &content).await;
        assert_eq!((status.as_u16(), &head["content-type"]), (200, &"image/jpeg".parse().expect("a value")));
        assert!(head["cache-control"].to_str().expect("ASCII").contains("public"));
        assert!(holds(&original, PLACE) && !holds(&copy, PLACE), "the public copy has no place");
        assert!(holds(&copy, b"\x01\x12\0\x03\0\0\0\x01\0\x06"), "but still says how it lies");
        let scan = |file: &[u8]| file.windows(2).position(|two| two == b"\xff\xda").expect("a scan");
        assert_eq!(original[scan(&original)..], copy[scan(&copy)..], "and has the same pixels, bit by bit");

        let size = largest["size"].as_u64().expect("a number");
        let (status, head, bytes) = as_public(&app, Method::HEAD, &url).await;
        assert_eq!((status.as_u16(), bytes.len()), (200, 0));
        assert_eq!(head["content-length"], size.to_string());
        assert!(head["content-disposition"].to_str().expect("ASCII").contains("Gr%C3%B6%C3%9Fe-640.webp"));
        let (status, head, smaller) = as_public(&app, Method::GET, &url).await;
        assert_eq!((status.as_u16(), &head["content-type"]), (200, &"image/webp".parse().expect("a value")));
        assert_eq!((smaller.len() as u64, &smaller[..4]), (size, &b"RIFF"[..]));
        assert!(!holds(&smaller, b"EXIF") && !holds(&smaller, PLACE));
        let mut decoder = image_webp::WebPDecoder::new(std::io::Cursor::new(&smaller)).expect("a WebP");
        let mut pixels = vec![0; decoder.output_buffer_size().expect("known")];
        decoder.read_image(&mut pixels).expect("decoded");
        assert!(pixels[0] > 150 && pixels[2] < 80, "red is on top: {:?}", &pixels[..3]);
        let range = app.http.get(format!("{}{url}", app.url)).header("range", "bytes=0-3");
        assert_eq!(app.bytes(range).await.0, 206);
        assert_eq!(as_public(&app, Method::GET, &url.replace("640", "641")).await.0, 404);
        assert_eq!(as_public(&app, Method::GET, &url.replace("640.webp", "public")).await.0, 404);

        app.patch(&format!("/programs/{program}"), json!({"status": "draft"})).await.expect(200);
        for hidden in [&content, &url] {
            assert_eq!(as_public(&app, Method::GET, hidden).await.0, 404);
        }
        app.end().await;
    }
}

scenario! {
    async fn a_picture_that_cannot_be_read_is_marked_with_the_reason_and_stays(engine) {
        let app = TestApp::ready(engine).await;
        let mut cut = png(700, 500);
        cut.truncate(cut.len() - 30);
        let mut bomb = png(10, 10);
        bomb[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
        let made = app.post("/programs", json!({"title": "Walk", "price": {"amount": 0, "currency": "EUR"}, "status": "published"}));
        let program = made.await.expect(201).id();
        for (file, says) in [(cut, "damaged"), (bomb, "50000 x 50000")] {
            let made = app.upload(&format!("/programs/{program}/images"), "a.png", file.clone()).await.expect(201);
            let id = made.body["items"][0]["media"]["id"].as_str().expect("an id").to_owned();
            app.settled().await;
            let media = app.get(&format!("/media/{id}")).await.expect(200);
            assert_eq!(media.body["processing"], "failed");
            let error = media.body["processing_error"].as_str().expect("a sentence");
            assert!(error.contains(says), "{error}");
            assert!(names(&media).is_empty());
            let path = format!("/media/{id}/content");
            assert_eq!(app.bytes(app.request(Method::GET, &path)).await.2, file, "the upload stands");
            // There is no copy without metadata, so the public gets none at all.
            assert_eq!(as_public(&app, Method::GET, &format!("/api/v1{path}")).await.0, 404);
        }
        assert_eq!(app.get("/system/info").await.body["events_failed"], 0);
        app.end().await;
    }
}

scenario! {
    async fn a_spoken_note_gets_its_length_and_its_waveform(engine) {
        let app = TestApp::ready(engine).await;
        let client = app.post("/clients", json!({"name": "Grace Hopper"})).await.expect(201).id();
        let made = app.upload(&format!("/clients/{client}/audio-notes"), "note.webm", NOTE.to_vec()).await.expect(201);
        app.settled().await;
        let note = app.get(&format!("/audio-notes/{}", made.id())).await.expect(200).body;
        let seconds = note["duration_seconds"].as_f64().expect("a number");
        assert!((1.4..1.6).contains(&seconds), "{note}");
        let peaks: Vec<u64> = note["waveform"].as_array().expect("a list").iter().map(|n| n.as_u64().expect("whole")).collect();
        assert!((2..=800).contains(&peaks.len()) && note["waveform"].to_string().len() < 5000);
        let (first, second) = peaks.split_at(peaks.len() / 2);
        assert!(first.iter().max() > Some(&5) && first.iter().all(|peak| *peak <= 100), "it speaks: {peaks:?}");
        assert!(second[second.len() / 4..].iter().all(|peak| *peak <= 1), "and is silent: {peaks:?}");
        let listed = app.get(&format!("/clients/{client}/audio-notes")).await.body;
        assert_eq!(listed["items"][0]["waveform"], note["waveform"]);
        let media = app.get("/media?kind=audio").await.body["items"][0].clone();
        assert_eq!((&media["duration_seconds"], &media["processing"]), (&note["duration_seconds"], &json!("done")));

        let broken = app.upload(&format!("/clients/{client}/audio-notes"), "a.ogg", b"OggS\0\x02 and no more".to_vec()).await;
        app.settled().await;
        let note = app.get(&format!("/audio-notes/{}", broken.expect(201).id())).await.expect(200).body;
        assert_eq!((&note["processing"], note["waveform"].is_null()), (&json!("failed"), true));
        assert!(note["processing_error"].is_string() && note["duration_seconds"].is_null());
        app.end().await;
    }
}

scenario! {
    async fn a_film_says_its_length_and_size_and_a_document_nothing(engine) {
        let app = TestApp::ready(engine).await;
        let atom = |kind: &[u8; 4], content: &[u8]| {
            [&u32::try_from(content.len() + 8).expect("short").to_be_bytes()[..], kind, content].concat()
        };
        let header = atom(b"mvhd", &[&[0; 12][..], &600_u32.to_be_bytes(), &1500_u32.to_be_bytes(), &[0; 80]].concat());
        let film = [atom(b"ftyp", b"isom\0\0\0\0"), atom(b"mdat", &[7; 3000]), atom(b"moov", &header)].concat();
        let film = app.upload("/media?kind=video", "a.mp4", film).await.expect(201).id();
        let paper = app.upload("/media?kind=document", "a.pdf", b"%PDF-1.7\n%%EOF".to_vec()).await.expect(201);
        assert_eq!(paper.body["processing"], "done");
        app.settled().await;
        let film = app.get(&format!("/media/{film}")).await.body;
        assert_eq!((&film["duration_seconds"], &film["processing"]), (&json!(2.5), &json!("done")));
        assert!(film["width"].is_null() && film["variants"].as_array().expect("a list").is_empty());
        app.end().await;
    }
}

scenario! {
    async fn what_was_made_of_a_picture_goes_with_it(engine) {
        let app = TestApp::ready(engine).await;
        let made = app.upload("/media?kind=image", "a.jpg", photo(700, 700)).await.expect(201);
        app.settled().await;
        let files = app.app.desk.files.clone();
        let keys = || files.keys(std::time::Duration::ZERO);
        assert_eq!(keys().await.expect("listed").len(), 6, "the original, the public copy and four sizes");
        app.delete(&format!("/media/{}", made.id())).await.expect(204);
        app.settled().await;
        assert!(keys().await.expect("listed").is_empty());
        app.end().await;
    }
}

scenario! {
    async fn what_was_not_looked_into_before_the_end_is_looked_into_after_the_start(engine) {
        let app = TestApp::ready(engine).await;
        let mut ids = Vec::new();
        for n in 0..5 {
            ids.push(app.upload("/media?kind=image", &format!("{n}.jpg"), photo(900, 600)).await.expect(201).id());
        }
        let (dir, url, token) = (app.dir.clone(), app.app.desk.config.database.url.clone(), app.token.clone());
        app.app.stop().await;
        let mut app = TestApp::start(dir, &url, &[]).await;
        app.token = token;
        app.settled().await;
        for id in ids {
            let media = app.get(&format!("/media/{id}")).await.expect(200);
            assert_eq!((&media.body["processing"], names(&media).len()), (&json!("done"), 2), "{}", media.body);
        }
        app.end().await;
    }
}

scenario! {
    async fn what_the_disk_fails_with_is_tried_again_and_marks_nothing(engine) {
        let app = TestApp::ready(engine).await;
        let desk = &app.app.desk;
        let plan = Plan { kind: Kind::Image, limit: 1 << 20, expected: None, sha256: None };
        let bytes = futures_util::stream::iter([Ok(photo(400, 300).into())]);
        let stored = desk.files.receive(plan, bytes).await.expect("received");
        // Where files are written, nothing can be written.
        let parts = app.dir.join("files/parts");
        std::fs::remove_dir_all(&parts).expect("removed");
        std::fs::write(&parts, b"").expect("written");
        let actor = Actor::system(desk.clock.now(), "test");
        let record = move |tx: &mut dyn Tx| media::actions::record(tx, &actor, Kind::Image, "a.jpg", &stored);
        let id = desk.db.write(record).await.expect("recorded").id;
        desk.nudge.now();
        let path = format!("/media/{id}");
        let failed = move |tx: &mut dyn Tx| tx.number("SELECT COUNT(*) FROM events WHERE error IS NOT NULL", args![]);
        for _ in 0..500 {
            if desk.db.read(failed).await.expect("read") == 1 {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert_eq!(desk.db.read(failed).await.expect("read"), 1, "it was tried");
        let media = app.get(&path).await.expect(200);
        assert_eq!((&media.body["processing"], &media.body["processing_error"]), (&json!("pending"), &json!(null)));
        std::fs::remove_file(&parts).expect("removed");
        std::fs::create_dir(&parts).expect("made");
        app.clock.advance_minutes(1);
        desk.nudge.now();
        app.settled().await;
        let media = app.get(&path).await.expect(200);
        assert_eq!((&media.body["processing"], names(&media).len()), (&json!("done"), 2), "{}", media.body);
        app.end().await;
    }
}
