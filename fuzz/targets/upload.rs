//! The reader of forms: whatever the bytes and however they are cut, no panic, an end, and no byte from nowhere.
#![no_main]

use deskbell::platform::http::Upload;
use futures_util::StreamExt as _;
use libfuzzer_sys::fuzz_target;
use poem::{Body, Request};
use poem_openapi::{ApiExtractor, ExtractParamOptions};

fuzz_target!(|input: (u8, &[u8])| {
    let (step, bytes) = input;
    // A whole form around the noise half of the time, so that parts are reached.
    let mut form = Vec::new();
    if step % 2 == 0 {
        form.extend_from_slice(b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n");
    }
    form.extend_from_slice(bytes);
    let size = form.len();
    let frames: Vec<std::io::Result<bytes::Bytes>> =
        form.chunks(usize::from(step).max(1)).map(|frame| Ok(bytes::Bytes::copy_from_slice(frame))).collect();
    let request = Request::builder().content_type("multipart/form-data; boundary=x");
    let request = request.body(Body::from_bytes_stream(futures_util::stream::iter(frames)));
    let (request, mut body) = request.split();
    futures_util::future::FutureExt::now_or_never(async {
        let options = ExtractParamOptions::default();
        let Ok(mut upload) = Upload::from_request(&request, &mut body, options).await else { return };
        let mut got = 0;
        while let Ok(Some((incoming, mut frames))) = upload.next().await {
            assert!(!incoming.filename.is_empty() && !incoming.filename.contains('/'));
            while let Some(Ok(frame)) = frames.next().await {
                got += frame.len();
            }
        }
        assert!(got <= size);
    });
});
