//! Answers API servers.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Body, Bytes, Incoming},
    header::{ALLOW, CONTENT_TYPE, HeaderValue},
};
use tokio::time::timeout;

use super::{Desk, Identity};
use crate::{
    admission::{Review, answer},
    error::Error,
    http::{self, Limits},
};

/// An API server keeps a few connections open.
const LIMITS: Limits =
    Limits { connections: 64, head: Duration::from_secs(30), connection: Duration::from_secs(600) };

/// The most bytes of a question: an Ingress as it is and as it will be, each of which has at most 1.5 MiB in etcd, and what is said about
/// them.
const MOST: usize = 4 << 20;
/// How long a question may take to arrive.
const ARRIVES: Duration = Duration::from_secs(5);

const TOO_LARGE: &str = "a question has at most 4 MiB";

const PATH: &str = "/validate";

/// A refusal, and why.
type Refusal = (StatusCode, String);

/// Answers until the program ends. Returns the address.
///
/// # Errors
/// The address cannot be bound.
pub async fn serve(
    address: SocketAddr,
    identity: Arc<Identity>,
    desk: Arc<Desk>,
) -> Result<SocketAddr, Error> {
    let failed = |source| Error::ListenForWebhook { address, source };
    let listener = http::listen(address).await.map_err(failed)?;
    let acceptor = identity.acceptor()?;
    let open = move |stream| {
        let acceptor = acceptor.clone();
        // Whoever fails the handshake learns it from TLS.
        async move { acceptor.accept(stream).await.ok() }
    };
    let bound = http::serve_over(listener, LIMITS, open, move |request| {
        let desk = Arc::clone(&desk);
        async move {
            match asked(request).await {
                Ok(review) => {
                    let warnings = desk.warnings(review.subject).await;
                    response(StatusCode::OK, "application/json", answer(&review.uid, &warnings))
                }
                Err((status, why)) => response(status, "text/plain; charset=utf-8", why.into_bytes()),
            }
        }
    });
    bound.map_err(failed)
}

/// The question of a request.
async fn asked(request: Request<Incoming>) -> Result<Review, Refusal> {
    let refused = |status, why: &str| Err((status, format!("{why}\n")));
    if request.uri().path() != PATH {
        return refused(StatusCode::NOT_FOUND, "not found: the path is /validate");
    }
    if request.method() != Method::POST {
        return refused(StatusCode::METHOD_NOT_ALLOWED, "send an AdmissionReview by POST");
    }
    let form = request.headers().get(CONTENT_TYPE).and_then(|form| form.to_str().ok()).unwrap_or_default();
    if form.split(';').next().unwrap_or_default().trim() != "application/json" {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send an AdmissionReview as application/json");
    }
    if request.body().size_hint().lower() > MOST as u64 {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE);
    }
    let body = Limited::new(request.into_body(), MOST).collect();
    let body = match timeout(ARRIVES, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return refused(StatusCode::PAYLOAD_TOO_LARGE, TOO_LARGE);
        }
        Ok(Err(error)) => return Err((StatusCode::BAD_REQUEST, format!("{error}\n"))),
        Err(_) => {
            return refused(StatusCode::REQUEST_TIMEOUT, "the question has not arrived within 5 seconds");
        }
    };
    Review::read(&body).map_err(|error| (StatusCode::BAD_REQUEST, format!("{error}\n")))
}

fn response(status: StatusCode, form: &'static str, content: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(content));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(form));
    if status == StatusCode::METHOD_NOT_ALLOWED {
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    }
    response
}

#[cfg(test)]
mod tests;
