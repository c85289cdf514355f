//! Tokens, for which credentials are exchanged: the protocols "token authentication" and "OAuth 2" of docker's registry.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{
    Request, StatusCode,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use crate::{
    answer,
    credentials::Credentials,
    error::Fault,
    http::{Http, shown},
    session::{basic, may_follow, refusal},
};

/// Tokens have a few kilobytes.
const MOST: u64 = 1 << 20;
/// Any name will do; it is recorded by the server.
const CLIENT: &str = "albatross";

/// What a token is asked for.
pub(crate) struct Wanted {
    pub realm: Url,
    pub service: Option<String>,
    pub scope: String,
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
}

/// Asks for a token. `Ok(Err(message))`: the server refuses the credentials, or asks for some.
pub(crate) async fn fetch(
    http: &Http,
    wanted: &Wanted,
    credentials: Option<&Credentials>,
) -> Result<Result<String, String>, Fault> {
    let (url, request) = request(wanted, credentials);
    let no_token = |problem: String| Fault::NoToken { url: shown(&wanted.realm), problem };
    let request = request.map_err(|error| no_token(error.to_string()))?;
    let answer = http.send(&url, request).await?;
    let status = answer.status();
    if [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status) {
        return Ok(Err(answer::message(http, &url, answer).await));
    }
    if status != StatusCode::OK {
        return Err(no_token(format!("it answered {status}{}", answer::message(http, &url, answer).await)));
    }
    let text = http.body(&url, answer, "token", MOST).await?;
    let text = text.ok_or_else(|| no_token(format!("its answer has more than {MOST} bytes")))?;
    let answer: Answer = serde_json::from_slice(&text)
        .map_err(|error| no_token(format!("its answer is {}", place(&error))))?;
    let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty());
    token.map(Ok).ok_or_else(|| no_token("its answer has none".to_owned()))
}

/// Where an answer is not what was expected. The message of serde would quote it, and it may be the token.
fn place(error: &serde_json::Error) -> String {
    format!("not as expected in line {}, column {}", error.line(), error.column())
}

fn request(
    wanted: &Wanted,
    credentials: Option<&Credentials>,
) -> (Url, Result<Request<Full<Bytes>>, hyper::http::Error>) {
    let mut url = wanted.realm.clone();
    let service = wanted.service.as_deref();
    if let Some(Credentials::IdentityToken(token)) = credentials {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "refresh_token").append_pair("client_id", CLIENT);
        form.append_pair("scope", &wanted.scope).append_pair("refresh_token", token);
        form.extend_pairs(service.map(|service| ("service", service)));
        let body = Full::new(Bytes::from(form.finish()));
        let request = Request::post(url.as_str()).header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        return (url, request.body(body));
    }
    url.query_pairs_mut()
        .extend_pairs(service.map(|service| ("service", service)))
        .append_pair("scope", &wanted.scope);
    let mut request = Request::get(url.as_str());
    if let Some(Credentials::Password { user, password }) = credentials {
        request = request.header(AUTHORIZATION, basic(user, password));
    }
    (url, request.body(Full::default()))
}

/// Where a token server must be.
pub(crate) fn realm(from: &Url, text: &str) -> Result<Url, Fault> {
    let wrong = |problem| refusal(from, text, problem);
    let url = Url::parse(text).map_err(|_| wrong("is not a URL"))?;
    may_follow(from, &url).map_err(wrong)?;
    Ok(url)
}
