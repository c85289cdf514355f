//! Explanation of an Ingress.

use albatross_contract::{
    Decision, DesiredLoadBalancer, Diagnostic, Explanation, ObjectKind, ObjectName, Outcome, OutcomeState,
    PlanningError, StatusChange,
};

use super::{candidate, certificates, described, placement, rules, subnets, unknown};
use crate::{
    planning::Decided,
    source::{self, SWITCH_OF_ROUTE_GROUPS},
};

/// Explains an Ingress.
pub fn explain(name: &ObjectName, decided: &Decided<'_, '_>) -> Result<Explanation, PlanningError> {
    let is_it = |outcome: &&Outcome| outcome.object == *name;
    let outcome =
        decided.plan.outcomes.iter().find(is_it).ok_or_else(|| {
            unknown(&format!("{} {}/{}", name.kind.kubernetes(), name.namespace, name.name))
        })?;
    let mut decisions = Vec::new();
    if !outcome.diagnostics.is_empty() {
        decisions.push(to_know(&outcome.diagnostics));
    }
    let mut members = decided.grouping.members.iter().zip(&decided.grouping.placements);
    let asked = source::ObjectName::of(name);
    if let Some((member, placed)) = members.find(|(member, _)| member.claim.object == asked) {
        let verdicts = decided.grouping.verdicts.as_ref();
        decisions.extend(verdicts.map(|verdicts| placement::decision(member, placed, verdicts, decided)));
        let on = placed.group().and_then(|group| described(decided.grouping.groups.get(group).id(), decided));
        decisions.extend(on.and_then(group));
        let routing = member.claim.routing.as_ref();
        if member.claim.needs_certificates() {
            let hosts = member.claim.hosts.iter();
            decisions.extend(hosts.map(|host| certificates::decision(*host, member, outcome, decided)));
        }
        decisions.extend(on.filter(|_| routing.is_some()).map(|on| rules::decision(name, on, decided)));
        if let Some(scheme) = on.map(|on| on.scheme).or(member.claim.scheme.value()) {
            decisions.push(subnets::decision(scheme, on, decided));
        }
    }
    Ok(Explanation { headline: headline(&name.to_string(), outcome, decided), decisions })
}

/// The group of a load balancer, and why the grouping policy gave it.
fn group(on: &DesiredLoadBalancer) -> Option<Decision> {
    let (key, reason) = (on.group.as_ref()?, on.group_reason.as_ref()?);
    let reason = format!("the grouping policy says: {reason}");
    Some(Decision { title: "Group".to_owned(), candidates: vec![candidate(true, key, reason)] })
}

pub(super) fn to_know(diagnostics: &[Diagnostic]) -> Decision {
    let tell = |diagnostic: &Diagnostic| {
        let reason = match &diagnostic.remedy {
            Some(remedy) => format!("{}; to do: {remedy}", diagnostic.message),
            None => diagnostic.message.clone(),
        };
        candidate(false, "!", reason)
    };
    Decision { title: "Diagnostics".to_owned(), candidates: diagnostics.iter().map(tell).collect() }
}

fn headline(name: &str, outcome: &Outcome, decided: &Decided<'_, '_>) -> String {
    let on = outcome.load_balancer.as_deref().and_then(|id| described(id, decided));
    let is_switched_off =
        outcome.object.kind == ObjectKind::RouteGroup && !decided.observed.settings.serves_route_groups();
    match (outcome.state, on.map(|found| found.name.as_str())) {
        (OutcomeState::Ignored, _) if is_switched_off => {
            format!("{name} is not served: the setting {SWITCH_OF_ROUTE_GROUPS} switches RouteGroups off")
        }
        (OutcomeState::Ignored, _) => {
            format!("{name} is not served: neither its class nor its IngressClass belongs to Albatross")
        }
        (OutcomeState::Released, _) => {
            format!("{name} is released: Albatross no longer serves it, and its status is emptied")
        }
        (OutcomeState::Rejected, _) => format!("{name} is rejected: it gets no load balancer"),
        (OutcomeState::Waiting, _) | (_, None) => format!("{name} waits for a load balancer"),
        (OutcomeState::Held, Some(on)) => {
            format!("{name} → {on}, held: a part of it cannot be planned and stays as it is")
        }
        (OutcomeState::Placed, Some(on)) => match &outcome.status {
            StatusChange::Publish(hostname) => format!("{name} → {on}, published as {hostname}"),
            StatusChange::Keep | StatusChange::Withdraw => format!("{name} → {on}"),
        },
    }
}
