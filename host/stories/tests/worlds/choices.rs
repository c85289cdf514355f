//! A choice that is not published yet is made again in the next pass.

use std::collections::BTreeMap;

use albatross_contract::{periods::PROVISIONING_TIMEOUT, *};
use albatross_embedded_cloud::execution;
use albatross_stories::Controller;
use albatross_stories::generated::{change_one, generate};

use crate::for_all;

/// The duration of a pass.
const SOON: u64 = 10;

#[test]
fn who_has_no_status_is_planned_for_the_same_load_balancer_again_and_again() {
    for_all(|number, oddities| {
        let (mut story, mut dice) = generate(number, oddities);
        story.converge();
        for round in 0..6 {
            let all = story.cluster.cluster().ingresses.clone();
            story.apply_all(all.iter().filter(|_| dice.percent(60)).cloned().collect());
            if dice.percent(50) {
                pass_without_statuses(&mut story);
            }
            story.apply_all(all.into_iter().filter(|_| dice.percent(90)).collect());
            if story.cluster.cluster().ingresses.is_empty() {
                return;
            }
            change_one(&mut story, &mut dice);
            // Certificates that the first pass adds may make another load balancer better for an Ingress.
            pass_without_statuses(&mut story);
            let mut chosen = pass_without_statuses(&mut story);
            for pass in 3..6 {
                let comes_of_age = any_comes_of_age(&mut story);
                let now = pass_without_statuses(&mut story);
                assert!(
                    now == chosen || comes_of_age,
                    "round {round}, pass {pass}: {chosen:#?}, then {now:#?}"
                );
                chosen = now;
            }
        }
    });
}

/// Whether a load balancer has now an age at which it should have been published. From then on, the load balancer counts for
/// new Ingresses.
fn any_comes_of_age(story: &mut Controller) -> bool {
    let now = story.cloud.now();
    let ages = story.load_balancers().into_iter().map(|found| now - found.created_at);
    ages.into_iter().any(|age| (PROVISIONING_TIMEOUT..=PROVISIONING_TIMEOUT + SOON).contains(&age))
}

/// The load balancer of each Ingress after a pass that crashed before it wrote statuses.
fn pass_without_statuses(story: &mut Controller) -> BTreeMap<String, Option<String>> {
    let plan = story.plan();
    execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
    story.wait(SOON);
    let place = |outcome: &Outcome| (outcome.object.to_string(), outcome.load_balancer.clone());
    plan.outcomes.iter().map(place).collect()
}
