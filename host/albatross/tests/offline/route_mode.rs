//! Route mode as a person meets it: the 2048 game, and a shop whose Services and paths change.

use serde_json::{Value, json};

use crate::program::{Answer, Folder, quickstart, run};

/// A Service with a node port.
fn service(name: &str, node_port: u16) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": "shop"},
        "spec": {"type": "NodePort", "ports": [{"port": 80, "nodePort": node_port}]},
    })
}

/// An Ingress of the class `alb` for shop.example.org: paths and their Services.
fn ingress(paths: &[(&str, &str)]) -> Value {
    let paths: Vec<Value> = paths
        .iter()
        .map(|(path, service)| {
            let backend = json!({"service": {"name": service, "port": {"number": 80}}});
            json!({"path": path, "pathType": "Prefix", "backend": backend})
        })
        .collect();
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
        "metadata": {"name": "shop", "namespace": "shop", "annotations": {
            "kubernetes.io/ingress.class": "alb", "alb.ingress.kubernetes.io/scheme": "internet-facing",
        }},
        "spec": {"rules": [{"host": "shop.example.org", "http": {"paths": paths}}]},
    })
}

/// A shop in files. The inventory is that of the quickstart until a simulation has converged.
struct Shop {
    folder: Folder,
    cloud: String,
    settings: String,
}

impl Shop {
    fn new(name: &str) -> Shop {
        let folder = Folder::new(name);
        let settings = json!({
            "identity": {"cluster-id": "quickstart", "cluster-uid": "0b7c5d5e-8f0a-4f0e-9a52-2d6f7a3c1b42"},
            "classes": [{"name": "alb", "mode": "route"}],
        });
        let settings = folder.file("settings.json", settings.to_string());
        Shop { folder, cloud: quickstart("cloud.json"), settings }
    }

    fn run(&self, command: &[&str], objects: &[Value], more: &[&str]) -> Answer {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
        let manifests = self.folder.file("shop.yaml", list.to_string());
        let inputs = ["--manifests", &manifests, "--cloud", &self.cloud, "--settings", &self.settings];
        let answer = run(&[command, &inputs, more].concat());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
        answer
    }

    /// The text of a command, with single spaces.
    fn text(&self, command: &[&str], objects: &[Value], more: &[&str]) -> String {
        let text = self.run(command, objects, more).stdout;
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Simulates until there is nothing to do; from now on its inventory is used.
    fn come_to_rest(&mut self, objects: &[Value]) {
        let answer = self.run(&["simulate"], objects, &["--output", "json"]);
        let document: Value = serde_json::from_str(&answer.stdout).unwrap();
        let cloud = json!({"format-version": 1, "inventory": document["simulation"]["inventory"]});
        self.cloud = self.folder.file("cloud.json", cloud.to_string());
    }
}

fn assert_has(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
}

#[test]
fn the_2048_game_is_planned() {
    let answer = run(&["plan", "--snapshot", &quickstart("../route-mode/2048-game.snapshot.json")]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    assert_has(&answer.stdout, &["2048-game/2048-alb-ingress", "listener 80", "2048.example.org", "31380"]);
}

#[test]
fn a_simulated_shop_has_a_rule_for_each_path_and_says_which_service_is_missing() {
    let folder = Folder::new("route-mode");
    let objects = [service("web", 30_080), ingress(&[("/", "web"), ("/cart", "cart")])];
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let manifests = folder.file("shop.yaml", list.to_string());
    let answer = run(&["simulate", "--manifests", &manifests]);
    assert_eq!(answer.code, 0, "{}{}", answer.stdout, answer.stderr);
    let text = answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_has(
        &text,
        &[
            "+ rule shop.example.org /cart or /cart/* → answer 503",
            "+ rule shop.example.org → shop/web:80",
            "Service shop/cart does not exist",
            "target group shop/web:80",
            "on the same port every 15 s",
            "later, when it exists, the nodes' security group quickstart-nodes (sg-",
            "admits it to TCP port 30080",
            "Plan: no load balancer changes. Security groups of the targets: 1 rule added.",
        ],
    );
    assert!(!answer.stdout.contains("in no Auto Scaling Group"), "{}", answer.stdout);
}

#[test]
fn explain_request_says_that_no_security_group_admits_the_client() {
    let mut shop = Shop::new("explain-request-clients");
    let mut limited = ingress(&[("/", "web")]);
    limited["metadata"]["annotations"]["alb.ingress.kubernetes.io/inbound-cidrs"] = json!("203.0.113.0/24");
    let objects = [service("web", 30_080), limited];
    shop.come_to_rest(&objects);
    let explain = |address: &str| {
        let question = ["explain", "request", "GET", "http://shop.example.org/"];
        shop.text(&question, &objects, &["--source-address", address])
    };
    let refused = "but no security group of the load balancer admits 198.51.100.1 to port 80";
    assert_has(&explain("198.51.100.1"), &[refused]);
    let text = explain("203.0.113.9");
    assert!(!text.contains("no security group"), "{text}");
}

#[test]
fn explain_request_says_which_rule_answers_which_were_tried_and_where_the_request_goes() {
    let mut shop = Shop::new("explain-request");
    let objects = [
        service("web", 30_080),
        service("cart", 30_081),
        ingress(&[("/", "web"), ("/cart", "cart"), ("/cart/checkout", "none")]),
    ];
    shop.come_to_rest(&objects);
    let explain = |url: &str| shop.text(&["explain", "request", "GET", url], &objects, &[]);

    let text = explain("http://shop.example.org/cart/items?page=2");
    assert_has(
        &text,
        &[
            "shop.example.org /cart/checkout or /cart/checkout/* the path differs",
            "shop.example.org /cart or /cart/* → shop/cart:80, 9 of 9 targets are healthy; asked for by Ingress shop/shop",
            "shop.example.org would match, but comes later",
            "default action only if no rule matches",
            "Targets of shop/cart:80 = i-",
        ],
    );
    assert!(!text.contains("Diagnostics"), "another rule has a problem: {text}");
    let text = explain("http://shop.example.org/cart/checkout");
    assert_has(
        &text,
        &["fixed response 503", "Diagnostics of shop/shop", "Service shop/none does not exist"],
    );
    let text = explain("https://shop.example.org/");
    assert_has(&text, &["listener 443: no such listener for https"]);
    let answer = run(&["explain", "request", "GET", "shop.example.org", "--snapshot", "none"]);
    assert_eq!(answer.code, 1);
    assert_has(
        &answer.stderr,
        &["'shop.example.org'", "expected a URL such as https://shop.example.org/cart"],
    );
}

#[test]
fn explain_ingress_lists_its_rules_and_their_backends() {
    let mut shop = Shop::new("explain-route-mode");
    let objects = [service("web", 30_080), ingress(&[("/", "web"), ("/cart", "cart")])];
    shop.come_to_rest(&objects);
    let text = shop.text(&["explain", "ingress", "shop/shop"], &objects, &[]);
    assert_has(
        &text,
        &[
            "Rules = HTTP 80 shop.example.org /cart or /cart/* → fixed response 503",
            "= HTTP 80 shop.example.org → shop/web:80, 9 of 9 targets are healthy",
            "Service shop/cart does not exist",
        ],
    );
    assert!(!text.contains("Certificate for"), "it has no HTTPS: {text}");
}

#[test]
fn a_plan_says_of_each_changed_rule_what_answers_its_requests_before_and_after() {
    let mut shop = Shop::new("changed-rules");
    let services = [service("web", 30_080), service("cart", 30_081), service("new", 30_082)];
    let before = [services.as_slice(), &[ingress(&[("/", "web"), ("/cart", "cart")])]].concat();
    shop.come_to_rest(&before);
    let plan = |paths: &[(&str, &str)]| {
        let objects = [services.as_slice(), &[ingress(paths)]].concat();
        shop.text(&["plan"], &objects, &["--prune"])
    };
    assert_has(&plan(&[("/", "web"), ("/cart", "cart")]), &["Plan: nothing to do"]);
    assert_has(
        &plan(&[("/", "web"), ("/cart", "cart"), ("/help", "new")]),
        &["+ rule shop.example.org /help or /help/* → shop/new:80", "until now → shop/web:80"],
    );
    assert_has(
        &plan(&[("/", "new"), ("/cart", "cart")]),
        &[
            "~ rule shop.example.org of shop/shop → shop/web:80 (weight 1) and shop/new:80 (weight 0)",
            "shop/shop asks for other backends; 1 new target group must be healthy first",
            "was → shop/web:80",
            "+ target group shop/new:80",
        ],
    );
    assert_has(
        &plan(&[("/", "web")]),
        &[
            "- rule shop.example.org /cart or /cart/* of shop/shop → shop/cart:80",
            "from then on → shop/web:80",
            "Also removed: 1 rule.",
        ],
    );
    assert_has(&plan(&[("/cart", "cart")]), &["~ rule shop.example.org of shop/shop is unneeded since"]);
}

#[test]
fn a_host_without_a_certificate_has_no_https_but_is_served_over_http() {
    let shop = Shop::new("route-mode-uncovered");
    let mut ingress = ingress(&[("/", "web")]);
    ingress["metadata"]["annotations"]["alb.ingress.kubernetes.io/listen-ports"] =
        json!("[{\"HTTP\": 80}, {\"HTTPS\": 443}]");
    ingress["spec"]["rules"][0]["host"] = json!("shop.example.net");
    let objects = [service("web", 30_080), ingress];
    let expected =
        "no certificate covers shop.example.net: that host has no HTTPS; requests over HTTP are served";
    assert_has(&shop.text(&["plan"], &objects, &[]), &[expected]);
    let explained = shop.text(&["explain", "ingress", "shop/shop"], &objects, &[]);
    let expected = "Certificate for shop.example.net none no certificate covers it: the host has no HTTPS; requests \
                    over HTTP are served";
    assert_has(&explained, &[expected]);
}

#[test]
fn the_commands_of_the_readme_show_the_shop_of_route_mode() {
    let example = |name: &str| quickstart(&format!("../route-mode/{name}"));
    let answer = run(&["simulate", "--manifests", &example("shop.yaml")]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    let readme = std::fs::read_to_string(quickstart("../../README.md")).unwrap();
    let shown = readme.split("--manifests examples/route-mode/shop.yaml\n```\n").nth(1).unwrap();
    let shown = shown.split("```").nth(1).unwrap();
    for line in shown.lines().filter(|line| !line.trim().is_empty() && *line != "…" && line.trim() != "…")
    {
        assert!(answer.stdout.lines().any(|found| found == line), "{line:?} is not in:\n{}", answer.stdout);
    }
    let (manifests, settings, cloud) =
        (example("shop.yaml"), example("settings.json"), quickstart("cloud.json"));
    let inputs = ["--manifests", &manifests, "--cloud", &cloud, "--settings", &settings];
    let url = "https://shop.example.org/cart/items";
    let answer = run(&[&["explain", "request", "GET", url], inputs.as_slice()].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    let text = answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_has(&text, &["→ shop/cart:80, target group not created yet; asked for by Ingress shop/shop"]);
    assert_has(&text, &["listener 443, certificate shop.example.org"]);
}

/// A shop whose settings have this for Route 53.
fn shop_with_records(name: &str, route53: &Value) -> Shop {
    let mut shop = Shop::new(name);
    let settings = std::fs::read_to_string(&shop.settings).unwrap();
    let mut settings: Value = serde_json::from_str(&settings).unwrap();
    settings["route53"] = route53.clone();
    shop.settings = shop.folder.file("settings.json", settings.to_string());
    shop
}

#[test]
fn with_the_setting_a_simulated_shop_has_a_record_in_route_53() {
    let shop = shop_with_records("route-mode-records", &json!({"domains": ["example.org"]}));
    let text = shop.text(&["simulate"], &[service("web", 30_080), ingress(&[("/", "web")])], &[]);
    assert_has(&text, &["~ Route 53 hosted zone example.org (Z", "+ record shop.example.org A → albatross-"]);
    assert_has(&text, &["Security groups of the targets: 1 rule added. Route 53: 2 records to create."]);
}

#[test]
fn a_hosted_zone_that_cannot_exist_is_refused_by_the_name_of_its_setting() {
    let shop = shop_with_records("route-mode-bad-zone", &json!({"zones": ["example.org"]}));
    let manifests = shop.folder.file("shop.yaml", ingress(&[("/", "web")]).to_string());
    let answer = run(&["simulate", "--manifests", &manifests, "--settings", &shop.settings]);
    assert_ne!(answer.code, 0);
    let told = answer.stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_has(&told, &["route53.zones has \"example.org\""]);
}

#[test]
fn a_plan_names_the_web_acl_and_the_attributes_of_a_listener_that_change() {
    let mut shop = Shop::new("web-acl");
    let with = |annotations: &[(&str, &str)]| {
        let mut ingress = ingress(&[("/", "web")]);
        for (name, value) in annotations {
            ingress["metadata"]["annotations"][format!("alb.ingress.kubernetes.io/{name}")] = json!(value);
        }
        [ingress, service("web", 30_080)]
    };
    let arn = |name: &str| format!("arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/{name}/1a2b");
    shop.come_to_rest(&with(&[]));

    let server = ("listener-attributes.HTTP-80", "routing.http.response.server.enabled=false");
    let first = with(&[("wafv2-acl-arn", &arn("first")), server]);
    let plan = shop.text(&["plan"], &first, &[]);
    assert_has(&plan, &["+ web ACL first", "~ routing.http.response.server.enabled true → false"]);
    shop.come_to_rest(&first);
    assert_has(&shop.text(&["plan"], &first, &[]), &["nothing to do in AWS"]);

    let plan = shop.text(&["plan"], &with(&[("wafv2-acl-arn", &arn("second"))]), &[]);
    assert_has(&plan, &["~ web ACL first → second"]);
    let plan = shop.text(&["plan"], &with(&[("wafv2-acl-arn", "none")]), &[]);
    assert_has(&plan, &["- web ACL first"]);
}
