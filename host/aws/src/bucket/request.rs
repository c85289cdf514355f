//! Requests to S3, and their signatures.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{
        PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings,
        UriPathNormalizationMode, sign as sign_request,
    },
    sign::v4::SigningParams,
};
use aws_smithy_runtime_api::{box_error::BoxError, client::identity::Identity};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All that S3 encodes in a query (Signature Version 4, "UriEncode"): everything but unreserved characters.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// All that S3 encodes in a key.
const KEY: &AsciiSet = &VALUE.remove(b'/');

/// Where S3 answers.
#[derive(Clone, Debug)]
pub(super) enum Endpoint {
    /// At AWS.
    Aws,
    /// At this URL, without a slash at its end.
    At(String),
}

impl Endpoint {
    /// The endpoint that `AWS_ENDPOINT_URL` names, else AWS's.
    pub(super) fn of(url: Option<&str>) -> Endpoint {
        url.map_or(Endpoint::Aws, |url| Endpoint::At(url.trim_end_matches('/').to_owned()))
    }

    /// Whether the bucket is a part of the path, and not of the host name. Elsewhere than at AWS host names with a bucket may not
    /// exist; and the certificate of AWS's host names covers no bucket with a dot.
    fn has_path_style(&self, bucket: &str) -> bool {
        matches!(self, Endpoint::At(_)) || bucket.contains('.')
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self, bucket: &str, region: &str) -> String {
        match self {
            Endpoint::At(url) => {
                let host = url.find("://").map_or(0, |at| at + 3);
                let end = url[host..].find('/').map_or(url.len(), |at| host + at);
                url[..end].to_owned()
            }
            Endpoint::Aws => {
                let host = format!("s3.{region}.{}", domain(region));
                if self.has_path_style(bucket) {
                    format!("https://{host}")
                } else {
                    format!("https://{bucket}.{host}")
                }
            }
        }
    }

    /// What a path begins with.
    fn base(&self, bucket: &str) -> String {
        let before = match self {
            Endpoint::At(url) => {
                let host = url.find("://").map_or(0, |at| at + 3);
                url[host..].find('/').map_or("", |at| &url[host + at..])
            }
            Endpoint::Aws => "",
        };
        if self.has_path_style(bucket) { format!("{before}/{bucket}") } else { before.to_owned() }
    }
}

/// The domain of a partition of AWS.
fn domain(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "amazonaws.com.cn",
        region if region.starts_with("eusc-") => "amazonaws.eu",
        _ => "amazonaws.com",
    }
}

/// A request.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: &'static str,
    /// Empty: the bucket itself.
    key: String,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    pub(super) content: Bytes,
}

impl Request {
    fn new(method: &'static str, key: &str) -> Request {
        Request { method, key: key.to_owned(), query: Vec::new(), headers: Vec::new(), content: Bytes::new() }
    }

    /// `ListObjectsV2`. Keys come encoded: XML cannot express all of them.
    pub(super) fn list(prefix: &str, token: Option<&str>) -> Request {
        let token = token.map(|token| ("continuation-token", token.to_owned()));
        let query = [
            ("list-type", "2".to_owned()),
            ("encoding-type", "url".to_owned()),
            ("delimiter", "/".to_owned()),
        ];
        let query = query.into_iter().chain([("prefix", prefix.to_owned())]).chain(token).collect();
        Request { query, ..Request::new("GET", "") }
    }

    /// `GetObject`. One byte more than `most` shows that there are more.
    pub(super) fn get(key: &str, most: u64) -> Request {
        Request { headers: vec![("range", format!("bytes=0-{most}"))], ..Request::new("GET", key) }
    }

    /// `PutObject`, if the object does not exist.
    pub(super) fn put_new(key: &str, content: Bytes) -> Request {
        Request { headers: vec![("if-none-match", "*".to_owned())], content, ..Request::new("PUT", key) }
    }

    /// `DeleteObject`.
    pub(super) fn delete(key: &str) -> Request {
        Request::new("DELETE", key)
    }

    /// Path and query.
    pub(super) fn target(&self, endpoint: &Endpoint, bucket: &str) -> String {
        let path = format!("{}/{}", endpoint.base(bucket), utf8_percent_encode(&self.key, KEY));
        let query =
            self.query.iter().map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, VALUE)));
        let query = query.collect::<Vec<_>>().join("&");
        if query.is_empty() { path } else { format!("{path}?{query}") }
    }
}

/// Signs a request. Returns all its headers. The signature covers the content, so that S3 refuses what was changed on the way.
///
/// # Errors
/// The URL is none, or a header cannot be signed.
pub(super) fn sign(
    request: &Request,
    url: &str,
    region: &str,
    credentials: &Credentials,
) -> Result<Vec<(String, String)>, BoxError> {
    let mut settings = SigningSettings::default();
    settings.percent_encoding_mode = PercentEncodingMode::Single;
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    let identity = Identity::from(credentials.clone());
    let parameters = SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name("s3")
        .time(SystemTime::now())
        .settings(settings)
        .build()?
        .into();
    let own = request.headers.iter().map(|(name, value)| (*name, value.as_str()));
    let signable =
        SignableRequest::new(request.method, url, own.clone(), SignableBody::Bytes(&request.content))?;
    let (signed, _) = sign_request(signable, &parameters)?.into_parts();
    let all = own.chain(signed.headers());
    Ok(all.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_in_the_host_name_at_aws_and_in_the_path_elsewhere() {
        let request = Request::get("fleet a/pass+1", 9);
        let url = |endpoint: &Endpoint, bucket: &str, region: &str| {
            format!("{}{}", endpoint.origin(bucket, region), request.target(endpoint, bucket))
        };
        let aws = Endpoint::of(None);
        assert_eq!(
            url(&aws, "passes", "eu-west-1"),
            "https://passes.s3.eu-west-1.amazonaws.com/fleet%20a/pass%2B1"
        );
        assert_eq!(
            url(&aws, "my.passes", "cn-north-1"),
            "https://s3.cn-north-1.amazonaws.com.cn/my.passes/fleet%20a/pass%2B1"
        );
        for (given, expected) in [
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/passes/fleet%20a/pass%2B1"),
            ("http://127.0.0.1:9000/", "http://127.0.0.1:9000/passes/fleet%20a/pass%2B1"),
            ("https://example.org/s3/", "https://example.org/s3/passes/fleet%20a/pass%2B1"),
        ] {
            assert_eq!(url(&Endpoint::of(Some(given)), "passes", "eu-west-1"), expected);
        }
    }

    #[test]
    fn a_query_is_encoded() {
        let request = Request::list("a/b c", Some("t+/="));
        assert_eq!(
            request.target(&Endpoint::of(None), "passes"),
            "/?list-type=2&encoding-type=url&delimiter=%2F&prefix=a%2Fb%20c&continuation-token=t%2B%2F%3D"
        );
    }

    #[test]
    fn a_signature_covers_the_content() {
        let credentials = || Credentials::new("key", "secret", Some("token".to_owned()), None, "test");
        let signed = |content: &'static [u8]| {
            let request = Request::put_new("pass", Bytes::from_static(content));
            sign(&request, "https://passes.s3.eu-west-1.amazonaws.com/pass", "eu-west-1", &credentials())
                .unwrap()
        };
        let header = |headers: &[(String, String)], name: &str| {
            headers.iter().find(|(it, _)| it == name).map(|(_, value)| value.clone()).unwrap()
        };
        let headers = signed(b"one");
        assert_ne!(header(&headers, "x-amz-content-sha256"), header(&signed(b"two"), "x-amz-content-sha256"));
        assert_eq!(header(&headers, "x-amz-security-token"), "token");
        let authorization = header(&headers, "authorization");
        assert!(authorization.contains("/eu-west-1/s3/aws4_request"), "{authorization}");
        assert!(authorization.contains("host;if-none-match;x-amz-content-sha256"), "{authorization}");
    }
}
