#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use albatross_contract::{ListenerAction, Protocol, RedirectAction, TargetHealth};
use tokio::net::TcpStream;

use super::*;
use crate::testing::{
    front, group, rule,
    wire::{exchange, explain, first, get, rest, served, until},
};

/// A listener whose requests go to a Service.
fn web(load_balancer: &str, port: u16) -> Front {
    let mut front = front();
    front.load_balancer = load_balancer.to_owned();
    front.listener.port = port;
    front.listener.rules = vec![rule(10, "/*", &[("web", 1)])];
    front.target_groups =
        BTreeMap::from([("web".to_owned(), group("shop/web", &[("10.0.0.1", TargetHealth::Healthy)]))]);
    front
}

fn ports(balancers: &LocalBalancers) -> Vec<(String, u16, u16)> {
    let places = balancers.places().into_iter();
    places.map(|it| (it.load_balancer, it.listener, it.address.port())).collect()
}

#[tokio::test]
async fn without_a_backend_the_answer_says_where_a_request_goes_and_why() {
    let balancers = served(vec![web("one", 80)], BTreeMap::new(), Limits::default()).await;
    let answer = exchange(first(&balancers), &get("/cart?page=2", "")).await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(
        head.starts_with("HTTP/1.1 200")
            && head.contains("x-albatross-answered-by: one, listener 80, rule 10"),
        "{head}"
    );
    let told: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!((&told["target-group"], &told["target"]), (&"shop/web:80".into(), &"10.0.0.1:8080".into()));
    assert_eq!(told["because"], "the request matches any host /*");
    assert_eq!(told["explanation"]["headline"], "about /cart");
}

#[tokio::test]
async fn listeners_that_stay_keep_their_ports_and_those_that_go_end_their_connections() {
    let mut balancers =
        served(vec![web("one", 80), web("two", 80)], BTreeMap::new(), Limits::default()).await;
    let before = ports(&balancers);
    let mut kept_alive = TcpStream::connect(balancers.places()[1].address).await.unwrap();
    let request = b"GET / HTTP/1.1\r\nHost: shop.example.org\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut kept_alive, request).await.unwrap();
    until(&mut kept_alive, "\n}\n").await;

    let mut changed = web("one", 80);
    changed.listener.rules[0].priority = 7;
    balancers.serve(vec![changed, web("one", 443)], &explain()).await.unwrap();
    let after = ports(&balancers);
    assert_eq!(after[0], before[0]);
    assert_eq!((after[1].0.as_str(), after[1].1), ("one", 443));
    assert!(exchange(first(&balancers), &get("/", "")).await.contains("rule 7"));
    assert_eq!(rest(&mut kept_alive).await, "", "the connection ends without another answer");
    assert!(TcpStream::connect(("127.0.0.1", before[1].2)).await.is_err(), "nobody listens there");
}

#[tokio::test]
async fn a_redirect_to_https_leads_to_the_local_port() {
    let mut http = front();
    http.listener.default_actions = vec![ListenerAction::Redirect(RedirectAction {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: "443".into(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        status_code: 301,
    })];
    let mut https = front();
    (https.listener.port, https.listener.protocol) = (443, Protocol::Https);
    https.certificates = vec![vec!["shop.example.org".into()]];
    let balancers = served(vec![http, https], BTreeMap::new(), Limits::default()).await;
    let local = balancers.places()[1].address.port();
    let answer = exchange(first(&balancers), &get("/a%20b?c=d", "")).await;
    assert!(
        answer.contains(&format!("location: https://shop.example.org:{local}/a%20b?c=d\r\n")),
        "{answer}"
    );
}

#[tokio::test]
async fn a_certificate_that_cannot_be_made_leaves_everything_as_it_is() {
    let mut balancers = served(vec![web("one", 80)], BTreeMap::new(), Limits::default()).await;
    let before = ports(&balancers);
    let mut https = front();
    (https.listener.port, https.listener.protocol) = (443, Protocol::Https);
    https.certificates = vec![vec!["größe.example.org".into()]];
    let refused = balancers.serve(vec![https], &explain()).await.unwrap_err();
    assert!(refused.to_string().contains("größe.example.org"), "{refused}");
    assert_eq!(ports(&balancers), before);
}
