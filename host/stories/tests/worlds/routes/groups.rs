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
/// Hosts of which none matches a host of another family.
const FAMILIES: [&[&str]; 5] = [
    &["shop.example.org", "Shop.Example.org", "api.shop.example.org", "*.shop.example.org"],
    &["wiki.example.com", "*.wiki.example.com"],
    &["blog.example.net"],
    &["pay.example.edu", "api.pay.example.edu"],
    &["*.tools.example.com"],
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
const ASKED_OF_FAMILIES: [&str; 10] = [
    "shop.example.org",
    "API.shop.example.org",
    "any.shop.example.org",
    "wiki.example.com",
    "en.wiki.example.com",
    "blog.example.net",
    "pay.example.edu",
    "api.pay.example.edu",
    "build.tools.example.com",
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

/// The hosts for which the Ingresses of a world ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Hosts that overlap: most groups are one unit, which no split divides.
    Overlapping,
    /// Most Ingresses ask for hosts of one family: a group consists of several units, which a split distributes.
    Families,
}

impl Hosts {
    /// The hosts for which an Ingress may ask.
    fn of(self, ingress: &Ingress, dice: &mut Dice) -> &'static [&'static str] {
        if self == Hosts::Overlapping {
            return &HOSTS;
        }
        let host = ingress.rules.iter().find_map(|rule| rule.host.as_deref());
        let own = FAMILIES.iter().find(|family| host.is_some_and(|host| family.contains(&host)));
        own.copied().filter(|_| dice.percent(95)).unwrap_or(*dice.pick(&FAMILIES))
    }

    /// How many rules in a hundred have no host. Such a rule joins all units of its group.
    fn percent_without(self) -> usize {
        match self {
            Hosts::Overlapping => 15,
            Hosts::Families => 1,
        }
    }

    fn asked(self) -> &'static [&'static str] {
        match self {
            Hosts::Overlapping => &ASKED_HOSTS,
            Hosts::Families => &ASKED_OF_FAMILIES,
        }
    }
}

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

/// A further rule for an Ingress.
pub fn rule(ingress: &Ingress, hosts: Hosts, dice: &mut Dice) -> IngressRule {
    let is_for_every_host = dice.percent(hosts.percent_without());
    let hosts = hosts.of(ingress, dice);
    let host = (!is_for_every_host).then(|| (*dice.pick(hosts)).to_owned());
    IngressRule { host, paths: (0..dice.between(0, 3)).map(|_| path(dice)).collect() }
}

/// Rules for further hosts with the same paths as the first rule of an Ingress, which share listener rules with it.
pub fn alike(ingress: &Ingress, hosts: Hosts, dice: &mut Dice) -> Vec<IngressRule> {
    let Some(first) = ingress.rules.first() else { return Vec::new() };
    let further = (0..dice.between(1, 3)).map(|_| {
        let hosts = hosts.of(ingress, dice);
        let host = Some((*dice.pick(hosts)).to_owned());
        IngressRule { host, paths: first.paths.clone() }
    });
    further.collect()
}

/// An Ingress with a number.
pub fn member(number: usize, hosts: Hosts, dice: &mut Dice) -> Ingress {
    let namespace = dice.pick(&NAMESPACES);
    let mut made = annotated(ingress(&format!("{namespace}/i{number}"), &[]), GROUP, SHOP);
    for _ in 0..dice.between(1, 3) {
        let further = rule(&made, hosts, dice);
        made.rules.push(further);
    }
    if dice.percent(30) {
        let further = alike(&made, hosts, dice);
        made.rules.extend(further);
    }
    // A default backend answers for every host.
    if dice.percent(hosts.percent_without()) {
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
    let members = dice.between(1, 6);
    (of_members(members, Hosts::Overlapping, &mut dice), dice)
}

/// The world with a number: a third of the groups are split if they outgrow their load balancer.
pub fn some(number: u64) -> (Controller, Dice, Hosts) {
    let hosts = if number.is_multiple_of(3) { Hosts::Families } else { Hosts::Overlapping };
    let (story, dice) = match hosts {
        Hosts::Families => generate_for_split(number),
        Hosts::Overlapping => generate(number),
    };
    (story, dice, hosts)
}

/// A world whose group is split if it outgrows its load balancer, and whose load balancers can have few rules.
fn generate_for_split(seed: u64) -> (Controller, Dice) {
    let mut dice = Dice::new(seed ^ 0x0005_9117);
    let members = dice.between(3, 7);
    let mut story = of_members(members, Hosts::Families, &mut dice);
    story.settings.allow_group_split = true;
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = u32::try_from(dice.between(8, 16)).unwrap();
    (story, dice)
}

fn of_members(number: usize, hosts: Hosts, dice: &mut Dice) -> Controller {
    let mut story = Controller::new(world(), Vec::new(), Vec::new());
    story.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
    let members: Vec<Ingress> = (0..number).map(|number| member(number, hosts, dice)).collect();
    let now = story.cloud.now();
    story.cluster.apply(Cluster { ingresses: members, services: services(), ..Cluster::default() }, now);
    for ingress in &mut story.cluster.cluster_mut().ingresses {
        ingress.metadata.created_at = Some(START - dice.below(4) as u64);
    }
    story
}

/// A request, mostly one that some Ingress asks for.
pub fn asked(hosts: Hosts, dice: &mut Dice) -> Asked {
    Asked {
        host: (*dice.pick(hosts.asked())).to_owned(),
        port: if dice.percent(10) { 8080 } else { 80 },
        path: (*dice.pick(&ASKED_PATHS)).to_owned(),
    }
}
