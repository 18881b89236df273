//! The listener: accepts, bounds and ends connections (HTTP/1.1, RFC 9112).
//!
//! poem's own server sets neither `TCP_NODELAY` nor a limit on the time a head may take; both belong to the
//! connection, so the connection is ours and poem sees the requests.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use poem::http::uri::Scheme;
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Endpoint, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Sleep, sleep};

use crate::base::error::{Code, Error, Result};
use crate::platform::jobs::stopped;

/// Bytes read from a connection at most in one step, and so the longest head. The budget of files counts with it.
const READ: usize = 32 << 10;
/// How long a closed connection is read on while its client still sends.
const LINGER: Duration = Duration::from_secs(10);
/// A closed connection on which nothing comes for so long has nothing to say.
const LINGER_QUIET: Duration = Duration::from_millis(300);

/// Bounds of connections.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Open connections; more wait in the kernel's queue.
    pub connections: usize,
    /// A request's head must be whole after this; an idle connection is closed after this.
    pub head: Duration,
    /// A connection on which no byte moves for this long, in either direction, is closed; but not while it is us
    /// that the client waits for.
    pub idle: Duration,
    /// Requests that run when the stop is asked for may take this long.
    pub grace: Duration,
}

/// A bound socket.
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// `unavailable` when the address is taken or not ours.
    pub async fn bind(address: SocketAddr) -> Result<Self> {
        let cannot = |error: io::Error| {
            Error::new(Code::Unavailable, format!("Cannot listen on {address}: {error}. Choose another with --listen."))
        };
        let socket = TcpListener::bind(address).await.map_err(cannot)?;
        let address = socket.local_addr().map_err(cannot)?;
        Ok(Self { socket, address })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` says true, then lets running requests finish.
    pub async fn serve<E>(self, endpoint: E, limits: Limits, mut stop: watch::Receiver<bool>)
    where
        E: Endpoint<Output = Response> + 'static,
    {
        let endpoint = Arc::new(endpoint);
        let permits = Arc::new(Semaphore::new(limits.connections.max(1)));
        let local = LocalAddr(self.address.into());
        loop {
            let accept = async {
                let permit = Arc::clone(&permits).acquire_owned().await;
                (permit, self.socket.accept().await)
            };
            let (permit, accepted) = tokio::select! {
                () = stopped(&mut stop) => break,
                accepted = accept => accepted,
            };
            let Ok(permit) = permit else { break };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors: accepting again at once would only spin.
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "TCP_NODELAY was refused");
            }
            let connection = connection(stream, peer, local.clone(), Arc::clone(&endpoint), limits, stop.clone());
            tokio::spawn(async move {
                connection.await;
                drop(permit);
            });
        }
        let all = u32::try_from(limits.connections.max(1)).unwrap_or(u32::MAX);
        if tokio::time::timeout(limits.grace, permits.acquire_many(all)).await.is_err() {
            tracing::warn!("some connections were still busy at the end of the grace time and are cut");
        }
    }
}

async fn connection<E>(
    stream: TcpStream,
    peer: SocketAddr,
    local: LocalAddr,
    endpoint: Arc<E>,
    limits: Limits,
    mut stop: watch::Receiver<bool>,
) where
    E: Endpoint<Output = Response> + 'static,
{
    let remote = RemoteAddr(peer.into());
    let turn = Turn::default();
    let ours = turn.clone();
    let service = hyper::service::service_fn(move |request: poem::http::Request<Incoming>| {
        let (endpoint, local, remote, turn) = (Arc::clone(&endpoint), local.clone(), remote.clone(), ours.clone());
        async move {
            let mut request = Request::from((request, local, remote, Scheme::HTTP));
            let body = Counted { body: request.take_body().into(), turn: turn.clone() };
            turn.is_ours(body.body.is_end_stream());
            request.set_body(BoxBody::new(body));
            let response = endpoint.get_response(request).await;
            turn.is_ours(false);
            Ok::<poem::http::Response<_>, Infallible>(response.into())
        }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(READ).half_close(false);
    let serving = builder.serve_connection(TokioIo::new(Idle::new(stream, limits.idle, turn)), service);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = serving.as_mut() => Some(ended),
        () = stopped(&mut stop) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke off");
    }
}

/// Whose turn it is: ours from the last byte of a request to the first of its reply. A file may take minutes to its
/// store, and the client that waits for it is not idle.
#[derive(Clone, Default)]
struct Turn(Arc<AtomicBool>);

impl Turn {
    fn is_ours(&self, ours: bool) {
        self.0.store(ours, Ordering::Relaxed);
    }
}

/// A request's body that says when it was read to its end.
struct Counted {
    body: BoxBody<Bytes, io::Error>,
    turn: Turn,
}

impl hyper::body::Body for Counted {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, io::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if frame.is_none() || self.body.is_end_stream() {
            self.turn.is_ours(true);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that fails when no byte has moved for a while, in either direction.
struct Idle {
    stream: TcpStream,
    limit: Duration,
    timer: Pin<Box<Sleep>>,
    moved: bool,
    /// Set once our side is closed.
    lingers_until: Option<tokio::time::Instant>,
    turn: Turn,
}

impl Idle {
    fn new(stream: TcpStream, limit: Duration, turn: Turn) -> Self {
        Self { stream, limit, timer: Box::pin(sleep(limit)), moved: false, lingers_until: None, turn }
    }

    /// Called when the stream has nothing: fails once a whole period has passed without a byte.
    fn waited(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        loop {
            ready!(self.timer.as_mut().poll(cx));
            if !self.moved && !self.turn.0.load(Ordering::Relaxed) {
                return Poll::Ready(io::Error::new(io::ErrorKind::TimedOut, "no byte moved in time"));
            }
            self.moved = false;
            self.timer.as_mut().reset(tokio::time::Instant::now() + self.limit);
        }
    }

    fn settle<T>(&mut self, polled: Poll<io::Result<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        match polled {
            Poll::Ready(done) => {
                self.moved = true;
                Poll::Ready(done)
            }
            Poll::Pending => self.waited(cx).map(Err),
        }
    }
}

impl AsyncRead for Idle {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.settle(polled, cx)
    }
}

impl AsyncWrite for Idle {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.settle(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.settle(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    /// Says goodbye, then reads on for a moment what the client still sends: a socket closed over unread bytes is
    /// reset, and the client would never see why its upload was refused (RFC 9112 §9.6).
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingers_until.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(cx))?;
            self.lingers_until = Some(tokio::time::Instant::now() + LINGER);
            self.timer.as_mut().reset(tokio::time::Instant::now() + LINGER_QUIET);
        }
        let mut waste = [0; 16 << 10];
        // So much at a time, then others get their turn.
        for _ in 0..16 {
            let now = tokio::time::Instant::now();
            if self.lingers_until.is_none_or(|end| now >= end) {
                return Poll::Ready(Ok(()));
            }
            let mut buf = ReadBuf::new(&mut waste);
            match Pin::new(&mut self.stream).poll_read(cx, &mut buf) {
                Poll::Ready(Ok(())) if !buf.filled().is_empty() => {
                    self.timer.as_mut().reset(now + LINGER_QUIET);
                }
                Poll::Ready(_) => return Poll::Ready(Ok(())),
                Poll::Pending => return self.timer.as_mut().poll(cx).map(Ok),
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
