//! Statuses: external-dns creates DNS records from them, so they name only load balancers that serve the Ingress, and
//! only the status of a released Ingress is emptied.
//!
//! Design: safety, status.

use std::cell::OnceCell;

use albatross_contract::{
    ANNOTATION_CERTIFICATE, Certificate, CertificateKind, CertificateStatus, Listener, ListenerAction,
    LoadBalancer, LoadBalancerState, OutcomeState, PolicyPoint, Protocol, Rule as ListenerRule, Settings,
    Snapshot, SourceObject, StatusChange, TargetHealth, ViewPart,
};

use crate::{
    facts::{
        Facts,
        dns_names::{hostnames, is_our_spelling},
        hosts::{CertificateIndex, hosts_outside},
        listener_rules::ingress_of,
        load_balancers::{certificates_on, is_in_route_mode, our_id, serves_http_only},
        names::ObjectName,
        operations::forwards,
        outcomes::SourceOutcome,
        requests::{asked, says},
        tags::tag,
        view::View,
        wishes::asks_for_http_only,
    },
    violation::{Findings, Rule},
};

/// Seconds after which a load balancer is published, even without a registered target, for an Ingress that has no
/// hostname yet: 10 minutes.
const FIRST_NAME_WAIT: u64 = 10 * 60;

/// The port of HTTP.
const HTTP: u16 = 80;

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    let publishing = Publishing::new(facts);
    for outcome in &facts.outcomes.list {
        let (rule, verdict) = match &outcome.outcome.status {
            StatusChange::Keep => continue,
            StatusChange::Publish(hostname) => {
                (Rule::StatusPublish, publishing.may_publish(outcome, hostname))
            }
            StatusChange::Withdraw => (Rule::StatusWithdraw, may_withdraw(&facts.view, outcome)),
        };
        if let Err(message) = verdict {
            found.plan(rule, format!("the status of {}: {message}", outcome.name));
        }
    }
}

/// The load balancers that can be published, as observed. They are looked up once each, since many Ingresses may be
/// published at once.
struct Publishing<'f, 'a> {
    view: &'f View<'a>,
    serving: Vec<OnceCell<Serving<'a>>>,
    /// Certificates that may be chosen without being pinned.
    usable: OnceCell<CertificateIndex<'a>>,
}

/// What a load balancer serves with.
struct Serving<'a> {
    /// ARNs of its certificates, in order.
    arns: Vec<&'a str>,
    certificates: CertificateIndex<'a>,
    /// Whether it has a certificate that the inventory does not contain: such a certificate may cover any host.
    any_unknown: bool,
    has_healthy_target: bool,
    /// Whether a target is registered and not draining.
    has_target: bool,
}

impl<'a> Serving<'a> {
    fn new(view: &View<'a>, load_balancer: &'a LoadBalancer) -> Self {
        let mut arns: Vec<&str> = certificates_on(load_balancer).collect();
        arns.sort_unstable();
        arns.dedup();
        let mut certificates = CertificateIndex::default();
        let known = arns.iter().filter_map(|arn| view.certificate(arn));
        let count = known.map(|certificate| certificates.insert(certificate)).count();
        Serving {
            any_unknown: count < arns.len(),
            arns,
            certificates,
            has_healthy_target: any_target(view, load_balancer, |health| health == TargetHealth::Healthy),
            has_target: any_target(view, load_balancer, |health| health != TargetHealth::Draining),
        }
    }

    fn has(&self, arn: &str) -> bool {
        self.arns.binary_search(&arn).is_ok()
    }

    fn serves(&self, host: &str) -> bool {
        self.any_unknown || self.certificates.any_covers(host)
    }
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

impl<'f, 'a> Publishing<'f, 'a> {
    fn new(facts: &'f Facts<'a>) -> Self {
        let view = &facts.view;
        let serving = (0..view.load_balancers.len()).map(|_| OnceCell::new()).collect();
        Publishing { view, serving, usable: OnceCell::new() }
    }

    fn may_publish(&self, outcome: &SourceOutcome<'_>, hostname: &str) -> Result<(), String> {
        let view = self.view;
        let Some(source) = outcome.source else {
            return Err("the snapshot has no such object".to_owned());
        };
        if !outcome.has_place() {
            return Err("it gets a hostname although the plan does not place it".to_owned());
        }
        let Some(index) = view.load_balancers.by_dns_name(hostname) else {
            return Err(format!("no load balancer in the inventory has the DNS name {hostname}"));
        };
        let load_balancer = view.load_balancers.get(index);
        let name = &load_balancer.name;
        if !view.load_balancers.is_ours(index) {
            return Err(format!("{hostname} belongs to {name}, which is not ours"));
        }
        if !hostname.eq_ignore_ascii_case(&load_balancer.dns_name) {
            return Err(format!("{hostname} is not spelled as AWS spells it: {}", load_balancer.dns_name));
        }
        if outcome.outcome.load_balancer.as_deref() != Some(our_id(load_balancer)) {
            return Err(format!(
                "{hostname} belongs to {name}, but the plan places it on another load balancer"
            ));
        }
        if outcome.publishes(hostname) {
            return Ok(()); // published already: only other entries are removed
        }
        if !matches!(load_balancer.state, LoadBalancerState::Active | LoadBalancerState::ActiveImpaired) {
            return Err(format!("{name} is not active yet"));
        }
        let serving = self.serving[index.place()].get_or_init(|| Serving::new(view, load_balancer));
        for chosen in &outcome.outcome.certificates {
            if !serving.has(&chosen.certificate) {
                return Err(format!(
                    "{name} does not have the certificate {} for {} yet",
                    chosen.certificate, chosen.host
                ));
            }
        }
        // In route mode a host without a certificate is served without HTTPS.
        if is_in_route_mode(load_balancer) {
            has_rules(view, outcome.name, source, load_balancer)?;
            let mut before = hostnames(source).filter_map(|name| {
                view.load_balancers.by_dns_name(&name).map(|index| view.load_balancers.get(index))
            });
            let loses_no_target =
                before.next().is_some_and(|before| !has_forwarding_rule(outcome.name, before));
            if loses_no_target && !has_forwarding_rule(outcome.name, load_balancer) {
                return Ok(()); // no target serves it, here or there
            }
        } else if serves_http_only(load_balancer) {
            needs_only_http(view, source, load_balancer)?;
        } else {
            self.has_certificates(source, name, serving)?;
        }
        has_targets(view, source, load_balancer, serving)
    }

    /// A pinned certificate serves all hosts, whatever it covers. Without a pinned certificate, each host that a usable
    /// certificate covers must have a certificate. But where it is not known which certificates are wanted (the pinned
    /// certificate cannot be used, or the policy point is frozen), one served host is enough; and a custom policy may
    /// leave out hosts, even all of them.
    fn has_certificates(
        &self,
        source: SourceObject<'_>,
        name: &str,
        serving: &Serving<'_>,
    ) -> Result<(), String> {
        let snapshot = self.view.snapshot;
        let pinned = tag(&source.metadata().annotations, ANNOTATION_CERTIFICATE).map(str::trim);
        let pinned = pinned.filter(|arn| !arn.is_empty());
        let is_excluded = |arn: &str| snapshot.settings.excluded_certificates.iter().any(|it| it == arn);
        let is_issued = |arn: &str| {
            let found = self.view.certificate(arn);
            let found = found.filter(|it| !is_excluded(arn) && has_tag(it, &snapshot.settings));
            found.is_some_and(|found| found.status == CertificateStatus::Issued)
        };
        let is_frozen = snapshot.frozen.contains(&PolicyPoint::Certificates);
        let is_overridden = snapshot.settings.policies.iter().any(|it| it.point == PolicyPoint::Certificates);
        match pinned {
            Some(arn) if serving.has(arn) => return Ok(()),
            Some(arn) if is_issued(arn) => {
                return Err(format!(
                    "{name} does not have the certificate {arn} yet, which the object names"
                ));
            }
            None if is_overridden && !is_frozen => return Ok(()),
            _ => {}
        }
        if (pinned.is_some() || is_frozen)
            && hosts_outside(source, &snapshot.settings).any(|host| serving.serves(host))
        {
            return Ok(());
        }
        let mut hosts = hosts_outside(source, &snapshot.settings);
        match hosts.find(|host| !serving.serves(host) && self.usable().any_covers(host)) {
            Some(host) => {
                Err(format!("{name} has no certificate for {host}, although a usable certificate is known"))
            }
            None => Ok(()),
        }
    }

    fn usable(&self) -> &CertificateIndex<'a> {
        self.usable.get_or_init(|| {
            let snapshot = self.view.snapshot;
            let mut usable = CertificateIndex::default();
            let certificates = snapshot.inventory.certificates.iter();
            certificates.filter(|found| is_usable(found, snapshot)).for_each(|found| usable.insert(found));
            usable
        })
    }
}

/// Whether a certificate has the tag that the settings demand, if they demand one.
fn has_tag(certificate: &Certificate, settings: &Settings) -> bool {
    settings.certificate_tag.as_ref().is_none_or(|tag| certificate.tags.contains(tag))
}

/// Whether a certificate may be chosen without being pinned: it is valid, the settings neither exclude it nor demand a tag that
/// it lacks, and it is publicly trusted unless the settings allow untrusted certificates.
fn is_usable(certificate: &Certificate, snapshot: &Snapshot) -> bool {
    let valid = certificate.not_before.is_some_and(|start| start <= snapshot.time)
        && certificate.not_after.is_some_and(|end| snapshot.time <= end);
    let trusted =
        certificate.kind == CertificateKind::AmazonIssued || certificate.publicly_trusted == Some(true);
    // Keys of 1,024 bits, and key types that no load balancer accepts, are unfit (ELB user guide, "SSL certificates").
    let key = certificate.key_algorithm.as_str();
    let has_fit_key = key.starts_with("EC_") || ["RSA_2048", "RSA_3072", "RSA_4096"].contains(&key);
    certificate.status == CertificateStatus::Issued
        && has_fit_key
        && valid
        && (trusted || snapshot.settings.allow_untrusted_certificates)
        && !snapshot.settings.excluded_certificates.contains(&certificate.arn)
        && has_tag(certificate, &snapshot.settings)
}

/// A load balancer that serves HTTP only is published only for who asks for that.
fn needs_only_http(
    view: &View<'_>,
    source: SourceObject<'_>,
    load_balancer: &LoadBalancer,
) -> Result<(), String> {
    let name = &load_balancer.name;
    if asks_for_http_only(source) != Some(true) {
        return Err(format!("{name} serves HTTP only, and the object does not ask for that"));
    }
    let is_plain = |listener: &&Listener| {
        listener.port == HTTP && matches!(listener.protocol, Protocol::Http | Protocol::Tcp)
    };
    let Some(plain) = load_balancer.listeners.iter().find(is_plain) else {
        return Err(format!("{name} does not listen on port {HTTP} without TLS yet"));
    };
    let is_ours = |group| view.target_group(group).is_some_and(|found| view.ownership.owns(&found.tags));
    let mut answering =
        forwards(&plain.default_actions).filter(|(_, gets_requests)| *gets_requests).peekable();
    if answering.peek().is_none() || !answering.all(|(group, _)| is_ours(group)) {
        return Err(format!(
            "the listener of {name} on port {HTTP} does not forward to target groups of ours"
        ));
    }
    Ok(())
}

/// A load balancer in route mode has a rule for the Ingress, or one of another Ingress for the same requests.
fn has_rules(
    view: &View<'_>,
    object: ObjectName<'_>,
    source: SourceObject<'_>,
    load_balancer: &LoadBalancer,
) -> Result<(), String> {
    let Some(ingress) = source.ingress() else {
        return Err(format!("{} is in route mode, which serves only Ingresses", load_balancer.name));
    };
    let asked = asked(source);
    let rules = || load_balancer.listeners.iter().flat_map(|listener| &listener.rules);
    let is_for = |rule: &ListenerRule| {
        ingress_of(&rule.tags) == Some(object) || asked.iter().any(|asked| says(&rule.conditions, asked))
    };
    let parts = [ViewPart::Listeners, ViewPart::Rules];
    let known = view.missing(&parts, &[&load_balancer.arn]).is_none();
    // Without a default backend, a rule without paths asks for nothing.
    let asks = ingress.default_backend.is_some() || ingress.rules.iter().any(|rule| !rule.paths.is_empty());
    // A listener may redirect all requests, without any rule.
    let redirects = |listener: &Listener| {
        listener.default_actions.iter().any(|action| matches!(action, ListenerAction::Redirect(_)))
    };
    let is_redirected = load_balancer.listeners.iter().any(redirects);
    if !known || !asks || is_redirected || rules().any(is_for) {
        return Ok(());
    }
    Err(format!("{} has no rule for the Ingress", load_balancer.name))
}

/// Whether a rule of an Ingress on a load balancer, or a default action, forwards requests.
fn has_forwarding_rule(object: ObjectName<'_>, load_balancer: &LoadBalancer) -> bool {
    load_balancer.listeners.iter().any(|listener| {
        let mut of_object = listener.rules.iter().filter(|rule| ingress_of(&rule.tags) == Some(object));
        forwards(&listener.default_actions).next().is_some()
            || of_object.any(|rule| forwards(&rule.actions).next().is_some())
    })
}

/// An Ingress that another load balancer serves is switched only to healthy targets. An Ingress without a hostname waits
/// for registered targets, but not for ever.
fn has_targets(
    view: &View<'_>,
    source: SourceObject<'_>,
    load_balancer: &LoadBalancer,
    serving: &Serving<'_>,
) -> Result<(), String> {
    let name = &load_balancer.name;
    let served_elsewhere = hostnames(source).any(|before| view.load_balancers.by_dns_name(&before).is_some());
    if served_elsewhere {
        if serving.has_healthy_target {
            return Ok(());
        }
        return Err(format!("another load balancer serves it, and {name} has no healthy target"));
    }
    let parts = [ViewPart::Listeners, ViewPart::TargetGroups, ViewPart::TargetHealth];
    let known = view.missing(&parts, &[&load_balancer.arn]).is_none();
    let waited = view.snapshot.time >= load_balancer.created_at.saturating_add(FIRST_NAME_WAIT);
    if !known || waited || serving.has_target {
        return Ok(());
    }
    Err(format!("{name} has no registered target, and was created less than {FIRST_NAME_WAIT} s ago"))
}

fn may_withdraw(view: &View<'_>, outcome: &SourceOutcome<'_>) -> Result<(), String> {
    if outcome.outcome.state != OutcomeState::Released {
        return Err("it is emptied although the object is not released".to_owned());
    }
    let Some(source) = outcome.source else { return Ok(()) };
    if hostnames(source).any(|hostname| names_us(view, &hostname)) {
        return Ok(());
    }
    Err("it is emptied although it names no load balancer of ours".to_owned())
}

/// Whether a normalized hostname is that of a load balancer of ours, whether or not it still exists.
fn names_us(view: &View<'_>, hostname: &str) -> bool {
    let named = view.load_balancers.by_dns_name(hostname);
    named.map_or_else(|| is_our_spelling(hostname), |found| view.load_balancers.is_ours(found))
}
