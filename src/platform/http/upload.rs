//! Files in: a multipart form or the raw body, as a stream of parts; never whole in memory.

use std::sync::Arc;

use base64::Engine as _;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use poem::http::{HeaderMap, header};
use poem::{Request, RequestBody, Result as PoemResult};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchema, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use tokio::sync::Mutex;

use crate::base::error::{Code, Error, Result};
use crate::base::text;

/// Parts of one form; a gallery is not larger.
const MOST_PARTS: usize = 100;

/// The files of a request, one after the other.
pub struct Upload(Source);

enum Source {
    Form { form: Arc<Mutex<multer::Multipart<'static>>>, seen: usize },
    Raw(Option<(Incoming, poem::Body)>),
}

/// What is said of a file before its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The name it had at the client, without folders.
    pub filename: String,
    /// Its size, when the client said it.
    pub size: Option<u64>,
    /// Its SHA-256, when the client said it (`Content-Digest` or `Repr-Digest`, RFC 9530; `Digest`, RFC 3230).
    pub sha256: Option<[u8; 32]>,
}

/// The bytes of a file as they come.
pub type Frames = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes>> + Send>>;

impl Upload {
    /// The next file; none at the end. The bytes of one must be read, or dropped, before the next is asked for.
    ///
    /// # Errors
    /// `bad_request` when the form is malformed or has more than 100 parts.
    pub async fn next(&mut self) -> Result<Option<(Incoming, Frames)>> {
        match &mut self.0 {
            Source::Raw(body) => Ok(body.take().map(|(incoming, body)| (incoming, raw(body)))),
            Source::Form { form, seen } => loop {
                let field = form.lock().await.next_field().await.map_err(|error| broken(&error))?;
                let Some(field) = field else { return Ok(None) };
                *seen += 1;
                if *seen > MOST_PARTS {
                    return Err(Error::new(
                        Code::BadRequest,
                        "A form may have at most 100 parts. Send the rest apart.",
                    ));
                }
                // Other fields of the form are none of ours.
                if field.name() != Some("file") && field.file_name().is_none() {
                    continue;
                }
                let incoming = Incoming {
                    filename: text::file_name(field.file_name().unwrap_or("file")),
                    size: None,
                    sha256: said_sha256(field.headers())?,
                };
                let frames = field.map(|frame| frame.map_err(|error| broken(&error)));
                return Ok(Some((incoming, Box::pin(frames))));
            },
        }
    }
}

/// The SHA-256 that a client says of the bytes: `sha-256=:…:` (RFC 9530 §2, a structured field) or `SHA-256=…`
/// (RFC 3230). Of several algorithms only this one counts; the others may be there.
fn said_sha256(headers: &HeaderMap) -> Result<Option<[u8; 32]>> {
    for name in ["content-digest", "repr-digest", "digest"] {
        for value in headers.get_all(name).iter().filter_map(|value| value.to_str().ok()) {
            for (algorithm, digest) in value.split(',').filter_map(|member| member.trim().split_once('=')) {
                if !algorithm.eq_ignore_ascii_case("sha-256") {
                    continue;
                }
                let text = digest.trim_start_matches(':').split([':', ';']).next().unwrap_or_default();
                let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok();
                let Some(bytes) = bytes.and_then(|bytes| bytes.try_into().ok()) else {
                    return Err(Error::new(
                        Code::BadRequest,
                        format!("The SHA-256 in {name} is not 32 bytes in base64."),
                    ));
                };
                return Ok(Some(bytes));
            }
        }
    }
    Ok(None)
}

pub(super) fn raw(body: poem::Body) -> Frames {
    Box::pin(body.into_bytes_stream().map(|frame| {
        frame.map_err(|error| Error::new(Code::BadRequest, "The upload broke off. Send it again.").because(error))
    }))
}

fn broken(error: &multer::Error) -> Error {
    Error::new(Code::BadRequest, format!("The form is malformed or broke off: {error}."))
}

/// `filename*` (RFC 8187) before `filename` (RFC 6266 §4.3).
fn disposition_name(value: &str) -> Option<String> {
    let mut plain = None;
    for part in value.split(';').skip(1) {
        let Some((name, text)) = part.trim().split_once('=') else { continue };
        let text = text.trim();
        if name.eq_ignore_ascii_case("filename*") {
            let encoded = text.get(..7).filter(|start| start.eq_ignore_ascii_case("utf-8''")).and(text.get(7..))?;
            return Some(percent_decode(encoded));
        }
        if name.eq_ignore_ascii_case("filename") {
            plain = Some(text.trim_matches('"').replace("\\\"", "\""));
        }
    }
    plain
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let decoded = match (first, behind) {
            (b'%', [high, low, ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|n| u8::try_from(n).ok());
                digit(*high).zip(digit(*low)).map(|(high, low)| high * 16 + low)
            }
            _ => None,
        };
        match decoded {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(if *first == b'+' { b' ' } else { *first });
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn query_filename(request: &Request) -> Option<String> {
    let query = request.original_uri().query()?;
    query.split('&').find_map(|pair| pair.strip_prefix("filename=")).map(percent_decode)
}

impl<'a> ApiExtractor<'a> for Upload {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(_registry: &mut Registry) {}

    fn request_meta() -> Option<MetaRequest> {
        let file = || MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")));
        let form =
            MetaSchema { properties: vec![("file", file())], required: vec!["file"], ..MetaSchema::new("object") };
        Some(MetaRequest {
            description: Some("A form with the part `file`, or the bytes themselves"),
            content: vec![
                MetaMediaType { content_type: "multipart/form-data", schema: MetaSchemaRef::Inline(Box::new(form)) },
                MetaMediaType { content_type: "application/octet-stream", schema: file() },
            ],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> PoemResult<Self> {
        let value = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let content_type = value(&header::CONTENT_TYPE).unwrap_or_default();
        let body = body.take()?;
        if content_type.to_ascii_lowercase().starts_with("multipart/") {
            let boundary = multer::parse_boundary(content_type).map_err(|error| broken(&error))?;
            let stream = body.into_bytes_stream();
            let form = multer::Multipart::new(stream, boundary);
            return Ok(Self(Source::Form { form: Arc::new(Mutex::new(form)), seen: 0 }));
        }
        let filename =
            value(&header::CONTENT_DISPOSITION).and_then(disposition_name).or_else(|| query_filename(request));
        let size = value(&header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
        let incoming = Incoming {
            filename: text::file_name(filename.as_deref().unwrap_or("file")),
            size,
            sha256: said_sha256(request.headers())?,
        };
        Ok(Self(Source::Raw(Some((incoming, body)))))
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderName;

    use super::*;

    #[test]
    fn a_said_sha256_is_read_in_both_spellings() {
        let said = |name: &'static str, value: String| {
            said_sha256(&HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().expect("a header"))]))
        };
        let text = base64::engine::general_purpose::STANDARD.encode([7; 32]);
        let new = said("content-digest", format!("sha-512=:AAAA:, sha-256=:{text}:"));
        assert_eq!(new.expect("good"), Some([7; 32]));
        assert_eq!(said("digest", format!("SHA-256={text}")).expect("good"), Some([7; 32]));
        assert_eq!(said("repr-digest", "sha-512=:AAAA:".into()).expect("good"), None);
        assert!(said("content-digest", "sha-256=:AAAA:".into()).is_err());
    }

    #[test]
    fn the_full_name_goes_before_the_plain_one() {
        let name = disposition_name("attachment; filename=\"Gr__e.pdf\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe.pdf");
        assert_eq!(name.as_deref(), Some("Größe.pdf"));
        assert_eq!(disposition_name("attachment; filename=\"a b.pdf\"").as_deref(), Some("a b.pdf"));
        assert_eq!(percent_decode("100%"), "100%");
    }
}
