//! A grouping policy: one load balancer for each namespace.
//!
//! For clusters whose namespaces belong to teams or tenants that must not share a load balancer, so that limits, access
//! logs and failures of one namespace do not affect another. The cost is at least one load balancer for each namespace.
//!
//! The key of a group is only a request: if the Ingresses of a namespace cannot share a load balancer (two schemes, or
//! too many certificates), the planner splits the group.

use std::collections::BTreeMap;

use albatross_contract::{GroupingAnswer, GroupingInput, MemberGroup, PolicyError};

#[cfg(target_arch = "wasm32")]
mod component;

/// Puts the members of each namespace into a group whose key is the namespace.
///
/// It rejects no member. Groups are in the order of their keys, members in the order of the input.
///
/// # Errors
/// The errors of [`validate_settings`].
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

/// Accepts an empty text and an empty JSON object, because this policy has no settings.
///
/// # Errors
/// Any other text. The message names the unknown key or the JSON error.
pub fn validate_settings(settings: &str) -> Result<(), PolicyError> {
    const TO_DO: &str = "one-per-namespace has no settings: leave the settings empty, or write {}";
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
