//! The HTTP side of the recorder.

use std::{future::pending, io, net::TcpListener, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response, Uri,
    body::Incoming,
    http::{
        header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING},
        request::Parts,
    },
    server::conn::http1,
    service::service_fn,
};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::{TokioExecutor, TokioIo},
};

use super::{
    Call, Fault, Shared, answers,
    gate::{Gate, Passage},
    members::without_member,
};

/// Why a request gets no answer; the connection is closed.
type NoAnswer = Box<dyn std::error::Error + Send + Sync>;

/// The proxy, cloned for each connection.
#[derive(Clone)]
struct Proxy {
    upstream: Arc<str>,
    client: Client<HttpConnector, Full<Bytes>>,
    state: Arc<Shared>,
}

/// Serves until the runtime ends.
pub(super) async fn serve(listener: TcpListener, upstream: String, state: Arc<Shared>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    // A new connection for each call: moto closes connections after each answer, and a closing connection must not be
    // reused.
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build_http();
    let proxy = Proxy { upstream: upstream.into(), client, state };
    loop {
        let (connection, _) = listener.accept().await?;
        let proxy = proxy.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| proxy.answer(request));
            // Fails when the client goes away, or when the answer is lost on purpose.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(connection), service).await;
        });
    }
}

impl Proxy {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, NoAnswer> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let call = Call::new(&parts, &body);
        let passage = self.state.lock().gate.pass(call.is_write());
        if passage == Passage::Never {
            return pending().await;
        }
        let (number, fault, lacks) = {
            let mut state = self.state.lock();
            state.calls.push(call.clone());
            let is_too_fast = state.limits.as_mut().is_some_and(|limits| !limits.admit(&call));
            let fault = state.faults.next(&call.action).or(is_too_fast.then_some(Fault::Throttle));
            (state.calls.len() - 1, fault, state.lacks(&call))
        };

        let answer = match fault {
            None => match lacks {
                Some(right) => answers::denied(&call, &parts.headers, &right),
                None => self.forward(parts, body).await?,
            },
            Some(Fault::Throttle) => answers::throttled(&call, &parts.headers),
            Some(Fault::Refuse { status, code, message }) => {
                answers::error(&call, &parts.headers, status, &code, &message)
            }
            Some(Fault::Delay(delay)) => {
                tokio::time::sleep(delay).await;
                self.forward(parts, body).await?
            }
            Some(Fault::LoseAnswer) => {
                self.forward(parts, body).await?;
                return Err("the answer is lost, as the test requested".into());
            }
            Some(Fault::Omit { member_with }) => {
                self.altered(parts, body, |answer| without_member(answer, &member_with)).await?
            }
            Some(Fault::Replace { text, by }) => {
                self.altered(parts, body, |answer| answer.replace(&text, &by)).await?
            }
        };
        if let Some(recorded) = self.state.lock().calls.get_mut(number) {
            recorded.status = Some(answer.status().as_u16());
        }
        if passage == Passage::Last {
            self.state.lock().gate = Gate::Closed;
            return pending().await;
        }
        Ok(answer)
    }

    /// Returns the answer of the upstream. If the upstream cannot be reached, the client's connection is closed as well.
    async fn forward(&self, mut parts: Parts, body: Bytes) -> Result<Response<Full<Bytes>>, NoAnswer> {
        let path = parts.uri.path_and_query().map_or("/", |it| it.as_str());
        parts.uri = format!("{}{path}", self.upstream).parse::<Uri>()?;
        parts.headers.remove(CONNECTION);
        let (mut parts, body) =
            self.client.request(Request::from_parts(parts, Full::from(body))).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        // These headers are about the connection to the upstream, not the client's.
        parts.headers.remove(CONNECTION);
        parts.headers.remove(TRANSFER_ENCODING);
        Ok(Response::from_parts(parts, Full::from(body)))
    }

    /// Returns the answer of the upstream with an altered body.
    async fn altered(
        &self,
        parts: Parts,
        body: Bytes,
        alter: impl FnOnce(&str) -> String,
    ) -> Result<Response<Full<Bytes>>, NoAnswer> {
        let (mut parts, body) = self.forward(parts, body).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        // The length is that of the upstream's body.
        parts.headers.remove(CONTENT_LENGTH);
        Ok(Response::from_parts(parts, Full::from(alter(std::str::from_utf8(&body)?))))
    }
}
