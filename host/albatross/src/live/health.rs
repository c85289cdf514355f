//! The endpoints for the kubelet, Prometheus and people: `/livez`, `/readyz`, `/metrics`, `/policy`,
//! `/snapshot`.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
};
use tokio::time::timeout;

use super::{metrics::Metrics, snapshots::SnapshotRequests, state::State, swap::PolicyPage};
use crate::http::{self, Limits};

/// The longest wait for a pass: the longest interval, and time for the pass.
const LONGEST_WAIT: Duration = Duration::from_secs(20 * 60);

/// The kubelet and Prometheus keep connections open; whoever fetches a snapshot waits longest.
const LIMITS: Limits = Limits {
    connections: 256,
    head: Duration::from_secs(60),
    connection: Duration::from_secs(2 * LONGEST_WAIT.as_secs()),
};

/// What the endpoints show.
#[derive(Clone)]
pub struct Pages {
    /// Whether the loop lives and is ready.
    pub state: Arc<State>,
    /// The metrics.
    pub metrics: Arc<Metrics>,
    /// Who decides.
    pub policy: Arc<PolicyPage>,
    /// Those who wait for what the controller sees. Absent: nobody may.
    pub snapshots: Option<Arc<SnapshotRequests>>,
}

/// Answers until the program ends.
///
/// # Errors
/// The address cannot be bound.
pub async fn serve(address: SocketAddr, pages: Pages) -> Result<SocketAddr, std::io::Error> {
    let listener = http::listen(address).await?;
    http::serve(listener, LIMITS, move |request| {
        let pages = pages.clone();
        async move { answer(&request, &pages).await }
    })
}

async fn answer(request: &Request<Incoming>, pages: &Pages) -> Response<Full<Bytes>> {
    match request.uri().path() {
        "/livez" => verdict(pages.state.alive()),
        "/readyz" => verdict(pages.state.ready()),
        "/metrics" => {
            let format = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            of_type(format, pages.metrics.text())
        }
        "/policy" if pages.state.plans() => of_type("application/json", pages.policy.text()),
        "/policy" => not_the_leader(),
        "/snapshot" => match &pages.snapshots {
            Some(snapshots) if pages.state.plans() => snapshot(snapshots).await,
            Some(_) => not_the_leader(),
            None => {
                let why = "this needs the flag --serve-snapshot: a snapshot has the names and hosts of all Ingresses, and the ARNs \
                           of the account\n";
                text(StatusCode::FORBIDDEN, why.to_owned())
            }
        },
        _ => text(
            StatusCode::NOT_FOUND,
            "not found: the paths are /livez, /readyz, /metrics, /policy and /snapshot\n".to_owned(),
        ),
    }
}

/// The bundle of the next pass.
async fn snapshot(snapshots: &SnapshotRequests) -> Response<Full<Bytes>> {
    match timeout(LONGEST_WAIT, snapshots.next()).await {
        Ok(Ok(bundle)) => of_type("application/json", Bytes::from_owner(Shared(bundle))),
        Ok(Err(_)) => not_the_leader(),
        Err(_) => verdict(Err("no pass has ended in time: see the log".to_owned())),
    }
}

fn not_the_leader() -> Response<Full<Bytes>> {
    verdict(Err("this replica does not lead, so it makes no plans: ask the holder of the Lease".to_owned()))
}

/// Several answers share the bytes of a bundle.
struct Shared(Arc<Vec<u8>>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

fn of_type(format: &'static str, content: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(content.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(format));
    response
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
