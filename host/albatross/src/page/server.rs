//! Serves the page over HTTP, without TLS and without passwords: whoever reaches the address may read.

use std::{convert::Infallible, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::spawn_blocking,
    time::{sleep, timeout},
};

use super::{Answer, board::Board, plain};

/// The pause after accepting a connection has failed: there are no more file descriptors, for example.
const PAUSE: Duration = Duration::from_secs(1);
/// How long a client may take for the head of a request, and be idle.
const HEAD: Duration = Duration::from_secs(10);
/// How long a connection may last: a client that reads nothing holds one up no longer.
const LONGEST: Duration = Duration::from_secs(120);
/// How many connections there are at a time. Others wait.
const CONNECTIONS: usize = 64;
/// The most bytes of the head of a request.
const BUFFER: usize = 16 * 1024;

/// Headers of every answer. The policy about frames cannot be in the document.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::CONTENT_SECURITY_POLICY, "frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

/// Answers requests until the program ends. Returns the address.
///
/// # Errors
/// The address cannot be bound.
pub async fn serve(address: SocketAddr, board: Arc<Board>) -> Result<SocketAddr, std::io::Error> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    tokio::spawn(async move {
        let free = Arc::new(Semaphore::new(CONNECTIONS));
        // Pages are made one after another, so that they take only one processor from the passes.
        let maker = Arc::new(Semaphore::new(1));
        while let Ok(permit) = Arc::clone(&free).acquire_owned().await {
            let Ok((stream, _)) = listener.accept().await else {
                sleep(PAUSE).await;
                continue;
            };
            let (board, maker) = (Arc::clone(&board), Arc::clone(&maker));
            tokio::spawn(async move {
                // What goes wrong on a connection concerns its client, which has got the answer of hyper.
                let _ = timeout(LONGEST, connection(stream, bound, board, maker)).await;
                drop(permit);
            });
        }
    });
    Ok(bound)
}

async fn connection(
    stream: TcpStream,
    bound: SocketAddr,
    board: Arc<Board>,
    maker: Arc<Semaphore>,
) -> Result<(), hyper::Error> {
    let service = service_fn(|request: Request<Incoming>| {
        let (board, maker) = (&board, &maker);
        async move { Ok::<_, Infallible>(response(answer(&request, bound, board, maker).await)) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(BUFFER);
    builder.serve_connection(TokioIo::new(stream), service).await
}

async fn answer(request: &Request<Incoming>, bound: SocketAddr, board: &Board, maker: &Semaphore) -> Answer {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return plain(405, "Not allowed", "This page only shows: send GET or HEAD.");
    }
    if bound.ip().is_loopback() && !is_of_this_machine(request.headers().get(header::HOST)) {
        return plain(
            421,
            "Wrong host",
            "This address is only for this machine: open it as localhost, or as 127.0.0.1.",
        );
    }
    let (page, path) = (board.page(), request.uri().path().to_owned());
    let query = request.uri().query().unwrap_or_default().to_owned();
    let Ok(_turn) = maker.acquire().await else { return failed() };
    spawn_blocking(move || page.answer(&path, &query)).await.unwrap_or_else(|_| failed())
}

/// Whether a browser that sends this `Host` was told to open this machine. A foreign page could otherwise give its own name the
/// address of this machine, and read what is here (DNS rebinding).
fn is_of_this_machine(host: Option<&HeaderValue>) -> bool {
    let Some(host) = host.and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn failed() -> Answer {
    plain(500, "Failed", "This page cannot be shown: see the log of the controller.")
}

/// hyper sends the body only if the request is not HEAD.
fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(answer.document));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    if *response.status_mut() == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_open_an_address_of_this_machine() {
        for (host, expected) in [
            ("localhost:8081", true),
            ("LOCALHOST", true),
            ("127.0.0.1:8081", true),
            ("127.9.9.9", true),
            ("[::1]:8081", true),
            ("evil.example.org:8081", false),
            ("localhost.example.org", false),
            ("127.0.0.1.example.org", false),
            ("[::1", true),
            ("", false),
        ] {
            assert_eq!(is_of_this_machine(HeaderValue::from_str(host).ok().as_ref()), expected, "{host}");
        }
        assert!(!is_of_this_machine(None));
    }
}
