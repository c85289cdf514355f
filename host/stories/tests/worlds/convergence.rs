//! A world comes to rest, and what one Ingress does is nobody else's business.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::*;
use albatross_stories::generated::{Oddities, change_one, generate};
use albatross_stories::{Controller, tells};

use crate::{
    for_all,
    services::{Service, assert_everybody_is_served, services},
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
fn executing_and_planning_again_converges_within_four_passes() {
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

/// Whoever lacks nothing: one whose certificate waits for a place on a full load balancer gets it when another one leaves.
fn settled(story: &Controller, plan: &Plan) -> BTreeMap<String, Service> {
    let mut all = services(story, plan);
    let waiting = |outcome: &&Outcome| tells(outcome, DiagnosticCode::CapacityExceeded);
    for outcome in plan.outcomes.iter().filter(waiting) {
        all.remove(&format!("{}/{}", outcome.namespace, outcome.name));
    }
    all
}

#[test]
fn adding_changing_or_breaking_one_ingress_leaves_all_others_as_they_were() {
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        story.converge();
        let plan = story.plan();
        let mut before = settled(&story, &plan);
        for _ in 0..3 {
            let (who, what) = change_one(&mut story, &mut dice);
            story.converge();
            let plan = story.plan();
            let after = services(&story, &plan);
            for (name, service) in
                before.iter().filter(|(name, service)| **name != who && service.hostname.is_some())
            {
                assert_eq!(Some(service), after.get(name), "{who} was {what}, and {name} noticed");
            }
            before = settled(&story, &plan);
        }
    });
}
