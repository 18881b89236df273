//! JSON in and out: read with a bound and with the path of what is wrong, written straight from the value.
//!
//! poem-openapi's own payload goes through a tree of values both ways; for a list of 50 rows that is most of the
//! work. The types stay the same, so the OpenAPI document is the same.

use poem::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use poem::{Body, IntoResponse, Request, RequestBody, Response, Result as PoemResult};
use poem_openapi::payload::{ParsePayload, Payload};
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaRequest, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::{ToJSON, Type};
use poem_openapi::{ApiExtractor, ApiExtractorType, ApiResponse, ExtractParamOptions};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::json_writer;
use crate::base::error::{Code, Error, Result};

/// Largest JSON body: an invoice of 100,000 lines with long texts fits.
const MAX_BODY: usize = 32 << 20;

/// A JSON body.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

impl<T: Type> Payload for Json<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Type + DeserializeOwned + Send> ParsePayload for Json<T> {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> PoemResult<Self> {
        Ok(Self(read(request, body).await?))
    }
}

async fn read<T: DeserializeOwned>(request: &Request, body: &mut RequestBody) -> Result<T> {
    let told = request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    match told {
        Some(told) if Json::<String>::check_content_type(told) => {}
        Some(_) => {
            return Err(Error::new(Code::UnsupportedMediaType, "Send JSON: Content-Type: application/json."));
        }
        // Nothing said and nothing sent is an empty object.
        None => {}
    }
    let bytes =
        body.take().map_err(Error::internal)?.into_bytes_limit(MAX_BODY).await.map_err(|error| match error {
            poem::error::ReadBodyError::PayloadTooLarge => {
                Error::new(Code::TooLarge, "The body is over 32 MiB. Send less at once.")
            }
            other => Error::new(Code::BadRequest, "The body broke off.").because(other),
        })?;
    if told.is_none() && !bytes.is_empty() {
        return Err(Error::new(Code::UnsupportedMediaType, "Send JSON: Content-Type: application/json."));
    }
    parse(if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { &bytes })
}

/// Reads JSON; what does not fit the type is a wrong field with its path.
///
/// # Errors
/// `bad_request` when it is not JSON, `invalid_field` when it is another thing than `T`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let inner = error.into_inner();
        if inner.is_data() { wrong_field(&path, &inner.to_string()) } else { not_json(&inner) }
    })?;
    reader.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// Reads a value of JSON as [`parse`] reads its text.
///
/// # Errors
/// `invalid_field` when it is another thing than `T`.
pub fn parse_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T> {
    serde_path_to_error::deserialize(value)
        .map_err(|error| wrong_field(&error.path().to_string(), &error.inner().to_string()))
}

fn not_json(error: &serde_json::Error) -> Error {
    Error::new(Code::BadRequest, format!("The body is not JSON: {error}."))
}

fn wrong_field(path: &str, message: &str) -> Error {
    // serde says the place in the text behind its sentence; the path says it better.
    let message = message.split(" at line ").next().unwrap_or(message);
    if let Some(rest) = message.strip_prefix("missing field `") {
        let name = rest.trim_end_matches('`');
        let field = if path == "." { name.to_owned() } else { format!("{path}.{name}") };
        return Error::field(field, "is required");
    }
    if let Some(rest) = message.strip_prefix("unknown field `") {
        let name = rest.split('`').next().unwrap_or(rest);
        let field = if path == "." || path == name { name.to_owned() } else { path.to_owned() };
        return Error::field(field, "is not a field of this request");
    }
    Error::field(if path == "." { "" } else { path }, message)
}

impl<'a, T: Type + DeserializeOwned + Send> ApiExtractor<'a> for Json<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        <Self as Payload>::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        Some(MetaRequest { description: None, content: vec![media::<Self>()], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> PoemResult<Self> {
        <Self as ParsePayload>::from_request(request, body).await
    }
}

fn media<P: Payload>() -> MetaMediaType {
    MetaMediaType { content_type: P::CONTENT_TYPE, schema: P::schema_ref() }
}

/// A change of some fields: a JSON merge patch (RFC 7396) on the input form `T`.
#[derive(Clone, Debug)]
pub struct Patch<T> {
    changes: serde_json::Value,
    _of: std::marker::PhantomData<fn() -> T>,
}

impl<T: Serialize + DeserializeOwned> Patch<T> {
    /// The input form after the change.
    ///
    /// # Errors
    /// `invalid_field` when the changed form is not a `T`.
    pub fn apply(&self, current: &T) -> Result<T> {
        let mut value = serde_json::to_value(current).map_err(Error::internal)?;
        merge(&mut value, &self.changes);
        parse_value(value)
    }
}

/// RFC 7396 §2.
fn merge(target: &mut serde_json::Value, patch: &serde_json::Value) {
    let Some(patch) = patch.as_object() else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = serde_json::Value::Object(serde_json::Map::new());
    }
    if let Some(target) = target.as_object_mut() {
        for (name, value) in patch {
            if value.is_null() {
                // Absent and null are the same to an input form; null keeps the field known.
                target.insert(name.clone(), serde_json::Value::Null);
            } else {
                merge(target.entry(name.clone()).or_insert(serde_json::Value::Null), value);
            }
        }
    }
}

impl<'a, T: Type> ApiExtractor<'a> for Patch<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        // Any subset of the input's fields; the closed form would need each field optional under another name.
        let content = ["application/json", "application/merge-patch+json"].map(|content_type| MetaMediaType {
            content_type,
            schema: MetaSchemaRef::Inline(Box::new(MetaSchema {
                title: Some(format!("Some fields of {}; null clears one (RFC 7396)", T::name())),
                ..MetaSchema::new("object")
            })),
        });
        Some(MetaRequest { description: Some("A JSON merge patch"), content: content.into(), required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> PoemResult<Self> {
        let changes: serde_json::Value = read(request, body).await?;
        if !changes.is_object() {
            return Err(Error::new(Code::BadRequest, "Send an object with the fields to change.").into());
        }
        Ok(Self { changes, _of: std::marker::PhantomData })
    }
}

/// Bytes of a reply that are set aside at first: a single resource fits, a list of 50 grows four times.
const FIRST: usize = 4 << 10;

fn respond<T: Serialize>(status: StatusCode, headers: HeaderMap, value: &T) -> Response {
    let mut body = Vec::with_capacity(FIRST);
    if let Err(error) = json_writer::write(&mut body, value) {
        return Error::internal(error).into_response();
    }
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from_vec(body));
    response.headers_mut().extend(headers);
    response
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        poem::Error::from(self).into_response()
    }
}

fn meta<T: Type>(status: u16, description: &'static str, names: &[&str]) -> MetaResponses {
    let headers = names
        .iter()
        .map(|name| MetaHeader {
            name: (*name).to_owned(),
            description: None,
            required: false,
            deprecated: false,
            schema: String::schema_ref(),
        })
        .collect();
    let content = vec![media::<Json<T>>()];
    MetaResponses {
        responses: vec![MetaResponse { description, status: Some(status), status_range: None, content, headers }],
    }
}

impl<T: Serialize + Send> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        respond(StatusCode::OK, HeaderMap::new(), &self.0)
    }
}

impl<T: Type + ToJSON + Serialize> ApiResponse for Json<T> {
    fn meta() -> MetaResponses {
        meta::<T>(200, "Done", &[])
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// The entity tag of a row: its version.
fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// A single resource, with its version as `ETag`.
#[derive(Debug)]
pub struct Tagged<T> {
    version: i64,
    body: T,
}

impl<T> Tagged<T> {
    /// `body` at `version`.
    pub fn new(version: i64, body: T) -> Self {
        Self { version, body }
    }
}

impl<T: Serialize + Send> IntoResponse for Tagged<T> {
    fn into_response(self) -> Response {
        let headers = HeaderMap::from_iter([(header::ETAG, etag(self.version))]);
        respond(StatusCode::OK, headers, &self.body)
    }
}

impl<T: Type + ToJSON + Serialize> ApiResponse for Tagged<T> {
    fn meta() -> MetaResponses {
        meta::<T>(200, "The resource", &["ETag"])
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// A new resource: 201 with `Location`, and what else the reply carries.
#[derive(Debug)]
pub struct Created<T> {
    headers: HeaderMap,
    body: T,
}

impl<T> Created<T> {
    /// `body`, found at `location` from now on.
    pub fn at(location: &str, body: T) -> Self {
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(location) {
            headers.insert(header::LOCATION, value);
        }
        Self { headers, body }
    }

    /// With its version as `ETag`.
    #[must_use]
    pub fn tagged(mut self, version: i64) -> Self {
        self.headers.insert(header::ETAG, etag(version));
        self
    }

    /// With one header more.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }
}

impl<T: Serialize + Send> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        respond(StatusCode::CREATED, self.headers, &self.body)
    }
}

impl<T: Type + ToJSON + Serialize> ApiResponse for Created<T> {
    fn meta() -> MetaResponses {
        meta::<T>(201, "Created", &["Location", "ETag"])
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// Done, and there is nothing to say: 204.
#[derive(Debug, Default)]
pub struct NoContent {
    headers: HeaderMap,
}

impl NoContent {
    /// With one header more.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        let mut response = Response::builder().status(StatusCode::NO_CONTENT).body(Body::empty());
        response.headers_mut().extend(self.headers);
        response
    }
}

impl ApiResponse for NoContent {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "Done",
                status: Some(204),
                status_range: None,
                content: vec![],
                headers: vec![],
            }],
        }
    }

    fn register(_registry: &mut Registry) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, serde::Deserialize)]
    struct Form {
        name: String,
        seats: i64,
        note: Option<String>,
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        let missing = parse::<Form>(br#"{"seats": 1}"#).expect_err("no name");
        assert_eq!((missing.code, missing.fields[0].field.as_str()), (Code::InvalidField, "name"));
        let kind = parse::<Vec<Form>>(br#"[{"name": "a", "seats": "two"}]"#).expect_err("text for a number");
        assert_eq!(kind.fields[0].field, "[0].seats");
        assert!(!kind.fields[0].message.contains("line"));
        assert_eq!(parse::<Form>(b"{\"name\":").expect_err("cut off").code, Code::BadRequest);
        assert_eq!(parse::<Form>(b"{} x").expect_err("more behind").code, Code::InvalidField);
    }

    #[test]
    fn a_merge_patch_changes_what_it_names_and_null_clears() {
        let form = Form { name: "a".into(), seats: 1, note: Some("n".into()) };
        let patch = |json: &str| Patch::<Form> {
            changes: serde_json::from_str(json).expect("json"),
            _of: std::marker::PhantomData,
        };
        let changed = patch(r#"{"seats": 2, "note": null}"#).apply(&form).expect("good");
        assert_eq!(changed, Form { name: "a".into(), seats: 2, note: None });
        let wrong = patch(r#"{"name": null}"#).apply(&form).expect_err("a name is needed");
        assert_eq!(wrong.fields[0].field, "name");
    }
}
