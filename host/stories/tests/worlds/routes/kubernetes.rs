//! Where a request to a group of Ingresses should go: a reading of the Kubernetes documentation of its own, which shares no
//! code with the planner.
//!
//! "Ingress" (kubernetes.io, Concepts) and the API reference of `networking.k8s.io/v1` say what a host and a path match. They
//! say of precedence only that the longest path comes first, and the exact one before the prefix of the same length. The rest
//! of the order is that of the project's design: exact host, wildcard host, every host; exact path, then the longer literal
//! beginning, prefix before pattern, the pattern with more characters besides `*`, with fewer `*`, with fewer `?`;
//! `group.order`, age, name, and place in the Ingress. For the same
//! host and path in several namespaces, the namespace of the oldest Ingress counts.

use std::{cmp::Reverse, collections::BTreeMap};

use albatross_contract::*;

pub const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
pub const ORDER: &str = "alb.ingress.kubernetes.io/group.order";
pub const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";

/// What answers a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Said {
    /// The Service with this node port; node ports are unique in a cluster.
    NodePort(u16),
    /// The load balancer itself.
    Status(u16),
}

/// The backend does not exist.
const UNAVAILABLE: Said = Said::Status(503);
/// Nobody asks for the request.
pub const NOT_FOUND: Said = Said::Status(404);

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    pub host: String,
    pub port: u16,
    pub path: String,
}

/// Which part of the requests of a host an Ingress sends to a backend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Paths {
    Exactly(String),
    /// Path elements.
    Below(Vec<String>),
    /// A pattern with `*` and `?`: paths of the type ImplementationSpecific are documented as such.
    Like(String),
}

struct Route<'a> {
    ingress: &'a Ingress,
    place: usize,
    host: Option<String>,
    paths: Paths,
    backend: &'a IngressBackend,
}

/// What the Ingresses of a group say about a request.
pub fn reading(cluster: &Cluster, group: &[&Ingress], asked: &Asked) -> Said {
    let listening = group.iter().filter(|ingress| ports(ingress).contains(&asked.port));
    let routes: Vec<Route<'_>> = listening.flat_map(|ingress| routes(ingress)).collect();
    let matching = served(&routes).into_iter().filter(|route| {
        route.host.as_deref().is_none_or(|host| covers(host, &asked.host.to_ascii_lowercase()))
            && route.paths.hold(&asked.path)
    });
    let first = matching.min_by(|left, right| left.precedence().cmp(&right.precedence()));
    first.map_or(NOT_FOUND, |route| backend(cluster, route))
}

/// The ports of an Ingress that has no HTTPS.
pub fn ports(ingress: &Ingress) -> Vec<u16> {
    let Some(text) = annotation(ingress, PORTS) else { return vec![80] };
    let numbers = text.split(|letter: char| !letter.is_ascii_digit());
    numbers.filter_map(|number| number.parse().ok()).collect()
}

pub fn annotation<'a>(ingress: &'a Ingress, key: &str) -> Option<&'a str> {
    let found = ingress.metadata.annotations.iter().find(|tag| tag.key == key);
    found.map(|tag| tag.value.as_str())
}

/// Whether an Ingress asks for requests for a host, whatever their paths.
pub fn asks_for_host(ingress: &Ingress, host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    routes(ingress).iter().any(|route| route.host.as_deref().is_none_or(|own| covers(own, &host)))
}

fn routes(ingress: &Ingress) -> Vec<Route<'_>> {
    let mut found: Vec<(Option<&str>, Paths, &IngressBackend)> = Vec::new();
    let everything = || Paths::Below(Vec::new());
    for rule in &ingress.rules {
        let host = rule.host.as_deref();
        found.extend(rule.paths.iter().map(|path| (host, Paths::of(path), &path.backend)));
        if let (true, Some(default)) = (rule.paths.is_empty(), &ingress.default_backend) {
            found.push((host, everything(), default));
        }
    }
    found.extend(ingress.default_backend.iter().map(|default| (None, everything(), default)));
    let routes = found.into_iter().enumerate().map(|(place, (host, paths, backend))| Route {
        ingress,
        place,
        host: host.map(str::to_ascii_lowercase),
        paths,
        backend,
    });
    routes.collect()
}

/// The routes that count: of those for the same host and paths, one.
fn served<'r, 'a>(routes: &'r [Route<'a>]) -> Vec<&'r Route<'a>> {
    let mut alike: BTreeMap<(&Option<String>, Paths), Vec<&Route<'_>>> = BTreeMap::new();
    for route in routes {
        let paths = match &route.paths {
            Paths::Exactly(text) => Paths::Like(text.clone()),
            other => other.clone(),
        };
        alike.entry((&route.host, paths)).or_default().push(route);
    }
    let first = |alike: Vec<&'r Route<'a>>| {
        let oldest = alike.iter().min_by_key(|route| route.age())?;
        let namespace = &oldest.ingress.metadata.namespace;
        let same = alike.iter().filter(|route| route.ingress.metadata.namespace == *namespace);
        same.copied().min_by(|left, right| left.precedence().cmp(&right.precedence()))
    };
    alike.into_values().filter_map(first).collect()
}

impl Paths {
    fn of(path: &IngressPath) -> Paths {
        let text = path.path.as_deref().unwrap_or_default();
        match path.path_type {
            PathType::Exact => Paths::Exactly(text.to_owned()),
            PathType::Prefix => Paths::Below(elements(text)),
            PathType::ImplementationSpecific if text.is_empty() || text == "/*" => Paths::Below(Vec::new()),
            PathType::ImplementationSpecific => Paths::Like(text.to_owned()),
        }
    }

    fn hold(&self, path: &str) -> bool {
        match self {
            Paths::Exactly(text) => text == path,
            Paths::Below(wanted) => {
                let given: Vec<&str> = path.split('/').skip(1).collect();
                wanted.len() <= given.len()
                    && wanted.iter().zip(&given).all(|(wanted, given)| wanted == given)
            }
            Paths::Like(pattern) => like(pattern.as_bytes(), path.as_bytes()),
        }
    }

    /// Whether another type than Exact, the literal beginning, whether a pattern, and how much a pattern leaves open.
    fn precedence(&self) -> (bool, Reverse<usize>, bool, Reverse<usize>, usize, usize) {
        match self {
            Paths::Exactly(text) => (false, Reverse(text.len()), false, Reverse(0), 0, 0),
            Paths::Below(elements) => {
                let length = elements.iter().map(|element| element.len() + 1).sum();
                (true, Reverse(length), false, Reverse(0), 0, 0)
            }
            Paths::Like(text) => {
                let literal = text.find(['*', '?']).unwrap_or(text.len());
                let [stars, any] = [b'*', b'?'].map(|it| text.bytes().filter(|byte| *byte == it).count());
                (true, Reverse(literal), true, Reverse(text.len() - stars), stars, any)
            }
        }
    }
}

fn elements(path: &str) -> Vec<String> {
    let plain = path.trim_matches('/');
    if plain.is_empty() { Vec::new() } else { plain.split('/').map(str::to_owned).collect() }
}

fn like(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|taken| like(rest, &text[taken..])),
        ([b'?', pattern @ ..], [_, text @ ..]) => like(pattern, text),
        ([wanted, pattern @ ..], [given, text @ ..]) => wanted == given && like(pattern, text),
        _ => false,
    }
}

/// `*` at the beginning of a host stands for one label.
fn covers(host: &str, asked: &str) -> bool {
    let Some(parent) = host.strip_prefix('*') else { return host == asked };
    let Some(begin) = asked.strip_suffix(parent) else { return false };
    !begin.is_empty() && !begin.contains('.')
}

type Age<'a> = (u64, &'a str, &'a str);

impl<'a> Route<'a> {
    fn age(&self) -> Age<'a> {
        let metadata = &self.ingress.metadata;
        let namespace = metadata.namespace.as_deref().unwrap_or("default");
        (metadata.created_at.unwrap_or(u64::MAX), namespace, &metadata.name)
    }

    fn precedence(&self) -> impl Ord + use<'a> {
        let host = match &self.host {
            None => (2, Reverse(0)),
            Some(host) if host.starts_with('*') => (1, Reverse(host.len())),
            Some(_) => (0, Reverse(0)),
        };
        let order: i32 = annotation(self.ingress, ORDER).and_then(|text| text.parse().ok()).unwrap_or(0);
        (host, self.paths.precedence(), order, self.age(), self.place)
    }
}

fn backend(cluster: &Cluster, route: &Route<'_>) -> Said {
    let IngressBackend::Service(wanted) = route.backend else { return UNAVAILABLE };
    let namespace = &route.ingress.metadata.namespace;
    let is_it =
        |found: &&Service| found.metadata.namespace == *namespace && found.metadata.name == wanted.name;
    let ports = cluster.services.iter().filter(is_it).flat_map(|found| &found.ports);
    let mut ports = ports.filter(|port| match &wanted.port {
        ServicePortReference::Number(number) => port.port == *number,
        ServicePortReference::Name(name) => port.name.as_ref() == Some(name),
    });
    ports.next().and_then(|port| port.node_port).map_or(UNAVAILABLE, Said::NodePort)
}

/// A group in a few lines, to see why a reading is as it is.
pub fn in_words(group: &[&Ingress]) -> String {
    let line = |ingress: &&Ingress| {
        let routes = routes(ingress).into_iter().map(|route| {
            let host = route.host.as_deref().unwrap_or("any host");
            let IngressBackend::Service(service) = route.backend else { return host.to_owned() };
            format!("\n    {host} {:?} to {}", route.paths, service.name)
        });
        let metadata = &ingress.metadata;
        let order = annotation(ingress, ORDER).unwrap_or("0");
        let (namespace, age) = (metadata.namespace.as_deref().unwrap_or_default(), metadata.created_at);
        let routes: String = routes.collect();
        format!(
            "\n{namespace}/{}, group {:?}, order {order}, created at {age:?}, ports {:?}, status {:?}:{routes}",
            metadata.name,
            annotation(ingress, GROUP),
            ports(ingress),
            ingress.status.first().and_then(|address| address.hostname.as_deref()),
        )
    };
    group.iter().map(line).collect()
}
