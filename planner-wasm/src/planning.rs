//! The steps, one after the other.

use std::collections::BTreeMap;

use albatross_contract::{
    Diagnostic, DiagnosticCode, Mode, Outcome, OutcomeState, Plan, PlanningError, Scheme, Severity, Snapshot,
    StatusChange, TAG_CLUSTER_UID, TAG_ID,
};

use crate::{
    certificates, desired,
    diff::{self, Context},
    grouping::{self, Grouping},
    lifecycle,
    network::subnets::{Choice, Subnets},
    nodes,
    observed::{NO_UID, Observed, Owned},
    outcomes,
    policies::{Points, Policies},
    settings,
    source::{self, Claim, Name},
    words,
};

/// All that was decided on the way to a plan.
pub struct Decided<'a, 'b> {
    /// What AWS has.
    pub observed: &'a Observed<'a>,
    /// Who is where.
    pub grouping: &'b Grouping<'a>,
    /// Subnets of new load balancers: internet-facing and internal.
    pub choices: &'b [Choice<'a>; 2],
    /// The plan.
    pub plan: Plan,
}

/// Makes a plan.
pub fn plan(snapshot: &Snapshot, policies: &dyn Policies) -> Result<Plan, PlanningError> {
    decide(snapshot, policies, |decided| decided.plan)
}

/// Makes a plan and shows all that was decided on the way.
pub fn decide<T>(
    snapshot: &Snapshot,
    policies: &dyn Policies,
    look: impl FnOnce(Decided<'_, '_>) -> T,
) -> Result<T, PlanningError> {
    settings::check(&snapshot.settings)?;
    let points = Points::new(snapshot, policies);
    let (claims, unsupported) = by_mode(source::read(snapshot)?);
    let observed = Observed::new(snapshot)?;
    let nodes = nodes::read(&observed);
    let subnets = Subnets::new(&observed);
    let choices = [
        subnets.choose(Scheme::InternetFacing, &observed, &points)?,
        subnets.choose(Scheme::Internal, &observed, &points)?,
    ];
    let members: Vec<&Claim> = claims.iter().filter(|claim| claim.ours.is_some()).collect();
    let decisions = certificates::choose(&members, &observed, &points)?;
    let grouping = grouping::group(&claims, decisions, &observed, &nodes, &choices, &points)?;
    let lifecycle = lifecycle::decide(&grouping, &claims, &observed);
    let context = Context {
        observed: &observed,
        grouping: &grouping,
        nodes: &nodes,
        subnets: &subnets,
        choices: &choices,
    };
    let difference = diff::diff(&context, &lifecycle);
    let mut outcomes = outcomes::decide(&claims, &grouping, &difference.shapes, &observed);
    refuse_modes(&mut outcomes.outcomes, unsupported);
    let mut plan = Plan {
        load_balancers: desired::describe(&grouping, &lifecycle, &difference.shapes, &nodes, &observed),
        actions: difference.actions,
        outcomes: outcomes.outcomes,
        diagnostics: missing_parts(&observed),
        withheld: grouping.withheld.clone(),
        next_change_at: [
            lifecycle.next_change_at,
            difference.next_change_at,
            outcomes.next_change_at,
            certificates::next_change(&members, &observed),
        ]
        .into_iter()
        .flatten()
        .min(),
    };
    plan.diagnostics.extend(nodes.diagnostics.iter().cloned());
    plan.diagnostics.extend(failed_load_balancers(&observed, &grouping));
    plan.diagnostics.extend(lifecycle.diagnostics);
    plan.diagnostics.extend(difference.diagnostics);
    plan.withheld.extend(lifecycle.withheld);
    plan.withheld.extend(difference.withheld);
    if !observed.foreign_uids.is_empty() {
        stop(&mut plan, &observed);
    }
    plan.diagnostics.sort();
    plan.withheld.sort();
    Ok(look(Decided { observed: &observed, grouping: &grouping, choices: &choices, plan }))
}

/// Takes out the mode that this planner lacks: to it those claims are not ours. Also answers what to tell them.
fn by_mode(mut claims: Vec<Claim>) -> (Vec<Claim>, BTreeMap<Name, Diagnostic>) {
    let mut unsupported = BTreeMap::new();
    for claim in claims.iter_mut().filter(|claim| claim.ours == Some(Mode::Route)) {
        claim.ours = None;
        let diagnostic = Diagnostic {
            code: DiagnosticCode::ModeUnsupported,
            severity: Severity::Error,
            subject: words::ingress(&claim.name),
            field: Some("spec.ingressClassName".to_owned()),
            message: "its class asks for route mode, which this planner does not have".to_owned(),
            remedy: Some("give it a class in proxy mode".to_owned()),
        };
        claim.diagnostics.push(diagnostic.clone());
        unsupported.insert(claim.name.clone(), diagnostic);
    }
    (claims, unsupported)
}

/// Tells the claims whose mode this planner lacks. One that is served is held: it is still ours.
fn refuse_modes(outcomes: &mut [Outcome], mut unsupported: BTreeMap<Name, Diagnostic>) {
    for outcome in outcomes {
        let name = Name { namespace: outcome.namespace.clone(), name: outcome.name.clone() };
        if let Some(diagnostic) = unsupported.remove(&name) {
            if outcome.state == OutcomeState::Ignored {
                outcome.state = OutcomeState::Rejected;
            }
            outcome.diagnostics.push(diagnostic);
            outcome.diagnostics.sort();
        }
    }
}

/// Takes all that writes out of a plan: what would be ours carries the uid of another cluster.
fn stop(plan: &mut Plan, observed: &Observed<'_>) {
    plan.actions.clear();
    plan.load_balancers.clear();
    plan.withheld.clear();
    plan.next_change_at = None;
    for outcome in plan.outcomes.iter_mut().filter(|outcome| outcome.state != OutcomeState::Ignored) {
        outcome.state = OutcomeState::Waiting;
        outcome.load_balancer = None;
        outcome.certificates.clear();
        outcome.status = StatusChange::Keep;
    }
    plan.diagnostics.extend(observed.foreign_uids.iter().map(|(uid, example)| Diagnostic {
        code: DiagnosticCode::ClusterUidForeign,
        severity: Severity::Error,
        subject: format!("cluster {}", observed.settings.identity.cluster_id),
        field: Some("identity.cluster-uid".to_owned()),
        message: match *uid {
            NO_UID => format!(
                "resources of this cluster id and controller lack the tag {TAG_CLUSTER_UID} ({example}), so nothing is changed"
            ),
            uid => format!(
                "resources of this cluster id and controller carry the cluster uid {uid} ({example}), and this cluster is \
                 {}: it may be a copy, so nothing is changed",
                observed.settings.identity.cluster_uid
            ),
        },
        remedy: Some(match *uid {
            // Only people tag security groups: with ours no taking over would put it right.
            _ if example.starts_with("sg-") => format!("take the tag {TAG_ID} off {example}"),
            NO_UID => format!("put the tag {TAG_CLUSTER_UID}={} back", observed.settings.identity.cluster_uid),
            uid => format!("if the other cluster is gone: --take-over-cluster={uid}"),
        }),
    }));
}

fn missing_parts(observed: &Observed<'_>) -> Vec<Diagnostic> {
    let missing = observed.completeness.missing().map(|(part, reason)| Diagnostic {
        code: DiagnosticCode::ViewIncomplete,
        severity: Severity::Warning,
        subject: words::part(part).to_owned(),
        field: None,
        message: format!(
            "not all {} are known ({reason}): what depends on them stays as it is",
            words::part(part)
        ),
        remedy: None,
    });
    missing.collect()
}

fn failed_load_balancers(observed: &Observed<'_>, grouping: &Grouping<'_>) -> Vec<Diagnostic> {
    let broken = observed.owned.values().filter(|owned| owned.is_broken(observed.time));
    let replaced = |id: &str| {
        grouping.slots.iter().any(|slot| {
            slot.replaces.as_deref() == Some(id)
                || slot.owned.is_some_and(|owned| owned.replaces() == Some(id))
        })
    };
    let left = |id: &str| grouping.places.iter().any(|place| place.leaves.as_deref() == Some(id));
    let needed = |id: &str| grouping.slots.get(id).is_some_and(|slot| !slot.members.is_empty());
    let tell = |owned: &Owned<'_>| {
        let load_balancer = owned.load_balancer?;
        let next = match owned.replaces() {
            Some(_) if needed(owned.id) => "it has been replaced once already, so this needs a person",
            None if replaced(owned.id) || left(owned.id) => "another one takes over",
            None if needed(owned.id) => "no other one can take over now",
            _ => "no Ingress needs it",
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
