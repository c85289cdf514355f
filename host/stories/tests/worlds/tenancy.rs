//! Tenancy and pauses: what is not allowed is made for nobody, and what is served stays.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::*;
use albatross_stories::{
    Controller,
    generated::{Dice, change_one, generate},
    tag,
};

use crate::{
    for_all,
    services::{name, published},
    worlds,
};

/// The class in route mode.
const ROUTED: &str = "alb";

/// Hosts that rules allow.
const HOSTS: [&str; 5] =
    ["*.example.org", "*.shop.example.org", "*.example.net", "h1.example.org", "h7.wiki.example.com"];

/// Rules that are the same for all classes. `names_namespaces`: some namespaces may not use the classes at all.
fn some_rules(dice: &mut Dice, names_namespaces: bool) -> Vec<TenancyRule> {
    let texts = |all: &[&str]| Some(all.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>());
    let hosts = |dice: &mut Dice| {
        let mut hosts: Vec<&str> = HOSTS.into_iter().filter(|_| dice.percent(50)).collect();
        hosts.extend(dice.percent(20).then_some("*"));
        if hosts.is_empty() { texts(&["nobody.example"]) } else { texts(&hosts) }
    };
    let namespaces = texts(&[*dice.pick(&["shop", "to*"])]);
    let annotations = dice.percent(30).then(|| vec!["alb.ingress.kubernetes.io/*".to_owned()]);
    let groups = dice.percent(30).then(|| vec!["re*".to_owned()]);
    let first = TenancyRule { namespaces, hosts: hosts(dice), annotations, groups, ..TenancyRule::default() };
    let others = names_namespaces && dice.percent(50);
    let namespaces = if others { texts(&["wiki", "default"]) } else { None };
    let second = TenancyRule { namespaces, hosts: hosts(dice), ..TenancyRule::default() };
    let of_class =
        |class: &str| [&first, &second].map(|rule| TenancyRule { class: class.to_owned(), ..rule.clone() });
    ["", ROUTED].into_iter().flat_map(of_class).collect()
}

/// Whether the rules allow a host, or with an empty host every host, to a namespace.
fn is_allowed(rules: &[TenancyRule], namespace: &str, host: &str) -> bool {
    let is_for = |rule: &&TenancyRule| {
        rule.namespaces.iter().flatten().any(|pattern| match pattern.split_once('*') {
            Some((beginning, _)) => namespace.starts_with(beginning),
            None => pattern == namespace,
        }) || rule.namespaces.is_none()
    };
    let Some(rule) = rules.iter().find(is_for) else { return false };
    rule.hosts.iter().flatten().any(|pattern| match pattern.split_once('*') {
        Some((_, end)) => host.ends_with(end),
        None => pattern == host,
    })
}

/// The listener rules of Ingresses: for each its load balancer, port and Ingress, and the hosts; none stands for every host.
type Routed = BTreeSet<(String, u16, String, Vec<String>)>;

fn routed(story: &mut Controller) -> Routed {
    let mut all = Routed::new();
    for found in story.load_balancers() {
        for listener in &found.listeners {
            for rule in &listener.rules {
                let Some(ingress) = tag(&rule.tags, TAG_INGRESS) else { continue };
                let texts = rule.conditions.iter().filter_map(|condition| match condition {
                    RuleCondition::HostHeader(text) => Some(text),
                    _ => None,
                });
                let hosts = texts.flat_map(|text| text.values.iter().chain(&text.regular_expressions));
                let hosts = hosts.map(|host| host.trim_end_matches('$').replace('\\', "")).collect();
                all.insert((found.dns_name.clone(), listener.port, ingress.to_owned(), hosts));
            }
        }
    }
    all
}

/// The certificates on each load balancer.
fn certified(story: &mut Controller) -> BTreeMap<String, BTreeSet<String>> {
    let all = story.load_balancers().into_iter();
    all.map(|found| (found.dns_name.clone(), albatross_stories::certificates_on(&found))).collect()
}

/// What objects could ask for until now.
#[derive(Default)]
struct Asked {
    /// Hosts that the rules allow.
    hosts: BTreeSet<String>,
    /// Certificates that annotations name, which the rules do not restrict.
    arns: BTreeSet<String>,
}

impl Asked {
    fn add(&mut self, story: &Controller, rules: &[TenancyRule]) {
        for source in story.cluster.cluster().sources() {
            let allowed = source.hosts().filter(|host| is_allowed(rules, source.namespace(), host));
            self.hosts.extend(allowed.map(str::to_owned));
            let values = source.metadata().annotations.iter().map(|it| it.value.as_str());
            self.arns.extend(values.filter(|value| value.starts_with("arn:")).map(str::to_owned));
        }
    }

    /// Whether somebody could ask for a certificate.
    fn has(&self, story: &mut Controller, arn: &str) -> bool {
        let all = &story.cloud.inventory().certificates;
        let names = || all.iter().filter(|it| it.arn == arn).flat_map(|it| &it.names);
        let covers = |name: &String, host: &String| {
            name == host
                || name.strip_prefix("*.").is_some_and(|of| host.split_once('.').is_some_and(|it| it.1 == of))
        };
        self.arns.contains(arn) || names().any(|name| self.hosts.iter().any(|host| covers(name, host)))
    }
}

/// Nothing is left to do or to wait for.
fn settle(story: &mut Controller) {
    for _ in 0..2 {
        story.converge();
        story.wait_for_the_grace();
    }
    story.converge();
}

#[test]
fn no_host_outside_its_allowance_gets_a_rule_or_a_certificate() {
    let (mut rules_seen, mut refused) = (0, 0);
    let counts = std::cell::RefCell::new((&mut rules_seen, &mut refused));
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        let rules = some_rules(&mut dice, true);
        story.settings.tenancy = Some(rules.clone());
        let mut asked = Asked::default();
        for _ in 0..3 {
            story.converge();
            let routed = routed(&mut story);
            for (_, _, ingress, hosts) in &routed {
                let namespace = ingress.split('/').next().unwrap();
                let every = [String::new()];
                let hosts = if hosts.is_empty() { every.as_slice() } else { hosts.as_slice() };
                for host in hosts {
                    assert!(is_allowed(&rules, namespace, host), "{ingress} has a rule for {host:?}");
                }
            }
            let plan = story.plan();
            asked.add(&story, &rules);
            for arn in certified(&mut story).into_values().flatten() {
                assert!(asked.has(&mut story, &arn), "{arn} covers no host that is allowed");
            }
            let is_refusal = |it: &&Diagnostic| it.code == DiagnosticCode::HostNotAllowed;
            let told = plan.outcomes.iter().flat_map(|it| &it.diagnostics).filter(is_refusal).count();
            let mut counts = counts.borrow_mut();
            *counts.0 += routed.len();
            *counts.1 += told;
            drop(counts);
            change_one(&mut story, &mut dice);
        }
    });
    if worlds().len() > 1 {
        assert!(rules_seen > 100 && refused > 100, "{rules_seen} rules, {refused} refusals");
    }
}

#[test]
fn rules_that_come_to_a_served_world_take_nothing_from_anybody() {
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        settle(&mut story);
        let before = (published(&story), routed(&mut story), certified(&mut story));

        story.settings.tenancy = Some(some_rules(&mut dice, true));
        settle(&mut story);

        let after = (published(&story), routed(&mut story), certified(&mut story));
        assert!(before.0.iter().all(|(name, hostname)| after.0.get(name) == Some(hostname)));
        assert!(before.1.is_subset(&after.1), "{:?}", before.1.difference(&after.1));
        for (load_balancer, certificates) in &before.2 {
            assert!(
                after.2.get(load_balancer).is_some_and(|it| it.is_superset(certificates)),
                "{load_balancer}"
            );
        }
    });
}

#[test]
fn whatever_people_do_to_paused_ingresses_changes_nothing_that_serves_them() {
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        settle(&mut story);
        let before = (published(&story), routed(&mut story), certified(&mut story));

        for _ in 0..3 {
            change_one(&mut story, &mut dice);
            let names: Vec<String> = story.cluster.cluster().ingresses.iter().map(name).collect();
            for name in names {
                story.annotate(&name, "albatross/paused", "true");
            }
            settle(&mut story);
        }

        assert_eq!((published(&story), routed(&mut story)), (before.0, before.1));
        // RouteGroups are not paused, so that certificates may be added for them.
        let after = certified(&mut story);
        for (load_balancer, certificates) in &before.2 {
            assert!(
                after.get(load_balancer).is_some_and(|it| it.is_superset(certificates)),
                "{load_balancer}"
            );
        }
    });
}
