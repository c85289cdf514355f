//! A recorded call of AWS.

use std::time::SystemTime;

use hyper::http::{header::AUTHORIZATION, request::Parts};

/// One call of AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// When the call arrived.
    pub at: SystemTime,
    /// The id of the access key that signed the call, which distinguishes controllers with different credentials. Absent:
    /// the call is not signed.
    pub author: Option<String>,
    /// The HTTP method.
    pub method: String,
    /// The service, by its signing name, such as `elasticloadbalancing`. Empty: the call is not signed.
    pub service: String,
    /// The action, such as `DescribeLoadBalancers`; for a service without named actions, the path.
    pub action: String,
    /// The status of the answer. Absent: there is no answer yet, the answer was lost, or the client went away before.
    pub status: Option<u16>,
}

impl Call {
    /// Reads the call from a request.
    pub(super) fn new(request: &Parts, body: &[u8]) -> Call {
        let credential = credential(request);
        Call {
            at: SystemTime::now(),
            author: credential.as_ref().map(|it| it.key.to_owned()),
            method: request.method.to_string(),
            action: match &credential {
                Some(credential) if credential.service == "s3" => s3_action(request).to_owned(),
                _ => action(request, body),
            },
            service: credential.map(|it| it.service.to_owned()).unwrap_or_default(),
            status: None,
        }
    }

    /// Whether the action changes something: its name does not begin with a verb that AWS uses for reads.
    pub fn is_write(&self) -> bool {
        const READING: &[&str] = &["AssumeRole", "Describe", "Get", "List", "Search"];
        !READING.iter().any(|verb| self.action.starts_with(verb))
    }

    /// Whether the client got an answer. A client that gives up repeats the call, so a test that counts the intended calls
    /// must count only answered ones.
    pub fn is_answered(&self) -> bool {
        self.status.is_some()
    }
}

/// The parts of a signature that say who called which service.
struct Credential<'a> {
    key: &'a str,
    service: &'a str,
}

/// Page: IAM User Guide, "Elements of an AWS API request signature":
/// `Credential=<key>/<date>/<region>/<service>/aws4_request`.
fn credential(request: &Parts) -> Option<Credential<'_>> {
    let header = request.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (_, credential) = header.split_once("Credential=")?;
    let scope = credential.split([',', ' ']).next()?;
    let mut parts = scope.split('/');
    Some(Credential { key: parts.next()?, service: parts.nth(2)? })
}

/// The three ways in which AWS's protocols name an action: a form field (query, EC2), a header (JSON), the path (REST).
fn action(request: &Parts, body: &[u8]) -> String {
    if let Some(target) = request.headers.get("x-amz-target").and_then(|it| it.to_str().ok()) {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    let body = String::from_utf8_lossy(body);
    let query = request.uri.query().unwrap_or_default();
    let named = body.split('&').chain(query.split('&')).find_map(|it| it.strip_prefix("Action="));
    match named {
        Some(named) => named.to_owned(),
        None => rest_action(request.method.as_str(), request.uri.path()).to_owned(),
    }
}

/// The action of a REST service. Only the actions of Route 53 have names here (its API reference, "Request Syntax"); for
/// others, the path stands for the action.
fn rest_action<'a>(method: &str, path: &'a str) -> &'a str {
    let Some(rest) = path.strip_prefix("/2013-04-01/hostedzone") else { return path };
    let parts: Vec<&str> = rest.split('/').filter(|part| !part.is_empty()).collect();
    match (method, parts.as_slice()) {
        ("GET", []) => "ListHostedZones",
        ("GET", [_]) => "GetHostedZone",
        ("GET", [_, "rrset"]) => "ListResourceRecordSets",
        ("POST", []) => "CreateHostedZone",
        ("POST", [_, "rrset"]) => "ChangeResourceRecordSets",
        _ => path,
    }
}

/// The action of S3 (its API reference, "Request Syntax"), as far as Albatross makes it; the path stands for others.
fn s3_action(request: &Parts) -> &str {
    let path = request.uri.path();
    let is_object = path.trim_matches('/').contains('/');
    match (request.method.as_str(), is_object) {
        ("GET", false) if request.uri.query().is_some_and(|query| query.contains("list-type=2")) => {
            "ListObjectsV2"
        }
        ("GET", true) => "GetObject",
        ("PUT", true) => "PutObject",
        ("DELETE", true) => "DeleteObject",
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use hyper::Request;

    use super::*;

    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=REPLICA-1/20260101/eu-central-1/elasticloadbalancing/aws4_request, \
                          SignedHeaders=host, Signature=0";

    fn call(builder: hyper::http::request::Builder, body: &str) -> Call {
        Call::new(&builder.body(()).unwrap().into_parts().0, body.as_bytes())
    }

    #[test]
    fn a_form_names_the_action_and_the_signature_names_the_author() {
        let request = Request::post("/").header("Authorization", SIGNED);
        let call = call(request, "Action=DescribeLoadBalancers&Version=2015-12-01");
        assert_eq!(call.action, "DescribeLoadBalancers");
        assert_eq!(call.author.as_deref(), Some("REPLICA-1"));
        assert_eq!(call.service, "elasticloadbalancing");
        assert!(!call.is_write());
    }

    #[test]
    fn a_header_names_the_action_of_a_json_service() {
        let call =
            call(Request::post("/").header("X-Amz-Target", "CertificateManager.ImportCertificate"), "{}");
        assert_eq!(call.action, "ImportCertificate");
        assert_eq!((call.author.as_deref(), call.service.as_str()), (None, ""));
        assert!(call.is_write());
    }

    #[test]
    fn method_and_path_stand_for_the_action_of_s3() {
        let signed = SIGNED.replace("elasticloadbalancing", "s3");
        let action = |method: &str, uri: &str| {
            call(Request::builder().method(method).uri(uri).header("Authorization", &signed), "Action=x")
                .action
        };
        assert_eq!(action("GET", "/passes/?list-type=2&prefix=a%2F"), "ListObjectsV2");
        assert_eq!(action("GET", "/passes/a/pass-1"), "GetObject");
        assert_eq!(action("PUT", "/passes/a/pass-1"), "PutObject");
        assert_eq!(action("DELETE", "/passes/a/pass-1"), "DeleteObject");
        assert_eq!(action("PUT", "/passes"), "/passes");
    }

    #[test]
    fn a_path_stands_for_the_action_of_a_rest_service() {
        let action = |request| call(request, "").action;
        assert_eq!(action(Request::get("/2020-05-31/distribution?MaxItems=1")), "/2020-05-31/distribution");
        assert_eq!(action(Request::get("/2013-04-01/hostedzone?maxitems=1")), "ListHostedZones");
        assert_eq!(action(Request::get("/2013-04-01/hostedzone/Z1/rrset")), "ListResourceRecordSets");
        assert_eq!(action(Request::post("/2013-04-01/hostedzone/Z1/rrset/")), "ChangeResourceRecordSets");
    }
}
