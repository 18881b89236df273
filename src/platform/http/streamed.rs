//! A reply that is written while it is sent, for tables too long to hold.
//!
//! Its length is not known before, so it has none; one that fails on the way breaks off, and a client sees that it is
//! not whole (RFC 9112 §8).

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use poem::http::{HeaderValue, header};
use poem::{Body, IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::types::{ToJSON, Type};
use serde::Serialize;

use super::json::Json;
use super::serve::disposition;
use crate::base::error::Result;

/// A file that is written while it is sent. Its chunks are asked for one by one, as fast as the client takes them.
#[derive(Debug)]
pub struct Streamed(Response);

impl Streamed {
    /// A file of these chunks, to be saved under a name.
    pub fn new<S>(content_type: &'static str, filename: &str, chunks: S) -> Self
    where
        S: Stream<Item = Result<Bytes>> + Send + 'static,
    {
        let chunks = chunks.map(|chunk| {
            chunk.map_err(|error| {
                tracing::warn!(%error, "a reply broke off");
                std::io::Error::other(error)
            })
        });
        let mut response = Response::builder()
            .header(header::CONTENT_TYPE, content_type)
            .header(header::CACHE_CONTROL, "no-store")
            .header(header::X_CONTENT_TYPE_OPTIONS, "nosniff")
            .body(Body::from_bytes_stream(chunks));
        if let Ok(value) = HeaderValue::from_str(&disposition(false, filename)) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
        Self(response)
    }
}

impl IntoResponse for Streamed {
    fn into_response(self) -> Response {
        self.0
    }
}

fn csv() -> MetaMediaType {
    MetaMediaType {
        content_type: "text/csv",
        schema: MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary"))),
    }
}

fn whole(content: Vec<MetaMediaType>) -> MetaResponses {
    MetaResponses {
        responses: vec![MetaResponse {
            description: "Done",
            status: Some(200),
            status_range: None,
            content,
            headers: vec![],
        }],
    }
}

impl ApiResponse for Streamed {
    fn meta() -> MetaResponses {
        whole(vec![csv()])
    }

    fn register(_registry: &mut Registry) {}
}

/// A list as JSON, or all of it as a table.
#[derive(Debug)]
pub enum Table<T> {
    /// A page.
    List(Json<T>),
    /// All of it.
    Csv(Streamed),
}

impl<T: Serialize + Send> IntoResponse for Table<T> {
    fn into_response(self) -> Response {
        match self {
            Self::List(list) => list.into_response(),
            Self::Csv(table) => table.into_response(),
        }
    }
}

impl<T: Type + ToJSON + Serialize> ApiResponse for Table<T> {
    fn meta() -> MetaResponses {
        let list = MetaMediaType { content_type: <Json<T> as Payload>::CONTENT_TYPE, schema: T::schema_ref() };
        whole(vec![list, csv()])
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}
