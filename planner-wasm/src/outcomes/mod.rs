//! Outcomes: what happens to each Ingress, and what its status should be.

mod duplicates;
mod publishing;
mod serving;
#[cfg(test)]
mod tests;

use albatross_contract::{Diagnostic, HostCertificate, Outcome, OutcomeState, Severity, StatusChange};

use crate::{
    certificates::{OtherHosts, uncovered},
    grouping::{Grouping, Member, Place, Placement, Release, cluster_local},
    observed::Observed,
    source::{Claim, Class, HostId},
    wanted::Wanted,
};
use duplicates::Duplicates;
use publishing::Publisher;
use serving::Serving;

/// Outcomes, and when one of them changes.
pub struct Outcomes {
    /// In the order of namespace and name.
    pub outcomes: Vec<Outcome>,
    /// When the first Ingress that waits for targets is published anyway, or when a load balancer has taken too long.
    pub next_change_at: Option<u64>,
}

/// Decides for all claims.
pub fn decide<'a>(
    claims: &[Claim<'_>],
    grouping: &Grouping<'a>,
    wanted: &Wanted<'a>,
    observed: &Observed<'a>,
) -> Outcomes {
    let teller = Teller {
        observed,
        grouping,
        wanted,
        duplicates: Duplicates::new(grouping, observed),
        serving: Serving::new(grouping, wanted, observed),
        publisher: Publisher::new(grouping, &wanted.lacking, observed),
    };
    let mut answer = Outcomes { outcomes: Vec::with_capacity(claims.len()), next_change_at: None };
    let mut members = grouping.members.iter().zip(&grouping.placements);
    let mut releases = grouping.releases.iter().peekable();
    for claim in claims {
        let mut outcome = ignored(claim);
        if claim.is_ours() {
            if let Some((member, placement)) = members.next() {
                let until = teller.fill(&mut outcome, member, placement);
                answer.next_change_at = [answer.next_change_at, until].into_iter().flatten().min();
                outcome.diagnostics.extend(claim.remarks.iter().cloned());
            }
        } else {
            let release = releases.next_if(|release| release.claim.object == claim.object);
            match release {
                Some(release) => tell_release(&mut outcome, release),
                None if claim.class == Class::ClusterLocal => {
                    outcome.state = OutcomeState::Rejected;
                    outcome.diagnostics.push(cluster_local(claim, "it gets no load balancer"));
                }
                None if claim.class == Class::Refused => {
                    outcome.state = OutcomeState::Rejected;
                    let refusals = claim.diagnostics.iter().cloned();
                    let refusals = refusals.map(|told| Diagnostic { severity: Severity::Error, ..told });
                    outcome.diagnostics.extend(refusals);
                }
                None => {}
            }
        }
        // The diagnostic that decided the state is the most severe, and comes first.
        outcome
            .diagnostics
            .sort_by(|left, right| right.severity.cmp(&left.severity).then_with(|| left.cmp(right)));
        answer.outcomes.push(outcome);
    }
    answer
}

fn ignored(claim: &Claim<'_>) -> Outcome {
    Outcome {
        object: claim.object.owned(),
        state: OutcomeState::Ignored,
        load_balancer: None,
        certificates: Vec::new(),
        hostname: claim.published().map(str::to_owned),
        status: StatusChange::Keep,
        diagnostics: Vec::new(),
    }
}

fn tell_release(outcome: &mut Outcome, release: &Release<'_>) {
    outcome.diagnostics.push(release.diagnostic.clone());
    if release.now {
        outcome.state = OutcomeState::Released;
        outcome.status = StatusChange::Withdraw;
    } else {
        outcome.state = OutcomeState::Held;
        outcome.load_balancer = Some(release.load_balancer.id.to_owned());
    }
}

/// The decisions from which the outcomes of members are made.
struct Teller<'a, 'b> {
    observed: &'b Observed<'a>,
    grouping: &'b Grouping<'a>,
    wanted: &'b Wanted<'a>,
    duplicates: Duplicates,
    serving: Serving<'a, 'b>,
    publisher: Publisher<'a, 'b>,
}

impl<'a> Teller<'a, '_> {
    /// Fills in the outcome of a member, and returns until when it waits.
    fn fill(&self, outcome: &mut Outcome, member: &Member<'a>, placement: &Placement<'a>) -> Option<u64> {
        outcome.diagnostics.clone_from(&placement.diagnostics);
        let lacking = &member.certificates.lacking;
        let host = |host| self.observed.hosts.text(host);
        let left_out = |hosts: Vec<HostId>, others| uncovered(member.claim, hosts, others, self.observed);
        let stand = match &placement.place {
            Place::On(stand) => stand,
            Place::Waits | Place::Rejected => {
                let needs_none = member.certificates.certificates.is_empty();
                let others = if needs_none { OtherHosts::Lacking } else { OtherHosts::Unplaced };
                let mut others = left_out(lacking.clone(), others).into_iter();
                let cause = placement.cause.clone().or_else(|| others.next());
                outcome.diagnostics.extend(others);
                let has_another = cause.is_none() && !outcome.diagnostics.is_empty();
                let cause = cause.or_else(|| has_another.then(|| outcome.diagnostics.remove(0)));
                let waits = matches!(placement.place, Place::Waits);
                outcome.state = if waits { OutcomeState::Waiting } else { OutcomeState::Rejected };
                // Other diagnostics did not decide the state, so they are less severe.
                let (of_cause, of_others) = match waits {
                    true => (Severity::Warning, Severity::Info),
                    false => (Severity::Error, Severity::Warning),
                };
                outcome.diagnostics.iter_mut().for_each(|it| it.severity = it.severity.min(of_others));
                // An `info`, which is nobody's mistake, stays one.
                outcome.diagnostics.extend(cause.map(|cause| match cause.severity {
                    Severity::Info => cause,
                    _ => Diagnostic { severity: of_cause, ..cause },
                }));
                return None;
            }
        };
        let group = self.grouping.groups.get(stand.group);
        outcome.state = if stand.held { OutcomeState::Held } else { OutcomeState::Placed };
        outcome.load_balancer = Some(group.id().to_owned());
        let of_object = self.wanted.of_objects.get(&member.claim.object);
        outcome.diagnostics.extend(of_object.into_iter().flatten().cloned());
        let served = self.serving.of(stand.group, member);
        outcome.diagnostics.extend(served.diagnostics);
        let unserved = lacking.iter().filter(|host| !served.hosts.iter().any(|(it, _)| it == *host));
        let others = match served.hosts.len() {
            _ if group.terms().http_only => OtherHosts::OverHttp,
            0 => OtherHosts::Lacking,
            served => OtherHosts::Served(served),
        };
        outcome.diagnostics.extend(left_out(unserved.copied().collect(), others));
        self.duplicates.tell(member.claim, stand.group, self.observed, &mut outcome.diagnostics);
        let catalog = &self.observed.certificates;
        outcome.certificates = served
            .hosts
            .iter()
            .map(|(it, id)| HostCertificate {
                host: host(*it).to_owned(),
                certificate: catalog.arn(*id).to_owned(),
            })
            .collect();
        if member.claim.is_going {
            return None;
        }
        self.publisher.publish(outcome, member, stand.group, &served.awaited)
    }
}
