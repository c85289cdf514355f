//! Ingresses in route mode among the others of a generated world, and the Services behind them.

use albatross_contract::*;

use super::{Dice, annotate, host};
use crate::{Certificates, Controller, ingress, service};

/// The class of these Ingresses.
pub const CLASS: &str = "alb";

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const ORDER: &str = "alb.ingress.kubernetes.io/group.order";
const SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";
const TARGET_TYPE: &str = "alb.ingress.kubernetes.io/target-type";
const CERTIFICATE: &str = "alb.ingress.kubernetes.io/certificate-arn";

const NAMESPACES: [&str; 3] = ["shop", "tools", "wiki"];
/// `absent` exists in no namespace.
const SERVICES: [&str; 3] = ["web", "cart", "absent"];

/// Annotations with values that contradict those of other members, or that cannot be read.
const WISHES: [(&str, &[&str]); 11] = [
    (SCHEME, &["internal", "internet-facing", "outside"]),
    (PORTS, &[r#"[{"HTTP": 80}, {"HTTP": 8080}]"#, r#"[{"HTTP": 80}, {"HTTPS": 443}]"#, "eighty"]),
    (ORDER, &["0", "3", "-3", "first"]),
    (TARGET_TYPE, &["ip", "instance", "pods"]),
    (
        "alb.ingress.kubernetes.io/load-balancer-attributes",
        &[
            "idle_timeout.timeout_seconds=30",
            "idle_timeout.timeout_seconds=90",
            "idle_timeout.timeout_seconds=long",
        ],
    ),
    (
        "alb.ingress.kubernetes.io/target-group-attributes",
        &["deregistration_delay.timeout_seconds=30", "deregistration_delay.timeout_seconds"],
    ),
    ("alb.ingress.kubernetes.io/security-groups", &["sg-1", "sg-absent"]),
    ("alb.ingress.kubernetes.io/inbound-cidrs", &["10.0.0.0/8", "192.0.2.0/24", "anywhere"]),
    ("alb.ingress.kubernetes.io/healthcheck-path", &["/healthz", "healthz"]),
    ("alb.ingress.kubernetes.io/ssl-redirect", &["443", "yes"]),
    ("alb.ingress.kubernetes.io/target-typ", &["ip"]),
];

/// Whether an Ingress is in route mode.
pub fn is_routed(ingress: &Ingress) -> bool {
    ingress.ingress_class_name.as_deref() == Some(CLASS)
}

/// Adds Services, and to most worlds Ingresses. Returns whether it added Ingresses.
pub fn add(story: &mut Controller, dice: &mut Dice) -> bool {
    let mut cluster = story.cluster.cluster().clone();
    let mut slices = Vec::new();
    for (number, namespace) in (0..).zip(NAMESPACES) {
        for (place, name) in (0..).zip(&SERVICES[..2]) {
            cluster.services.push(service(&format!("{namespace}/{name}"), 30_200 + number * 10 + place));
            slices.push(slice(namespace, name, dice));
        }
    }
    cluster.endpoint_slices = Some(slices);
    let adds = dice.percent(60);
    if adds {
        cluster.ingresses.extend((0..dice.between(1, 5)).map(|number| some_ingress(number, dice)));
    }
    story.cluster.apply(cluster, story.cloud.now());
    if dice.percent(50) {
        give_nodes_a_security_group(story.cloud.inventory_mut());
    }
    adds
}

/// The security group of the nodes, with a rule that people added.
fn give_nodes_a_security_group(inventory: &mut Inventory) {
    let of_people = SecurityGroupRule {
        id: Some("sgr-people".to_owned()),
        direction: Direction::Inbound,
        protocol: "tcp".to_owned(),
        from_port: Some(22),
        to_port: Some(22),
        peer: SecurityGroupPeer::Ipv4("10.0.0.0/8".to_owned()),
        description: Some("maintenance".to_owned()),
    };
    inventory.security_groups.push(SecurityGroup {
        id: "sg-nodes".to_owned(),
        vpc_id: "vpc-1".to_owned(),
        name: "nodes".to_owned(),
        description: "of the nodes".to_owned(),
        rules: vec![of_people],
        tags: Vec::new(),
    });
    inventory.instances.iter_mut().for_each(|node| node.security_groups = vec!["sg-nodes".to_owned()]);
}

/// The endpoints of a Service: some are ready. A Service may have none.
pub fn slice(namespace: &str, name: &str, dice: &mut Dice) -> EndpointSlice {
    let mut metadata = ingress(&format!("{namespace}/{name}-1"), &[]).metadata;
    metadata.labels = vec![Tag { key: "kubernetes.io/service-name".to_owned(), value: name.to_owned() }];
    let endpoints = (0..dice.below(5)).map(|_| Endpoint {
        addresses: vec![format!("10.0.{}.{}", dice.between(10, 12), dice.between(4, 9))],
        ready: Some(dice.percent(80)),
        serving: None,
        terminating: None,
        node_name: None,
        zone: None,
        target: None,
    });
    EndpointSlice {
        metadata,
        address_type: EndpointAddressType::Ipv4,
        endpoints: endpoints.collect(),
        ports: vec![EndpointPort {
            name: None,
            port: Some(8080),
            protocol: TransportProtocol::Tcp,
            app_protocol: None,
        }],
    }
}

/// An Ingress in route mode with a number. Numbers do not say how old it is.
pub fn some_ingress(number: usize, dice: &mut Dice) -> Ingress {
    let namespace = dice.pick(&NAMESPACES);
    let hosts: Vec<String> = (0..dice.between(1, 2)).map(|_| host(dice)).collect();
    let mut made =
        ingress(&format!("{namespace}/r{number}"), &hosts.iter().map(String::as_str).collect::<Vec<_>>());
    route(&mut made, dice);
    if dice.percent(20) {
        made.default_backend = Some(backend(dice));
    }
    if dice.percent(70) {
        annotate(&mut made, GROUP, dice.pick::<&str>(&["red", "blue"]));
    }
    if dice.percent(20) {
        annotate(&mut made, PORTS, r#"[{"HTTP": 80}, {"HTTP": 8080}]"#);
    }
    if dice.percent(20) {
        annotate(&mut made, PORTS, r#"[{"HTTP": 80}, {"HTTPS": 443}]"#);
    }
    if dice.percent(20) {
        annotate(&mut made, TARGET_TYPE, "ip");
    }
    for _ in 0..dice.below(3) {
        wish(&mut made, dice);
    }
    made
}

/// Gives an Ingress the class of route mode, and each of its rules paths.
pub fn route(ingress: &mut Ingress, dice: &mut Dice) {
    ingress.ingress_class_name = Some(CLASS.to_owned());
    for rule in &mut ingress.rules {
        rule.paths = (0..dice.between(1, 3)).map(|_| path(dice)).collect();
    }
}

fn path(dice: &mut Dice) -> IngressPath {
    IngressPath {
        path: Some((*dice.pick(&["/", "/a", "/b", "/a/c"])).to_owned()),
        path_type: *dice.pick(&[PathType::Prefix, PathType::Exact]),
        backend: backend(dice),
    }
}

fn backend(dice: &mut Dice) -> IngressBackend {
    IngressBackend::Service(ServiceBackend {
        name: (*dice.pick(&SERVICES)).to_owned(),
        port: ServicePortReference::Number(80),
    })
}

/// Sets an annotation to one of its values.
fn wish(one: &mut Ingress, dice: &mut Dice) {
    let (key, values) = *dice.pick(&WISHES);
    annotate(one, key, dice.pick::<&str>(values));
}

/// Changes an Ingress in route mode, and says how.
pub fn change(one: &mut Ingress, dice: &mut Dice) -> &'static str {
    match dice.below(10) {
        0 => {
            let paths = vec![path(dice)];
            one.rules.push(IngressRule { host: Some(host(dice)), paths });
            "given a host with a path"
        }
        1 => {
            one.rules.truncate(1);
            "left with one host"
        }
        2 => {
            one.rules.iter_mut().for_each(|rule| rule.paths = vec![path(dice)]);
            "given other paths"
        }
        3 => {
            annotate(one, GROUP, dice.pick::<&str>(&["red", "blue", "green"]));
            "put into a group"
        }
        4 => {
            one.metadata.annotations.retain(|it| it.key != GROUP);
            "taken out of its group"
        }
        5 => {
            annotate(one, CERTIFICATE, &Certificates::arn(u32::try_from(dice.below(5)).unwrap_or_default()));
            "given a certificate"
        }
        6 => {
            one.metadata.annotations.retain(|it| WISHES.iter().all(|(key, _)| *key != it.key));
            "repaired"
        }
        7 => {
            one.ingress_class_name = None;
            "moved to proxy mode"
        }
        _ => {
            wish(one, dice);
            "given an annotation"
        }
    }
}

/// Changes a Service or its endpoints, and says how.
pub fn change_services(story: &mut Controller, dice: &mut Dice) -> &'static str {
    let namespace = *dice.pick(&NAMESPACES);
    let name = *dice.pick(&SERVICES);
    let slice = slice(namespace, name, dice);
    let node_port = u16::try_from(dice.between(31_000, 31_999)).unwrap_or_default();
    let is_of = |metadata: &Metadata, name: &str| {
        metadata.namespace.as_deref() == Some(namespace) && metadata.name == name
    };
    let cluster = story.cluster.cluster_mut();
    match dice.below(3) {
        0 => {
            cluster.services.retain(|it| !is_of(&it.metadata, name));
            cluster.services.push(service(&format!("{namespace}/{name}"), node_port));
            "a Service gets a node port"
        }
        1 => {
            cluster.services.retain(|it| !is_of(&it.metadata, name));
            "a Service is deleted"
        }
        _ => {
            let slices = cluster.endpoint_slices.get_or_insert_default();
            slices.retain(|it| !is_of(&it.metadata, &slice.metadata.name));
            slices.push(slice);
            "endpoints change"
        }
    }
}
