#![allow(clippy::unwrap_used)]

use albatross_contract::{Listener, Protocol};
use hyper::Request;

use super::*;
use crate::testing::front;

fn parts(builder: hyper::http::request::Builder) -> Parts {
    builder.body(()).unwrap().into_parts().0
}

fn get(url: &str) -> hyper::http::request::Builder {
    Request::get(url).header("host", "shop.example.org")
}

fn at(protocol: Protocol, port: u16) -> Front {
    let front = front();
    Front { listener: Listener { protocol, port, ..front.listener.clone() }, ..front }
}

fn seen(request: hyper::http::request::Builder) -> Result<HttpRequest, StatusCode> {
    read(&parts(request), "127.0.0.1".parse().unwrap(), &at(Protocol::Https, 443))
}

#[test]
fn rules_see_the_port_of_the_listener_and_the_host_without_a_port() {
    let request =
        Request::get("/cart?page=2").header("host", "Shop.example.org:8443").header("X-Canary", "yes");
    let seen = seen(request).unwrap();
    assert_eq!((seen.scheme.as_str(), seen.host.as_str(), seen.port), ("https", "shop.example.org", 443));
    assert_eq!((seen.path.as_str(), seen.query.as_deref()), ("/cart", Some("page=2")));
    assert_eq!(seen.headers, [Tag { key: "x-canary".into(), value: "yes".into() }], "Host is the host");
    assert_eq!(seen.source_address.as_deref(), Some("127.0.0.1"));
}

#[test]
fn a_complete_url_in_the_request_line_takes_precedence_over_the_host_header() {
    assert_eq!(seen(get("http://api.example.org:80/v1")).unwrap().host, "api.example.org");
}

#[test]
fn requests_that_a_load_balancer_refuses_are_refused_with_its_status() {
    let long = |length: usize| "a".repeat(length);
    for (what, request, expected) in [
        ("no host", Request::get("/"), Some(StatusCode::BAD_REQUEST)),
        ("two hosts", get("/").header("host", "other.example.org"), Some(StatusCode::BAD_REQUEST)),
        (
            "a host that is no text",
            Request::get("/").header("host", b"\xff".as_slice()),
            Some(StatusCode::BAD_REQUEST),
        ),
        (
            "a tunnel",
            Request::connect("shop.example.org:443").header("host", "a"),
            Some(StatusCode::BAD_REQUEST),
        ),
        ("a long URL", get(&format!("/{}", long(LINE))), Some(StatusCode::URI_TOO_LONG)),
        ("a URL at the limit", get(&format!("/{}", long(LINE - 17))), None),
        ("a long header", get("/").header("a", long(LINE)), Some(StatusCode::BAD_REQUEST)),
        (
            "many headers",
            (0..5).fold(get("/"), |it, at| it.header(format!("a{at}"), long(15_000))),
            Some(StatusCode::BAD_REQUEST),
        ),
        ("as many as fit", (0..4).fold(get("/"), |it, at| it.header(format!("a{at}"), long(15_000))), None),
    ] {
        assert_eq!(seen(request).err(), expected, "{what}");
    }
    let old = Request::get("/").version(Version::HTTP_10);
    assert_eq!(seen(old).unwrap().host, "", "HTTP/1.0 knows no Host header");
}

#[test]
fn paths_are_compared_in_normal_form() {
    for (path, expected) in [
        ("/", "/"),
        ("/cart/", "/cart/"),
        ("/a/./b/../c", "/a/c"),
        ("/a/..", "/"),
        ("/../../etc", "/etc"),
        ("/a/.", "/a/"),
        ("/%63art", "/cart"),
        ("/a%2fb", "/a%2Fb"),
        ("/%2e%2e/a", "/a"),
        ("/50%", "/50%"),
        ("/50%zz", "/50%zz"),
        ("/%é", "/%é"),
        ("//a//b", "//a//b"),
        ("*", "/"),
    ] {
        assert_eq!(normal_path(path), expected, "{path}");
    }
}
