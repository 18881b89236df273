//! One way out for every stored file: conditions, ranges, chunks (RFC 9110 §8.8, §13, §14).
//!
//! The steps of a request, in this order: read the conditional headers, judge them, read the range, send the head,
//! stream the chunks. `RFC9110.md` beside this file lists the clauses.

use std::ops::Range;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use poem::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Body, Request, RequestBody, Response, Result as PoemResult};
use poem_openapi::payload::Payload;
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};

use super::conditions::{Conditions, Validators, Verdict, judge, range_counts};
use super::range::{Wanted, parse};
use crate::base::error::{Code, Error, Result};
use crate::base::text;
use crate::platform::files::Reader;

/// What a request for a file says: its method, and the headers that decide what is sent.
#[derive(Clone, Debug)]
pub struct Asked {
    head: bool,
    headers: HeaderMap,
}

impl<'a> ApiExtractor<'a> for Asked {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::PoemExtractor];

    type ParamType = ();
    type ParamRawType = ();

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> PoemResult<Self> {
        Ok(Self { head: request.method() == Method::HEAD, headers: request.headers().clone() })
    }
}

/// A file that may be sent.
#[derive(Debug)]
pub struct Download {
    /// Its bytes.
    pub reader: Reader,
    /// SHA-256 of its bytes; the entity tag is made of it.
    pub sha256: [u8; 32],
    /// When it was stored, in seconds since the epoch.
    pub modified: i64,
    /// Its type.
    pub content_type: String,
    /// The name it is saved under.
    pub filename: String,
    /// Whether caches between us and the client may keep it.
    pub public: bool,
}

/// Chromium shows no PDF in a sandboxed frame; a PDF runs in the viewer's own sandbox.
const PDF_POLICY: &str = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'";

/// Types that a browser may show in its window; whatever else is saved (a page from outside must never run here).
const INLINE: &[&str] = &[
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/avif",
    "image/gif",
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "audio/webm",
    "audio/ogg",
    "audio/mpeg",
    "audio/mp4",
    "audio/wav",
    "audio/flac",
    "application/pdf",
];

/// A small document that is made for this one reply and kept nowhere; shown in the browser's window.
#[derive(Debug)]
pub struct Made {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its type.
    pub content_type: &'static str,
    /// The name it is saved under.
    pub filename: String,
}

impl Made {
    /// The reply.
    pub fn answer(self) -> FileReply {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CONTENT_DISPOSITION, value(&disposition(true, &self.filename)));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PDF_POLICY));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        FileReply(reply(StatusCode::OK, headers, Body::from(self.bytes)))
    }
}

impl Download {
    /// The reply to what was asked.
    ///
    /// # Errors
    /// `precondition_failed` (412), `range_not_satisfiable` (416, with its headers).
    pub fn answer(self, asked: &Asked) -> Result<FileReply> {
        let etag = format!("\"{}\"", hex::encode(self.sha256.get(..16).unwrap_or(&self.sha256)));
        let file = Validators { etag: &etag, modified: self.modified };
        let text = |name: HeaderName| asked.headers.get(name).and_then(|value| value.to_str().ok());
        let conditions = Conditions {
            if_match: text(header::IF_MATCH),
            if_unmodified_since: text(header::IF_UNMODIFIED_SINCE),
            if_none_match: text(header::IF_NONE_MATCH),
            if_modified_since: text(header::IF_MODIFIED_SINCE),
            if_range: text(header::IF_RANGE),
        };
        let mut headers = self.headers(&etag);
        match judge(&conditions, &file) {
            Verdict::Proceed => {}
            Verdict::Failed => {
                return Err(Error::new(
                    Code::PreconditionFailed,
                    "The file is not the one you named. Ask for it anew.",
                ));
            }
            Verdict::NotModified => {
                // §15.4.5: the fields that a 200 would have had for the cache, and no others.
                for name in [header::CONTENT_TYPE, header::CONTENT_DISPOSITION, header::ACCEPT_RANGES] {
                    headers.remove(name);
                }
                return Ok(FileReply(reply(StatusCode::NOT_MODIFIED, headers, Body::empty())));
            }
        }
        let size = self.reader.size();
        // §14.2: a range of any other method than GET is ignored; HEAD says what the whole would be.
        let wanted = match text(header::RANGE) {
            Some(range) if !asked.head && range_counts(&conditions, &file) => parse(range, size),
            _ => Wanted::Whole,
        };
        let (status, length, body) = match wanted {
            Wanted::Unsatisfiable => {
                headers.remove(header::CONTENT_DISPOSITION);
                headers.remove(header::CONTENT_TYPE);
                headers.insert(header::CONTENT_RANGE, value(&format!("bytes */{size}")));
                headers.insert(header::CONTENT_LENGTH, HeaderValue::from(0));
                return Ok(FileReply(reply(StatusCode::RANGE_NOT_SATISFIABLE, headers, Body::empty())));
            }
            Wanted::Whole => (StatusCode::OK, size, Parts::One(0..size)),
            Wanted::Parts(parts) => match <[Range<u64>; 1]>::try_from(parts) {
                Ok([part]) => {
                    let range = format!("bytes {}-{}/{size}", part.start, part.end - 1);
                    headers.insert(header::CONTENT_RANGE, value(&range));
                    (StatusCode::PARTIAL_CONTENT, part.end - part.start, Parts::One(part))
                }
                Err(parts) => {
                    let many = Many::new(parts, &self.content_type, size)?;
                    let content_type = format!("multipart/byteranges; boundary={}", many.boundary);
                    headers.insert(header::CONTENT_TYPE, value(&content_type));
                    (StatusCode::PARTIAL_CONTENT, many.length(), Parts::Many(many))
                }
            },
        };
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        let body = if asked.head || length == 0 {
            Body::empty()
        } else {
            match body {
                Parts::One(part) => Body::from_bytes_stream(self.reader.stream(part.start, part.end - part.start)),
                Parts::Many(many) => Body::from_bytes_stream(many.stream(self.reader)),
            }
        };
        Ok(FileReply(reply(status, headers, body)))
    }

    fn headers(&self, etag: &str) -> HeaderMap {
        let inline = INLINE.contains(&self.content_type.as_str());
        let modified = UNIX_EPOCH + Duration::from_secs(u64::try_from(self.modified).unwrap_or(0));
        let mut headers = HeaderMap::new();
        headers.insert(header::ETAG, value(etag));
        headers.insert(header::LAST_MODIFIED, value(&httpdate::fmt_http_date(modified)));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CONTENT_TYPE, value(&self.content_type));
        headers.insert(header::CONTENT_DISPOSITION, value(&disposition(inline, &self.filename)));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        let policy = if self.content_type == "application/pdf" {
            PDF_POLICY
        } else {
            "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        };
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
        headers.insert(
            header::CACHE_CONTROL,
            // Keys are never used twice, but a program may be withdrawn: caches must ask after an hour.
            HeaderValue::from_static(if self.public { "public, max-age=3600" } else { "private, no-cache" }),
        );
        headers
    }
}

enum Parts {
    One(Range<u64>),
    Many(Many),
}

/// Several ranges as `multipart/byteranges` (§14.6).
struct Many {
    boundary: String,
    parts: Vec<(String, Range<u64>)>,
}

impl Many {
    fn new(parts: Vec<Range<u64>>, content_type: &str, size: u64) -> Result<Self> {
        let boundary = hex::encode(text::random::<12>()?);
        let parts = parts
            .into_iter()
            .map(|part| {
                let head = format!(
                    "\r\n--{boundary}\r\nContent-Type: {content_type}\r\nContent-Range: bytes {}-{}/{size}\r\n\r\n",
                    part.start,
                    part.end - 1
                );
                (head, part)
            })
            .collect();
        Ok(Self { boundary, parts })
    }

    fn tail(&self) -> String {
        format!("\r\n--{}--\r\n", self.boundary)
    }

    fn length(&self) -> u64 {
        let bytes = |text: &str| u64::try_from(text.len()).unwrap_or(0);
        let parts: u64 = self.parts.iter().map(|(head, part)| bytes(head) + part.end - part.start).sum();
        parts + bytes(&self.tail())
    }

    fn stream(self, reader: Reader) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
        let tail = Bytes::from(self.tail());
        futures_util::stream::iter(self.parts)
            .flat_map(move |(head, part)| {
                let bytes = reader.clone().stream(part.start, part.end - part.start);
                futures_util::stream::iter([Ok(Bytes::from(head))]).chain(bytes)
            })
            .chain(futures_util::stream::iter([Ok(tail)]))
    }
}

fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
}

/// `Content-Disposition` (RFC 6266 §4) with the name in plain ASCII and in full (RFC 8187 §3.2).
pub(super) fn disposition(inline: bool, filename: &str) -> String {
    use std::fmt::Write as _;
    let kind = if inline { "inline" } else { "attachment" };
    let ascii: String = filename
        .chars()
        .map(|c| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%' | '/') || c == ' ' { c } else { '_' })
        .collect();
    let mut text = format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''");
    for byte in filename.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn reply(status: StatusCode, headers: HeaderMap, body: Body) -> Response {
    let mut response = Response::builder().status(status).body(body);
    *response.headers_mut() = headers;
    response
}

/// The bytes of a file, as the OpenAPI document says them.
#[derive(Debug)]
pub struct FileReply(Response);

impl poem::IntoResponse for FileReply {
    fn into_response(self) -> Response {
        self.0
    }
}

impl Payload for FileReply {
    const CONTENT_TYPE: &'static str = "application/octet-stream";

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }
}

impl ApiResponse for FileReply {
    fn meta() -> MetaResponses {
        let whole = |status, description, content| MetaResponse {
            description,
            status: Some(status),
            status_range: None,
            content,
            headers: vec![],
        };
        let bytes =
            || vec![MetaMediaType { content_type: <Self as Payload>::CONTENT_TYPE, schema: Self::schema_ref() }];
        MetaResponses {
            responses: vec![
                whole(200, "The whole file", bytes()),
                whole(206, "The ranges asked for", bytes()),
                whole(304, "The client has it", vec![]),
                whole(416, "No such range", vec![]),
            ],
        }
    }

    fn register(_registry: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_said_in_ascii_and_in_full() {
        assert_eq!(
            disposition(false, "Rechnung Größe\".pdf"),
            "attachment; filename=\"Rechnung Gr__e_.pdf\"; filename*=UTF-8''Rechnung%20Gr%C3%B6%C3%9Fe%22.pdf"
        );
        assert!(disposition(true, "a.png").starts_with("inline; "));
    }

    #[test]
    fn the_length_of_many_parts_is_what_is_sent() {
        let many = Many::new(vec![0..2, 5..9], "video/mp4", 10).expect("randomness");
        let heads: usize = many.parts.iter().map(|(head, _)| head.len()).sum();
        assert_eq!(many.length(), u64::try_from(heads + 6 + many.tail().len()).expect("small"));
    }
}
