//! The few requests that this crate itself sends to an API server.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;

use crate::{TestServerError, agent::agent};

/// How long the server may take to answer. On an idle machine it takes milliseconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(120);

/// How long a readiness request may take. It is repeated.
const READY_WITHIN: Duration = Duration::from_secs(10);

/// A client that trusts one API server.
#[derive(Debug)]
pub(crate) struct Client {
    url: String,
    agent: Agent,
}

impl Client {
    pub(crate) fn new(url: &str, authority: &str) -> Result<Client, TestServerError> {
        let agent = agent(Some(authority), ANSWER_WITHIN)?;
        Ok(Client { url: url.to_owned(), agent })
    }

    /// Whether the server reports that it is ready.
    pub(crate) fn is_ready(&self, token: &str) -> bool {
        self.agent
            .get(format!("{}/readyz", self.url))
            .config()
            .timeout_global(Some(READY_WITHIN))
            .build()
            .header("Authorization", format!("Bearer {token}"))
            .call()
            .is_ok()
    }

    /// Sends JSON and returns the JSON of the answer.
    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Result<Value, TestServerError> {
        let send = || {
            self.agent
                .post(format!("{}{path}", self.url))
                .header("Authorization", format!("Bearer {token}"))
                .send_json(body)?
                .body_mut()
                .read_json()
        };
        send().map_err(refused(path))
    }
}

fn refused(request: &str) -> impl FnOnce(ureq::Error) -> TestServerError {
    let request = request.to_owned();
    move |source| TestServerError::Request { request, source: Box::new(source) }
}
