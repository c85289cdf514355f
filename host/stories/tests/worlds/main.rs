//! Properties over generated worlds.
//!
//! A world that breaks one is named by its number; `ALBATROSS_WORLD=<number>` runs it alone.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod dice;
mod generate;

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, execution};
use albatross_stories::{Controller, Pass, WAITING};
use dice::Dice;
use generate::{Oddities, change_one, generate};

const WORLDS: u64 = 600;

/// The worlds of this run.
fn worlds() -> Vec<u64> {
    match std::env::var("ALBATROSS_WORLD") {
        Ok(number) => vec![number.parse().expect("ALBATROSS_WORLD is the number of a world")],
        Err(_) => (0..WORLDS).collect(),
    }
}

/// Runs a property over all worlds and names the first that breaks it.
fn for_all(property: impl Fn(u64, &mut Oddities) + std::panic::RefUnwindSafe) -> Oddities {
    let mut oddities = Oddities::default();
    for number in worlds() {
        let before = std::panic::AssertUnwindSafe(&mut oddities);
        let run = std::panic::catch_unwind(|| {
            let oddities = before;
            property(number, oddities.0);
        });
        if run.is_err() {
            panic!("world {number} breaks the property; ALBATROSS_WORLD={number} runs it alone");
        }
    }
    oddities
}

/// How one Ingress is served.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Service {
    load_balancer: Option<String>,
    hostname: Option<String>,
    certificates: Vec<HostCertificate>,
}

/// How all are served, as the planner says and the statuses hold.
fn services(story: &mut Controller) -> BTreeMap<String, Service> {
    let plan = story.plan();
    plan.outcomes
        .iter()
        .map(|outcome| {
            let name = format!("{}/{}", outcome.namespace, outcome.name);
            let service = Service {
                load_balancer: outcome.load_balancer.clone(),
                hostname: story.hostname(&name),
                certificates: outcome.certificates.clone(),
            };
            (name, service)
        })
        .collect()
}

/// Every host that should be served is served: its name leads to a load balancer that is active, and the chosen
/// certificate is on it.
fn assert_everybody_is_served(story: &mut Controller) {
    let plan = story.plan();
    let inventory = story.cloud.inventory().clone();
    for outcome in &plan.outcomes {
        if !matches!(outcome.state, OutcomeState::Placed | OutcomeState::Held) {
            continue;
        }
        let name = format!("{}/{}", outcome.namespace, outcome.name);
        let hostname =
            story.hostname(&name).unwrap_or_else(|| panic!("{name} has no hostname: {outcome:#?}"));
        let found = inventory.load_balancers.iter().find(|found| found.dns_name == hostname);
        let found =
            found.unwrap_or_else(|| panic!("{name} is published as {hostname}, which does not exist"));
        assert_eq!(found.state, LoadBalancerState::Active, "{name}");
        let there: BTreeSet<&String> = found
            .listeners
            .iter()
            .flat_map(|listener| listener.certificates.iter().chain(&listener.default_certificate))
            .collect();
        for chosen in &outcome.certificates {
            assert!(
                there.contains(&chosen.certificate),
                "{name}: {} is not on {hostname}",
                chosen.certificate
            );
        }
    }
}

fn ours(story: &mut Controller) -> usize {
    story.load_balancers().iter().filter(|found| found.name.starts_with("albatross-")).count()
}

fn look_at(story: &mut Controller, oddities: &mut Oddities) {
    let plan = story.plan();
    oddities.common_certificate += usize::from(holds_a_certificate_twice(&plan));
    let full = |found: &DesiredLoadBalancer| found.certificates.len() + 1 >= found.certificate_limit as usize;
    oddities.at_the_limit += usize::from(plan.load_balancers.iter().any(full));
    oddities.held += usize::from(plan.outcomes.iter().any(|outcome| outcome.state == OutcomeState::Held));
}

fn holds_a_certificate_twice(plan: &Plan) -> bool {
    let mut seen = BTreeSet::new();
    plan.load_balancers
        .iter()
        .flat_map(|found| &found.certificates)
        .any(|certificate| !seen.insert(&certificate.arn))
}

#[test]
fn executing_and_planning_again_converges_within_four_passes() {
    let oddities = for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        story.converge();
        assert_everybody_is_served(&mut story);
        for _ in 0..3 {
            change_one(&mut story, &mut dice);
            story.converge();
            assert_everybody_is_served(&mut story);
        }
        look_at(&mut story, oddities);
    });
    println!("of {} worlds: {oddities:#?}", worlds().len());
    if worlds().len() > 1 {
        let Oddities {
            common_certificate,
            at_the_limit,
            held,
            foreign_load_balancer,
            auto_scaling_group_near_limit,
            incomplete_view,
        } = oddities;
        for count in [
            common_certificate,
            at_the_limit,
            held,
            foreign_load_balancer,
            auto_scaling_group_near_limit,
            incomplete_view,
        ] {
            assert_ne!(count, 0, "the worlds must hold every oddity");
        }
    }
}

#[test]
fn adding_changing_or_breaking_one_ingress_leaves_all_others_as_they_were() {
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        story.converge();
        for _ in 0..3 {
            let before = services(&mut story);
            let (who, what) = change_one(&mut story, &mut dice);
            story.converge();
            let after = services(&mut story);
            for (name, service) in
                before.iter().filter(|(name, service)| **name != who && service.hostname.is_some())
            {
                assert_eq!(Some(service), after.get(name), "{who} was {what}, and {name} noticed");
            }
        }
    });
}

/// Something that goes wrong once.
#[derive(Clone, Copy, Debug)]
enum Accident {
    Fails,
    Throttled,
    AnswerLost,
    CrashBefore,
    CrashAfter,
}

const ACCIDENTS: [Accident; 5] =
    [Accident::Fails, Accident::Throttled, Accident::AnswerLost, Accident::CrashBefore, Accident::CrashAfter];

/// One pass in which the write with a number, counted from this pass, goes wrong.
fn pass_with(story: &mut Controller, accident: Accident, write: u64) -> Pass {
    let plan = story.plan();
    let call = story.cloud.calls().writes + write;
    let faults = story.cloud.faults_mut();
    match accident {
        Accident::Fails => faults.fail_write(call, AwsError::new("InternalFailure", "something broke")),
        Accident::Throttled => faults.throttle_write(call),
        Accident::AnswerLost => faults.lose_answer(call),
        Accident::CrashBefore => faults.crash_before(call),
        Accident::CrashAfter => faults.crash_after(call),
    }
    let results = execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
    // A controller that crashed writes no status.
    let crashed = matches!(accident, Accident::CrashBefore | Accident::CrashAfter);
    let statuses = if crashed { Vec::new() } else { story.cluster.write_statuses(&plan) };
    story.cloud.faults_mut().clear();
    Pass { plan, results, statuses }
}

#[test]
fn after_an_accident_at_any_action_everybody_is_served_and_nothing_is_left_over() {
    for_all(|number, _| {
        // First from nothing, then at a change.
        for changed in [false, true] {
            let begin = || {
                let (mut story, mut dice) = generate(number, &mut Oddities::default());
                if changed {
                    story.converge();
                    change_one(&mut story, &mut dice);
                }
                (story, dice)
            };
            let (mut smooth, mut dice) = begin();
            let before = services_published(&smooth);
            let writes = smooth.plan().actions.len() as u64;
            smooth.converge();
            let (expected, load_balancers) = (services(&mut smooth), ours(&mut smooth));
            for write in 1..=writes {
                let accident = *dice.pick(&ACCIDENTS);
                let (mut story, _) = begin();
                pass_with(&mut story, accident, write);
                story.cloud.advance(WAITING);
                story.converge();
                let story_is = format!("{accident:?} at action {write} of {writes}, changed: {changed}");
                assert_everybody_is_served(&mut story);
                assert!(
                    ours(&mut story) <= load_balancers,
                    "{story_is}: {} load balancers, {load_balancers} without it",
                    ours(&mut story)
                );
                let after = services(&mut story);
                for (name, service) in &expected {
                    let served = after.get(name).is_some_and(|after| after.hostname.is_some());
                    assert_eq!(service.hostname.is_some(), served, "{story_is}: {name}");
                    if let Some(published) = before.get(name)
                        && service.hostname.as_ref() == Some(published)
                    {
                        assert_eq!(
                            story.hostname(name).as_ref(),
                            Some(published),
                            "{story_is}: the name of {name} changed"
                        );
                    }
                }
            }
        }
    });
}

fn services_published(story: &Controller) -> BTreeMap<String, String> {
    let ingresses = &story.cluster.cluster().ingresses;
    let name = |ingress: &Ingress| {
        format!("{}/{}", ingress.metadata.namespace.as_deref().unwrap_or("default"), ingress.metadata.name)
    };
    ingresses.iter().filter_map(|ingress| Some((name(ingress), story.hostname(&name(ingress))?))).collect()
}

#[test]
fn a_fresh_start_between_any_two_actions_changes_nothing() {
    for_all(|number, _| {
        for changed in [false, true] {
            let begin = || {
                let (mut story, mut dice) = generate(number, &mut Oddities::default());
                if changed {
                    story.converge();
                    change_one(&mut story, &mut dice);
                }
                story
            };
            let plan = begin().plan();
            for executed in 1..plan.actions.len() {
                let mut story = begin();
                let part = Plan { actions: plan.actions[..executed].to_vec(), ..plan.clone() };
                execution::execute(&mut story.cloud, &part, &mut |_, _| {});
                let rest: BTreeSet<&String> =
                    plan.actions[executed..].iter().map(|action| &action.id).collect();
                let again = story.plan();
                let planned: BTreeSet<&String> = again.actions.iter().map(|action| &action.id).collect();
                assert_eq!(planned, rest, "after {executed} actions, changed: {changed}");
            }
        }
    });
}

#[test]
fn the_plan_does_not_depend_on_the_order_of_any_list() {
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        for _ in 0..2 {
            let snapshot = story.snapshot().unwrap();
            let expected = plan_bytes(&snapshot);
            for _ in 0..3 {
                let mut shuffled = snapshot.clone();
                shuffle(&mut shuffled, &mut dice);
                assert_eq!(plan_bytes(&shuffled), expected);
            }
            story.converge();
            change_one(&mut story, &mut dice);
        }
    });
}

fn plan_bytes(snapshot: &Snapshot) -> String {
    serde_json::to_string(&albatross_planner::plan(snapshot, &albatross_planner::NoPolicies).unwrap())
        .unwrap()
}

fn shuffle(snapshot: &mut Snapshot, dice: &mut Dice) {
    dice.shuffle(&mut snapshot.cluster.ingresses);
    for ingress in &mut snapshot.cluster.ingresses {
        dice.shuffle(&mut ingress.rules);
        dice.shuffle(&mut ingress.metadata.annotations);
    }
    let inventory = &mut snapshot.inventory;
    dice.shuffle(&mut inventory.zones);
    dice.shuffle(&mut inventory.subnets);
    dice.shuffle(&mut inventory.route_tables);
    dice.shuffle(&mut inventory.security_groups);
    dice.shuffle(&mut inventory.certificates);
    dice.shuffle(&mut inventory.load_balancers);
    dice.shuffle(&mut inventory.target_groups);
    dice.shuffle(&mut inventory.auto_scaling_groups);
    dice.shuffle(&mut inventory.instances);
    dice.shuffle(&mut inventory.incomplete);
    for found in &mut inventory.load_balancers {
        dice.shuffle(&mut found.subnets);
        dice.shuffle(&mut found.security_groups);
        dice.shuffle(&mut found.attributes);
        dice.shuffle(&mut found.listeners);
        dice.shuffle(&mut found.tags);
        for listener in &mut found.listeners {
            dice.shuffle(&mut listener.certificates);
        }
    }
    for found in &mut inventory.target_groups {
        dice.shuffle(&mut found.targets);
        dice.shuffle(&mut found.attributes);
        dice.shuffle(&mut found.tags);
    }
    for found in &mut inventory.auto_scaling_groups {
        dice.shuffle(&mut found.instances);
        dice.shuffle(&mut found.target_groups);
    }
    for certificate in &mut inventory.certificates {
        dice.shuffle(&mut certificate.names);
    }
}
