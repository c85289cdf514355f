//! One request, from its head to its answer.

use std::{
    net::IpAddr,
    sync::{Arc, atomic::Ordering},
    time::SystemTime,
};

use albatross_contract::{Explanation, HttpRequest, Target};
use hyper::{Request, Response, StatusCode, body::Incoming, http::request::Parts};
use tokio::task::spawn_blocking;

use crate::{
    answer::Answer,
    backend::Backend,
    decision::{Decision, Outcome, decide},
    forwarding::{Forwarding, forward},
    front::Group,
    headers::{Client, set},
    pages::{self, ANSWERED_BY, Body},
    redirect::{location, on_this_machine},
    request::read,
    serving::Serving,
    transform::apply,
};

/// Answers a request.
pub async fn respond(serving: Arc<Serving>, client: IpAddr, request: Request<Incoming>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let asked = match read(&parts, client, &serving.front) {
        Ok(asked) => asked,
        Err(status) => return pages::error(status, "an Application Load Balancer refuses such a request"),
    };
    let number = serving.requests.fetch_add(1, Ordering::Relaxed);
    let decision = decide(&serving.front, &asked, number);
    let mut response = match &decision.outcome {
        Outcome::Redirect(redirect) => {
            let here = on_this_machine(redirect, &asked, &serving.ports);
            pages::redirect(redirect.status_code, &location(&here, &as_sent(&asked, &parts)))
        }
        Outcome::FixedResponse(fixed) => pages::fixed(
            fixed.status_code,
            fixed.content_type.as_deref(),
            fixed.message_body.as_deref().unwrap_or_default(),
        ),
        Outcome::Nothing => pages::error(
            StatusCode::SERVICE_UNAVAILABLE,
            "no target group of the rule gets requests, since no weight is above 0",
        ),
        Outcome::Forward { group, target } => match backend(&serving, group) {
            Some(backend) => {
                let forwarding = forwarding(&serving, &asked, &parts, &decision, backend, (client, number));
                forward(Request::from_parts(parts, body), forwarding).await
            }
            None => told(&serving, &asked, &decision, (group, *target)).await,
        },
    };
    set(response.headers_mut(), ANSWERED_BY, &answered_by(&serving, &decision));
    response
}

fn backend<'a>(serving: &'a Serving, group: &Group) -> Option<&'a Backend> {
    group.service.as_ref().and_then(|service| serving.backends.get(service))
}

/// The request with the path as the client sent it, which redirects keep.
fn as_sent(asked: &HttpRequest, parts: &Parts) -> HttpRequest {
    HttpRequest { path: parts.uri.path().to_owned(), ..asked.clone() }
}

fn forwarding<'a>(
    serving: &'a Serving,
    asked: &'a HttpRequest,
    parts: &Parts,
    decision: &Decision<'_>,
    backend: &'a Backend,
    (client, number): (IpAddr, u32),
) -> Forwarding<'a> {
    let transforms = decision.rule.map(|rule| rule.transforms.as_slice()).unwrap_or_default();
    let url = parts.uri.path_and_query().map_or("/", |url| url.as_str());
    let told = Client {
        address: client.to_canonical(),
        scheme: &asked.scheme,
        port: asked.port,
        forwarded_for: serving.front.forwarded_for,
    };
    Forwarding {
        backend,
        rewritten: apply(transforms, &asked.host, url),
        client: serving.front.is_application.then_some(told),
        trace: trace(number),
        idle_timeout: serving.front.idle_timeout,
    }
}

/// `1-67891233-abcdef012345678912345678`: the time and a number that no other request has.
fn trace(number: u32) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    format!("1-{:08x}-{:016x}{number:08x}", now.as_secs(), now.as_nanos() & u128::from(u64::MAX))
}

/// Says what would happen.
async fn told(
    serving: &Arc<Serving>,
    asked: &HttpRequest,
    decision: &Decision<'_>,
    forward: (&Group, Option<&Target>),
) -> Response<Body> {
    let explained = explained(serving, asked.clone()).await;
    let answer = Answer::new(&serving.front, asked, decision, forward, &explained);
    let status = if forward.1.is_some() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    match serde_json::to_vec_pretty(&answer) {
        Ok(mut text) => {
            text.push(b'\n');
            pages::json(status, text)
        }
        Err(error) => pages::error(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

async fn explained(serving: &Arc<Serving>, asked: HttpRequest) -> Result<Explanation, String> {
    let permit = Arc::clone(&serving.explanations).acquire_owned().await.map_err(|it| it.to_string())?;
    let explain = Arc::clone(&serving.explain);
    let explaining = spawn_blocking(move || {
        let explained = explain(&asked);
        drop(permit);
        explained
    });
    explaining.await.map_err(|error| error.to_string())?
}

/// `albatross-3b1f, listener 443, rule 30`.
fn answered_by(serving: &Serving, decision: &Decision<'_>) -> String {
    let rule = decision.rule.map_or("default action".to_owned(), |rule| format!("rule {}", rule.priority));
    format!("{}, listener {}, {rule}", serving.front.load_balancer, serving.front.listener.port)
}
