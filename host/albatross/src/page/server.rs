//! Serves the page over HTTP, without TLS and without passwords: whoever reaches the address may read.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{self, HeaderName, HeaderValue},
};
use tokio::{net::TcpListener, sync::Semaphore, task::spawn_blocking};

use super::{Answer, board::Board, content_security_policy, plain};
use crate::http::{self, Limits};

/// Few people look at a page at a time, and a document may have some megabytes.
const LIMITS: Limits =
    Limits { connections: 32, head: Duration::from_secs(10), connection: Duration::from_secs(120) };

/// Headers of every answer, beside the policy for its content.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_TYPE, "text/html; charset=utf-8"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Answers requests until the program ends. Returns the address.
///
/// # Errors
/// The address cannot be bound.
pub async fn serve(address: SocketAddr, board: Arc<Board>) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await?;
    let bound = listener.local_addr()?;
    // Pages are made one after another, so that they take only one processor from the passes.
    let maker = Arc::new(Semaphore::new(1));
    http::serve(listener, LIMITS, move |request| {
        let (board, maker) = (Arc::clone(&board), Arc::clone(&maker));
        async move {
            match refused(&request, bound) {
                Some(refused) => response(refused),
                None => response(answer(&request, board, maker).await),
            }
        }
    })
}

/// Makes the page. Whoever waits for its turn holds no pass, and a turn ends when the page is made, even if the client has gone.
async fn answer(request: &Request<Incoming>, board: Arc<Board>, maker: Arc<Semaphore>) -> Answer {
    let path = request.uri().path().to_owned();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let Ok(turn) = maker.acquire_owned().await else { return failed() };
    let made = spawn_blocking(move || {
        let answer = board.page().answer(&path, &query);
        drop(turn);
        answer
    });
    made.await.unwrap_or_else(|_| failed())
}

/// Why a request is refused. `None`: it is answered.
fn refused(request: &Request<Incoming>, bound: SocketAddr) -> Option<Answer> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some(plain(405, "Not allowed", "This page only shows: send GET or HEAD."));
    }
    let headers = request.headers();
    if bound.ip().is_loopback() && !is_of_this_machine(headers) {
        let why = "This address is only for this machine: open it as localhost, or as 127.0.0.1.";
        return Some(plain(421, "Wrong host", why));
    }
    is_hidden_in_another_page(headers)
        .then(|| plain(403, "Refused", "Another website asked for this page. Open it in a tab of its own."))
}

/// Whether a browser that sends this `Host` was told to open this machine. A foreign page could otherwise give its own name the
/// address of this machine, and read what is here (DNS rebinding).
fn is_of_this_machine(headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) else {
        return false;
    };
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// Whether another website asks in the background, as for a picture: each question would cost time (Fetch Metadata, W3C).
fn is_hidden_in_another_page(headers: &HeaderMap) -> bool {
    let is = |name: &str, value: &str| headers.get(name).is_some_and(|found| found == value);
    (is("sec-fetch-site", "cross-site") || is("sec-fetch-site", "same-site"))
        && !is("sec-fetch-mode", "navigate")
}

fn failed() -> Answer {
    plain(500, "Failed", "This page cannot be shown: see the log of the controller.")
}

/// hyper sends the body only if the request is not HEAD.
fn response(answer: Answer) -> Response<Full<Bytes>> {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = Response::new(Full::from(answer.document));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy()) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if status == StatusCode::METHOD_NOT_ALLOWED {
        headers.insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

#[cfg(test)]
mod tests;
