//! Resumable uploads as tus 1.0.0 speaks them: its headers in, its headers out, bytes as a stream.
//!
//! Clauses by their headings in the protocol (tus.io, "tus resumable upload protocol", 1.0.0).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Body, Endpoint, IntoResponse, Request, RequestBody, Response, Result as PoemResult};
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};

use super::call::RequestId;
use super::frame::refuse;
use super::upload::{Frames, raw};
use crate::base::error::{Code, Error, FieldError, Result};
use crate::platform::files::Checksum;

const VERSION: &str = "1.0.0";
const EXTENSIONS: &str = "creation,creation-with-upload,creation-defer-length,termination,checksum,expiration";
const PIECE: &str = "application/offset+octet-stream";

const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");

/// Wraps an operation: another version is refused (412 with `Tus-Version`), and every reply, also an error, says
/// ours.
pub fn speaks_tus<E: Endpoint>(endpoint: E) -> impl Endpoint<Output = Response> {
    Speaks(endpoint)
}

struct Speaks<E>(E);

impl<E: Endpoint> Endpoint for Speaks<E> {
    type Output = Response;

    async fn call(&self, request: Request) -> PoemResult<Response> {
        let id = request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone());
        // Core Protocol, Tus-Resumable: in every request but OPTIONS.
        let said = request.headers().get(TUS_RESUMABLE);
        let ours = request.method() == Method::OPTIONS || said.is_some_and(|said| said == VERSION);
        let mut response = if ours {
            match self.0.call(request).await {
                Ok(response) => response.into_response(),
                Err(error) => refuse(error, &id),
            }
        } else {
            let detail = "This server speaks tus 1.0.0. Send the header Tus-Resumable: 1.0.0.";
            let mut response = refuse(Error::new(Code::PreconditionFailed, detail).into(), &id);
            response.headers_mut().insert(TUS_VERSION, HeaderValue::from_static(VERSION));
            response
        };
        response.headers_mut().insert(TUS_RESUMABLE, HeaderValue::from_static(VERSION));
        Ok(response)
    }
}

/// `X-HTTP-Method-Override`, for clients that cannot send `PATCH` or `DELETE` (Core Protocol, Headers). It stands
/// only in a `POST` to an upload, so that no other path can be reached by a form.
pub fn method_override(mut request: Request) -> Request {
    let over = |request: &Request| {
        let said = request.headers().get("x-http-method-override")?.to_str().ok()?;
        [Method::PATCH, Method::DELETE, Method::HEAD].into_iter().find(|method| method.as_str() == said)
    };
    if request.method() == Method::POST
        && request.headers().contains_key(TUS_RESUMABLE)
        && let Some(method) = over(&request)
    {
        request.set_method(method);
    }
    request
}

/// `Upload-Metadata`: pairs of a key and a value in base64, separated by commas (Creation, Headers).
///
/// # Errors
/// `invalid_field` for what is not such a list, or is longer than 8 KiB.
pub fn metadata(text: &str) -> Result<BTreeMap<String, String>> {
    let wrong = |message: &str| {
        Error::fields(vec![FieldError { field: "Upload-Metadata".to_owned(), message: message.to_owned() }])
    };
    if text.len() > 8 << 10 {
        return Err(wrong("must have at most 8 KiB"));
    }
    let mut pairs = BTreeMap::new();
    for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).map_err(|_| wrong("must have its values in base64"))?;
        let value = String::from_utf8(value).map_err(|_| wrong("must have text as its values"))?;
        if pairs.insert(key.to_owned(), value).is_some() {
            return Err(wrong("must have each key once"));
        }
    }
    Ok(pairs)
}

/// `Upload-Checksum`: an algorithm and a checksum in base64 (Checksum, Headers).
///
/// # Errors
/// `bad_request` for one that is malformed or of an algorithm that is not taken.
pub fn piece_checksum(text: Option<&str>) -> Result<Option<Checksum>> {
    let Some(text) = text else { return Ok(None) };
    let malformed = || Error::new(Code::BadRequest, "Upload-Checksum must be an algorithm and a checksum in base64.");
    let (algorithm, value) = text.trim().split_once(' ').ok_or_else(malformed)?;
    let said = STANDARD.decode(value.trim()).map_err(|_| malformed())?;
    Checksum::new(algorithm, &said).map(Some)
}

/// A piece of a file, as a stream.
pub struct Octets {
    /// Bytes of the piece, when the client said it.
    pub size: Option<u64>,
    piece: bool,
    frames: Frames,
}

impl Octets {
    /// The bytes, where the request must bring some.
    ///
    /// # Errors
    /// `unsupported_media_type` for another content type than a piece has.
    pub fn required(self) -> Result<(Option<u64>, Frames)> {
        if self.piece {
            return Ok((self.size, self.frames));
        }
        Err(Error::new(Code::UnsupportedMediaType, format!("Send the bytes as {PIECE}.")))
    }

    /// The bytes, where the request may bring some (Creation With Upload).
    pub fn optional(self) -> Option<(Option<u64>, Frames)> {
        self.piece.then_some((self.size, self.frames))
    }
}

impl<'a> ApiExtractor<'a> for Octets {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_registry: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let bytes = MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")));
        Some(MetaRequest {
            description: Some("The bytes that come next"),
            content: vec![MetaMediaType { content_type: PIECE, schema: bytes }],
            required: false,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> PoemResult<Self> {
        let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let piece = text(&header::CONTENT_TYPE).is_some_and(|said| said.trim().eq_ignore_ascii_case(PIECE));
        let size = text(&header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        Ok(Self { size, piece, frames: raw(body.take()?) })
    }
}

/// A reply that is all headers.
#[derive(Debug)]
pub struct TusReply {
    status: StatusCode,
    headers: HeaderMap,
}

impl TusReply {
    fn new(status: StatusCode) -> Self {
        // Core Protocol, HEAD: a cache must not answer for us.
        let headers = HeaderMap::from_iter([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))]);
        Self { status, headers }
    }

    /// 201: the upload exists at this location.
    pub fn created(location: &str) -> Self {
        Self::new(StatusCode::CREATED).with("location", &location)
    }

    /// 200: what is known of an upload.
    pub fn known() -> Self {
        Self::new(StatusCode::OK)
    }

    /// 204: done.
    pub fn done() -> Self {
        Self::new(StatusCode::NO_CONTENT)
    }

    /// 204: what this server speaks (Core Protocol, OPTIONS).
    pub fn abilities(max_size: u64) -> Self {
        let mut reply = Self::done();
        for (name, value) in [
            (TUS_VERSION, HeaderValue::from_static(VERSION)),
            (TUS_EXTENSION, HeaderValue::from_static(EXTENSIONS)),
            (TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static(Checksum::ALGORITHMS)),
            (TUS_MAX_SIZE, HeaderValue::from(max_size)),
        ] {
            reply.headers.insert(name, value);
        }
        reply
    }

    /// With one header more.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &dyn std::fmt::Display) -> Self {
        if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
        self
    }
}

impl IntoResponse for TusReply {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(self.status).body(Body::empty());
        response.headers_mut().extend(self.headers);
        response
    }
}

impl ApiResponse for TusReply {
    fn meta() -> MetaResponses {
        let headers = |names: &[&str]| {
            let header = |name: &&str| MetaHeader {
                name: (*name).to_owned(),
                description: None,
                required: false,
                deprecated: false,
                schema: String::schema_ref(),
            };
            names.iter().map(header).collect()
        };
        let of = |status, description, names: &[&str]| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content: vec![],
            headers: headers(names),
        };
        let known = ["Upload-Offset", "Upload-Length", "Upload-Defer-Length", "Upload-Metadata", "Upload-Expires"];
        let whole = ["Upload-Offset", "Upload-Expires", "Media-Id", "Audio-Note-Id"];
        MetaResponses {
            responses: vec![
                of(200, "How far the upload has come", &known),
                of(201, "The upload is begun", &["Location", "Upload-Offset", "Upload-Expires", "Media-Id"]),
                of(204, "Done; with Media-Id when the file is whole", &whole),
            ],
        }
    }

    fn register(_registry: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_are_pairs_in_base64() {
        let pairs = metadata("kind dmlkZW8=, filename Zmlsbe+8iS5tcDQ=,empty").expect("good");
        assert_eq!(pairs.get("kind").map(String::as_str), Some("video"));
        assert_eq!(pairs.get("empty").map(String::as_str), Some(""));
        for bad in ["kind video!", "a YQ==,a YQ==", "a /w=="] {
            assert_eq!(metadata(bad).expect_err(bad).fields[0].field, "Upload-Metadata");
        }
        assert!(metadata(&"a,".repeat(5000)).is_err());
    }

    #[test]
    fn a_checksum_names_its_algorithm() {
        let sum = STANDARD.encode([0; 20]);
        assert!(piece_checksum(Some(&format!("sha1 {sum}"))).expect("good").is_some());
        assert!(piece_checksum(None).expect("none").is_none());
        for bad in ["sha1", "crc32 AAAA", "sha1 ???", "sha1 AAAA"] {
            assert_eq!(piece_checksum(Some(bad)).expect_err(bad).code, Code::BadRequest);
        }
    }

    #[test]
    fn only_a_post_of_tus_may_be_another_method() {
        let of = |method: Method, tus: bool| {
            let request = Request::builder().method(method).header("x-http-method-override", "PATCH");
            let request = if tus { request.header("tus-resumable", "1.0.0") } else { request };
            method_override(request.finish()).method().clone()
        };
        assert_eq!(of(Method::POST, true), Method::PATCH);
        assert_eq!(of(Method::POST, false), Method::POST);
        assert_eq!(of(Method::GET, true), Method::GET);
    }
}
