//! A grouping policy: one load balancer for each namespace.
//!
//! For clusters whose namespaces belong to teams or tenants that must not share a load balancer, so that they do not share
//! its limits, access log and failures. The cost is one load balancer for each namespace.
//!
//! The key of a group is a wish: the planner splits a group if the Ingresses of a namespace cannot share one load balancer
//! (two schemes, or more certificates than fit).

use std::collections::BTreeMap;

use albatross_contract::{GroupingAnswer, GroupingInput, MemberGroup, PolicyError};

#[cfg(target_arch = "wasm32")]
mod component;

/// Puts the members of each namespace into a group whose key is the namespace.
///
/// No member is rejected. Groups are in the order of their keys, members in the order of the input.
///
/// # Errors
/// As [`validate_settings`].
pub fn group(input: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
    validate_settings(&input.settings)?;
    let mut namespaces: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
    for (index, member) in (0..).zip(&input.members) {
        namespaces.entry(&member.object.namespace).or_default().push(index);
    }
    let groups = namespaces
        .into_iter()
        .map(|(namespace, members)| MemberGroup {
            key: namespace.to_owned(),
            members,
            reason: format!("namespace {namespace} has its own load balancers"),
        })
        .collect();
    Ok(GroupingAnswer { groups, rejected: Vec::new() })
}

/// Accepts the empty text and a JSON object without keys: this policy has no settings.
///
/// # Errors
/// Any other settings, with the key or the text that is wrong.
pub fn validate_settings(settings: &str) -> Result<(), PolicyError> {
    const TO_DO: &str = "one-per-namespace has no settings: leave them empty, or write {}";
    if settings.trim().is_empty() {
        return Ok(());
    }
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(settings)
        .map_err(|error| PolicyError { message: format!("not a JSON object ({error}): {TO_DO}") })?;
    match object.keys().next() {
        None => Ok(()),
        Some(key) => Err(PolicyError { message: format!("unknown key {key:?}: {TO_DO}") }),
    }
}
