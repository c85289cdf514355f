//! The ports that load balancers in front of a proxy listen on: what browsers ask without being told a port.

/// Plain HTTP.
pub const HTTP: u16 = 80;
/// HTTP over TLS; the listener on it holds the certificates.
pub const HTTPS: u16 = 443;
/// Why there is a listener on each of them, in words.
pub const REASON: &str = "every load balancer listens on 80 and 443";
