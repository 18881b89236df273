//! What a request says about itself: who, from where, under which conditions. Never its body.

use std::net::IpAddr;

use poem::http::{HeaderMap, Method, header};
use poem::{Request, RequestBody, Result as PoemResult};
use poem_openapi::registry::{MetaSecurityScheme, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};
use serde::Serialize;

use crate::base::actor::Credentials;
use crate::base::error::{Code, Error, Result};
use crate::base::text;
use crate::base::version::{Expected, Retry};

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "deskbell_session";

/// The id of a request, set by the outermost frame.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// The address a request came from, set by the outermost frame.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub IpAddr);

/// What a request says about itself.
#[derive(Clone, Debug)]
pub struct Call {
    /// Names the request in logs, replies and the audit log.
    pub request_id: String,
    /// What it shows to say who it is.
    pub credentials: Credentials,
    /// Where it comes from.
    pub peer: IpAddr,
    /// `If-Match`, as versions of the row.
    pub expected: Expected,
    /// `User-Agent`, at most 190 characters.
    pub user_agent: Option<String>,
    key: Option<String>,
    target: String,
}

impl Call {
    /// The identity of the request when its client may repeat it; `body` is hashed in its parsed form, so white
    /// space does not matter.
    ///
    /// # Errors
    /// `internal` when the body cannot be written as JSON.
    pub fn retry<T: Serialize>(&self, body: &T) -> Result<Option<Retry>> {
        let Some(key) = &self.key else { return Ok(None) };
        let mut what = self.target.clone().into_bytes();
        what.push(b'\n');
        serde_json::to_writer(&mut what, body).map_err(Error::internal)?;
        Ok(Some(Retry { key: key.clone(), fingerprint: text::sha256(&what) }))
    }

    /// Reads the head of a request.
    ///
    /// # Errors
    /// `bad_request` for a header that is not well formed, `forbidden` for a change that another site asks for.
    pub fn of(request: &Request) -> Result<Self> {
        let headers = request.headers();
        let credentials = credentials(headers);
        if matches!(credentials, Credentials::Session(_)) && changes(request.method()) {
            same_site(headers)?;
        }
        Ok(Self {
            request_id: request.extensions().get::<RequestId>().map_or_else(String::new, |id| id.0.clone()),
            credentials,
            peer: request.extensions().get::<Peer>().map_or(IpAddr::from([127, 0, 0, 1]), |peer| peer.0),
            expected: expected(headers)?,
            user_agent: header_text(headers, &header::USER_AGENT).map(|agent| agent.chars().take(190).collect()),
            key: idempotency_key(headers)?,
            target: format!("{} {}", request.method(), request.original_uri().path()),
        })
    }
}

fn changes(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn header_text(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

fn credentials(headers: &HeaderMap) -> Credentials {
    if let Some(value) = header_text(headers, &header::AUTHORIZATION) {
        return match value.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => {
                Credentials::Token(text::sha256(token.trim().as_bytes()))
            }
            _ => Credentials::None,
        };
    }
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == SESSION_COOKIE)
        .map_or(Credentials::None, |(_, secret)| Credentials::Session(text::sha256(secret.as_bytes())))
}

/// A browser sends the cookie of itself; that another site asked for the change shows in what the browser adds
/// (Fetch Metadata, W3C). `SameSite=Lax` is the first fence, this is the second.
fn same_site(headers: &HeaderMap) -> Result<()> {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if matches!(site, Some("cross-site" | "same-site")) {
        return Err(Error::new(Code::Forbidden, "A change cannot be asked for by another site."));
    }
    Ok(())
}

fn expected(headers: &HeaderMap) -> Result<Expected> {
    let Some(value) = header_text(headers, &header::IF_MATCH) else { return Ok(Expected::Anything) };
    if value.trim() == "*" {
        return Ok(Expected::Anything);
    }
    let mut versions = Vec::new();
    for tag in value.split(',').map(str::trim) {
        let inner = tag.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        match (inner, tag.starts_with("W/\"")) {
            // A weak tag never matches here (RFC 9110 §13.1.1: strong comparison); nor does a tag that is not ours.
            (None, true) => {}
            (Some(inner), _) => versions.extend(inner.parse::<i64>()),
            (None, false) => {
                return Err(Error::new(Code::BadRequest, "If-Match must hold entity tags such as \"3\"."));
            }
        }
    }
    Ok(Expected::Versions(versions))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match value.to_str() {
        Ok(key) if (1..=190).contains(&key.len()) => Ok(Some(key.to_owned())),
        _ => Err(Error::new(Code::BadRequest, "Idempotency-Key must have 1 to 190 visible ASCII characters.")),
    }
}

const SESSION_SCHEME: &str = "session";
const TOKEN_SCHEME: &str = "token";

impl<'a> ApiExtractor<'a> for Call {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        let scheme = |ty, description, name, key_in, scheme| MetaSecurityScheme {
            ty,
            description: Some(description),
            name,
            key_in,
            scheme,
            bearer_format: None,
            flows: None,
            openid_connect_url: None,
        };
        registry.create_security_scheme(
            SESSION_SCHEME,
            scheme("apiKey", "The cookie that signing in sets.", Some(SESSION_COOKIE), Some("cookie"), None),
        );
        registry.create_security_scheme(
            TOKEN_SCHEME,
            scheme("http", "An API token with scopes.", None, None, Some("bearer")),
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![SESSION_SCHEME, TOKEN_SCHEME]
    }

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> PoemResult<Self> {
        let call = Self::of(request)?;
        // Said before the body is read: who shows nothing learns nothing, not even which fields there are.
        if call.credentials == Credentials::None {
            return Err(Error::new(Code::Unauthenticated, "Sign in first, or send an API token.").into());
        }
        Ok(call)
    }
}

/// A call that needs no identity.
#[derive(Clone, Debug)]
pub struct OpenCall(pub Call);

impl<'a> ApiExtractor<'a> for OpenCall {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::PoemExtractor];

    type ParamType = ();
    type ParamRawType = ();

    async fn from_request(
        request: &'a Request,
        _body: &mut RequestBody,
        _options: ExtractParamOptions<Self::ParamType>,
    ) -> PoemResult<Self> {
        Ok(Self(Call::of(request)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(build: impl FnOnce(poem::RequestBuilder) -> poem::RequestBuilder) -> Result<Call> {
        Call::of(&build(Request::builder().method(Method::POST).uri_str("/api/v1/x")).finish())
    }

    #[test]
    fn a_token_goes_before_a_cookie() {
        let call =
            call(|r| r.header("authorization", "Bearer t").header("cookie", "deskbell_session=s")).expect("good");
        assert_eq!(call.credentials, Credentials::Token(text::sha256(b"t")));
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let call = call(|r| r.header("cookie", "a=b; deskbell_session=s; c=d")).expect("good");
        assert_eq!(call.credentials, Credentials::Session(text::sha256(b"s")));
    }

    #[test]
    fn a_change_that_another_site_asks_for_is_refused() {
        let refused = call(|r| r.header("cookie", "deskbell_session=s").header("sec-fetch-site", "cross-site"))
            .expect_err("csrf");
        assert_eq!(refused.code, Code::Forbidden);
        assert!(call(|r| r.header("authorization", "Bearer t").header("sec-fetch-site", "cross-site")).is_ok());
    }

    #[test]
    fn if_match_names_versions_and_a_weak_tag_matches_none() {
        let expected = |text: &str| call(|r| r.header("if-match", text)).map(|call| call.expected);
        assert_eq!(expected("\"3\"").expect("good"), Expected::Versions(vec![3]));
        assert_eq!(expected("\"3\", \"4\"").expect("good"), Expected::Versions(vec![3, 4]));
        assert_eq!(expected("W/\"3\"").expect("good"), Expected::Versions(vec![]));
        assert_eq!(expected("*").expect("good"), Expected::Anything);
        assert!(expected("3").is_err());
    }

    #[test]
    fn the_same_key_with_another_body_has_another_fingerprint() {
        let call = call(|r| r.header("idempotency-key", "k")).expect("good");
        let print = |body: &str| call.retry(&body).expect("json").expect("a key").fingerprint;
        assert_eq!(print("a"), print("a"));
        assert_ne!(print("a"), print("b"));
    }
}
