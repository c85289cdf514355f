//! What a refusal says.

use std::collections::BTreeSet;

use albatross_contract::Operation;
use albatross_guard::{Rule, check};

use crate::world::*;

#[test]
fn every_rule_has_a_name_of_its_own_and_one_sentence() {
    let names: BTreeSet<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
    assert_eq!(names.len(), Rule::ALL.len());
    assert_eq!(Rule::ALL.iter().copied().collect::<BTreeSet<Rule>>().len(), Rule::ALL.len());
    for rule in Rule::ALL {
        assert!(rule.name().chars().all(|letter| letter.is_ascii_lowercase() || letter == '-'), "{rule}");
        let sentence = rule.sentence();
        assert!(sentence.ends_with('.') && sentence.matches(". ").count() == 0, "{sentence}");
    }
}

#[test]
fn a_refusal_lists_all_violations_in_the_order_of_the_plan() {
    let mut world = World::small();
    world.act("last", Operation::DeleteLoadBalancer(existing(STRANGER)));
    world.act("first", Operation::DeleteTargetGroup(existing(target_group_arn(0))));
    world.plan.actions.reverse();
    world.plan.outcomes.pop();
    let refusal = check(&world.snapshot, &world.plan).unwrap_err();
    let found: Vec<(Option<&str>, Rule)> =
        refusal.violations.iter().map(|found| (found.action.as_deref(), found.rule)).collect();
    assert_eq!(
        found,
        [
            (Some("first"), Rule::DeletionInUse),
            (Some("last"), Rule::Ownership),
            (Some("last"), Rule::DeletionGrace),
            (None, Rule::Outcome),
        ]
    );
    let text = refusal.to_string();
    assert_eq!(text.lines().count(), 1, "a message is one line: {text}");
    let first = "the guard refuses the plan, and nothing of it is executed: action first breaks the rule deletion-in-use: ";
    assert!(text.starts_with(first), "{text}");
    assert!(text.contains("; action last breaks the rule ownership: "), "{text}");
    assert!(text.contains("; the rule outcome is broken: the Ingress team/app-1 has no outcome"), "{text}");
}

#[test]
fn a_plan_that_does_nothing_passes_in_an_empty_world() {
    let World { snapshot, plan } = World::with(&[]);
    assert_eq!(check(&snapshot, &plan), Ok(()));
}
