//! Ingresses in route mode among the others of a generated world.

use albatross_contract::*;

use super::{Dice, annotate, host};
use crate::{Controller, ingress, service};

/// The class of these Ingresses.
pub const CLASS: &str = "alb";

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";
const SERVICES: [&str; 3] = ["web", "cart", "absent"];

/// Whether an Ingress is in route mode.
pub fn is_routed(ingress: &Ingress) -> bool {
    ingress.ingress_class_name.as_deref() == Some(CLASS)
}

/// Adds Services, and to half of the worlds Ingresses. Returns whether it added Ingresses.
pub fn add(story: &mut Controller, dice: &mut Dice) -> bool {
    let mut cluster = story.cluster.cluster().clone();
    for (number, namespace) in (0..).zip(["shop", "tools", "wiki"]) {
        for (place, name) in (0..).zip(&SERVICES[..2]) {
            cluster.services.push(service(&format!("{namespace}/{name}"), 30_200 + number * 10 + place));
        }
    }
    let adds = dice.percent(50);
    if adds {
        cluster.ingresses.extend((0..dice.between(1, 5)).map(|number| some_ingress(number, dice)));
    }
    story.cluster.apply(cluster, story.cloud.now());
    adds
}

fn some_ingress(number: usize, dice: &mut Dice) -> Ingress {
    let namespace = dice.pick(&["shop", "tools", "wiki"]);
    let hosts: Vec<String> = (0..dice.between(1, 2)).map(|_| host(dice)).collect();
    let mut made =
        ingress(&format!("{namespace}/r{number}"), &hosts.iter().map(String::as_str).collect::<Vec<_>>());
    made.ingress_class_name = Some(CLASS.to_owned());
    for rule in &mut made.rules {
        rule.paths = (0..dice.between(1, 3)).map(|_| path(dice)).collect();
    }
    if dice.percent(70) {
        annotate(&mut made, GROUP, dice.pick::<&str>(&["red", "blue"]));
    }
    if dice.percent(20) {
        annotate(&mut made, PORTS, r#"[{"HTTP": 80}, {"HTTP": 8080}]"#);
    }
    made
}

fn path(dice: &mut Dice) -> IngressPath {
    IngressPath {
        path: Some((*dice.pick(&["/", "/a", "/b", "/a/c"])).to_owned()),
        path_type: *dice.pick(&[PathType::Prefix, PathType::Exact]),
        backend: IngressBackend::Service(ServiceBackend {
            name: (*dice.pick(&SERVICES)).to_owned(),
            port: ServicePortReference::Number(80),
        }),
    }
}

/// Changes an Ingress, and says how.
pub fn change(one: &mut Ingress, dice: &mut Dice) -> &'static str {
    match dice.below(6) {
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
            annotate(one, SCHEME, dice.pick::<&str>(&["internal", "internet-facing"]));
            "given a scheme"
        }
        _ => {
            annotate(one, SCHEME, "outside");
            "broken"
        }
    }
}
