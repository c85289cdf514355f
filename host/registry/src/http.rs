//! Requests with limits: how long to wait, and how much to read.

use std::{sync::OnceLock, time::Duration};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Request, Response, body::Incoming, header::USER_AGENT, http::HeaderValue};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use tokio::time::timeout;
use url::Url;

use crate::error::Fault;

const OURSELVES: HeaderValue = HeaderValue::from_static(concat!("albatross/", env!("CARGO_PKG_VERSION")));

type Answering<C> = Client<C, Full<Bytes>>;

/// A client for HTTP and HTTPS.
pub(crate) struct Http {
    plain: Answering<HttpConnector>,
    /// Made for the first request that needs it: it reads the root certificates of the system.
    secure: OnceLock<Answering<HttpsConnector<HttpConnector>>>,
    /// How long a server may send nothing.
    pub wait: Duration,
}

/// The host of a URL, with its port if it is not the usual one.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// A URL as messages have it: without the query, which can be as good as a password.
pub(crate) fn shown(url: &Url) -> String {
    format!("{}://{}{}", url.scheme(), host(url), url.path())
}

impl Http {
    pub fn new(wait: Duration) -> Http {
        let plain = Client::builder(TokioExecutor::new()).build_http();
        Http { plain, secure: OnceLock::new(), wait }
    }

    fn secure(&self) -> Result<&Answering<HttpsConnector<HttpConnector>>, Fault> {
        if let Some(client) = self.secure.get() {
            return Ok(client);
        }
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
            .map_err(Fault::Roots)?
            .https_only()
            .enable_http1()
            .build();
        Ok(self.secure.get_or_init(|| Client::builder(TokioExecutor::new()).build(connector)))
    }

    /// Sends a request, and waits for the head of the answer.
    pub async fn send(
        &self,
        url: &Url,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Fault> {
        request.headers_mut().insert(USER_AGENT, OURSELVES);
        let answer = match url.scheme() {
            "https" => self.secure()?.request(request),
            _ => self.plain.request(request),
        };
        match timeout(self.wait, answer).await {
            Ok(answer) => {
                answer.map_err(|source| Fault::Unreachable { host: host(url), source: Box::new(source) })
            }
            Err(_) => Err(Fault::Silent { host: host(url), waited: self.wait }),
        }
    }

    /// Reads the body of an answer to `url`. `None`: it has more than `most` bytes.
    pub async fn body(
        &self,
        url: &Url,
        answer: Response<Incoming>,
        what: &'static str,
        most: u64,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let mut body = answer.into_body();
        let mut bytes = Vec::new();
        loop {
            let frame = timeout(self.wait, body.frame())
                .await
                .map_err(|_| Fault::Silent { host: host(url), waited: self.wait })?;
            let Some(frame) = frame else { return Ok(Some(bytes)) };
            let frame = frame.map_err(|source| Fault::Broken { what, got: bytes.len(), source })?;
            let data = frame.into_data().unwrap_or_default();
            if (bytes.len() as u64).saturating_add(data.len() as u64) > most {
                return Ok(None);
            }
            bytes.extend_from_slice(&data);
        }
    }
}
