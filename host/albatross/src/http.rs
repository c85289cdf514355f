//! Small servers of HTTP: for the health endpoints, and for the page. Clients that are slow, or ask for too much, hold nobody up.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};

/// The pause after accepting a connection has failed: either the client is gone, or there are no more file descriptors.
const PAUSE: Duration = Duration::from_secs(1);
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
    let bound = listener.local_addr()?;
    tokio::spawn(async move {
        let free = Arc::new(Semaphore::new(limits.connections));
        while let Ok(permit) = Arc::clone(&free).acquire_owned().await {
            let Ok((stream, _)) = listener.accept().await else {
                sleep(PAUSE).await;
                continue;
            };
            let answer = answer.clone();
            tokio::spawn(async move {
                // What goes wrong on a connection concerns its client, which has got the answer of hyper.
                let _ = timeout(limits.connection, requests(stream, limits.head, answer)).await;
                drop(permit);
            });
        }
    });
    Ok(bound)
}

async fn requests<Answer, Answering>(
    stream: TcpStream,
    head: Duration,
    answer: Answer,
) -> Result<(), hyper::Error>
where
    Answer: Fn(Request<Incoming>) -> Answering,
    Answering: Future<Output = Response<Full<Bytes>>>,
{
    let service = service_fn(|request| {
        let answer = answer(request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head).max_buf_size(BUFFER);
    builder.serve_connection(TokioIo::new(stream), service).await
}
