//! Changes that people make to a group, its Services and its load balancer.

use albatross_contract::*;
use albatross_stories::generated::Dice;
use albatross_stories::{Controller, annotated};

use super::{
    groups::{self, Hosts, SHOP},
    kubernetes::{GROUP, ORDER, PORTS, annotation},
};

pub const SCHEME: &str = "alb.ingress.kubernetes.io/scheme";
const TARGET_TYPE: &str = "alb.ingress.kubernetes.io/target-type";

/// All kinds of changes.
pub const KINDS: [&str; 21] = [
    "a host is removed",
    "the paths of a host are asked for on other hosts",
    "an Ingress is repaired",
    "an Ingress is added",
    "an Ingress is deleted",
    "an Ingress moves to another group",
    "an Ingress asks for another scheme",
    "all Ingresses ask for another scheme",
    "an Ingress cannot be read",
    "an Ingress gets another order",
    "an Ingress asks for other ports",
    "a path is added",
    "a path is removed",
    "a path is replaced",
    "a path gets another Service",
    "a rule is replaced",
    "a Service gets another node port",
    "a Service is deleted",
    "a Service is created",
    "the quota of rules changes",
    "the setting allow-group-split changes",
];

/// One change, with its kind. An Ingress that cannot be read is repaired before anything else is changed.
pub fn change(story: &mut Controller, hosts: Hosts, dice: &mut Dice, number: usize) -> &'static str {
    let ingresses = story.cluster.cluster().ingresses.clone();
    if let Some(broken) = ingresses.iter().find(|ingress| is_broken(ingress)) {
        let repaired = without(broken.clone(), TARGET_TYPE);
        let is_in_no_group = annotation(&repaired, GROUP) == Some("Shop");
        story.apply(if is_in_no_group { annotated(repaired, GROUP, SHOP) } else { repaired });
        return "an Ingress is repaired";
    }
    if ingresses.is_empty() || dice.percent(12) {
        // Without a scheme it would have that of its group.
        story.apply(annotated(groups::member(100 + number, hosts, dice), SCHEME, "internal"));
        return "an Ingress is added";
    }
    match dice.below(22) {
        20 | 21 if hosts == Hosts::Families => split(story, dice),
        20 => one_asks_for_another_scheme(story, dice),
        0..3 => {
            let gone = dice.below(ingresses.len());
            let rest = ingresses.into_iter().enumerate().filter(|(place, _)| *place != gone);
            story.apply_all(rest.map(|(_, ingress)| ingress).collect());
            "an Ingress is deleted"
        }
        3..5 => services(story, dice, number),
        5 => quotas(story, dice),
        6 => {
            let scheme = *dice.pick(&["internal", "internet-facing"]);
            let all = ingresses.into_iter().map(|ingress| annotated(ingress, SCHEME, scheme));
            story.apply_all(all.collect());
            "all Ingresses ask for another scheme"
        }
        _ => {
            let one = dice.pick(&ingresses).clone();
            let (one, what) = edited(one, hosts, dice);
            story.apply(one);
            what
        }
    }
}

/// Whether an Ingress cannot be read.
pub fn is_broken(ingress: &Ingress) -> bool {
    annotation(ingress, TARGET_TYPE).is_some()
}

fn without(mut ingress: Ingress, key: &str) -> Ingress {
    ingress.metadata.annotations.retain(|tag| tag.key != key);
    ingress
}

/// Only one Ingress leaves the load balancer: all others name the scheme that they have.
fn one_asks_for_another_scheme(story: &mut Controller, dice: &mut Dice) -> &'static str {
    let with_scheme = |ingress: Ingress| {
        let scheme = scheme(&ingress).to_owned();
        annotated(ingress, SCHEME, &scheme)
    };
    let mut all: Vec<Ingress> = story.cluster.cluster().ingresses.iter().cloned().map(with_scheme).collect();
    let place = dice.below(all.len());
    let another = if scheme(&all[place]) == "internal" { "internet-facing" } else { "internal" };
    all[place] = annotated(all[place].clone(), SCHEME, another);
    story.apply_all(all);
    "an Ingress asks for another scheme"
}

/// The scheme of an Ingress that names its scheme, or whose group has the default scheme.
pub fn scheme(ingress: &Ingress) -> &str {
    annotation(ingress, SCHEME).unwrap_or("internal")
}

/// What makes a group outgrow its load balancers, or lets it.
fn split(story: &mut Controller, dice: &mut Dice) -> &'static str {
    if dice.percent(30) {
        story.settings.allow_group_split = !story.settings.allow_group_split;
        return "the setting allow-group-split changes";
    }
    quotas(story, dice)
}

fn edited(mut one: Ingress, hosts: Hosts, dice: &mut Dice) -> (Ingress, &'static str) {
    let further = groups::rule(&one, hosts, dice);
    if one.rules.is_empty() {
        one.rules.push(further.clone());
    }
    let place = dice.below(one.rules.len());
    let rule = &mut one.rules[place];
    let what = match dice.below(15) {
        12..14 => {
            let alike = groups::alike(&one, hosts, dice);
            one.rules.extend(alike);
            "the paths of a host are asked for on other hosts"
        }
        14 => {
            one.rules.remove(place);
            "a host is removed"
        }
        0..2 => {
            rule.paths.push(groups::path(dice));
            "a path is added"
        }
        2 if !rule.paths.is_empty() => {
            rule.paths.remove(dice.below(rule.paths.len()));
            "a path is removed"
        }
        3..6 if !rule.paths.is_empty() => {
            let place = dice.below(rule.paths.len());
            rule.paths[place].backend = groups::backend(dice);
            "a path gets another Service"
        }
        6 if !rule.paths.is_empty() => {
            let place = dice.below(rule.paths.len());
            rule.paths[place] = groups::path(dice);
            "a path is replaced"
        }
        7 => {
            *rule = further;
            "a rule is replaced"
        }
        8 => {
            one = annotated(one, ORDER, &dice.between(0, 5).to_string());
            "an Ingress gets another order"
        }
        9 => {
            let group = match annotation(&one, GROUP) {
                Some(SHOP) => *dice.pick(&["other", ""]),
                _ => SHOP,
            };
            one = if group.is_empty() { without(one, GROUP) } else { annotated(one, GROUP, group) };
            "an Ingress moves to another group"
        }
        10 => {
            one = annotated(one, TARGET_TYPE, "pods");
            if dice.percent(30) {
                one = annotated(one, GROUP, "Shop");
            }
            "an Ingress cannot be read"
        }
        _ => {
            let ports = dice.pick(&[r#"[{"HTTP": 80}]"#, r#"[{"HTTP": 80}, {"HTTP": 8080}]"#]);
            one = annotated(one, PORTS, ports);
            "an Ingress asks for other ports"
        }
    };
    (one, what)
}

fn services(story: &mut Controller, dice: &mut Dice, number: usize) -> &'static str {
    let all = &mut story.cluster.cluster_mut().services;
    let node_port = 31_000 + u16::try_from(number).unwrap();
    match dice.below(3) {
        0 => {
            let place = dice.below(all.len());
            all[place].ports[0].node_port = Some(node_port);
            "a Service gets another node port"
        }
        1 if all.len() > 3 => {
            all.remove(dice.below(all.len()));
            "a Service is deleted"
        }
        _ => {
            let namespace = *dice.pick(&["shop", "tools", "wiki"]);
            let name = *dice.pick(&["web", "cart", "absent"]);
            let is_it = |found: &Service| {
                found.metadata.namespace.as_deref() == Some(namespace) && found.metadata.name == name
            };
            if !all.iter().any(is_it) {
                all.push(groups::service(namespace, name, node_port));
            }
            "a Service is created"
        }
    }
}

/// The quota of rules becomes about as small as the number of rules on a load balancer, or large again.
fn quotas(story: &mut Controller, dice: &mut Dice) -> &'static str {
    let more = dice.below(3);
    let inventory = story.cloud.inventory_mut();
    let rules = inventory
        .load_balancers
        .iter()
        .map(|found| found.listeners.iter().map(|listener| listener.rules.len()).sum::<usize>());
    let most = rules.max().unwrap_or_default() + more;
    let is_small = inventory.quotas.rules_per_load_balancer < 100;
    inventory.quotas.rules_per_load_balancer = if is_small { 100 } else { u32::try_from(most).unwrap() };
    "the quota of rules changes"
}
