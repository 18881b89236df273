//! The embedded pages: hashed names are cached for good, everything else is asked for again; an unknown path is the
//! admin UI's own.

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::base::error::{Code, Error};
use crate::platform::codec::gzip;

#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Pages;

/// What runs in our pages comes from us: no inline script but those that the build hashed into the page's own
/// policy, no other host.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
frame-ancestors 'none'; form-action 'self'";

/// How a file stands in the binary, and goes over the wire (RFC 9110 §8.4.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Coding {
    Brotli,
    Gzip,
    Identity,
}

/// The largest text of the admin UI, unpacked.
const LARGEST_TEXT: u64 = 8 << 20;

/// Serves a path of the admin UI.
///
/// # Errors
/// `not_found` for a file that is none of ours, `method_not_allowed`.
pub fn serve(request: &Request) -> poem::Result<Response> {
    let path = request.uri().path().trim_start_matches('/');
    let known = !path.is_empty() && is_here(path);
    if !known && (path.starts_with("_app/") || path.starts_with("api/")) {
        return Err(Error::new(Code::NotFound, "There is nothing here. Check the path.").into());
    }
    page(request, if known { path } else { "index.html" })
}

fn is_here(path: &str) -> bool {
    Pages::get(path).is_some() || Pages::get(&format!("{path}.gz")).is_some()
}

/// A file as the client takes it: what `web/pack.mjs` packed is unpacked only for who takes nothing packed.
fn found(path: &str, accepted: &str) -> crate::base::error::Result<Option<(EmbeddedFile, Coding)>> {
    if let Some(whole) = Pages::get(path) {
        return Ok(Some((whole, Coding::Identity)));
    }
    if takes(accepted, "br")
        && let Some(packed) = Pages::get(&format!("{path}.br"))
    {
        return Ok(Some((packed, Coding::Brotli)));
    }
    let Some(mut packed) = Pages::get(&format!("{path}.gz")) else { return Ok(None) };
    if takes(accepted, "gzip") {
        return Ok(Some((packed, Coding::Gzip)));
    }
    packed.data = gzip::unpack(&packed.data, LARGEST_TEXT)?.into();
    Ok(Some((packed, Coding::Identity)))
}

/// Whether `Accept-Encoding` names a coding without a weight of nought (RFC 9110 §12.5.3).
fn takes(accepted: &str, coding: &str) -> bool {
    accepted.split(',').any(|one| {
        let (name, weight) = one.split_once(';').unwrap_or((one, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(coding) && weight.is_none_or(|q| q > 0.0)
    })
}

/// Serves one embedded file.
///
/// # Errors
/// `not_found` when the UI was not built in, `method_not_allowed`.
pub fn page(request: &Request, path: &str) -> poem::Result<Response> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Err(Error::new(Code::MethodNotAllowed, "This path does not take that method.").into());
    }
    let accepted = request.headers().get(header::ACCEPT_ENCODING).and_then(|codings| codings.to_str().ok());
    let Some((file, coding)) = found(path, accepted.unwrap_or_default())? else {
        let detail = "This build has no pages in it. Run `make web` and build again; the API works without.";
        return Err(Error::new(Code::NotFound, detail).into());
    };
    // Of the bytes that are sent: a coding is a representation of its own (RFC 9110 §8.8.3.3).
    let hash = file.metadata.sha256_hash();
    let mark = if coding == Coding::Identity { "" } else { "-packed" };
    let etag = format!("\"{}{mark}\"", hex::encode(hash.get(..16).unwrap_or(&hash)));
    let cache = if path.contains("/immutable/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::builder()
        .header(header::CACHE_CONTROL, cache)
        .header(header::ETAG, &etag)
        .header(header::VARY, "accept-encoding")
        .header(header::CONTENT_SECURITY_POLICY, format!("{POLICY}; {}", scripts(&file.data)))
        .header(header::CONTENT_TYPE, content_type(path));
    match coding {
        Coding::Brotli => response = response.header(header::CONTENT_ENCODING, "br"),
        Coding::Gzip => response = response.header(header::CONTENT_ENCODING, "gzip"),
        Coding::Identity => {}
    }
    let same = request.headers().get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    if same.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == etag)) {
        return Ok(response.status(StatusCode::NOT_MODIFIED).finish());
    }
    if request.method() == Method::HEAD {
        response = response.header(header::CONTENT_LENGTH, HeaderValue::from(file.data.len()));
        return Ok(response.finish());
    }
    Ok(response.body(file.data.into_owned()))
}

/// Where a page's scripts may come from: us, and the start script that the build hashed into the page's own policy.
fn scripts(page: &[u8]) -> &str {
    let own = |page| {
        let text = std::str::from_utf8(page).ok()?;
        let policy = text.get(text.find("script-src 'self' 'sha256-")?..)?;
        policy.split(['"', ';']).next()
    };
    own(page).unwrap_or("script-src 'self'")
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_script_is_allowed_by_its_hash_and_no_other() {
        let page = br#"<meta http-equiv="content-security-policy" content="script-src 'self' 'sha256-abc='">"#;
        assert_eq!(scripts(page), "script-src 'self' 'sha256-abc='");
        assert_eq!(scripts(b"<p>"), "script-src 'self'");
    }
    #[test]
    fn a_coding_is_taken_when_it_is_named_and_not_refused() {
        assert!(takes("gzip, deflate, br", "br") && takes("GZIP;q=0.5", "gzip"));
        assert!(!takes("br;q=0, gzip", "br") && !takes("", "gzip") && !takes("brotli", "br"));
    }
}
