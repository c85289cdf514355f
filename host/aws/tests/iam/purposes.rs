//! Each statement is for one purpose, and each purpose has the rights that the program uses for it.

use std::collections::{BTreeMap, BTreeSet};

use albatross_aws::{Need, iam_actions};

use crate::policy::{self, Policy, policy};

/// The rights that remain when all but the statements of these purposes are left out.
pub fn allowed(policy: &Policy, purposes: &[&str]) -> BTreeSet<String> {
    let kept =
        policy.statements.iter().filter(|it| purposes.iter().any(|purpose| it.sid.starts_with(purpose)));
    kept.flat_map(|statement| statement.action.iter()).map(str::to_owned).collect()
}

/// The rights that the program uses.
fn used(needs: &[Need]) -> BTreeSet<String> {
    iam_actions()
        .into_iter()
        .filter(|action| needs.contains(&action.need))
        .map(|action| action.name)
        .collect()
}

#[test]
fn to_look_the_policy_allows_what_the_program_reads_and_nothing_else() {
    assert_eq!(allowed(&policy(), &["Observe"]), used(&[Need::Observe]));
}

#[test]
fn to_run_in_proxy_mode_nothing_of_route_mode_is_needed() {
    assert_eq!(allowed(&policy(), &["Observe", "ProxyMode"]), used(&[Need::Observe, Need::ProxyMode]));
}

#[test]
fn the_whole_policy_allows_what_the_program_can_call_and_nothing_else() {
    let all = allowed(&policy(), &[""]);
    assert_eq!(all, used(&[Need::Observe, Need::ProxyMode, Need::RouteMode]));
    assert_eq!(
        all,
        allowed(&policy(), &["Observe", "ProxyMode", "RouteMode"]),
        "each statement has a purpose"
    );
}

#[test]
fn no_right_is_given_twice_for_the_same_thing() {
    let policy = policy();
    let mut given = BTreeMap::new();
    for statement in &policy.statements {
        for action in statement.action.iter() {
            for resource in statement.resource.iter() {
                let terms = (action, resource, format!("{:?}", statement.condition));
                if let Some(other) = given.insert(terms, &statement.sid) {
                    panic!("{action} is in {other} and in {}", statement.sid);
                }
            }
        }
    }
}

#[test]
fn the_policy_is_one_that_iam_takes() {
    let policy = policy();
    assert_eq!(policy.version, "2012-10-17", "the version with condition keys and variables");
    let names: BTreeSet<&str> = policy.statements.iter().map(|statement| statement.sid.as_str()).collect();
    assert_eq!(names.len(), policy.statements.len(), "a Sid is unique in its policy");
    for statement in &policy.statements {
        assert_eq!(statement.effect, "Allow");
        assert!(statement.sid.chars().all(|letter| letter.is_ascii_alphanumeric()), "Sid {}", statement.sid);
    }
    // IAM user guide, "IAM and AWS STS quotas": characters of a managed policy, white space aside.
    let size = policy::text().chars().filter(|letter| !letter.is_whitespace()).count();
    assert!(size <= 6_144, "{size} characters");
}
