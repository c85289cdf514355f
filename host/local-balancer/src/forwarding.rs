//! Forwards a request to a backend, and the answer to the client.

use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::{
    HeaderMap, Request, Response, StatusCode, Uri, Version,
    body::{Body as HttpBody, Incoming},
    client::conn::http1,
    header::{CONNECTION, HOST, HeaderValue, TRANSFER_ENCODING, UPGRADE},
    upgrade,
};
use hyper_util::rt::TokioIo;
use tokio::{
    io::copy_bidirectional,
    net::TcpStream,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    backend::Backend,
    headers::{self, Client},
    pages::{self, Body},
    transform::Rewritten,
};

/// How long an Application Load Balancer waits for a connection to a target ("Troubleshoot your Application Load Balancers",
/// HTTP 504).
const CONNECT: Duration = Duration::from_secs(10);

/// Where a request goes, and how.
pub struct Forwarding<'a> {
    /// The backend.
    pub backend: &'a Backend,
    /// What the rule makes of the request.
    pub rewritten: Rewritten,
    /// What the backend is told of the client. `None`: nothing, as behind a Network Load Balancer.
    pub client: Option<Client<'a>>,
    /// A new trace.
    pub trace: String,
    /// How long the load balancer waits for the next bytes.
    pub idle_timeout: Duration,
}

/// Why a backend has no answer.
#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error("no connection to {0} within {seconds} s", seconds = CONNECT.as_secs())]
    ConnectTimeout(Backend),
    #[error("no connection to {0}: {1}")]
    Connect(Backend, #[source] io::Error),
    #[error("{0} did not answer: {1}")]
    Send(Backend, #[source] hyper::Error),
    #[error("{0} did not answer within {seconds} s, the idle timeout of the load balancer", seconds = .1.as_secs())]
    IdleTimeout(Backend, Duration),
    #[error("the rewritten URL is not a URL")]
    Url,
}

impl Failed {
    /// The status that an Application Load Balancer sends.
    fn status(&self) -> StatusCode {
        match self {
            Failed::ConnectTimeout(_) | Failed::IdleTimeout(..) => StatusCode::GATEWAY_TIMEOUT,
            Failed::Connect(..) | Failed::Send(..) => StatusCode::BAD_GATEWAY,
            Failed::Url => StatusCode::BAD_REQUEST,
        }
    }
}

/// Forwards a request. Bodies are passed on piece by piece.
pub async fn forward(request: Request<Incoming>, forwarding: Forwarding<'_>) -> Response<Body> {
    match answer(request, forwarding).await {
        Ok(response) => response,
        Err(failed) => pages::error(failed.status(), &failed.to_string()),
    }
}

async fn answer(mut request: Request<Incoming>, to: Forwarding<'_>) -> Result<Response<Body>, Failed> {
    let upgrade_to = headers::upgrade(request.headers());
    let of_client = upgrade_to.as_ref().map(|_| upgrade::on(&mut request));
    let last = LastBytes::now();
    let request = outgoing(request, &to, upgrade_to, last.clone())?;
    let mut response = send(request, &to, last).await?;
    if let Some(of_client) = of_client.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS) {
        let of_backend = upgrade::on(&mut response);
        tokio::spawn(async move {
            // A connection that ends is no error here: both sides learn of it.
            let (Ok(client), Ok(backend)) = (of_client.await, of_backend.await) else { return };
            let _ = copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(backend)).await;
        });
        let upgraded = response.headers().get(UPGRADE).cloned();
        headers::remove_those_of_connection(response.headers_mut());
        if let Some(upgraded) = upgraded {
            set_upgrade(response.headers_mut(), upgraded);
        }
    } else {
        headers::remove_those_of_connection(response.headers_mut());
    }
    *response.version_mut() = Version::HTTP_11;
    Ok(response.map(BodyExt::boxed))
}

/// The request as the backend gets it.
fn outgoing(
    request: Request<Incoming>,
    to: &Forwarding<'_>,
    upgrade_to: Option<HeaderValue>,
    last: LastBytes,
) -> Result<Request<impl HttpBody<Data = Bytes, Error = hyper::Error> + Send + 'static>, Failed> {
    let (mut parts, body) = request.into_parts();
    let is_chunked = parts.headers.contains_key(TRANSFER_ENCODING);
    headers::remove_those_of_connection(&mut parts.headers);
    if let Some(protocol) = upgrade_to {
        set_upgrade(&mut parts.headers, protocol);
    }
    if is_chunked {
        // hyper would leave out the body of a GET, since it hardly ever has one.
        parts.headers.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    match (&to.rewritten.host, parts.uri.authority()) {
        (Some(host), _) => headers::set(&mut parts.headers, HOST, host),
        // A complete URL in the request line takes precedence over the header.
        (None, Some(authority)) => headers::set(&mut parts.headers, HOST, authority.as_str()),
        (None, None) if parts.headers.contains_key(HOST) => {}
        // HTTP/1.0 needs no host, HTTP/1.1 does.
        (None, None) => headers::set(&mut parts.headers, HOST, &to.backend.host),
    }
    if let Some(client) = to.client {
        headers::add_client(&mut parts.headers, client, &to.trace);
    }
    parts.uri = to.rewritten.url.parse::<Uri>().map_err(|_| Failed::Url)?;
    parts.version = Version::HTTP_11;
    let body = body.map_frame(move |frame| {
        last.renew();
        frame
    });
    Ok(Request::from_parts(parts, body))
}

fn set_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, protocol);
}

/// Sends a request over a new connection.
async fn send<B>(
    request: Request<B>,
    to: &Forwarding<'_>,
    last: LastBytes,
) -> Result<Response<Incoming>, Failed>
where
    B: HttpBody<Data = Bytes, Error = hyper::Error> + Send + 'static,
{
    let backend = || to.backend.clone();
    let connecting = TcpStream::connect((to.backend.host.as_str(), to.backend.port));
    let stream = timeout(CONNECT, connecting).await.map_err(|_| Failed::ConnectTimeout(backend()))?;
    let stream = TokioIo::new(stream.map_err(|source| Failed::Connect(backend(), source))?);
    let failed = |source| Failed::Send(backend(), source);
    let (mut sender, connection) = http1::handshake(stream).await.map_err(failed)?;
    // Its errors reach the sender, or the body of the response.
    tokio::spawn(async move { connection.with_upgrades().await });
    tokio::select! {
        response = sender.send_request(request) => response.map_err(failed),
        () = last.silence(to.idle_timeout) => Err(Failed::IdleTimeout(backend(), to.idle_timeout)),
    }
}

/// When the client sent the last bytes.
#[derive(Clone)]
struct LastBytes(Arc<Mutex<Instant>>);

impl LastBytes {
    fn now() -> LastBytes {
        LastBytes(Arc::new(Mutex::new(Instant::now())))
    }

    fn renew(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Waits until nothing has come for this long.
    async fn silence(&self, length: Duration) {
        loop {
            let end = *self.0.lock().unwrap_or_else(PoisonError::into_inner) + length;
            if Instant::now() >= end {
                return;
            }
            sleep_until(end).await;
        }
    }
}

#[cfg(test)]
mod tests;
