//! Server-sent events (WHATWG HTML §9.2): a reply that goes on for as long as its client listens.

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use poem::http::{HeaderName, HeaderValue, header};
use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};

/// A stream of events.
#[derive(Debug)]
pub struct Events(Response);

impl Events {
    /// These texts, each from [`event`] or [`KEEP_ALIVE`], each sent at once.
    pub fn new<S>(texts: S) -> Self
    where
        S: Stream<Item = String> + Send + 'static,
    {
        let chunks = texts.map(|text| Ok::<_, std::io::Error>(Bytes::from(text)));
        let mut response = Response::builder()
            .header(header::CONTENT_TYPE, "text/event-stream")
            .header(header::CACHE_CONTROL, "no-store")
            .body(Body::from_bytes_stream(chunks));
        // Some proxies gather small replies unless they are told.
        response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
        Self(response)
    }
}

/// A line that says nothing, so that nobody between takes the connection for dead.
pub const KEEP_ALIVE: &str = ":\n\n";

/// One event; `data` is JSON on one line.
pub fn event(name: &str, data: &str) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

impl IntoResponse for Events {
    fn into_response(self) -> Response {
        self.0
    }
}

impl ApiResponse for Events {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "Events, for as long as the client listens",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: "text/event-stream",
                    schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new("string"))),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}
