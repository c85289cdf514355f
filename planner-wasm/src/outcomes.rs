//! Outcomes: what happens to each Ingress, and what its status should say.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Diagnostic, DiagnosticCode, HostCertificate, Outcome, OutcomeState, Severity, StatusChange, TargetGroup,
    TargetHealth,
};

use crate::{
    certificates::{Rest, Want, covers, uncovered},
    diff::{Shape, is_healthy},
    grouping::{Grouping, Member, Place, Slot, is_served_elsewhere},
    observed::{Concern, Observed, Owned, PROVISIONING_TIMEOUT},
    source::Claim,
    words,
};

/// An Ingress that has no name yet waits at most this long for healthy targets, from the creation of its load
/// balancer: 10 minutes. A name that answers badly says more than none.
pub const PATIENCE: u64 = 600;

/// Outcomes, and when waiting would end.
pub struct Outcomes {
    /// In the order of namespace and name.
    pub outcomes: Vec<Outcome>,
    /// When the first of those who wait for targets gets its name anyway, or a load balancer takes too long.
    pub next_change_at: Option<u64>,
}

/// Decides for all claims.
pub fn decide(
    claims: &[Claim],
    grouping: &Grouping<'_>,
    shapes: &[Shape],
    observed: &Observed<'_>,
) -> Outcomes {
    let shapes: BTreeMap<&str, &Shape> = shapes.iter().map(|shape| (shape.id.as_str(), shape)).collect();
    let duplicates = Duplicates::new(grouping);
    let mut next_change_at: Option<u64> = None;
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(claims.len());
    let mut members = grouping.members.iter().zip(&grouping.places);
    let mut releases = grouping.releases.iter().peekable();
    for claim in claims {
        let mut outcome = Outcome {
            namespace: claim.name.namespace.clone(),
            name: claim.name.name.clone(),
            state: OutcomeState::Ignored,
            load_balancer: None,
            certificates: Vec::new(),
            hostname: claim.published.clone(),
            status: StatusChange::Keep,
            diagnostics: Vec::new(),
        };
        if claim.ours.is_some() {
            if let Some((member, place)) = members.next() {
                let until = fill(&mut outcome, member, place, grouping, &shapes, &duplicates, observed);
                next_change_at = [next_change_at, until].into_iter().flatten().min();
                outcome.diagnostics.extend(claim.remarks.iter().cloned());
            }
        } else if let Some(release) = releases.next_if(|release| release.claim.name == claim.name) {
            outcome.diagnostics.clone_from(&release.diagnostics);
            if release.now {
                outcome.state = OutcomeState::Released;
                outcome.status = StatusChange::Withdraw;
            } else {
                outcome.state = OutcomeState::Held;
                outcome.load_balancer = Some(release.load_balancer.clone());
            }
        }
        outcome.diagnostics.sort();
        outcomes.push(outcome);
    }
    Outcomes { outcomes, next_change_at }
}

fn fill(
    outcome: &mut Outcome,
    member: &Member<'_>,
    place: &Place,
    grouping: &Grouping<'_>,
    shapes: &BTreeMap<&str, &Shape>,
    duplicates: &Duplicates<'_>,
    observed: &Observed<'_>,
) -> Option<u64> {
    outcome.diagnostics.clone_from(&place.diagnostics);
    let slot = place.on.as_deref().and_then(|id| grouping.slots.get(id));
    let lacking = &member.certificates.lacking;
    let Some(slot) = slot else {
        let rest = if member.certificates.arns().is_empty() { Rest::Lacking } else { Rest::Unplaced };
        outcome.diagnostics.extend(lacking.iter().map(|host| uncovered(member.claim, host, rest)));
        outcome.state = if place.waits { OutcomeState::Waiting } else { OutcomeState::Rejected };
        let severity = if place.waits { Severity::Warning } else { Severity::Error };
        for diagnostic in &mut outcome.diagnostics {
            diagnostic.severity = severity;
        }
        return None;
    };
    outcome.state = if place.held { OutcomeState::Held } else { OutcomeState::Placed };
    outcome.load_balancer = Some(slot.id.clone());
    let serving = serving(slot, member, shapes.get(slot.id.as_str()).copied(), observed);
    outcome.diagnostics.extend(serving.diagnostics);
    let left_out = lacking.iter().filter(|host| !serving.hosts.contains_key(*host));
    let rest = match serving.hosts.len() {
        0 => Rest::Lacking,
        served => Rest::Served(served),
    };
    outcome.diagnostics.extend(left_out.map(|host| uncovered(member.claim, host, rest)));
    outcome.diagnostics.extend(duplicates.diagnostics(member.claim, &slot.id));
    outcome.certificates = serving
        .hosts
        .iter()
        .map(|(host, arn)| HostCertificate { host: host.clone(), certificate: (*arn).to_owned() })
        .collect();
    publish(outcome, member, slot, &serving.awaited, observed)
}

/// The certificates that serve a member on its load balancer.
struct Serving<'a> {
    hosts: BTreeMap<String, &'a str>,
    /// What must be on it before its name may be given to the member.
    awaited: Awaited<'a>,
    diagnostics: Vec<Diagnostic>,
}

/// What a load balancer lacks to serve a member.
enum Awaited<'a> {
    /// These certificates; often none.
    These(BTreeSet<&'a str>),
    /// It serves no host of the member, and which certificates would is not known.
    Unknown,
}

fn serving<'a>(
    slot: &Slot<'a>,
    member: &Member<'a>,
    shape: Option<&Shape>,
    observed: &Observed<'a>,
) -> Serving<'a> {
    let there =
        slot.owned.filter(|owned| owned.https().is_some()).map(Owned::certificates).unwrap_or_default();
    let held_back =
        |arn: &str| shape.is_some_and(|shape| shape.certificates.held_back.iter().any(|held| held == arn));
    let nowhere = shape.is_some_and(|shape| shape.certificates.nowhere);
    let subject = words::ingress(&member.claim.name);
    let say = |code, message: String, remedy: &str| Diagnostic {
        code,
        severity: Severity::Warning,
        subject: subject.clone(),
        field: Some("spec.rules".to_owned()),
        message,
        remedy: Some(remedy.to_owned()),
    };
    let served = slot.serve(member);
    let mut diagnostics = Vec::new();
    for (host, arn) in &served.kept {
        // Where the choice is not known, or not all that could be chosen, that has been said.
        if !matches!(member.certificates.want, Want::Unknown) && !member.certificates.waits {
            diagnostics.push(say(
                DiagnosticCode::CertificateUnusable,
                format!("{host} is still served with {arn}, which should not be used any more, since no other covers it"),
                "request another one in ACM",
            ));
        }
    }
    let mut hosts = BTreeMap::new();
    let mut awaited: BTreeSet<&str> =
        member.certificates.pinned.map(|pinned| pinned.arn.as_str()).into_iter().collect();
    for (host, arn) in served.hosts {
        if slot.needed.contains_key(arn) && (there.contains(arn) || !nowhere && !held_back(arn)) {
            hosts.insert(host, arn);
            awaited.insert(arn);
            continue;
        }
        let old = there
            .iter()
            .copied()
            .find(|old| observed.certificates.get(old).is_some_and(|certificate| covers(certificate, &host)));
        if held_back(arn) {
            diagnostics.push(say(
                DiagnosticCode::CapacityExceeded,
                format!("the load balancer has no room for certificate {arn} for {host}"),
                "raise the quota of certificates for each load balancer",
            ));
        }
        match old {
            Some(old) => {
                hosts.insert(host, old);
            }
            None => {
                awaited.insert(arn);
            }
        }
    }
    awaited.retain(|arn| !there.contains(arn));
    let unsure = matches!(member.certificates.want, Want::Unknown) || member.certificates.waits;
    let awaited = if hosts.is_empty() && unsure { Awaited::Unknown } else { Awaited::These(awaited) };
    Serving { hosts, awaited, diagnostics }
}

/// Decides what the status should say, and answers until when waiting lasts.
fn publish(
    outcome: &mut Outcome,
    member: &Member<'_>,
    slot: &Slot<'_>,
    awaited: &Awaited<'_>,
    observed: &Observed<'_>,
) -> Option<u64> {
    let claim = member.claim;
    let load_balancer = slot.owned.and_then(|owned| Some((owned, owned.load_balancer?)));
    let (owned, load_balancer) = load_balancer?;
    let name = load_balancer.dns_name.to_ascii_lowercase();
    let mut wait = |code, severity, message: String| {
        outcome.diagnostics.push(Diagnostic {
            code,
            severity,
            subject: words::ingress(&claim.name),
            field: Some("status".to_owned()),
            message,
            remedy: None,
        });
    };
    let overdue = owned.is_broken(observed.time);
    if claim.published.as_deref() == Some(name.as_str()) {
        if overdue {
            wait(
                DiagnosticCode::LoadBalancerFailed,
                Severity::Error,
                failed(load_balancer.state_reason.as_deref()),
            );
        }
        if claim.status_has_more {
            outcome.status = StatusChange::Publish(name);
        }
        return None;
    }
    if overdue {
        wait(
            DiagnosticCode::LoadBalancerFailed,
            Severity::Error,
            failed(load_balancer.state_reason.as_deref()),
        );
        return None;
    }
    if !owned.is_active() {
        wait(
            DiagnosticCode::LoadBalancerProvisioning,
            Severity::Info,
            "gets its hostname when AWS has made the load balancer".to_owned(),
        );
        return Some(load_balancer.created_at.saturating_add(PROVISIONING_TIMEOUT));
    }
    let missing = match awaited {
        Awaited::Unknown => Some("a certificate for one of its hosts".to_owned()),
        Awaited::These(arns) if arns.is_empty() => None,
        Awaited::These(arns) => Some(words::list(arns.iter().copied())),
    };
    if let Some(missing) = missing {
        wait(
            DiagnosticCode::LoadBalancerProvisioning,
            Severity::Info,
            format!("gets the hostname of {} when that has {missing}", load_balancer.name),
        );
        return None;
    }
    if let Some(published) = &claim.published
        && let Some(missing) = observed.completeness.explain(Concern::ChangeName)
    {
        let message = format!("stays published as {published}: {missing}");
        wait(DiagnosticCode::ViewIncomplete, Severity::Warning, message);
        return None;
    }
    let served_elsewhere = claim.names.iter().filter(|published| **published != name).any(|published| {
        observed.by_dns_name.contains_key(published.as_str()) || is_served_elsewhere(published, observed)
    });
    let group = forwarded(owned);
    let healthy = group.is_some_and(is_healthy) && observed.completeness.allows(Concern::ChangeName);
    let patience_ends = load_balancer.created_at.saturating_add(PATIENCE);
    if healthy {
        outcome.status = StatusChange::Publish(name);
        None
    } else if served_elsewhere {
        wait(
            DiagnosticCode::TargetsUnhealthy,
            Severity::Warning,
            format!("stays published where it is until the targets of {} are healthy", load_balancer.name),
        );
        None
    } else if observed.time >= patience_ends {
        wait(
            DiagnosticCode::TargetsUnhealthy,
            Severity::Warning,
            format!(
                "published although the targets of {} are not healthy, {} after it was made",
                load_balancer.name,
                words::duration(observed.time - load_balancer.created_at)
            ),
        );
        outcome.status = StatusChange::Publish(name);
        None
    } else {
        wait(
            DiagnosticCode::TargetsUnhealthy,
            Severity::Info,
            "gets its hostname when the targets are healthy, or 10 minutes after the load balancer was made"
                .to_owned(),
        );
        Some(patience_ends)
    }
}

fn failed(reason: Option<&str>) -> String {
    match reason {
        Some(reason) => format!("AWS could not make the load balancer: {reason}"),
        None => {
            format!("AWS has not made the load balancer within {}", words::duration(PROVISIONING_TIMEOUT))
        }
    }
}

/// The target group that has running targets, of those that belong to a load balancer.
fn forwarded<'a>(owned: &Owned<'a>) -> Option<&'a TargetGroup> {
    let running = |group: &TargetGroup| {
        group.targets.iter().filter(|target| target.health == TargetHealth::Healthy).count()
    };
    owned.target_groups.iter().copied().max_by_key(|group| running(group))
}

/// Hosts that stand on more than one load balancer.
struct Duplicates<'a> {
    /// By host and load balancer, in words, who has the host on the others. They are put into words once: there may be
    /// as many as there are Ingresses, and each of them is told.
    others: BTreeMap<&'a str, BTreeMap<&'a str, String>>,
}

impl<'a> Duplicates<'a> {
    fn new(grouping: &'a Grouping<'_>) -> Self {
        let mut by_host: BTreeMap<&str, BTreeMap<&str, Vec<&Claim>>> = BTreeMap::new();
        for (member, place) in grouping.members.iter().zip(&grouping.places) {
            let Some(on) = place.on.as_deref() else { continue };
            for host in &member.claim.hosts {
                by_host.entry(host).or_default().entry(on).or_default().push(member.claim);
            }
        }
        by_host.retain(|_, places| places.len() > 1);
        let in_words = |places: &BTreeMap<&'a str, Vec<&Claim>>| {
            let but = |on: &str| {
                let others = places.iter().filter(|(id, _)| **id != on).flat_map(|(_, claims)| claims);
                let names: Vec<String> = others.map(|other| other.name.to_string()).collect();
                words::list(names.iter().map(String::as_str))
            };
            places.keys().map(|on| (*on, but(on))).collect()
        };
        let others = by_host.iter().map(|(host, places)| (*host, in_words(places)));
        Duplicates { others: others.collect() }
    }

    fn diagnostics(&self, claim: &Claim, on: &str) -> Vec<Diagnostic> {
        let found =
            claim.hosts.iter().filter_map(|host| Some((host, self.others.get(host.as_str())?.get(on)?)));
        found
            .map(|(host, others)| Diagnostic {
                code: DiagnosticCode::HostDuplicate,
                severity: Severity::Warning,
                subject: words::ingress(&claim.name),
                field: Some("spec.rules".to_owned()),
                message: format!(
                    "{host} is also a host of {others} on another load balancer: DNS will point to either"
                ),
                remedy: Some("give both the same scheme and sharing, or remove the host from one".to_owned()),
            })
            .collect()
    }
}
