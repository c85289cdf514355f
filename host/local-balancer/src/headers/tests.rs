#![allow(clippy::unwrap_used)]

use super::*;

fn headers(given: &[(&str, &str)]) -> HeaderMap {
    let mut made = HeaderMap::new();
    for (name, value) in given {
        made.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }
    made
}

fn names(headers: &HeaderMap) -> Vec<&str> {
    headers.keys().map(HeaderName::as_str).collect()
}

fn client(forwarded_for: ForwardedFor) -> Client<'static> {
    Client { address: "203.0.113.7".parse().unwrap(), scheme: "https", port: 443, forwarded_for }
}

#[test]
fn headers_of_a_connection_go_and_so_do_those_that_the_connection_header_names() {
    let mut given = headers(&[
        ("host", "shop.example.org"),
        ("connection", "close, X-Private"),
        ("connection", "host"),
        ("keep-alive", "timeout=5"),
        ("transfer-encoding", "chunked"),
        ("x-private", "yes"),
        ("accept", "*/*"),
    ]);
    remove_those_of_connection(&mut given);
    assert_eq!(names(&given), ["host", "accept"]);
}

#[test]
fn an_upgrade_counts_only_if_the_connection_header_names_it() {
    let both = headers(&[("connection", "keep-alive, Upgrade"), ("upgrade", "websocket")]);
    assert_eq!(upgrade(&both).unwrap(), "websocket");
    assert_eq!(upgrade(&headers(&[("upgrade", "h2c")])), None);
}

#[test]
fn the_target_learns_address_scheme_and_port_of_the_client() {
    let mut given = headers(&[("x-forwarded-for", "198.51.100.1"), ("x-forwarded-proto", "http")]);
    add_client(&mut given, client(ForwardedFor::Append), "1-a-b");
    assert_eq!(given["x-forwarded-for"], "198.51.100.1, 203.0.113.7");
    assert_eq!(given["x-forwarded-proto"], "https", "clients cannot say it");
    assert_eq!(given["x-forwarded-port"], "443");
    assert_eq!(given["x-amzn-trace-id"], "Root=1-a-b");
    add_client(&mut given, client(ForwardedFor::Remove), "1-c-d");
    assert_eq!(given["x-amzn-trace-id"], "Self=1-c-d;Root=1-a-b");
    assert!(!given.contains_key("x-forwarded-for"));
}
