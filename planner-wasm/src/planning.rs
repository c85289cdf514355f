//! The steps, one after the other.

use std::collections::BTreeMap;

use albatross_contract::{
    Diagnostic, DiagnosticCode, Mode, Outcome, OutcomeState, Plan, PlanningError, Scheme, Severity, Snapshot,
    StatusChange,
};

use crate::{
    certificates, desired,
    diff::{self, Context},
    grouping, lifecycle,
    network::subnets::Subnets,
    nodes,
    observed::{Observed, Owned},
    outcomes,
    policies::{Points, Policies},
    settings,
    source::{self, Claim},
    words,
};

/// Makes a plan.
pub fn plan(snapshot: &Snapshot, policies: &dyn Policies) -> Result<Plan, PlanningError> {
    settings::check(&snapshot.settings)?;
    let source = source::read(snapshot)?;
    let observed = Observed::new(snapshot)?;
    if !observed.foreign_uids.is_empty() {
        return Ok(stopped(&source.claims, &observed));
    }
    let points = Points::new(snapshot, policies);
    let nodes = nodes::read(&observed);
    let subnets = Subnets::new(&observed);
    let (claims, unsupported) = by_mode(&source.claims);
    let members: Vec<&Claim> = claims.iter().filter(|claim| claim.ours.is_some()).collect();
    let decisions = certificates::choose(&members, &observed, &points)?;
    let grouping = grouping::group(&claims, decisions, &observed, &nodes, &subnets, &points)?;
    let lifecycle = lifecycle::decide(&grouping, &claims, &observed);
    let choices = [
        subnets.choose(Scheme::InternetFacing, &observed, &points)?,
        subnets.choose(Scheme::Internal, &observed, &points)?,
    ];
    let context = Context {
        observed: &observed,
        grouping: &grouping,
        nodes: &nodes,
        subnets: &subnets,
        choices: &choices,
    };
    let difference = diff::diff(&context, &lifecycle);
    let outcomes = outcomes::decide(&claims, &grouping, &difference.shapes, &observed);
    let load_balancers = desired::describe(&grouping, &lifecycle, &difference.shapes, &nodes, &observed);

    let mut diagnostics = missing_parts(&observed);
    diagnostics.extend(nodes.diagnostics);
    diagnostics.extend(failed_load_balancers(&observed));
    diagnostics.extend(lifecycle.diagnostics);
    diagnostics.extend(difference.diagnostics);
    diagnostics.sort();
    let mut withheld = grouping.withheld;
    withheld.extend(lifecycle.withheld);
    withheld.extend(difference.withheld);
    withheld.sort();
    let mut all = outcomes.outcomes;
    for outcome in &mut all {
        if let Some(diagnostic) = unsupported.get(&(outcome.namespace.clone(), outcome.name.clone())) {
            outcome.state = OutcomeState::Rejected;
            outcome.status = StatusChange::Keep;
            outcome.diagnostics.push(diagnostic.clone());
        }
        outcome.diagnostics.sort();
    }
    Ok(Plan {
        load_balancers,
        actions: difference.actions,
        outcomes: all,
        diagnostics,
        withheld,
        next_change_at: [lifecycle.next_change_at, outcomes.next_change_at].into_iter().flatten().min(),
    })
}

/// Claims whose mode this planner has, and what to tell the others: to it they are not there yet.
fn by_mode(claims: &[Claim]) -> (Vec<Claim>, BTreeMap<(String, String), Diagnostic>) {
    let mut unsupported = BTreeMap::new();
    let mut kept = claims.to_vec();
    for claim in &mut kept {
        if claim.ours == Some(Mode::Route) {
            claim.ours = None;
            let diagnostic = Diagnostic {
                code: DiagnosticCode::ModeUnsupported,
                severity: Severity::Error,
                subject: words::ingress(&claim.name),
                field: Some("spec.ingressClassName".to_owned()),
                message: "its class asks for route mode, which this planner does not have".to_owned(),
                remedy: Some("give it a class in proxy mode".to_owned()),
            };
            unsupported.insert((claim.name.namespace.clone(), claim.name.name.clone()), diagnostic);
        }
    }
    (kept, unsupported)
}

/// A plan that changes nothing: what would be ours carries the uid of another cluster.
fn stopped(claims: &[Claim], observed: &Observed<'_>) -> Plan {
    let outcomes = claims.iter().map(|claim| Outcome {
        namespace: claim.name.namespace.clone(),
        name: claim.name.name.clone(),
        state: if claim.ours.is_some() { OutcomeState::Waiting } else { OutcomeState::Ignored },
        load_balancer: None,
        certificates: Vec::new(),
        hostname: claim.published.clone(),
        status: StatusChange::Keep,
        diagnostics: Vec::new(),
    });
    let diagnostics = observed.foreign_uids.iter().map(|uid| Diagnostic {
        code: DiagnosticCode::ClusterUidForeign,
        severity: Severity::Error,
        subject: format!("cluster {}", observed.settings.identity.cluster_id),
        field: Some("identity.cluster-uid".to_owned()),
        message: format!(
            "resources of this cluster id and controller carry the cluster uid {uid}, and this cluster is {}: it may \
             be a copy, so nothing is changed",
            observed.settings.identity.cluster_uid
        ),
        remedy: Some(format!("if the other cluster is gone: --take-over-cluster {uid}")),
    });
    Plan {
        load_balancers: Vec::new(),
        actions: Vec::new(),
        outcomes: outcomes.collect(),
        diagnostics: diagnostics.collect(),
        withheld: Vec::new(),
        next_change_at: None,
    }
}

fn missing_parts(observed: &Observed<'_>) -> Vec<Diagnostic> {
    let missing = observed.completeness.missing().map(|(part, reason)| Diagnostic {
        code: DiagnosticCode::ViewIncomplete,
        severity: Severity::Warning,
        subject: words::part(part).to_owned(),
        field: None,
        message: format!("not all {} are known ({reason}): what depends on them stays as it is", words::part(part)),
        remedy: None,
    });
    missing.collect()
}

fn failed_load_balancers(observed: &Observed<'_>) -> Vec<Diagnostic> {
    let broken = observed.owned.values().filter(|owned| owned.is_broken(observed.time));
    let tell = |owned: &Owned<'_>| {
        let load_balancer = owned.load_balancer?;
        let next = match owned.replaces() {
            None => "another one takes over",
            Some(_) => "it has been replaced once already, so this needs a person",
        };
        Some(Diagnostic {
            code: DiagnosticCode::LoadBalancerFailed,
            severity: Severity::Error,
            subject: load_balancer.name.clone(),
            field: None,
            message: format!(
                "AWS could not make it{}: {next}",
                load_balancer.state_reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default()
            ),
            remedy: Some("look at the state reason in the EC2 console".to_owned()),
        })
    };
    broken.filter_map(tell).collect()
}
