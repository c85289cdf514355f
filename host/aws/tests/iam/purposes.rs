//! Each statement has one purpose, and for each purpose the policy grants the rights that the program uses for it.

use std::collections::{BTreeMap, BTreeSet};

use albatross_aws::{Need, iam_actions};

use crate::policy::{self, Policy, policy, recordings, records, web_acls};

/// The rights of the statements for these purposes.
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
fn to_observe_the_policy_allows_exactly_what_the_program_reads() {
    assert_eq!(allowed(&policy(), &["Observe"]), used(&[Need::Observe]));
}

#[test]
fn proxy_mode_needs_no_statement_of_route_mode() {
    assert_eq!(allowed(&policy(), &["Observe", "ProxyMode"]), used(&[Need::Observe, Need::ProxyMode]));
}

#[test]
fn the_whole_policy_allows_exactly_what_the_program_can_call() {
    let all = allowed(&policy(), &[""]);
    assert_eq!(all, used(&[Need::Observe, Need::ProxyMode, Need::RouteMode]));
    assert_eq!(
        all,
        allowed(&policy(), &["Observe", "ProxyMode", "RouteMode"]),
        "each statement has a purpose"
    );
}

#[test]
fn the_policy_for_records_allows_exactly_what_the_setting_needs() {
    assert_eq!(allowed(&records(), &["Records"]), used(&[Need::Records]));
    assert_eq!(allowed(&records(), &[""]), allowed(&records(), &["Records"]), "each statement has a purpose");
}

#[test]
fn the_policy_for_web_acls_allows_exactly_what_the_annotation_needs() {
    let all = allowed(&web_acls(), &[""]);
    assert_eq!(all, used(&[Need::WebAcls]));
    assert_eq!(all, allowed(&web_acls(), &["WebAcls"]), "each statement has a purpose");
}

#[test]
fn the_policy_for_recordings_allows_exactly_what_a_bucket_needs() {
    let all = allowed(&recordings(), &[""]);
    assert_eq!(all, used(&[Need::Recordings]));
    assert_eq!(all, allowed(&recordings(), &["Recordings"]), "each statement has a purpose");
}

#[test]
fn no_right_is_granted_twice_with_the_same_limits() {
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
fn iam_accepts_the_policy() {
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
