//! The outermost frame of every request: its id, its time, its end in the log, and errors as problems.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use futures_util::FutureExt as _;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Endpoint, IntoResponse as _, Request, Response, Result};

use super::call::{Peer, RequestId};
use super::problem;
use crate::base::error::{Code, Error};
use crate::base::text;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Requests, counted; cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Traffic(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    running: AtomicU64,
    answered: [AtomicU64; 5],
}

/// The requests as of now.
#[derive(Clone, Copy, Debug, Default)]
pub struct TrafficFigures {
    /// Requests whose answer has not begun.
    pub running: u64,
    /// Requests answered, by the class of their status from 1xx to 5xx.
    pub answered: [u64; 5],
}

impl Traffic {
    /// The figures as of now.
    pub fn figures(&self) -> TrafficFigures {
        let answered = self.0.answered.each_ref().map(|count| count.load(Ordering::Relaxed));
        TrafficFigures { running: self.0.running.load(Ordering::Relaxed), answered }
    }

    fn begin(&self) -> Running<'_> {
        self.0.running.fetch_add(1, Ordering::Relaxed);
        Running(&self.0)
    }
}

/// A request that runs; counted until it is dropped, also when its client has gone.
struct Running<'t>(&'t Counts);

impl Running<'_> {
    fn answered(self, status: StatusCode) {
        if let Some(count) = self.0.answered.get(usize::from(status.as_u16() / 100).wrapping_sub(1)) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Wraps the whole of the server.
pub struct Frame<E> {
    inner: E,
    trust_proxy: bool,
    traffic: Traffic,
}

impl<E> Frame<E> {
    /// `trust_proxy`: the client's address is the last one of `X-Forwarded-For`, which our proxy wrote.
    pub fn new(inner: E, trust_proxy: bool, traffic: Traffic) -> Self {
        Self { inner, trust_proxy, traffic }
    }
}

impl<E: Endpoint> Endpoint for Frame<E> {
    type Output = Response;

    async fn call(&self, mut request: Request) -> Result<Response> {
        let started = Instant::now();
        let running = self.traffic.begin();
        let id = request_id();
        let peer = peer(&request, self.trust_proxy);
        let method = request.method().clone();
        let path = request.uri().path().to_owned();
        request.extensions_mut().insert(RequestId(id.clone()));
        request.extensions_mut().insert(Peer(peer));

        let outcome = AssertUnwindSafe(self.inner.call(request)).catch_unwind().await;
        let mut response = match outcome {
            Ok(Ok(response)) => response.into_response(),
            Ok(Err(error)) => refuse(error, &id),
            Err(_) => {
                let error = Error::internal("the handler panicked");
                tracing::error!(request_id = id, %method, path, "a handler panicked");
                problem::reply(&error, &id)
            }
        };
        let headers = response.headers_mut();
        if let Ok(value) = HeaderValue::from_str(&id) {
            headers.insert(X_REQUEST_ID, value);
        }
        headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
        headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("same-origin"));
        running.answered(response.status());
        log(&method, &path, response.status(), started, &id, peer);
        Ok(response)
    }
}

/// The reply for an error. Errors of the house keep their cause for the log; poem's are put into our words.
pub fn refuse(error: poem::Error, id: &str) -> Response {
    if error.is_from_response() {
        return error.into_response();
    }
    let error = match error.downcast::<Error>() {
        Ok(ours) => ours,
        Err(theirs) => problem::from_poem(&theirs),
    };
    if matches!(error.code, Code::Internal | Code::DatabaseUnavailable | Code::InsufficientStorage) {
        tracing::error!(request_id = id, code = error.code.as_str(), %error, "a request failed");
    }
    problem::reply(&error, id)
}

/// 64 random bits as 16 hex digits; a client's own id is not taken, so that one id names one request.
fn request_id() -> String {
    text::random::<8>().map_or_else(|_| "0".repeat(16), hex::encode)
}

fn peer(request: &Request, trust_proxy: bool) -> IpAddr {
    let forwarded = || {
        let value = request.headers().get("x-forwarded-for")?.to_str().ok()?;
        value.rsplit(',').next()?.trim().parse().ok()
    };
    let direct = || request.remote_addr().as_socket_addr().map(std::net::SocketAddr::ip);
    let found = if trust_proxy { forwarded().or_else(direct) } else { direct() };
    found.unwrap_or(IpAddr::from([127, 0, 0, 1]))
}

/// Refusals and failures are worth a line; what went well is there for those who ask (`deskbell::access=debug`).
fn log(method: &Method, path: &str, status: StatusCode, started: Instant, id: &str, peer: IpAddr) {
    let ms = started.elapsed().as_secs_f64() * 1000.0;
    let status = status.as_u16();
    if status >= 400 {
        tracing::info!(target: "deskbell::access", request_id = id, %method, path, status, ms, %peer, "request");
    } else {
        tracing::debug!(target: "deskbell::access", request_id = id, %method, path, status, ms, %peer, "request");
    }
}
