//! The policy point `grouping`: keys.

use std::collections::BTreeMap;

use albatross_contract::{
    Diagnostic, DiagnosticCode, GroupingInput, GroupingLoadBalancer, GroupingMember, PlanningError,
    PolicyPoint, Severity,
};

use super::Key;
use crate::{
    budgets::number, certificates::Decision, observed::Observed, policies::Points, source::Claim, words,
};

/// Asks for the key of every claim; without a policy none has one.
pub fn ask(
    claims: &[&Claim],
    decisions: &[Decision<'_>],
    standings: &[Option<&str>],
    observed: &Observed<'_>,
    points: &Points<'_>,
) -> Result<Vec<Key>, PlanningError> {
    if points.is_frozen(PolicyPoint::Grouping) {
        let keep = |claim: &&Claim| {
            Key::Keep(Box::new(points.frozen_diagnostic(PolicyPoint::Grouping, &claim.name)))
        };
        return Ok(claims.iter().map(keep).collect());
    }
    if !points.is_overridden(PolicyPoint::Grouping) {
        return Ok(vec![Key::Free; claims.len()]);
    }
    let existing: Vec<_> =
        observed.owned.values().filter_map(|owned| Some((owned, owned.load_balancer?))).collect();
    let index: BTreeMap<&str, u32> = existing.iter().map(|(owned, _)| owned.id).zip(0..).collect();
    let load_balancers = existing.iter().map(|(owned, load_balancer)| GroupingLoadBalancer {
        id: owned.id.to_owned(),
        scheme: load_balancer.scheme,
        group: owned.group().map(str::to_owned),
        certificates: number(owned.certificates().len()),
    });
    let members =
        claims.iter().zip(decisions).zip(standings).map(|((claim, decision), standing)| GroupingMember {
            namespace: claim.name.namespace.clone(),
            name: claim.name.name.clone(),
            class: claim.class.clone(),
            annotations: claim.annotations.clone(),
            labels: claim.labels.clone(),
            hosts: claim.hosts.clone(),
            scheme: claim.scheme.value().unwrap_or(observed.settings.default_scheme),
            mode: claim.ours.unwrap_or(observed.settings.default_mode),
            certificates: decision.arns().into_iter().map(str::to_owned).collect(),
            created_at: claim.created_at,
            load_balancer: standing.and_then(|id| index.get(id).copied()),
        });
    let answer = points.grouping(&GroupingInput {
        settings: points.settings(PolicyPoint::Grouping),
        members: members.collect(),
        load_balancers: load_balancers.collect(),
    })?;
    let mut keys: Vec<Option<Key>> = vec![None; claims.len()];
    for group in &answer.groups {
        for member in &group.members {
            if let Some(key) = keys.get_mut(*member as usize) {
                *key = Some(Key::Given(group.key.clone()));
            }
        }
    }
    for rejection in &answer.rejected {
        let index = rejection.member as usize;
        if let (Some(key), Some(claim)) = (keys.get_mut(index), claims.get(index)) {
            *key = Some(Key::Keep(Box::new(rejected(claim, &rejection.reason))));
        }
    }
    // The host has checked that every member has an answer; a native caller may not have.
    let complete = keys.into_iter().zip(claims);
    Ok(complete
        .map(|(key, claim)| {
            key.unwrap_or_else(|| Key::Keep(Box::new(rejected(claim, "the policy did not mention it"))))
        })
        .collect())
}

fn rejected(claim: &Claim, reason: &str) -> Diagnostic {
    Diagnostic {
        code: DiagnosticCode::PolicyRejected,
        severity: Severity::Warning,
        subject: words::ingress(&claim.name),
        field: None,
        message: format!("the grouping policy gives it no place: {reason}"),
        remedy: Some("ask whoever wrote the policy what it expects".to_owned()),
    }
}
