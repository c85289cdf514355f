//! Route mode routes right: in the end, and at every moment on the way.

mod answers;
mod changes;
mod groups;
mod kubernetes;
mod moments;

use albatross_contract::*;
use albatross_stories::Controller;

use crate::{for_each, services::name};
use answers::heard;
use kubernetes::{GROUP, annotation, in_words, ports, reading};

/// Requests to each group.
const REQUESTS: usize = 50;

/// The groups of this run: one, if `ALBATROSS_WORLD` names it; else `few`, or as many as `ALBATROSS_WORLDS` says, or those of
/// the range that it names (`100..200`).
fn numbers(few: u64) -> Vec<u64> {
    let number = |text: &str| -> u64 { text.parse().expect("a number") };
    if let Ok(one) = std::env::var("ALBATROSS_WORLD") {
        return vec![number(&one)];
    }
    let Ok(all) = std::env::var("ALBATROSS_WORLDS") else { return (0..few).collect() };
    let (from, to) = all.split_once("..").unwrap_or(("0", &all));
    (number(from)..number(to)).collect()
}

/// The Ingresses of a group, by its name.
fn members<'a>(cluster: &'a Cluster, group: &str) -> Vec<&'a Ingress> {
    cluster.ingresses.iter().filter(|ingress| annotation(ingress, GROUP) == Some(group)).collect()
}

/// The only load balancer.
fn only_load_balancer(story: &mut Controller) -> String {
    let all = story.load_balancers();
    assert_eq!(all.len(), 1, "the group has one load balancer");
    all[0].arn.clone()
}

/// Budgets are not the subject here.
fn allow_everything(story: &mut Controller) {
    let inventory = story.cloud.inventory();
    let listeners = inventory.load_balancers.iter().flat_map(|found| &found.listeners);
    let rules = listeners.flat_map(|listener| &listener.rules).map(|rule| rule.arn.clone());
    let ids = inventory.load_balancers.iter().flat_map(|found| &found.tags);
    let ids = ids.filter(|tag| tag.key == TAG_ID).map(|tag| tag.value.clone());
    let unneeded = rules.chain(ids).collect();
    let targets = inventory.instances.iter().map(|found| found.id.clone()).collect();
    let names: Vec<String> = story.cluster.cluster().ingresses.iter().map(name).collect();
    story.settings.allowances =
        Allowances { release: names.clone(), name_change: names, unneeded, targets, ..Allowances::default() };
}

#[test]
fn a_load_balancer_answers_as_kubernetes_says() {
    for_each(numbers(2_000), |number| {
        let (mut story, mut dice) = groups::generate(number);
        story.converge();
        let load_balancer = only_load_balancer(&mut story);
        let cluster = story.cluster.cluster().clone();
        let group = members(&cluster, groups::SHOP);
        for _ in 0..REQUESTS {
            let asked = groups::asked(groups::Hosts::Overlapping, &mut dice);
            let heard = heard(&mut story.cloud, &load_balancer, &asked);
            let right = reading(&cluster, &group, &asked);
            let is_listening = group.iter().any(|ingress| ports(ingress).contains(&asked.port));
            assert!(
                heard.iter().all(|it| it.said == right && it.is_healthy) && heard.is_empty() != is_listening,
                "{asked:?}: {heard:?}, and {right:?} is right{}",
                in_words(&group)
            );
        }
    });
}
