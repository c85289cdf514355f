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
use aws_smithy_types::base64;
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::{Digest, Sha256};

use super::endpoint::Endpoint;

/// All that S3 encodes in a query (Signature Version 4, "UriEncode"): everything but unreserved characters.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// All that S3 encodes in a key.
const KEY: &AsciiSet = &VALUE.remove(b'/');

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

    /// `PutObject`, if the object does not exist. Buckets with Object Lock accept no object without a checksum, and the hash in
    /// the signature does not count as one (`API_PutObject`, "Content-MD5").
    pub(super) fn put_new(key: &str, content: Bytes) -> Request {
        let checksum = base64::encode(Sha256::digest(&content));
        let headers = vec![("if-none-match", "*".to_owned()), ("x-amz-checksum-sha256", checksum)];
        Request { headers, content, ..Request::new("PUT", key) }
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
    use aws_config::SdkConfig;

    use super::*;

    #[test]
    fn a_query_is_encoded() {
        let request = Request::list("a/b c", Some("t+/="));
        assert_eq!(
            request.target(&Endpoint::of(&SdkConfig::builder().build()).unwrap(), "passes"),
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
        let covered = "host;if-none-match;x-amz-checksum-sha256;x-amz-content-sha256";
        assert!(authorization.contains(covered), "{authorization}");
    }

    #[test]
    fn an_object_is_written_with_the_checksum_that_object_lock_wants() {
        let request = Request::put_new("pass", Bytes::from_static(b"hello"));
        let checksum = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";
        assert!(request.headers.contains(&("x-amz-checksum-sha256", checksum.to_owned())), "{request:?}");
    }
}
