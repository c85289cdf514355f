//! A world converges, and a change of one Ingress affects no other.

use std::collections::BTreeSet;

use albatross_contract::*;
use albatross_policy_blast_radius::BlastRadius;
use albatross_policy_dedicated_hosts::DedicatedHosts;
use albatross_policy_one_per_namespace::OnePerNamespace;
use albatross_stories::generated::{Oddities, change_one, generate};
use albatross_stories::{Controller, tells};

use crate::{
    for_all,
    services::{assert_everybody_is_served, services},
    worlds,
};

fn look_at(plan: &Plan, oddities: &mut Oddities) {
    oddities.common_certificate += usize::from(holds_a_certificate_twice(plan));
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
fn executing_and_planning_again_converges_within_five_passes() {
    let oddities = for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        story.converge();
        let mut plan = story.plan();
        assert_everybody_is_served(&mut story, &plan);
        for _ in 0..3 {
            change_one(&mut story, &mut dice);
            story.converge();
            plan = story.plan();
            assert_everybody_is_served(&mut story, &plan);
        }
        look_at(&plan, oddities);
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
            route_mode,
            network,
            http_only,
            route_groups,
        } = oddities;
        for count in [
            common_certificate,
            at_the_limit,
            held,
            foreign_load_balancer,
            auto_scaling_group_near_limit,
            incomplete_view,
            route_mode,
            network,
            http_only,
            route_groups,
        ] {
            assert_ne!(count, 0, "the worlds must hold every oddity");
        }
    }
}

#[test]
fn adding_changing_or_breaking_one_ingress_leaves_all_others_as_they_were() {
    others_stay_as_they_were(|_, _| ());
}

#[test]
fn with_a_grouping_policy_too_a_change_of_one_ingress_leaves_all_others_as_they_were() {
    others_stay_as_they_were(|number, story| match number % 3 {
        0 => story.group_by::<OnePerNamespace>(""),
        1 => story.group_by::<BlastRadius>(r#"{"most": 2}"#),
        _ => story.group_by::<DedicatedHosts>(r#"{"hosts": [".example.org"]}"#),
    });
}

/// Whether a change of one Ingress changes nothing for the others, in worlds that are prepared in this way.
fn others_stay_as_they_were(prepare: impl Fn(u64, &mut Controller)) {
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        prepare(number, &mut story);
        story.converge();
        let mut plan = story.plan();
        let mut before = services(&story, &plan);
        for _ in 0..3 {
            let crowded = crowded(&plan);
            let (who, what) = change_one(&mut story, &mut dice);
            story.converge();
            plan = story.plan();
            let after = services(&story, &plan);
            for (name, service) in
                before.iter().filter(|(name, service)| **name != who && service.hostname.is_some())
            {
                let now = after.get(name);
                let as_before = if crowded.contains(name) {
                    now.is_some_and(|now| now.serves_as_much_as(service))
                } else {
                    now == Some(service)
                };
                assert!(as_before, "{who} was {what}, and {name} noticed: {service:#?}, {now:#?}");
            }
            before = after;
        }
    });
}

/// Ingresses without a certificate for lack of room. Each gets its certificate when another Ingress leaves; nothing else
/// changes for it.
fn crowded(plan: &Plan) -> BTreeSet<String> {
    let outcomes = plan.outcomes.iter().filter(|outcome| tells(outcome, DiagnosticCode::CapacityExceeded));
    outcomes.map(|outcome| outcome.object.to_string()).collect()
}
