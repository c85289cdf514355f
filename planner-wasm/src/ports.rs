//! The ports on which load balancers listen in proxy mode: the default ports of HTTP and HTTPS.

use albatross_contract::Protocol;

/// Plain HTTP.
pub const HTTP: u16 = 80;
/// HTTP over TLS; the listener on it holds the certificates.
pub const HTTPS: u16 = 443;
/// In words, why an Application Load Balancer with HTTPS has a listener on each of them.
pub const REASON: &str = "every load balancer with HTTPS listens on 80 and 443";
/// In words, why a load balancer that serves HTTP only has its listener.
pub const REASON_OF_HTTP_ONLY: &str = "its Ingresses ask for HTTP only";

/// Whether listeners with this protocol have certificates and a TLS policy.
pub fn has_certificates(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Https | Protocol::Tls)
}
