//! A choice that is not published yet is made again in the next pass.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{periods::PROVISIONING_TIMEOUT, *};
use albatross_embedded_cloud::execution;
use albatross_stories::generated::{change_one, generate, http_only};
use albatross_stories::{Controller, tag};

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
                let of_age = come_of_age(&mut story);
                let now = pass_without_statuses(&mut story);
                assert!(now.keys().eq(chosen.keys()), "round {round}, pass {pass}: outcomes come or go");
                // Where Ingresses ask for HTTP only, a newcomer may take the last place on a load balancer that has come of age,
                // in an account without room for another one; the others follow in the next pass.
                let mut ingresses = story.cluster.cluster().ingresses.iter();
                let rearranges = ingresses.any(|it| http_only::asks(&it.metadata.annotations));
                for (name, place) in &now {
                    // In proxy mode, an old load balancer counts for new Ingresses, since it has served.
                    let goes_there = match place {
                        Some(place) => of_age.contains(place),
                        None => {
                            rearranges && chosen[name].as_ref().is_some_and(|place| of_age.contains(place))
                        }
                    };
                    assert!(
                        *place == chosen[name] || (goes_there && story.hostname(name).is_none()),
                        "round {round}, pass {pass}, {name}: {chosen:#?}, then {now:#?}"
                    );
                }
                chosen =
                    if rearranges && !of_age.is_empty() { pass_without_statuses(&mut story) } else { now };
            }
        }
    });
}

/// The ids of the load balancers in proxy mode that have reached since the last pass the age at which they should have been
/// published.
fn come_of_age(story: &mut Controller) -> BTreeSet<String> {
    let now = story.cloud.now();
    let all = story.load_balancers();
    let of_age = all.iter().filter(|found| {
        let age = now - found.created_at;
        let is_of_age = (PROVISIONING_TIMEOUT + 1..=PROVISIONING_TIMEOUT + SOON).contains(&age);
        let is_http_only = tag(&found.tags, TAG_HTTP_ONLY).is_some();
        let serves =
            found.listeners.iter().any(|listener| is_http_only || listener.protocol == Protocol::Https);
        is_of_age && serves && tag(&found.tags, TAG_MODE).is_none()
    });
    of_age.filter_map(|found| tag(&found.tags, TAG_ID)).map(str::to_owned).collect()
}

/// The load balancer of each Ingress after a pass that crashed before it wrote statuses.
fn pass_without_statuses(story: &mut Controller) -> BTreeMap<String, Option<String>> {
    let plan = story.plan();
    execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
    story.wait(SOON);
    let place = |outcome: &Outcome| (outcome.object.to_string(), outcome.load_balancer.clone());
    plan.outcomes.iter().map(place).collect()
}
