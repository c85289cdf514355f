//! What servers say in answers that are not what was asked for.

use hyper::{
    HeaderMap, Response,
    body::Incoming,
    header::{CONTENT_TYPE, HeaderName},
};
use serde::Deserialize;
use url::Url;

use crate::http::Http;

/// The most that is read of such an answer.
const MOST: u64 = 64 << 10;

#[derive(Deserialize)]
struct Refusal {
    errors: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    code: Option<String>,
    message: Option<String>,
}

/// A header, if it is text.
pub(crate) fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Whether an answer is a page for people.
pub(crate) fn is_web_page(headers: &HeaderMap) -> bool {
    header(headers, CONTENT_TYPE).is_some_and(|it| it.trim_start().starts_with("text/html"))
}

/// What a server says about its refusal, in the format of the OCI distribution specification, with a colon before it. Empty: it
/// says nothing that can be read.
pub(crate) async fn message(http: &Http, url: &Url, answer: Response<Incoming>) -> String {
    if is_web_page(answer.headers()) {
        return " with a web page".to_owned();
    }
    let Ok(Some(text)) = http.body(url, answer, "answer", MOST).await else { return String::new() };
    let Ok(Refusal { errors }) = serde_json::from_slice(&text) else { return String::new() };
    let Some(Reason { code, message }) = errors.into_iter().next() else { return String::new() };
    let words: Vec<String> = [code, message].into_iter().flatten().filter(|it| !it.is_empty()).collect();
    if words.is_empty() { String::new() } else { format!(": {}", cut(&words.join(": "))) }
}

/// The beginning of a text that a server chose.
pub(crate) fn cut(text: &str) -> String {
    const MOST: usize = 200;
    let shown: String = text.chars().take(MOST).map(|it| if it.is_control() { ' ' } else { it }).collect();
    if text.chars().nth(MOST).is_some() { format!("{shown}…") } else { shown }
}
