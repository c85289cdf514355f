//! Calls of AWS over plain HTTP.

use std::time::Duration;

use ureq::Agent;

/// Status and text of an answer.
pub type Answer = (u16, String);

/// A client that accepts any status as an answer, and waits at most two minutes.
pub fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(Duration::from_secs(120)))
        .build()
        .new_agent()
}

/// A call of a service whose actions are form fields, signed with an access key.
pub fn form_call(endpoint: &str, key: &str, service: &str, form: &str) -> Result<Answer, ureq::Error> {
    let mut answer = agent()
        .post(endpoint)
        .header("Authorization", authorization(key, service))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .send(form)?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
}

/// A call of a service whose actions are in a header.
pub fn json_call(endpoint: &str, key: &str, service: &str, target: &str) -> Result<Answer, ureq::Error> {
    let mut answer = agent()
        .post(endpoint)
        .header("Authorization", authorization(key, service))
        .header("Content-Type", "application/x-amz-json-1.1")
        .header("X-Amz-Target", target)
        .send("{}")?;
    Ok((answer.status().as_u16(), answer.body_mut().read_to_string()?))
}

fn authorization(key: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20260101/eu-central-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}
