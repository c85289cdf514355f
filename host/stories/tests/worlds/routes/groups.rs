//! Random groups of Ingresses in route mode: few hosts and paths, so that they overlap.

use albatross_contract::*;
use albatross_stories::generated::Dice;
use albatross_stories::{Controller, START, annotated, ingress, world};

use super::kubernetes::{Asked, GROUP, ORDER, PORTS};

const NAMESPACES: [&str; 3] = ["shop", "tools", "wiki"];
/// `absent` exists in no namespace.
const SERVICES: [&str; 5] = ["web", "cart", "pay", "old", "absent"];
const HOSTS: [&str; 6] = [
    "shop.example.org",
    "Shop.Example.org",
    "api.shop.example.org",
    "*.example.org",
    "*.shop.example.org",
    "wiki.example.com",
];
const PATHS: [&str; 9] = ["/", "/cart", "/cart/", "/cart/items", "/ca", "/Cart", "/pay", "/pay/now", "/a"];
const PATTERNS: [&str; 12] =
    ["", "/*", "/cart", "/cart*", "/cart/*", "/c?rt", "/*/items", "/a*", "/a?", "/a*b", "/a*b*", "/p?y*"];
const ASKED_HOSTS: [&str; 8] = [
    "shop.example.org",
    "SHOP.example.org",
    "api.shop.example.org",
    "any.shop.example.org",
    "any.example.org",
    "a.b.example.org",
    "wiki.example.com",
    "unknown.example.net",
];
const ASKED_PATHS: [&str; 19] = [
    "/",
    "/cart",
    "/cart/",
    "/carts",
    "/cart/items",
    "/cart/items/1",
    "/ca",
    "/ca/b",
    "/Cart",
    "/curt",
    "/pay",
    "/pay/now",
    "/pay/now/",
    "/pay-me",
    "/a",
    "/aab",
    "/ab",
    "/x/items",
    "/index.html",
];

/// The name of the group.
pub const SHOP: &str = "shop";

/// A cluster with Services in each namespace, and no Ingress.
pub fn services() -> Vec<Service> {
    let all = NAMESPACES.iter().flat_map(|namespace| SERVICES[..4].iter().map(move |name| (namespace, name)));
    let all = all.zip(30_100..);
    all.map(|((namespace, name), node_port)| service(namespace, name, node_port)).collect()
}

/// A Service whose port has a name.
pub fn service(namespace: &str, name: &str, node_port: u16) -> Service {
    let mut made = albatross_stories::service(&format!("{namespace}/{name}"), node_port);
    made.ports[0].name = Some("http".to_owned());
    made
}

/// A Service, which may be absent.
pub fn backend(dice: &mut Dice) -> IngressBackend {
    let port = match dice.below(3) {
        0 => ServicePortReference::Name("http".to_owned()),
        _ => ServicePortReference::Number(80),
    };
    IngressBackend::Service(ServiceBackend { name: (*dice.pick(&SERVICES)).to_owned(), port })
}

pub fn path(dice: &mut Dice) -> IngressPath {
    let (path, path_type) = match dice.below(10) {
        0..5 => (*dice.pick(&PATHS), PathType::Prefix),
        5..7 => (*dice.pick(&PATHS), PathType::Exact),
        _ => (*dice.pick(&PATTERNS), PathType::ImplementationSpecific),
    };
    IngressPath { path: (!path.is_empty()).then(|| path.to_owned()), path_type, backend: backend(dice) }
}

pub fn rule(dice: &mut Dice) -> IngressRule {
    let host = dice.percent(85).then(|| (*dice.pick(&HOSTS)).to_owned());
    IngressRule { host, paths: (0..dice.between(0, 3)).map(|_| path(dice)).collect() }
}

/// Rules for other hosts with the same paths as a rule, which share listener rules with it.
pub fn alike(rule: &IngressRule, dice: &mut Dice) -> Vec<IngressRule> {
    let hosts = (0..dice.between(1, 3)).map(|_| (*dice.pick(&HOSTS)).to_owned());
    hosts.map(|host| IngressRule { host: Some(host), paths: rule.paths.clone() }).collect()
}

/// An Ingress with a number.
pub fn member(number: usize, dice: &mut Dice) -> Ingress {
    let namespace = dice.pick(&NAMESPACES);
    let mut made = annotated(ingress(&format!("{namespace}/i{number}"), &[]), GROUP, SHOP);
    made.rules = (0..dice.between(1, 3)).map(|_| rule(dice)).collect();
    if dice.percent(30) {
        made.rules.extend(alike(&made.rules[0], dice));
    }
    if dice.percent(15) {
        made.default_backend = Some(backend(dice));
    }
    if dice.percent(30) {
        made = annotated(made, ORDER, &dice.between(0, 5).to_string());
    }
    if dice.percent(10) {
        made = annotated(made, PORTS, r#"[{"HTTP": 80}, {"HTTP": 8080}]"#);
    }
    made
}

/// A world with a group before its first pass. The numbers of Ingresses do not say how old they are.
pub fn generate(seed: u64) -> (Controller, Dice) {
    let mut dice = Dice::new(seed ^ 0x5EED_0000);
    let mut story = Controller::new(world(), Vec::new(), Vec::new());
    story.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    let members: Vec<Ingress> = (0..dice.between(1, 6)).map(|number| member(number, &mut dice)).collect();
    let now = story.cloud.now();
    story.cluster.apply(Cluster { ingresses: members, services: services(), ..Cluster::default() }, now);
    for ingress in &mut story.cluster.cluster_mut().ingresses {
        ingress.metadata.created_at = Some(START - dice.below(4) as u64);
    }
    (story, dice)
}

/// A request, mostly one that some Ingress asks for.
pub fn asked(dice: &mut Dice) -> Asked {
    Asked {
        host: (*dice.pick(&ASKED_HOSTS)).to_owned(),
        port: if dice.percent(10) { 8080 } else { 80 },
        path: (*dice.pick(&ASKED_PATHS)).to_owned(),
    }
}
