//! The planner's own default never replaces a policy that fails: the point of the policy is frozen.

use albatross_contract::PolicyPoint;
use albatross_engine::{Breach, Engine, EngineError, Planner, Policy, PolicySet};

use crate::support::{
    empty_snapshot, engine, guests,
    planner::{self, SUBNETS},
};

fn planner(engine: &Engine) -> Planner {
    Planner::load(engine, "planner.wasm", &planner::asks_every_point()).unwrap()
}

fn set(engine: &Engine, components: &[(&str, Vec<u8>)]) -> PolicySet {
    let policies = components.iter().map(|(name, bytes)| Policy::load(engine, name, bytes).unwrap());
    PolicySet::new(policies.collect()).unwrap()
}

#[test]
fn the_plan_is_made_again_without_the_point_and_the_failure_is_reported() {
    let engine = engine();
    let policies = set(
        &engine,
        &[("groups.wasm", guests::crashes("grouping-policy")), ("subnets.wasm", guests::subnets(&[0]))],
    );
    let planned = planner(&engine).plan_with_freeze(empty_snapshot(&policies), &policies).unwrap();

    assert_eq!(planned.answer.plan.next_change_at, Some(SUBNETS), "the other policy is asked as before");
    assert!(planned.snapshot.frozen == [PolicyPoint::Grouping], "the snapshot to record says so");
    let [failure] = planned.failures.as_slice() else { panic!("one failure") };
    assert!(
        failure.to_string().starts_with("policy groups.wasm failed in grouping: it crashed: "),
        "{failure}"
    );
    let answered: Vec<_> = planned.answer.answers.iter().map(|recorded| recorded.point).collect();
    assert!(answered == [PolicyPoint::Subnets], "the answers are those of the plan that counts");
}

#[test]
fn a_refusal_freezes_the_point_as_a_crash_does() {
    let engine = engine();
    let policies = set(&engine, &[("groups.wasm", guests::refuses("no team"))]);
    let planned = planner(&engine).plan_with_freeze(empty_snapshot(&policies), &policies).unwrap();
    assert!(planned.snapshot.frozen == [PolicyPoint::Grouping]);
    assert!(
        matches!(&planned.failures[0].source.breach, Breach::Refused { message } if message == "no team")
    );
}

#[test]
fn an_invalid_answer_freezes_the_point_as_a_crash_does() {
    let engine = engine();
    let policies = set(&engine, &[("groups.wasm", guests::one_group("shop", &[0]))]);
    let planned = planner(&engine).plan_with_freeze(empty_snapshot(&policies), &policies).unwrap();
    assert!(matches!(&planned.failures[0].source.breach, Breach::InvalidAnswer(_)));
}

#[test]
fn all_three_may_fail_and_there_is_a_plan() {
    let engine = engine();
    let policies = set(
        &engine,
        &[
            ("groups.wasm", guests::crashes("grouping-policy")),
            ("subnets.wasm", guests::crashes("subnet-policy")),
            ("certificates.wasm", guests::crashes("certificate-policy")),
        ],
    );
    let planned = planner(&engine).plan_with_freeze(empty_snapshot(&policies), &policies).unwrap();
    assert_eq!(planned.answer.plan.next_change_at, None);
    assert!(
        planned.snapshot.frozen == [PolicyPoint::Certificates, PolicyPoint::Subnets, PolicyPoint::Grouping]
    );
    assert_eq!(planned.failures.len(), 3);
}

#[test]
fn a_policy_that_answers_freezes_nothing() {
    let engine = engine();
    let policies = set(&engine, &[("groups.wasm", guests::one_group("a", &[0, 1]))]);
    let planned = planner(&engine).plan_with_freeze(empty_snapshot(&policies), &policies).unwrap();
    assert!(planned.failures.is_empty());
    assert!(planned.snapshot == empty_snapshot(&policies));
}

#[test]
fn a_planner_cannot_hide_the_failure_and_go_on() {
    let engine = engine();
    let policies = set(&engine, &[("groups.wasm", guests::refuses("no team"))]);
    let error = planner(&engine).plan(&empty_snapshot(&policies), &policies).unwrap_err();
    assert!(matches!(error, EngineError::PolicyFailed(_)), "{error}");
    assert_eq!(error.to_string(), "policy groups.wasm failed in grouping: it refused: no team");
}

#[test]
fn a_planner_that_asks_a_frozen_point_all_the_same_gets_no_plan() {
    let engine = engine();
    let policies = set(&engine, &[("groups.wasm", guests::refuses("no team"))]);
    let stubborn = Planner::load(&engine, "stubborn.wasm", &planner::asks_unasked()).unwrap();
    let error = stubborn.plan_with_freeze(empty_snapshot(&policies), &policies).unwrap_err();
    assert!(matches!(error, EngineError::PolicyFailed(_)), "{error}");
}
