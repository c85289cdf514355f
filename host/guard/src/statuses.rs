//! Statuses: external-dns makes records of what they say, so they name only what serves, and are emptied only for who
//! is released.
//!
//! Design: safety, status.

use albatross_contract::{
    ANNOTATION_CERTIFICATE, Certificate, CertificateKind, CertificateStatus, Ingress, LoadBalancer,
    LoadBalancerState, OutcomeState, PolicyPoint, Snapshot, StatusChange, TargetHealth, ViewPart,
};

use crate::{
    Case,
    actions::forwards,
    hosts::covers,
    marks::certificates_on,
    outcomes::Fate,
    ownership::NAME_PREFIX,
    tags::tag,
    view::{View, hostnames, hosts, our_id, plain_dns_name},
    violation::{Findings, Rule},
};

/// After this time a load balancer is published for who has no name yet even without a registered target: 10 minutes.
const FIRST_NAME_WAIT: u64 = 10 * 60;

pub(crate) fn check(case: &Case<'_>, found: &mut Findings) {
    for fate in &case.outcomes.list {
        let (rule, verdict) = match &fate.outcome.status {
            StatusChange::Keep => continue,
            StatusChange::Publish(hostname) => (Rule::StatusPublish, may_publish(case, fate, hostname)),
            StatusChange::Withdraw => (Rule::StatusWithdraw, may_withdraw(&case.view, fate)),
        };
        if let Err(message) = verdict {
            found.plan(rule, format!("the status of {}: {message}", fate.name()));
        }
    }
}

fn may_publish(case: &Case<'_>, fate: &Fate<'_>, hostname: &str) -> Result<(), String> {
    let view = &case.view;
    let Some(ingress) = fate.ingress else { return Err("the snapshot has no such Ingress".to_owned()) };
    if !fate.has_place() {
        return Err("it becomes a name though the Ingress has no place".to_owned());
    }
    let Some(load_balancer) = view.by_dns_name(hostname) else {
        return Err(format!("{hostname} is the DNS name of no load balancer in the inventory"));
    };
    let name = &load_balancer.name;
    if !view.owns(load_balancer) {
        return Err(format!("{hostname} belongs to {name}, which is not ours"));
    }
    if !hostname.eq_ignore_ascii_case(&load_balancer.dns_name) {
        return Err(format!("{hostname} is not how AWS spells {}", load_balancer.dns_name));
    }
    if fate.outcome.load_balancer.as_deref() != Some(our_id(load_balancer)) {
        return Err(format!("{hostname} belongs to {name}, and the plan places it elsewhere"));
    }
    if hostnames(ingress).any(|before| before == plain_dns_name(hostname)) {
        return Ok(()); // published already: only other entries leave
    }
    if !matches!(load_balancer.state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired) {
        return Err(format!("{name} is not active yet"));
    }
    for chosen in &fate.outcome.certificates {
        if !certificates_on(load_balancer).any(|arn| arn == chosen.certificate) {
            return Err(format!("{name} does not have {} for {} yet", chosen.certificate, chosen.host));
        }
    }
    has_certificates(view, ingress, load_balancer)?;
    has_targets(view, ingress, load_balancer)
}

/// A pinned certificate serves all hosts, whatever it covers. Without one, each host that a usable certificate covers
/// must have one. But where it is not known which certificates are wanted (the pinned one cannot be used, or the policy
/// point is frozen), any host that is served will do; and a policy of its own may leave out hosts, even all.
fn has_certificates(view: &View<'_>, ingress: &Ingress, load_balancer: &LoadBalancer) -> Result<(), String> {
    let snapshot = view.snapshot;
    let name = &load_balancer.name;
    let pinned = tag(&ingress.metadata.annotations, ANNOTATION_CERTIFICATE).map(str::trim);
    let pinned = pinned.filter(|arn| !arn.is_empty());
    let is_there = |wanted: &str| certificates_on(load_balancer).any(|arn| arn == wanted);
    let is_issued =
        |arn: &str| view.certificates.get(arn).is_some_and(|found| found.status == CertificateStatus::Issued);
    let is_frozen = snapshot.frozen.contains(&PolicyPoint::Certificates);
    let is_overridden = snapshot.settings.policies.iter().any(|it| it.point == PolicyPoint::Certificates);
    match pinned {
        Some(arn) if is_there(arn) => return Ok(()),
        Some(arn) if is_issued(arn) => return Err(format!("{name} does not have {arn} yet, which it names")),
        None if is_overridden && !is_frozen => return Ok(()),
        _ => {}
    }
    // One that the inventory lacks may cover anything.
    let serves = |arn: &str, host: &str| view.certificates.get(arn).is_none_or(|it| covers(it, host));
    let is_served = |host: &str| certificates_on(load_balancer).any(|arn| serves(arn, host));
    if (pinned.is_some() || is_frozen) && hosts(ingress).any(is_served) {
        return Ok(());
    }
    let could_be =
        |host: &&str| view.certificates.values().any(|it| covers(it, host) && is_usable(it, snapshot));
    match hosts(ingress).filter(|host| !is_served(host)).find(could_be) {
        Some(host) => Err(format!("{name} has no certificate for {host}, and a usable one is known")),
        None => Ok(()),
    }
}

/// Whether a certificate may be chosen without being pinned: it is valid, and a public root vouches for it unless the
/// settings do not ask for that.
fn is_usable(certificate: &Certificate, snapshot: &Snapshot) -> bool {
    let valid = certificate.not_before.is_some_and(|start| start <= snapshot.time)
        && certificate.not_after.is_some_and(|end| snapshot.time <= end);
    let trusted =
        certificate.kind == CertificateKind::AmazonIssued || certificate.publicly_trusted == Some(true);
    certificate.status == CertificateStatus::Issued
        && valid
        && (trusted || snapshot.settings.allow_untrusted_certificates)
}

/// Who is served elsewhere is switched to healthy targets only; who has no name yet waits for registered ones, but not
/// for ever.
fn has_targets(view: &View<'_>, ingress: &Ingress, load_balancer: &LoadBalancer) -> Result<(), String> {
    let name = &load_balancer.name;
    let served_elsewhere = hostnames(ingress).any(|before| view.by_dns_name(&before).is_some());
    if served_elsewhere {
        if any_target(view, load_balancer, |health| health == TargetHealth::Healthy) {
            return Ok(());
        }
        return Err(format!("it is served elsewhere, and {name} has no healthy target"));
    }
    let known =
        view.missing(&[ViewPart::Listeners, ViewPart::TargetGroups, ViewPart::TargetHealth]).is_none();
    let waited = view.snapshot.time >= load_balancer.created_at.saturating_add(FIRST_NAME_WAIT);
    if !known || waited || any_target(view, load_balancer, |health| health != TargetHealth::Draining) {
        return Ok(());
    }
    Err(format!("{name} has no registered target, and was made less than {FIRST_NAME_WAIT} s ago"))
}

fn any_target(view: &View<'_>, load_balancer: &LoadBalancer, wanted: fn(TargetHealth) -> bool) -> bool {
    let actions = load_balancer.listeners.iter().flat_map(|listener| {
        [&listener.default_actions].into_iter().chain(listener.rules.iter().map(|rule| &rule.actions))
    });
    actions
        .flat_map(|actions| forwards(actions))
        .filter_map(|(group, _)| view.target_group(group))
        .any(|group| group.targets.iter().any(|target| wanted(target.health)))
}

fn may_withdraw(view: &View<'_>, fate: &Fate<'_>) -> Result<(), String> {
    if fate.outcome.state != OutcomeState::Released {
        return Err("it is emptied though the Ingress is not released".to_owned());
    }
    let Some(ingress) = fate.ingress else { return Ok(()) };
    if hostnames(ingress).any(|hostname| names_us(view, &hostname)) {
        return Ok(());
    }
    Err("it is emptied though it names nothing of ours".to_owned())
}

/// Whether a hostname is that of a load balancer of ours, there or gone.
fn names_us(view: &View<'_>, hostname: &str) -> bool {
    view.by_dns_name(hostname).map_or_else(|| is_our_spelling(hostname), |found| view.owns(found))
}

/// Whether a hostname, made comparable, is spelled as AWS spells those of our load balancers: it begins with the name
/// of the load balancer, after `internal-` if it is an internal one.
pub(crate) fn is_our_spelling(hostname: &str) -> bool {
    hostname.strip_prefix("internal-").unwrap_or(hostname).starts_with(NAME_PREFIX)
}
