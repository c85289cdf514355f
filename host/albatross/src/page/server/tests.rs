//! What clients get that mean no good, over real connections.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
    time::Duration,
};

use super::{Board, is_of_this_machine, serve};
use hyper::{HeaderMap, header::HOST};

/// A server with nothing to show.
struct Server {
    address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

fn server() -> Server {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let address = runtime.block_on(serve(([127, 0, 0, 1], 0).into(), Arc::new(Board::default()))).unwrap();
    Server { address, _runtime: runtime }
}

impl Server {
    fn send(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = Vec::new();
        // A server that refuses in the middle of a request may reset the connection after its answer.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8(answer).unwrap()
    }

    fn get(&self, headers: &str) -> String {
        self.send(&format!("GET / HTTP/1.1\r\nConnection: close\r\n{headers}\r\n"))
    }
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

#[test]
fn every_answer_may_load_nothing_and_be_framed_by_nobody() {
    let answer = server().get("Host: localhost\r\n");
    assert_eq!(status(&answer), "503", "{answer}");
    let head = answer.split("\r\n\r\n").next().unwrap().to_lowercase();
    for expected in [
        "content-type: text/html; charset=utf-8",
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
        "cross-origin-resource-policy: same-origin",
    ] {
        assert!(head.contains(expected), "{expected} in {head}");
    }
}

#[test]
fn whoever_uses_another_name_or_hides_in_another_website_is_refused() {
    let server = server();
    for (headers, expected) in [
        ("Host: 127.0.0.1:1\r\n", "503"),
        ("Host: evil.example.org\r\n", "421"),
        ("", "400 421"),
        ("Host: localhost\r\nHost: evil.example.org\r\n", "400 421"),
        ("Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n", "403"),
        ("Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n", "503"),
        ("Host: localhost\r\nSec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: no-cors\r\n", "503"),
    ] {
        let answer = server.get(headers);
        assert!(expected.contains(status(&answer)), "{headers:?}: {answer}");
    }
}

#[test]
fn only_reading_is_allowed_and_a_large_head_is_refused() {
    let server = server();
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
        let answer = server.send(&format!(
            "{method} / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        ));
        assert_eq!(status(&answer), "405", "{answer}");
        assert!(answer.to_lowercase().contains("allow: get, head"), "{answer}");
    }
    let head = server.send("HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assert!(status(&head) == "503" && head.ends_with("\r\n\r\n"), "{head}");
    let large = server.get(&format!("Host: localhost\r\nX: {}\r\n", "x".repeat(40_000)));
    assert_eq!(status(&large), "431", "{large}");
    let long = server.send(&format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(70_000)));
    assert!(["414", "431"].contains(&status(&long)), "{long}");
    assert_eq!(status(&server.get("Host: localhost\r\n")), "503", "it lives on");
}

#[test]
fn clients_that_send_half_a_request_hold_up_nobody_else_for_long() {
    let server = server();
    let mut slow: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(server.address).unwrap()).collect();
    for stream in &mut slow {
        stream.write_all(b"GET / HTTP/1.1\r\nHost: local").unwrap();
    }
    // There is no room for another connection until the slow ones have used up their time.
    assert_eq!(status(&server.get("Host: localhost\r\n")), "503");
}

#[test]
fn only_names_of_this_machine_open_an_address_of_this_machine() {
    for (host, expected) in [
        ("localhost:8081", true),
        ("LOCALHOST", true),
        ("127.0.0.1:8081", true),
        ("127.9.9.9", true),
        ("[::1]:8081", true),
        ("evil.example.org:8081", false),
        ("localhost.example.org", false),
        ("127.0.0.1.example.org", false),
        ("", false),
    ] {
        let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
        assert_eq!(is_of_this_machine(&headers), expected, "{host}");
    }
    assert!(!is_of_this_machine(&HeaderMap::new()));
}
