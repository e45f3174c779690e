//! The sandbox on the network: listener, connections that can be cut, the beat of the clock, an orderly end.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::http::{App, BODY_LIMIT, Outcome, Request};
use super::scheduler;

/// How the handler of a request speaks to the socket it came on.
#[derive(Debug, Default)]
pub struct Line {
    /// Nothing more goes out: the next write fails and the connection ends without an answer.
    cut: AtomicBool,
    /// So many more bytes go out, then the connection ends. `u64::MAX` is no limit.
    left: AtomicU64,
    /// Bytes a write may carry; 0 is no limit.
    piece: AtomicU64,
    /// Milliseconds between writes.
    pause: AtomicU64,
}

/// A socket that can be cut in the middle of an answer.
pub struct Socket {
    inner: TcpStream,
    line: Arc<Line>,
    rest: Option<Pin<Box<tokio::time::Sleep>>>,
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "cut by a fault")
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        if self.line.cut.load(Ordering::Relaxed) {
            return Poll::Ready(Err(cut()));
        }
        if let Some(rest) = self.rest.as_mut() {
            if rest.as_mut().poll(cx).is_pending() {
                return Poll::Pending;
            }
            self.rest = None;
        }
        let left = self.line.left.load(Ordering::Relaxed);
        let piece = self.line.piece.load(Ordering::Relaxed);
        let most = if piece == 0 { left } else { left.min(piece) };
        let most = usize::try_from(most).unwrap_or(usize::MAX).min(buf.len());
        if most == 0 && !buf.is_empty() {
            return Poll::Ready(Err(cut()));
        }
        let written = match Pin::new(&mut self.inner).poll_write(cx, &buf[..most]) {
            Poll::Ready(Ok(written)) => written,
            other => return other,
        };
        if left != u64::MAX {
            self.line.left.fetch_sub(written as u64, Ordering::Relaxed);
        }
        if piece != 0 {
            let pause = Duration::from_millis(self.line.pause.load(Ordering::Relaxed));
            self.rest = Some(Box::pin(tokio::time::sleep(pause)));
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

/// A listener whose connections are [`Socket`]s.
struct Cuttable(TcpListener);

impl Listener for Cuttable {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        loop {
            match self.0.accept().await {
                Ok((inner, peer)) => {
                    // Small answers must not wait for the next one.
                    drop(inner.set_nodelay(true));
                    let line = Arc::new(Line { left: AtomicU64::new(u64::MAX), ..Line::default() });
                    return (Socket { inner, line, rest: None }, peer);
                }
                // Out of file descriptors, usually: try again when some may be free.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

#[derive(Clone)]
struct Peer(Arc<Line>);

impl Connected<IncomingStream<'_, Cuttable>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Cuttable>) -> Self {
        Self(Arc::clone(&stream.io().line))
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

async fn answer(app: Arc<App>, request: axum::extract::Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let line = parts.extensions.get::<ConnectInfo<Peer>>().map(|peer| Arc::clone(&peer.0.0));
    let began = Instant::now();
    let Ok(body) = axum::body::to_bytes(body, BODY_LIMIT).await else {
        let body = r#"{"type":"PAYLOAD_TOO_LARGE","message":"the body is larger than 1 MiB"}"#;
        let outcome = Outcome {
            status: 413,
            body: body.into(),
            content_type: "application/json",
            ..Outcome::default()
        };
        app.log.request(parts.method.as_str(), parts.uri.path(), &outcome, began.elapsed(), "");
        // The rest of the body is still on its way: this connection is of no more use.
        let mut response = build(outcome, None);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    };
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        authorization: text(&parts.headers, "authorization"),
        idempotency_key: text(&parts.headers, "idempotency-key"),
        tier: text(&parts.headers, "tier"),
        content_type: text(&parts.headers, "content-type"),
        host: text(&parts.headers, "host"),
        body: body.into(),
    };
    build(app.handle(request).await, line.as_deref())
}

fn build(outcome: Outcome, line: Option<&Line>) -> Response<Body> {
    if let Some(line) = line {
        if outcome.cut {
            line.cut.store(true, Ordering::Relaxed);
        }
        // Set on every answer: the connection may have carried a slow one before.
        let (bytes, pause) = outcome.slow.unwrap_or_default();
        line.piece.store(bytes as u64, Ordering::Relaxed);
        line.pause.store(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
    let length = outcome.body.len();
    let mut response = Response::new(Body::from(outcome.body));
    *response.status_mut() =
        StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    if !outcome.content_type.is_empty() {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(outcome.content_type));
    }
    if let Some(seconds) = outcome.retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allow) = outcome.allow.and_then(|allow| HeaderValue::from_str(&allow).ok()) {
        headers.insert(header::ALLOW, allow);
    }
    if let Some(line) = line.filter(|_| outcome.truncate) {
        headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        line.left.store((head_length(&response, length) + length / 2) as u64, Ordering::Relaxed);
    }
    response
}

/// How many bytes the head of an answer has on the wire, with the two lines that the server adds itself. The
/// shortest answers have fewer bytes than their heads, so a guess would not cut them.
fn head_length(response: &Response<Body>, body: usize) -> usize {
    const DATE: usize = "date: Sat, 21 Nov 2026 11:12:00 GMT\r\n".len();
    let status = response.status();
    let first = format!("HTTP/1.1 {} {}\r\n", status.as_u16(), status.canonical_reason().unwrap_or("<none>"));
    let lines: usize =
        response.headers().iter().map(|(name, value)| name.as_str().len() + 2 + value.len() + 2).sum();
    first.len() + lines + DATE + format!("content-length: {body}\r\n\r\n").len()
}

/// Runs what is due, again and again: on a real clock when its time comes, on a manual one when something changed.
async fn beat(app: Arc<App>) {
    loop {
        if !app.state().clock.is_manual() {
            app.change(scheduler::run_due);
        }
        app.deliver().await;
        let pause = {
            let state = app.state();
            let hook = state.hooks.due.first().map(|(at, _)| *at);
            let next = [hook, scheduler::next(&state)].into_iter().flatten().min();
            let real = !state.clock.is_manual();
            next.filter(|_| real)
                .map(|at| Duration::from_secs(u64::from(at.saturating_sub(state.now()).max(1))))
        };
        let pause = pause.unwrap_or(Duration::from_hours(24));
        tokio::select! {
            () = tokio::time::sleep(pause) => (),
            () = app.wake.notified() => (),
        }
    }
}

/// Serves `app` on a bound listener until `end` comes.
pub async fn serve(
    app: Arc<App>,
    listener: StdListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = Cuttable(TcpListener::from_std(listener)?);
    let beat = tokio::spawn(beat(Arc::clone(&app)));
    let router = Router::new().fallback(move |request| answer(Arc::clone(&app), request));
    let service = router.into_make_service_with_connect_info::<Peer>();
    let server = axum::serve(listener, service);
    // Not a graceful shutdown: a sandbox with a hanging request must end all the same.
    let result = tokio::select! {
        result = server => result,
        () = end => Ok(()),
    };
    beat.abort();
    result
}
