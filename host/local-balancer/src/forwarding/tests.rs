#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use albatross_contract::{Rewrite, RuleTransform, TargetHealth};
use tokio::io::AsyncWriteExt;

use super::*;
use crate::{
    Front, Limits,
    testing::{
        front, group, rule,
        wire::{self, exchange, first, get, rest, served, until, web},
    },
};

/// A listener that forwards everything to Service `shop/web`.
fn shop() -> Front {
    let mut front = front();
    front.listener.rules = vec![rule(10, "/*", &[("web", 1)])];
    front.target_groups =
        BTreeMap::from([("web".to_owned(), group("shop/web", &[("10.0.0.1", TargetHealth::Healthy)]))]);
    front
}

#[tokio::test]
async fn a_backend_gets_the_request_with_the_headers_of_a_load_balancer_and_its_answer_goes_back() {
    let mut backend = wire::Backend::listen().await;
    let balancers = served(vec![shop()], web(backend.address), Limits::default()).await;
    let more =
        "X-Forwarded-For: 198.51.100.1\r\nX-Forwarded-Proto: gopher\r\nTE: trailers\r\nContent-Length: 5\r\n";
    let request = [get("/a%2fb?c=d", more).as_slice(), b"hello"].concat();
    let client = tokio::spawn(exchange(first(&balancers), Box::leak(request.into_boxed_slice())));
    let mut there = backend.connection().await;
    let seen = until(&mut there, "hello").await;
    assert!(seen.starts_with("GET /a%2fb?c=d HTTP/1.1\r\n"), "{seen}");
    for expected in [
        "host: shop.example.org\r\n",
        "x-forwarded-for: 198.51.100.1, 127.0.0.1\r\n",
        "x-forwarded-proto: http\r\n",
        "x-forwarded-port: 80\r\n",
        "x-amzn-trace-id: Root=1-",
        "content-length: 5\r\n",
    ] {
        assert!(seen.contains(expected), "{expected:?} is missing in {seen}");
    }
    assert!(!seen.contains("te:") && !seen.contains("connection:"), "{seen}");
    let answer =
        b"HTTP/1.1 201 Created\r\nX-App: yes\r\nKeep-Alive: timeout=9\r\nContent-Length: 4\r\n\r\nmade";
    there.write_all(answer).await.unwrap();
    let answer = client.await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201") && answer.ends_with("made"), "{answer}");
    assert!(answer.contains("x-app: yes") && !answer.contains("keep-alive"), "{answer}");
}

#[tokio::test]
async fn a_rule_rewrites_host_and_url() {
    let mut backend = wire::Backend::listen().await;
    let mut front = shop();
    let rewrite = |from: &str, to: &str| {
        vec![Rewrite { regular_expression: from.to_owned(), replacement: to.to_owned() }]
    };
    front.listener.rules[0].transforms = vec![
        RuleTransform::HostHeaderRewrite(rewrite("^shop\\.", "internal.")),
        RuleTransform::UrlRewrite(rewrite("^/cart/(.*)", "/$1")),
    ];
    let balancers = served(vec![front], web(backend.address), Limits::default()).await;
    let client = tokio::spawn(exchange(
        first(&balancers),
        b"GET /cart/items?page=2 HTTP/1.0\r\nHost: shop.example.org\r\n\r\n",
    ));
    let mut there = backend.connection().await;
    let seen = until(&mut there, "\r\n\r\n").await;
    assert!(
        seen.starts_with("GET /items?page=2 HTTP/1.1\r\n") && seen.contains("host: internal.example.org"),
        "{seen}"
    );
    drop(there);
    assert!(client.await.unwrap().contains(" 502 "), "the backend ended the connection without an answer");
}

#[tokio::test]
async fn an_old_client_that_names_no_host_gets_an_answer_too() {
    let mut backend = wire::Backend::listen().await;
    let balancers = served(vec![shop()], web(backend.address), Limits::default()).await;
    let client = tokio::spawn(exchange(first(&balancers), b"GET / HTTP/1.0\r\n\r\n"));
    let mut there = backend.connection().await;
    let seen = until(&mut there, "\r\n\r\n").await;
    assert!(seen.contains("host: 127.0.0.1\r\n"), "HTTP/1.1 demands a host: {seen}");
    there.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi").await.unwrap();
    assert!(client.await.unwrap().ends_with("hi"));
}

#[tokio::test]
async fn bodies_pass_piece_by_piece() {
    let mut backend = wire::Backend::listen().await;
    let balancers = served(vec![shop()], web(backend.address), Limits::default()).await;
    let mut client = TcpStream::connect(first(&balancers)).await.unwrap();
    client.write_all(&get("/", "Transfer-Encoding: chunked\r\n")).await.unwrap();
    client.write_all(b"5\r\nfirst\r\n").await.unwrap();
    let mut there = backend.connection().await;
    until(&mut there, "first").await;
    there.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n").await.unwrap();
    until(&mut client, "one").await;
    client.write_all(b"6\r\nsecond\r\n0\r\n\r\n").await.unwrap();
    until(&mut there, "second").await;
    there.write_all(b"3\r\ntwo\r\n0\r\n\r\n").await.unwrap();
    assert!(rest(&mut client).await.contains("two"));
}

#[tokio::test]
async fn a_request_whose_length_is_said_twice_reaches_the_backend_with_one_length() {
    let mut backend = wire::Backend::listen().await;
    let balancers = served(vec![shop()], web(backend.address), Limits::default()).await;
    let mut client = TcpStream::connect(first(&balancers)).await.unwrap();
    // By its length, the body ends after `G`; by its coding, which counts (RFC 9112, section 6.3), before.
    let head = "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n";
    client.write_all(format!("{head}0\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await.unwrap();
    let mut there = backend.connection().await;
    let seen = until(&mut there, "0\r\n\r\n").await;
    assert!(seen.contains("transfer-encoding: chunked") && !seen.contains("content-length"), "{seen}");
    assert!(!seen.contains("/b"), "{seen}");
    there.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    let answers = rest(&mut client).await;
    assert_eq!(answers.matches("HTTP/1.1 ").count(), 1, "the connection ends, whatever follows: {answers}");
}

#[tokio::test]
async fn a_connection_can_become_a_websocket() {
    let mut backend = wire::Backend::listen().await;
    let balancers = served(vec![shop()], web(backend.address), Limits::default()).await;
    let mut client = TcpStream::connect(first(&balancers)).await.unwrap();
    let request =
        b"GET /live HTTP/1.1\r\nHost: shop.example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut there = backend.connection().await;
    let seen = until(&mut there, "\r\n\r\n").await;
    assert!(seen.contains("connection: upgrade\r\n") && seen.contains("upgrade: websocket\r\n"), "{seen}");
    let answer =
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nwelcome";
    there.write_all(answer).await.unwrap();
    let seen = until(&mut client, "welcome").await;
    assert!(seen.starts_with("HTTP/1.1 101") && seen.contains("upgrade: websocket"), "{seen}");
    client.write_all(b"frame").await.unwrap();
    assert_eq!(until(&mut there, "frame").await, "frame");
    drop(client);
    assert_eq!(rest(&mut there).await, "", "the end passes on too");
}

#[tokio::test]
async fn a_backend_that_is_down_is_a_502_with_the_reason_and_one_that_is_silent_a_504() {
    let mut backend = wire::Backend::listen().await;
    let mut front = shop();
    front.idle_timeout = Duration::from_millis(300);
    let balancers = served(vec![front.clone()], web(backend.address), Limits::default()).await;
    let client =
        tokio::spawn(exchange(first(&balancers), b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
    let there = backend.connection().await;
    let answer = client.await.unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 504") && answer.contains("the idle timeout of the load balancer"),
        "{answer}"
    );
    drop(there);

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let balancers = served(vec![front], web(nobody), Limits::default()).await;
    let answer = exchange(first(&balancers), &get("/", "")).await;
    assert!(answer.starts_with("HTTP/1.1 502") && answer.contains("server: awselb/2.0"), "{answer}");
    assert!(answer.contains(&format!("x-albatross-reason: no connection to http://{nobody}")), "{answer}");
}
