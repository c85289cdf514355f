//! Rules, actions and certificates.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{ingress, service, shop, site::Site};
use crate::program::{Folder, quickstart, run};

#[test]
fn an_answer_names_rule_service_target_and_ingress_and_explains_them_as_explain_does() {
    let folder = Folder::new("serve-record");
    let bundle = folder.path("bundle.json");
    let site = Site::start("answer", &shop(), &["--record", &bundle]);
    let reply = site.get("https://shop.example.org/cart/items?page=2");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")));
    let told = reply.json();
    assert_eq!(told["target-group"], "shop/cart:80");
    assert_eq!((&told["listener"], &told["ingress"]), (&json!(443), &json!("shop/shop")));
    assert_eq!(told["because"], "the request matches shop.example.org /cart or /cart/*");
    let target = told["target"].as_str().unwrap();
    assert!(target.starts_with("i-") && target.ends_with(":30081"), "{target}");
    let by = reply.header("x-albatross-answered-by").unwrap();
    assert_eq!(
        by,
        format!("{}, listener 443, rule {}", told["load-balancer"].as_str().unwrap(), told["rule"])
    );

    let url = "https://shop.example.org/cart/items?page=2";
    let explained = run(&["explain", "request", "GET", url, "--snapshot", &bundle, "--output", "json"]);
    let explained: Value = serde_json::from_str(&explained.stdout).unwrap();
    let (ours, theirs) = (&told["explanation"], &explained["explanation"]);
    assert_eq!(ours["headline"], theirs["headline"]);
    let rules = |explanation: &Value| explanation["decisions"][0].clone();
    assert_eq!(rules(ours), rules(theirs));
}

#[test]
fn rules_for_hosts_headers_methods_queries_and_addresses_count_in_their_order() {
    let conditions = |condition: Value| json!([condition]);
    let canary = conditions(json!({"field": "http-header",
        "httpHeaderConfig": {"httpHeaderName": "X-Canary", "values": ["yes*"]}}));
    let post =
        conditions(json!({"field": "http-request-method", "httpRequestMethodConfig": {"Values": ["POST"]}}));
    let beta = conditions(json!({"field": "query-string",
        "queryStringConfig": {"values": [{"key": "beta", "value": "?n"}]}}));
    let elsewhere =
        conditions(json!({"field": "source-ip", "sourceIpConfig": {"values": ["198.51.100.0/24"]}}));
    let here = conditions(json!({"field": "source-ip", "sourceIpConfig": {"values": ["127.0.0.0/8"]}}));
    let services = ["canary", "post", "beta", "elsewhere", "here", "web"];
    let mut objects: Vec<Value> =
        services.iter().zip(30_080..).map(|(name, port)| service(name, port)).collect();
    objects.push(ingress(
        "shop",
        "shop.example.org",
        &[
            ("/h", "canary"),
            ("/m", "post"),
            ("/q", "beta"),
            ("/s", "elsewhere"),
            ("/t", "here"),
            ("/", "web"),
        ],
        &[
            ("conditions.canary", canary),
            ("conditions.post", post),
            ("conditions.beta", beta),
            ("conditions.elsewhere", elsewhere),
            ("conditions.here", here),
        ],
    ));
    objects.push(ingress("wiki", "*.wiki.example.org", &[("/", "web")], &[]));
    let site = Site::start("conditions", &objects, &[]);
    for (method, path, headers, expected) in [
        ("GET", "/h", "X-Canary: YES!\r\n", "canary"),
        ("GET", "/h", "X-Canary: no\r\n", "web"),
        ("POST", "/m", "", "post"),
        ("GET", "/m", "", "web"),
        ("GET", "/q?a=b&beta=on", "", "beta"),
        ("GET", "/q?beta=off", "", "web"),
        ("GET", "/s", "X-Forwarded-For: 198.51.100.7\r\n", "web"),
        ("GET", "/t/./u", "", "here"),
        ("GET", "/T", "", "web"),
    ] {
        let reply = site.asks(method, &format!("http://shop.example.org{path}"), headers).unwrap();
        assert_eq!(reply.json()["target-group"], format!("shop/{expected}:80"), "{method} {path} {headers}");
    }
    assert_eq!(site.get("http://a.wiki.example.org/").json()["ingress"], "shop/wiki");
    let nobody = site.get("http://other.example.org/");
    assert_eq!((nobody.status, nobody.header("server")), (404, Some("awselb/2.0")), "no rule matches");
    assert!(nobody.header("x-albatross-answered-by").unwrap().ends_with("listener 80, default action"));
}

#[test]
fn redirects_fixed_responses_and_weights_are_those_of_the_annotations() {
    let gone = json!({"type": "fixed-response",
        "fixedResponseConfig": {"contentType": "text/plain", "statusCode": "410", "messageBody": "moved on"}});
    let moved = json!({"type": "redirect", "redirectConfig": {"host": "new.#{host}", "path": "/shop/#{path}",
        "query": "from=#{host}&#{query}", "port": "444", "protocol": "HTTPS", "statusCode": "HTTP_302"}});
    let split = json!({"type": "forward", "forwardConfig": {"targetGroups": [
        {"serviceName": "web", "servicePort": 80, "weight": 3},
        {"serviceName": "canary", "servicePort": 80, "weight": 1}]}});
    let objects = [
        service("web", 30_080),
        service("canary", 30_081),
        ingress(
            "shop",
            "shop.example.org",
            &[("/gone", "gone-action"), ("/old", "moved-action"), ("/", "split-action")],
            &[
                ("actions.gone-action", gone),
                ("actions.moved-action", moved),
                ("actions.split-action", split),
                ("ssl-redirect", json!("443")),
            ],
        ),
    ];
    let site = Site::start("actions", &objects, &[]);
    let reply = site.get("http://shop.example.org/a/b?c=d");
    let local = site.address(443).port();
    let expected = format!("https://shop.example.org:{local}/a/b?c=d");
    assert_eq!((reply.status, reply.header("location")), (301, Some(expected.as_str())), "to the local port");
    let reply = site.get("https://shop.example.org/gone");
    assert_eq!((reply.status, reply.body.as_str()), (410, "moved on"));
    let reply = site.get("https://shop.example.org/old?a=b");
    let expected = "https://new.shop.example.org:444/shop/old?from=shop.example.org&a=b";
    assert_eq!((reply.status, reply.header("location")), (302, Some(expected)), "another host is elsewhere");

    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..40 {
        let told = site.get("https://shop.example.org/").json();
        *counts.entry(told["target-group"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let counts: Vec<(&str, u32)> = counts.iter().map(|(name, count)| (name.as_str(), *count)).collect();
    assert_eq!(counts, [("shop/canary:80", 10), ("shop/web:80", 30)]);
}

#[test]
fn each_host_gets_the_certificate_that_the_load_balancer_has_for_it() {
    let mut objects = shop();
    objects.push(ingress("wiki", "docs.example.org", &[("/", "web")], &[]));
    let site = Site::start("certificates", &objects, &[]);
    assert_eq!(site.get("https://shop.example.org/").json()["ingress"], "shop/shop");
    assert_eq!(site.get("https://docs.example.org/").json()["ingress"], "shop/wiki", "by its wildcard");
    let error = site.asks("GET", "https://shop.example.net/", "").unwrap_err();
    assert!(error.contains("not valid for name"), "the default certificate has another name: {error}");
}

#[test]
fn in_proxy_mode_the_answer_says_that_the_proxy_gets_the_request() {
    let ingress = json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": "shop", "namespace": "shop"},
        "spec": {"rules": [{"host": "shop.example.org"}]},
    });
    let settings = quickstart("settings.json");
    let site = Site::on(Folder::new("serve-proxy"), &[ingress], &["--settings", &settings]);
    site.prints("Ctrl-C ends the program");
    let told = site.get("https://shop.example.org/cart").json();
    assert!(
        told["next"].as_str().unwrap().starts_with("the proxy in the cluster gets the request"),
        "{told}"
    );
    assert!(told["target"].as_str().unwrap().ends_with(":9999"), "{told}");
}
