//! Error responses in AWS's protocols.

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, StatusCode, http::HeaderMap, http::HeaderValue, http::header::CONTENT_TYPE};
use serde_json::json;

use super::Call;

/// The answer of a service that throttles.
///
/// Pages: EC2 API Reference, "Error codes" (`RequestLimitExceeded`, status 503); S3 API Reference, "Error responses" (`SlowDown`,
/// status 503); "Common Errors" of the query services
/// (`Throttling`) and of the JSON services (`ThrottlingException`), status 400.
pub(super) fn throttled(call: &Call, headers: &HeaderMap) -> Response<Full<Bytes>> {
    let (status, code) = match protocol(call, headers) {
        Protocol::Ec2 => (503, "RequestLimitExceeded"),
        Protocol::S3 => (503, "SlowDown"),
        Protocol::Json => (400, "ThrottlingException"),
        Protocol::Query => (400, "Throttling"),
    };
    error(call, headers, status, code, "Rate exceeded")
}

/// The answer to a caller that lacks a right.
///
/// Pages: IAM User Guide, "Troubleshoot access denied error messages"; EC2 API Reference, "Error codes"
/// (`UnauthorizedOperation`); "Common Errors" of the other services.
pub(super) fn denied(call: &Call, headers: &HeaderMap, right: &str) -> Response<Full<Bytes>> {
    let who = "User: arn:aws:sts::123456789012:assumed-role/albatross/controller";
    let why = format!("because no identity-based policy allows the {right} action");
    let message = format!("{who} is not authorized to perform: {right} {why}");
    match protocol(call, headers) {
        Protocol::Ec2 => {
            let message = format!("You are not authorized to perform this operation. {message}");
            error(call, headers, 403, "UnauthorizedOperation", &message)
        }
        Protocol::Json => error(call, headers, 400, "AccessDeniedException", &message),
        Protocol::S3 | Protocol::Query => error(call, headers, 403, "AccessDenied", &message),
    }
}

/// An error of a service.
pub(super) fn error(
    call: &Call,
    headers: &HeaderMap,
    status: u16,
    code: &str,
    message: &str,
) -> Response<Full<Bytes>> {
    const REQUEST: &str = "00000000-0000-0000-0000-000000000000";
    let (code_text, message_text) = (escaped(code), escaped(message));
    let (content_type, body) = match protocol(call, headers) {
        Protocol::Json => {
            ("application/x-amz-json-1.1", json!({ "__type": code, "message": message }).to_string())
        }
        Protocol::Ec2 => (
            "text/xml",
            format!(
                "<Response><Errors><Error><Code>{code_text}</Code><Message>{message_text}</Message></Error></Errors>\
                 <RequestID>{REQUEST}</RequestID></Response>"
            ),
        ),
        Protocol::S3 => (
            "application/xml",
            format!(
                "<Error><Code>{code_text}</Code><Message>{message_text}</Message><RequestId>{REQUEST}</RequestId></Error>"
            ),
        ),
        Protocol::Query => (
            "text/xml",
            format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code_text}</Code>\
                 <Message>{message_text}</Message></Error><RequestId>{REQUEST}</RequestId></ErrorResponse>"
            ),
        ),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

enum Protocol {
    Ec2,
    Json,
    Query,
    S3,
}

fn protocol(call: &Call, headers: &HeaderMap) -> Protocol {
    if headers.contains_key("x-amz-target") {
        Protocol::Json
    } else if call.service == "ec2" {
        Protocol::Ec2
    } else if call.service == "s3" {
        Protocol::S3
    } else {
        Protocol::Query
    }
}

/// Text, escaped for XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
