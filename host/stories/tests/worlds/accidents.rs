//! The passes after an accident at any action repair everything.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::*;
use albatross_embedded_cloud::{AwsError, execution};
use albatross_stories::generated::{Oddities, change_one, generate};
use albatross_stories::{Controller, WAITING};

use crate::{
    for_all,
    services::{Resources, Service, assert_everybody_is_served, ours, published, services},
};

/// An accident that happens once.
#[derive(Clone, Copy, Debug)]
enum Accident {
    Fails,
    Throttled,
    AnswerLost,
    CrashBefore,
    CrashAfter,
}

/// The call fails, or its answer is lost.
const FAILURES: [Accident; 3] = [Accident::Fails, Accident::Throttled, Accident::AnswerLost];
/// The controller crashes.
const CRASHES: [Accident; 2] = [Accident::CrashBefore, Accident::CrashAfter];

impl Accident {
    /// Executes a plan in which the write with a number, counted from 1, has an accident.
    fn at(self, story: &mut Controller, plan: &Plan, write: u64) {
        let call = story.cloud.calls().writes + write;
        let faults = story.cloud.faults_mut();
        match self {
            Accident::Fails => faults.fail_write(call, AwsError::new("InternalFailure", "something broke")),
            Accident::Throttled => faults.throttle_write(call),
            Accident::AnswerLost => faults.lose_answer(call),
            Accident::CrashBefore => faults.crash_before(call),
            Accident::CrashAfter => faults.crash_after(call),
        }
        execution::execute(&mut story.cloud, plan, &mut |_, _| {});
        // A controller that crashed writes no status.
        if !matches!(self, Accident::CrashBefore | Accident::CrashAfter) {
            story.cluster.write_statuses(plan);
        }
        story.cloud.faults_mut().clear();
    }
}

/// The world with a number before anything is created, and the same world converged and then changed at one Ingress.
fn beginnings(number: u64) -> [(&'static str, Controller); 2] {
    let (from_nothing, mut dice) = generate(number, &mut Oddities::default());
    let mut changed = from_nothing.fork();
    changed.converge();
    change_one(&mut changed, &mut dice);
    [("from nothing", from_nothing), ("at a change", changed)]
}

/// The state to which a world converges without accidents.
struct Smooth {
    /// The hostnames that were published before.
    published: BTreeMap<String, String>,
    services: BTreeMap<String, Service>,
    ours: Resources,
}

impl Smooth {
    fn from(mut story: Controller) -> Smooth {
        let published = published(&story);
        story.converge();
        let plan = story.plan();
        Smooth { published, services: services(&story, &plan), ours: ours(&mut story) }
    }

    /// Checks that a world that converged after an accident is as good.
    fn assert_as_good(&self, mut story: Controller, after: &str) {
        let plan = story.plan();
        assert_everybody_is_served(&mut story, &plan);
        let there = ours(&mut story);
        assert!(
            there.load_balancers <= self.ours.load_balancers
                && there.target_groups <= self.ours.target_groups,
            "{after}: {there:?} are left, {:?} without the accident",
            self.ours
        );
        let services = services(&story, &plan);
        for (name, expected) in &self.services {
            let found = services.get(name).and_then(|service| service.hostname.as_ref());
            assert_eq!(expected.hostname.is_some(), found.is_some(), "{after}: {name}");
            let before = self.published.get(name);
            if before.is_some() && expected.hostname.as_ref() == before {
                assert_eq!(found, before, "{after}: the name of {name} changed");
            }
        }
    }
}

/// Tries each of these accidents at every action of the plan, in a new world and after a change.
///
/// The world and its plan are made once; each accident happens to a copy.
fn assert_mended(accidents: &[Accident], number: u64) {
    for (begin, mut story) in beginnings(number) {
        let plan = story.plan();
        let smooth = Smooth::from(story.fork());
        let writes = plan.actions.len() as u64;
        for write in 1..=writes {
            for accident in accidents {
                let mut story = story.fork();
                accident.at(&mut story, &plan, write);
                story.cloud.advance(WAITING);
                story.converge();
                smooth.assert_as_good(story, &format!("{accident:?} at action {write} of {writes}, {begin}"));
            }
        }
    }
}

#[test]
fn after_any_failure_at_any_action_everybody_is_served_and_nothing_is_left_over() {
    for_all(|number, _| assert_mended(&FAILURES, number));
}

#[test]
fn after_any_crash_at_any_action_everybody_is_served_and_nothing_is_left_over() {
    for_all(|number, _| assert_mended(&CRASHES, number));
}

#[test]
fn a_fresh_start_between_any_two_actions_changes_nothing() {
    for_all(|number, _| {
        for (begin, mut story) in beginnings(number) {
            let plan = story.plan();
            for executed in 1..plan.actions.len() {
                let mut story = story.fork();
                let part = Plan { actions: plan.actions[..executed].to_vec(), ..plan.clone() };
                execution::execute(&mut story.cloud, &part, &mut |_, _| {});
                let ids = |actions: &[Action]| -> BTreeSet<String> {
                    actions.iter().map(|action| action.id.clone()).collect()
                };
                let (done, open) = plan.actions.split_at(executed);
                let rest = ids(open);
                let again = story.plan().actions;
                let missing = open.iter().filter(|action| !ids(&again).contains(&action.id));
                let missing: Vec<&String> =
                    missing.filter(|action| !may_wait(done, action)).map(|action| &action.id).collect();
                assert!(
                    missing.is_empty(),
                    "{begin}, after {executed} actions: {missing:?} are not planned any more"
                );
                for action in again.iter().filter(|action| !rest.contains(&action.id)) {
                    assert!(
                        follows_from(done, action, &mut story),
                        "{begin}, after {executed} actions, {} is new",
                        action.id
                    );
                }
            }
        }
    });
}

/// Whether an action waits after some actions of its plan: AWS checks the targets of a new rule first, and only then is a rule
/// deleted whose requests the new rule takes over.
fn may_wait(executed: &[Action], action: &Action) -> bool {
    let creates_rule = |done: &Action| matches!(done.operation, Operation::CreateRule(_));
    matches!(action.operation, Operation::DeleteRule(_)) && executed.iter().any(creates_rule)
}

/// Whether an action that a plan does not have is planned after some of its actions only because of what they did.
fn follows_from(executed: &[Action], action: &Action, story: &mut Controller) -> bool {
    match &action.operation {
        // Only an existing security group can be admitted.
        Operation::AuthorizeSecurityGroupRules(_) => {
            executed.iter().any(|done| matches!(done.operation, Operation::CreateSecurityGroup(_)))
        }
        // A rule that no request reaches goes when the rule that hides it exists.
        Operation::DeleteRule(_) => executed.iter().any(|done| {
            matches!(
                done.operation,
                Operation::CreateRule(_) | Operation::DeleteRule(_) | Operation::SetRulePriorities(_)
            )
        }),
        // The actions have ended the use of a target group.
        Operation::AddTags(change) => {
            let ResourceReference::Existing(resource) = &change.resource else { return false };
            let groups = &story.cloud.inventory().target_groups;
            let group = groups.iter().find(|group| group.arn == *resource);
            action.id.ends_with("/mark") && group.is_some_and(|group| group.load_balancer_arns.is_empty())
        }
        _ => false,
    }
}
