#![allow(clippy::unwrap_used)]

use std::{collections::BTreeMap, time::Instant};

use tokio::{io::AsyncWriteExt, time::sleep};

use super::*;
use crate::testing::{
    front,
    wire::{exchange, first, get, rest, served},
};

const QUICK: Limits = Limits { head: Duration::from_millis(300), connections: 2 };

#[tokio::test]
async fn a_client_that_does_not_finish_the_head_of_its_request_is_cut_off() {
    let balancers = served(vec![front()], BTreeMap::new(), QUICK).await;
    let began = Instant::now();
    let mut stream = TcpStream::connect(first(&balancers)).await.unwrap();
    // A byte now and then does not prolong it.
    for byte in b"GET / HTTP/1.1\r\n" {
        if stream.write_all(&[*byte]).await.is_err() {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    rest(&mut stream).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}

#[tokio::test]
async fn idle_connections_beyond_the_limit_do_not_keep_others_away_for_long() {
    let balancers = served(vec![front()], BTreeMap::new(), QUICK).await;
    let idle = [TcpStream::connect(first(&balancers)).await, TcpStream::connect(first(&balancers)).await];
    assert!(exchange(first(&balancers), &get("/", "")).await.starts_with("HTTP/1.1 404"));
    drop(idle);
}

#[tokio::test]
async fn what_is_too_large_or_ambiguous_gets_an_error_and_no_answer_of_a_rule() {
    let balancers = served(vec![front()], BTreeMap::new(), Limits::default()).await;
    let long = |length: usize| "a".repeat(length);
    for (what, sent, expected) in [
        ("a head without an end", format!("GET / HTTP/1.1\r\na: {}", long(300_000)).into_bytes(), "431"),
        ("a long header", get("/", &format!("a: {}\r\n", long(17_000))), "400"),
        ("a long URL", get(&format!("/{}", long(17_000)), ""), "414"),
        ("two lengths", get("/", "Content-Length: 1\r\nContent-Length: 2\r\n"), "400"),
        ("no length", get("/", "Content-Length: +1\r\n"), "400"),
        ("an unknown coding", get("/", "Transfer-Encoding: chunked, gzip\r\n"), "400"),
        ("a space before the colon", get("/", "a : b\r\n"), "400"),
        ("two hosts", get("/", "Host: other.example.org\r\n"), "400"),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n".to_vec(), "400"),
    ] {
        let answer = exchange(first(&balancers), &sent).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {expected}")), "{what}: {answer}");
    }
}
