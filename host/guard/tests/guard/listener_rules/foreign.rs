//! The listener rules of others, and their priorities.

use albatross_contract::*;
use albatross_guard::Rule;

use super::*;
use crate::story::{Story, pass, tell};

#[test]
fn rules_of_others_are_left_alone() {
    fn reordered() -> World {
        let mut world = routed();
        world.act("priorities", set_priority(30, 25));
        world
    }
    tell(&[
        Story {
            title: "moves a stranger's rule out of the way",
            honest: reordered,
            lie: |world| world.plan.actions[0].operation = set_priority(50, 25),
            rule: Rule::Ownership,
            action: "priorities",
        },
        Story {
            title: "takes the priority of a stranger's rule for one of ours",
            honest: reordered,
            lie: |world| world.plan.actions[0].operation = set_priority(30, 50),
            rule: Rule::RulePriority,
            action: "priorities",
        },
        Story {
            title: "hides a stranger's priority among others",
            honest: reordered,
            lie: |world| {
                world.plan.actions[0].operation = Operation::SetRulePriorities(vec![
                    RulePriority { rule: existing(rule_arn(10)), priority: 11 },
                    RulePriority { rule: existing(rule_arn(20)), priority: 50 },
                ]);
            },
            rule: Rule::RulePriority,
            action: "priorities",
        },
        Story {
            title: "creates a rule with the priority of a stranger's rule",
            honest: || {
                let mut world = routed();
                world.act("create", create_rule(60, 0, requests(0, &["/new"])));
                world
            },
            lie: |world| world.plan.actions[0].operation = create_rule(50, 0, requests(0, &["/new"])),
            rule: Rule::RulePriority,
            action: "create",
        },
        Story {
            title: "changes a stranger's rule on a listener of ours",
            honest: || {
                let mut world = routed();
                world.act("modify", modify_rule(30, requests(0, &["/older"])));
                world
            },
            lie: |world| world.plan.actions[0].operation = modify_rule(50, requests(0, &["/older"])),
            rule: Rule::Ownership,
            action: "modify",
        },
        Story {
            title: "deletes a stranger's rule on a listener of ours",
            honest: old_rule_goes,
            lie: |world| world.plan.actions[0].operation = delete_rule(50),
            rule: Rule::Ownership,
            action: "delete",
        },
        Story {
            title: "takes a rule for ours that carries our tags on a load balancer that lost them",
            honest: old_rule_goes,
            lie: |world| {
                world.plan.outcomes.iter_mut().for_each(|outcome| outcome.state = OutcomeState::Ignored);
                world.load_balancer(0).tags.clear();
            },
            rule: Rule::Ownership,
            action: "delete",
        },
    ]);
    pass(&[("the same priority on another listener is free", || {
        let mut world = routed();
        world.act("create", create_rule(50, 0, requests(0, &["/new"])));
        let Operation::CreateRule(create) = &mut world.plan.actions[0].operation else { return world };
        create.listener = existing(listener_arn(0, 80));
        world
    })]);
}
