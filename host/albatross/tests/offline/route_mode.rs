//! Route mode as a person meets it: the 2048 game, and a shop with a Service that does not exist.

use crate::program::{Folder, quickstart, run};

const SHOP: &str = r"
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {type: NodePort, ports: [{port: 80}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  namespace: shop
  annotations: {kubernetes.io/ingress.class: alb, alb.ingress.kubernetes.io/scheme: internet-facing}
spec:
  rules:
    - host: shop.example.org
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
          - {path: /cart, pathType: Prefix, backend: {service: {name: cart, port: {number: 80}}}}
";

#[test]
fn the_2048_game_is_planned() {
    let answer = run(&["plan", "--snapshot", &quickstart("../route-mode/2048-game.snapshot.json")]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    for part in ["2048-game/2048-alb-ingress", "listener 80", "2048.example.org", "31380"] {
        assert!(answer.stdout.contains(part), "{part} is missing in:\n{}", answer.stdout);
    }
}

#[test]
fn a_simulated_shop_has_a_rule_for_each_path_and_says_which_service_is_missing() {
    let folder = Folder::new("route-mode");
    let manifests = folder.file("shop.yaml", SHOP);
    let answer = run(&["simulate", "--manifests", &manifests]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    for part in
        ["shop.example.org", "path /cart or /cart/*", "answer 503", "Service shop/cart does not exist"]
    {
        assert!(answer.stdout.contains(part), "{part} is missing in:\n{}", answer.stdout);
    }
}

#[test]
fn with_the_setting_a_simulated_shop_has_a_record_in_route_53() {
    let folder = Folder::new("route-mode-records");
    let manifests = folder.file("shop.yaml", SHOP);
    let settings = folder.file(
        "settings.json",
        r#"{"identity": {"cluster-id": "shop", "cluster-uid": "uid"}, "classes": [{"name": "alb", "mode": "route"}],
            "route53": {"domains": ["example.org"]}}"#,
    );
    let answer = run(&["simulate", "--manifests", &manifests, "--settings", &settings]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    for part in ["Route 53", "hosted zone example.org", "record shop.example.org A → albatross-"] {
        assert!(answer.stdout.contains(part), "{part} is missing in:\n{}", answer.stdout);
    }
}

#[test]
fn a_hosted_zone_that_cannot_exist_is_refused_by_the_name_of_its_setting() {
    let folder = Folder::new("route-mode-bad-zone");
    let manifests = folder.file("shop.yaml", SHOP);
    let settings = folder.file(
        "settings.json",
        r#"{"identity": {"cluster-id": "shop", "cluster-uid": "uid"}, "route53": {"zones": ["example.org"]}}"#,
    );
    let answer = run(&["simulate", "--manifests", &manifests, "--settings", &settings]);
    assert_ne!(answer.code, 0);
    assert!(answer.stderr.contains("route53.zones has \"example.org\""), "{}", answer.stderr);
}
