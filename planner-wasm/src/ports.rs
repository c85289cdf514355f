//! The ports on which load balancers listen in proxy mode: the default ports of HTTP and HTTPS.

/// Plain HTTP.
pub const HTTP: u16 = 80;
/// HTTP over TLS; the listener on it holds the certificates.
pub const HTTPS: u16 = 443;
/// In words, why there is a listener on each of them.
pub const REASON: &str = "every load balancer listens on 80 and 443";
