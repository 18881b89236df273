//! HTTP to the object store: hyper over rustls with ring, as the database's TLS. Every attempt ends in time.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt as _;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector as Tcp;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use object_store::ClientOptions;
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpRequestBody, HttpResponse, HttpResponseBody,
    HttpService,
};
use rustls::{ClientConfig, RootCertStore};

use crate::base::error::{Code, Error, Result};
use crate::platform::files::budget::STEP;

/// A connection stands after this, or the server counts as gone.
const CONNECT: Duration = Duration::from_secs(5);
/// The head of a reply is there after this; what is sent gets time besides.
const ANSWER: Duration = Duration::from_secs(15);
/// So many bytes a second at least are sent.
const SLOWEST: u64 = 64 << 10;
/// Connections kept when idle, and for how long.
const KEPT: usize = 8;
const KEEP: Duration = Duration::from_secs(30);

/// Connections to one server, pooled.
#[derive(Clone)]
pub(super) struct Wire(Client<HttpsConnector<Tcp>, HttpRequestBody>);

impl Wire {
    /// No connection yet. The system's certificates are read only when the server has TLS.
    ///
    /// # Errors
    /// `unavailable` when there is no certificate to trust.
    pub(super) fn new(tls: bool) -> Result<Self> {
        let mut roots = RootCertStore::empty();
        if tls {
            let system = rustls_native_certs::load_native_certs();
            let (good, _) = roots.add_parsable_certificates(system.certs);
            if good == 0 {
                return Err(Error::new(
                    Code::Unavailable,
                    "The system has no certificates to trust (package ca-certificates), so the store of the files \
                     cannot be reached over TLS.",
                ));
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(Error::internal)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let mut tcp = Tcp::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT));
        let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_or_http().enable_http1();
        let mut builder = Client::builder(TokioExecutor::new());
        builder.pool_timer(TokioTimer::new()).pool_idle_timeout(KEEP).pool_max_idle_per_host(KEPT);
        builder.http1_max_buf_size(STEP);
        Ok(Self(builder.build(connector.wrap_connector(tcp))))
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(HttpClient::new(self.clone()))
    }
}

type Called<'a> = Pin<Box<dyn Future<Output = std::result::Result<HttpResponse, HttpError>> + Send + 'a>>;

impl HttpService for Wire {
    fn call<'life0, 'async_trait>(&'life0 self, request: HttpRequest) -> Called<'async_trait>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async move {
            let bytes = u64::try_from(request.body().content_length()).unwrap_or(u64::MAX);
            let limit = ANSWER + Duration::from_secs(bytes / SLOWEST);
            match tokio::time::timeout(limit, self.0.request(request)).await {
                Ok(Ok(reply)) => Ok(reply.map(|body| {
                    HttpResponseBody::new(body.map_err(|error| HttpError::new(kind_of_hyper(&error), error)))
                })),
                Ok(Err(error)) => Err(HttpError::new(kind(&error), error)),
                Err(late) => Err(HttpError::new(HttpErrorKind::Timeout, io::Error::new(io::ErrorKind::TimedOut, late))),
            }
        })
    }
}

fn kind_of_hyper(error: &hyper::Error) -> HttpErrorKind {
    if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_parse() {
        HttpErrorKind::Decode
    } else {
        HttpErrorKind::Interrupted
    }
}

fn kind(error: &ClientError) -> HttpErrorKind {
    if error.is_connect() {
        return HttpErrorKind::Connect;
    }
    match error.source().and_then(|below| below.downcast_ref::<hyper::Error>()) {
        Some(below) => kind_of_hyper(below),
        None => HttpErrorKind::Unknown,
    }
}
