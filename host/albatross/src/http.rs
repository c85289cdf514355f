//! Small servers of HTTP: for the health endpoints, the page and the webhook. Clients that are slow, or ask for too much, hold nobody up.

use std::{
    convert::Infallible,
    future::ready,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    pin::pin,
    sync::Arc,
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    select,
    sync::Semaphore,
    time::{sleep, timeout},
};

/// The pause after accepting a connection has failed: either the client is gone, or there are no more file descriptors.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a TLS handshake may take.
const OPENING: Duration = Duration::from_secs(10);
/// The most bytes of the head of a request.
const BUFFER: usize = 16 * 1024;

/// What clients may use up.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many connections there are at a time. Others wait.
    pub connections: usize,
    /// How long a client may take for the head of a request, and be idle before it.
    pub head: Duration,
    /// How long a connection may last, so that a client that reads nothing ends.
    pub connection: Duration,
}

/// Listens at an address. The unspecified address of IPv6 is all addresses; if the kernel has no IPv6, that of IPv4 stands for it.
///
/// # Errors
/// The address cannot be bound.
pub async fn listen(address: SocketAddr) -> std::io::Result<TcpListener> {
    match TcpListener::bind(address).await {
        Err(_) if address.ip() == Ipv6Addr::UNSPECIFIED => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        bound => bound,
    }
}

/// Answers requests until the program ends. Returns the address.
///
/// # Errors
/// The address of the listener is not known.
pub fn serve<Answer, Answering>(
    listener: TcpListener,
    limits: Limits,
    answer: Answer,
) -> std::io::Result<SocketAddr>
where
    Answer: Fn(Request<Incoming>) -> Answering + Clone + Send + Sync + 'static,
    Answering: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    serve_over(listener, limits, |stream| ready(Some(stream)), answer)
}

/// As [`serve`], over the streams that `open` makes of connections, such as TLS. `None`: the connection is closed.
///
/// # Errors
/// The address of the listener is not known.
pub fn serve_over<Open, Opening, Stream, Answer, Answering>(
    listener: TcpListener,
    limits: Limits,
    open: Open,
    answer: Answer,
) -> std::io::Result<SocketAddr>
where
    Open: Fn(TcpStream) -> Opening + Clone + Send + Sync + 'static,
    Opening: Future<Output = Option<Stream>> + Send + 'static,
    Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    Answer: Fn(Request<Incoming>) -> Answering + Clone + Send + Sync + 'static,
    Answering: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let bound = listener.local_addr()?;
    tokio::spawn(async move {
        let free = Arc::new(Semaphore::new(limits.connections));
        while let Ok(permit) = Arc::clone(&free).acquire_owned().await {
            let Ok((stream, _)) = listener.accept().await else {
                sleep(PAUSE).await;
                continue;
            };
            let (open, answer) = (open.clone(), answer.clone());
            tokio::spawn(async move {
                if let Ok(Some(stream)) = timeout(OPENING, open(stream)).await {
                    requests(stream, limits, answer).await;
                }
                drop(permit);
            });
        }
    });
    Ok(bound)
}

async fn requests<Stream, Answer, Answering>(stream: Stream, limits: Limits, answer: Answer)
where
    Stream: AsyncRead + AsyncWrite + Unpin,
    Answer: Fn(Request<Incoming>) -> Answering,
    Answering: Future<Output = Response<Full<Bytes>>>,
{
    let service = service_fn(|request| {
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(limits.head).max_buf_size(BUFFER);
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service));
    select! {
        // What goes wrong on a connection concerns its client, which has got the answer of hyper.
        _ = connection.as_mut() => return,
        () = sleep(limits.connection) => {}
    }
    // A client whose request is on the way gets its answer, and sends the next one over another connection.
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits.head, connection).await;
}
