//! Errors as problem details (RFC 9457): the one place where a code becomes a status.

use poem::error::{
    MethodNotAllowedError, NotFoundError, ParsePathError, ReadBodyError, ResponseError, SizedLimitError,
};
use poem::http::{HeaderValue, StatusCode, header};
use poem::{Body, Response};
use poem_openapi::error::{ContentTypeError, ParseParamError, ParsePathError as OpenApiPathError};
use poem_openapi::registry::{MetaMediaType, MetaResponse, MetaResponses, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiResponse, Object};
use serde::{Deserialize, Serialize};

use crate::base::error::{Code, Error, FieldError};

/// The status of a code. No wildcard: a new code must choose.
pub fn status(code: Code) -> StatusCode {
    match code {
        Code::BadRequest => StatusCode::BAD_REQUEST,
        Code::Unauthenticated | Code::WrongCredentials | Code::TotpRequired | Code::WrongCode => {
            StatusCode::UNAUTHORIZED
        }
        Code::Forbidden => StatusCode::FORBIDDEN,
        Code::NotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::InvalidState
        | Code::SoldOut
        | Code::NotInvoiced
        | Code::ExceedsBalance
        | Code::AlreadyExists
        | Code::InUse
        | Code::IdempotencyConflict
        | Code::AlreadySetUp
        | Code::OffsetMismatch => StatusCode::CONFLICT,
        Code::Locked => StatusCode::LOCKED,
        Code::Gone => StatusCode::GONE,
        Code::ChecksumMismatch => checksum_mismatch(),
        Code::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::RangeNotSatisfiable => StatusCode::RANGE_NOT_SATISFIABLE,
        Code::InvalidField => StatusCode::UNPROCESSABLE_ENTITY,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Timeout => StatusCode::REQUEST_TIMEOUT,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::DatabaseUnavailable | Code::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Code::InsufficientStorage => StatusCode::INSUFFICIENT_STORAGE,
    }
}

/// 460, as tus names it (tus 1.0.0, Checksum); HTTP has no status of its own for it.
fn checksum_mismatch() -> StatusCode {
    StatusCode::from_u16(460).unwrap_or(StatusCode::BAD_REQUEST)
}

const fn title(code: Code) -> &'static str {
    match code {
        Code::BadRequest => "Bad request",
        Code::Unauthenticated => "Not signed in",
        Code::WrongCredentials => "Wrong e-mail or password",
        Code::TotpRequired => "Code needed",
        Code::WrongCode => "Wrong code",
        Code::Forbidden => "Not allowed",
        Code::NotFound => "Not found",
        Code::MethodNotAllowed => "Method not allowed",
        Code::InvalidState => "Not possible in this state",
        Code::SoldOut => "Sold out",
        Code::NotInvoiced => "Not invoiced yet",
        Code::ExceedsBalance => "More than is open",
        Code::AlreadyExists => "Already exists",
        Code::InUse => "Still in use",
        Code::IdempotencyConflict => "Key used for another request",
        Code::AlreadySetUp => "Already set up",
        Code::OffsetMismatch => "The upload is elsewhere",
        Code::Locked => "In use by another request",
        Code::Gone => "No longer there",
        Code::ChecksumMismatch => "Wrong checksum",
        Code::PreconditionFailed => "Changed meanwhile",
        Code::TooLarge => "Too large",
        Code::UnsupportedMediaType => "Unsupported type",
        Code::RangeNotSatisfiable => "No such range",
        Code::InvalidField => "Some fields need attention",
        Code::RateLimited => "Too many requests",
        Code::Timeout => "Too slow",
        Code::Internal => "Internal error",
        Code::DatabaseUnavailable => "Database not available",
        Code::Unavailable => "Not available",
        Code::InsufficientStorage => "Disk full",
    }
}

/// A problem detail (RFC 9457 §3).
#[derive(Serialize, Object)]
#[oai(rename = "Problem")]
struct ProblemView {
    /// `urn:deskbell:` and the code; it names the kind of problem.
    #[serde(rename = "type")]
    #[oai(rename = "type")]
    kind: String,
    /// The kind in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened here, and what to do.
    detail: String,
    /// Stable code for programs.
    code: String,
    /// Names the log entry.
    request_id: String,
    /// Wrong fields, each with its path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[oai(skip_serializing_if_is_empty, default)]
    errors: Vec<FieldView>,
}

/// One wrong field.
#[derive(Clone, Debug, Serialize, Deserialize, Object)]
#[oai(rename = "FieldError")]
pub struct FieldView {
    /// Path of the field.
    field: String,
    /// What is wrong.
    message: String,
}

impl From<&FieldError> for FieldView {
    fn from(wrong: &FieldError) -> Self {
        Self { field: wrong.field.clone(), message: wrong.message.clone() }
    }
}

/// The reply for an error.
pub fn reply(error: &Error, request_id: &str) -> Response {
    let status = status(error.code);
    let view = ProblemView {
        kind: format!("urn:deskbell:{}", error.code.as_str()),
        title: title(error.code).to_owned(),
        status: status.as_u16(),
        detail: error.detail.to_string(),
        code: error.code.as_str().to_owned(),
        request_id: request_id.to_owned(),
        errors: error.fields.iter().map(FieldView::from).collect(),
    };
    let body = serde_json::to_vec(&view).unwrap_or_default();
    let mut response = Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/problem+json")
        .header(header::CACHE_CONTROL, "no-store")
        .body(Body::from_vec(body));
    if let Some(seconds) = error.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    response
}

/// What poem itself refuses, in our codes.
pub fn from_poem(error: &poem::Error) -> Error {
    if error.is::<OpenApiPathError>() || error.is::<ParsePathError>() || error.is::<NotFoundError>() {
        // A path parameter that is no id names nothing.
        return Error::new(Code::NotFound, "There is nothing here. Check the path.");
    }
    if error.is::<MethodNotAllowedError>() {
        return Error::new(Code::MethodNotAllowed, "This path does not take that method.");
    }
    if let Some(wrong) = error.downcast_ref::<ParseParamError>() {
        return Error::field(wrong.name, wrong.reason.clone());
    }
    if error.is::<ContentTypeError>() {
        return Error::new(Code::UnsupportedMediaType, "This path does not take that content type.");
    }
    if error.is::<SizedLimitError>() {
        return Error::new(Code::TooLarge, "The body is too large.");
    }
    if error.is::<ReadBodyError>() {
        return Error::new(Code::BadRequest, "The body broke off.");
    }
    match error.status() {
        StatusCode::NOT_FOUND => Error::new(Code::NotFound, "There is nothing here. Check the path."),
        StatusCode::METHOD_NOT_ALLOWED => Error::new(Code::MethodNotAllowed, "This path does not take that method."),
        StatusCode::UNAUTHORIZED => Error::new(Code::Unauthenticated, "Sign in first."),
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(Code::TooLarge, "The body is too large."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            Error::new(Code::UnsupportedMediaType, "This path does not take that content type.")
        }
        status if status.is_client_error() => Error::new(Code::BadRequest, error.to_string()),
        _ => Error::internal(error.to_string()),
    }
}

impl ResponseError for Error {
    fn status(&self) -> StatusCode {
        status(self.code)
    }
}

impl ApiResponse for Error {
    fn meta() -> MetaResponses {
        let problem = |status, description| MetaResponse {
            description,
            status,
            status_range: None,
            content: vec![MetaMediaType {
                content_type: "application/problem+json",
                schema: ProblemView::schema_ref(),
            }],
            headers: vec![],
        };
        MetaResponses { responses: vec![problem(None, "A problem (RFC 9457)")] }
    }

    fn register(registry: &mut Registry) {
        ProblemView::register(registry);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_422_and_named() {
        let reply = reply(&Error::field("seats", "must be 1 or more"), "r1");
        assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(reply.content_type(), Some("application/problem+json"));
    }

    #[test]
    fn a_database_that_cannot_serve_says_when_to_come_back() {
        let error = Error::new(Code::DatabaseUnavailable, "gone").retry_after(2);
        let reply = reply(&error, "r1");
        assert_eq!(reply.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.headers().get(header::RETRY_AFTER), Some(&HeaderValue::from(2)));
    }
}
