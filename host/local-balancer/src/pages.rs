//! Answers that a load balancer gives by itself.

use bytes::Bytes;
use http_body_util::{BodyExt, Full, combinators::BoxBody};
use hyper::{
    Response, StatusCode,
    header::{CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, SERVER},
};

use crate::headers::set;

/// The body of any answer.
pub type Body = BoxBody<Bytes, hyper::Error>;

/// Which load balancer, listener and rule answered. Added to what AWS would send, also where a redirect or a backend answers.
pub const ANSWERED_BY: HeaderName = HeaderName::from_static("x-albatross-answered-by");
/// Why the load balancer answers with an error.
const REASON: HeaderName = HeaderName::from_static("x-albatross-reason");

/// An error as an Application Load Balancer words it, with the reason, which AWS would not tell.
pub fn error(status: StatusCode, reason: &str) -> Response<Body> {
    let mut response = html(status);
    set(response.headers_mut(), REASON, reason);
    response
}

/// A redirect.
pub fn redirect(status: u16, location: &str) -> Response<Body> {
    let mut response = html(StatusCode::from_u16(status).unwrap_or(StatusCode::FOUND));
    set(response.headers_mut(), LOCATION, location);
    response
}

/// The text of a fixed response.
pub fn fixed(status: u16, content_type: Option<&str>, body: &str) -> Response<Body> {
    // AWS accepts 2XX, 4XX and 5XX, all of which are statuses.
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    // API_FixedResponseActionConfig names no default; an Application Load Balancer sends this one.
    let content_type = content_type.unwrap_or("text/plain; charset=utf-8");
    of_aws(of_type(status, content_type, Bytes::copy_from_slice(body.as_bytes())))
}

/// JSON of our own.
pub fn json(status: StatusCode, text: Vec<u8>) -> Response<Body> {
    of_type(status, "application/json", text.into())
}

/// The page that an Application Load Balancer sends with a status.
fn html(status: StatusCode) -> Response<Body> {
    let words = format!("{} {}", status.as_str(), status.canonical_reason().unwrap_or_default());
    let page = format!(
        "<html>\r\n<head><title>{words}</title></head>\r\n<body>\r\n<center><h1>{words}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    of_aws(of_type(status, "text/html", page.into()))
}

fn of_type(status: StatusCode, content_type: &str, content: Bytes) -> Response<Body> {
    let mut response = Response::new(Full::new(content).map_err(|never| match never {}).boxed());
    *response.status_mut() = status;
    set(response.headers_mut(), CONTENT_TYPE, content_type);
    response
}

/// The name that an Application Load Balancer gives itself in its own answers.
fn of_aws(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(SERVER, HeaderValue::from_static("awselb/2.0"));
    response
}
