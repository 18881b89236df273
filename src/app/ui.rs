//! The embedded pages: hashed names are cached for good, everything else is asked for again; an unknown path is the
//! admin UI's own.

use poem::http::{HeaderValue, Method, StatusCode, header};
use poem::{Request, Response};
use rust_embed::RustEmbed;

use crate::base::error::{Code, Error};

#[derive(RustEmbed)]
#[folder = "web/dist/"]
struct Pages;

/// What runs in our pages comes from us: no inline script but those that the build hashed into the page's own
/// policy, no other host.
const POLICY: &str = "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; \
style-src 'self' 'unsafe-inline'; connect-src 'self'; object-src 'none'; base-uri 'none'; \
frame-ancestors 'none'; form-action 'self'";

/// Serves a path of the admin UI.
///
/// # Errors
/// `not_found` for a file that is none of ours, `method_not_allowed`.
pub fn serve(request: &Request) -> poem::Result<Response> {
    let path = request.uri().path().trim_start_matches('/');
    let known = Pages::get(path).is_some() && !path.is_empty();
    if !known && (path.starts_with("_app/") || path.starts_with("api/")) {
        return Err(Error::new(Code::NotFound, "There is nothing here. Check the path.").into());
    }
    page(request, if known { path } else { "index.html" })
}

/// Serves one embedded file.
///
/// # Errors
/// `not_found` when the UI was not built in, `method_not_allowed`.
pub fn page(request: &Request, path: &str) -> poem::Result<Response> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return Err(Error::new(Code::MethodNotAllowed, "This path does not take that method.").into());
    }
    let Some(file) = Pages::get(path) else {
        let detail = "This build has no pages in it. Run `make web` and build again; the API works without.";
        return Err(Error::new(Code::NotFound, detail).into());
    };
    let hash = file.metadata.sha256_hash();
    let etag = format!("\"{}\"", hex::encode(hash.get(..16).unwrap_or(&hash)));
    let cache = if path.contains("/immutable/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let mut response = Response::builder()
        .header(header::CACHE_CONTROL, cache)
        .header(header::ETAG, &etag)
        .header(header::CONTENT_SECURITY_POLICY, format!("{POLICY}; {}", scripts(&file.data)))
        .header(header::CONTENT_TYPE, content_type(path));
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
}
