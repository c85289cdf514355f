//! Connections of clients.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{Semaphore, watch},
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use crate::{respond::respond, serving::Serving};

/// The pause after accepting a connection has failed: there are no more file descriptors, for example.
const PAUSE: Duration = Duration::from_millis(200);
/// What is read before a request is refused: more than an Application Load Balancer accepts, so that the refusal is like its own.
const BUFFER: usize = 128 * 1024;
/// How many headers a request may have. An Application Load Balancer limits only their length.
const HEADERS: usize = 1000;

/// Limits on what clients may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a client may take for the TLS handshake, and for the head of a request.
    pub head: Duration,
    /// How many connections a listener has at a time. Others wait.
    pub connections: usize,
}

impl Default for Limits {
    /// The idle timeout of a load balancer, and more connections than a browser or a small load test opens.
    fn default() -> Limits {
        Limits { head: Duration::from_secs(60), connections: 1024 }
    }
}

/// Accepts connections until the sender of what is served is gone.
pub async fn accept(listener: TcpListener, serving: watch::Receiver<Arc<Serving>>, limits: Limits) {
    let free = Arc::new(Semaphore::new(limits.connections));
    let mut closing = serving.clone();
    loop {
        let Ok(permit) = Arc::clone(&free).acquire_owned().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = closed(&mut closing) => return,
        };
        let Ok((stream, client)) = accepted else {
            sleep(PAUSE).await;
            continue;
        };
        let serving = serving.clone();
        tokio::spawn(async move {
            connection(stream, client, serving, limits).await;
            drop(permit);
        });
    }
}

async fn connection(
    stream: TcpStream,
    client: SocketAddr,
    serving: watch::Receiver<Arc<Serving>>,
    limits: Limits,
) {
    let tls = serving.borrow().tls.clone();
    match tls {
        None => requests(stream, client.ip(), serving, limits).await,
        Some(config) => {
            // A client that does not trust the certificate ends the handshake, and knows why.
            let handshake = timeout(limits.head, TlsAcceptor::from(config).accept(stream)).await;
            if let Ok(Ok(stream)) = handshake {
                requests(stream, client.ip(), serving, limits).await;
            }
        }
    }
}

/// Answers the requests of a connection, each with what is served when it arrives.
async fn requests<S>(stream: S, client: IpAddr, serving: watch::Receiver<Arc<Serving>>, limits: Limits)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let mut closing = serving.clone();
    let service = service_fn(move |request| {
        let serving = Arc::clone(&serving.borrow());
        async move { Ok::<_, Infallible>(respond(serving, client, request).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head);
    builder.max_buf_size(BUFFER).max_headers(HEADERS);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    tokio::select! {
        // The client has ended it, or did not speak HTTP; it has got the answer that hyper gives.
        _ = connection.as_mut() => return,
        () = closed(&mut closing) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

async fn closed(serving: &mut watch::Receiver<Arc<Serving>>) {
    while serving.changed().await.is_ok() {}
}

#[cfg(test)]
mod tests;
