//! The headers that a load balancer removes and adds when it forwards.

use std::net::IpAddr;

use hyper::{
    HeaderMap,
    header::{
        CONNECTION, CONTENT_LENGTH, HOST, HeaderName, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION,
        TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    },
};

use crate::front::ForwardedFor;

/// Headers for one connection only (RFC 9110, section 7.6.1), besides those that `Connection` names.
const OF_CONNECTION: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
];
const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PORT: HeaderName = HeaderName::from_static("x-forwarded-port");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const TRACE: HeaderName = HeaderName::from_static("x-amzn-trace-id");

/// What a load balancer tells the target of a client.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// Its address.
    pub address: IpAddr,
    /// The scheme that it used.
    pub scheme: &'a str,
    /// The port of the listener.
    pub port: u16,
    /// What becomes of `X-Forwarded-For`.
    pub forwarded_for: ForwardedFor,
}

/// The protocol to which the client wants to change, such as `websocket`.
pub fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    names_in_connection(headers).any(|name| name == UPGRADE).then(|| headers.get(UPGRADE).cloned()).flatten()
}

/// Removes the headers that are meant for one connection only.
pub fn remove_those_of_connection(headers: &mut HeaderMap) {
    if headers.contains_key(TRANSFER_ENCODING) {
        // The coding counts (RFC 9112, section 6.3), and is chosen anew for the next connection.
        headers.remove(CONTENT_LENGTH);
    }
    let named: Vec<HeaderName> = names_in_connection(headers).collect();
    // A client must not be able to remove what the load balancer adds, or the host.
    for name in named.iter().filter(|name| **name != HOST).chain(&OF_CONNECTION) {
        headers.remove(name);
    }
}

fn names_in_connection(headers: &HeaderMap) -> impl Iterator<Item = HeaderName> {
    let values = headers.get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|name| name.trim().parse().ok())
}

/// Adds the headers `X-Forwarded-*` and `X-Amzn-Trace-Id` ("HTTP headers and Application Load Balancers", "Request tracing for your
/// Application Load Balancer"). `trace`: a new trace.
pub fn add_client(headers: &mut HeaderMap, client: Client<'_>, trace: &str) {
    match client.forwarded_for {
        ForwardedFor::Append => {
            let before =
                headers.get_all(FOR).iter().map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
            let mut all: Vec<String> = before.collect();
            all.push(client.address.to_string());
            set(headers, FOR, &all.join(", "));
        }
        ForwardedFor::Preserve => {}
        ForwardedFor::Remove => {
            headers.remove(FOR);
        }
    }
    set(headers, PROTO, client.scheme);
    set(headers, PORT, &client.port.to_string());
    let traced = headers.get(TRACE).map(|it| String::from_utf8_lossy(it.as_bytes()).into_owned());
    let traced = match traced {
        None => format!("Root={trace}"),
        // The load balancer adds itself to a trace that has begun.
        Some(begun) if begun.contains("Root=") => format!("Self={trace};{begun}"),
        Some(others) => format!("Root={trace};{others}"),
    };
    set(headers, TRACE, &traced);
}

/// Sets a header. What is no header value is left out: it can only come from a request, which has been read as one.
pub fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests;
