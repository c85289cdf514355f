//! The endpoints for the kubelet and Prometheus: `/livez`, `/readyz`, `/metrics`.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

use super::{metrics::Metrics, state::State};

/// The pause after accepting a connection has failed.
const PAUSE: Duration = Duration::from_secs(1);

/// Answers until the program ends.
///
/// # Errors
/// The address cannot be bound.
pub async fn serve(
    address: SocketAddr,
    state: Arc<State>,
    metrics: Arc<Metrics>,
) -> Result<SocketAddr, std::io::Error> {
    let listener = match TcpListener::bind(address).await {
        // The kernel has no IPv6: the unspecified address of IPv4 stands for all addresses then.
        Err(_) if address.ip() == Ipv6Addr::UNSPECIFIED => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await?
        }
        bound => bound?,
    };
    let bound = listener.local_addr()?;
    tokio::spawn(async move {
        loop {
            // Either the client is gone, or there are no more file descriptors, which a pause helps against.
            let Ok((stream, _)) = listener.accept().await else {
                tokio::time::sleep(PAUSE).await;
                continue;
            };
            let (state, metrics) = (Arc::clone(&state), Arc::clone(&metrics));
            tokio::spawn(async move {
                let answer = service_fn(|request| {
                    let response = answer(&request, &state, &metrics);
                    async move { Ok::<_, Infallible>(response) }
                });
                // The timer closes connections on which no request arrives.
                let mut builder = http1::Builder::new();
                let connection =
                    builder.timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), answer);
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "health connection");
                }
            });
        }
    });
    Ok(bound)
}

fn answer(request: &Request<Incoming>, state: &State, metrics: &Metrics) -> Response<Full<Bytes>> {
    match request.uri().path() {
        "/livez" => verdict(state.alive()),
        "/readyz" => verdict(state.ready()),
        "/metrics" => {
            let mut response = Response::new(Full::from(metrics.text()));
            let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(format));
            response
        }
        _ => {
            text(StatusCode::NOT_FOUND, "not found: the paths are /livez, /readyz and /metrics\n".to_owned())
        }
    }
}

fn verdict(problem: Result<(), String>) -> Response<Full<Bytes>> {
    match problem {
        Ok(()) => text(StatusCode::OK, "ok\n".to_owned()),
        Err(problem) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{problem}\n")),
    }
}

fn text(status: StatusCode, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    response
}
