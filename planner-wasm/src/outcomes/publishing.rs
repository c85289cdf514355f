//! Publishing: what the status of a member should be.

use albatross_contract::{
    DiagnosticCode, ListenerAction, LoadBalancer, Outcome, Rule, Severity, StatusChange, TAG_INGRESS,
};

use super::serving::Awaited;
use crate::{
    diagnostics::{Details, Subject, error, info, warning},
    grouping::{GroupId, Grouping, Member, is_served_elsewhere},
    identity::tag_value,
    observed::{Concern, Health, Observed, Owned, PROVISIONING_TIMEOUT},
    ports,
    source::Claim,
    terms::Terms,
    wanted::Lacking,
    words,
};

pub use albatross_contract::periods::HEALTH_TIMEOUT;

/// Publishes load balancers.
pub struct Publisher<'a, 'b> {
    observed: &'b Observed<'a>,
    /// What load balancers in route mode lack.
    lacking: &'b Lacking<'a>,
    /// For each group, the load balancer that may be published.
    published: Vec<Option<Publishable<'a>>>,
}

/// A load balancer that exists.
struct Publishable<'a> {
    owned: &'a Owned<'a>,
    load_balancer: &'a LoadBalancer,
    /// Its DNS name, lower case.
    name: String,
    /// Whether its targets are healthy.
    healthy: bool,
}

impl<'a, 'b> Publisher<'a, 'b> {
    /// Collects all load balancers that exist.
    pub fn new(grouping: &Grouping<'a>, lacking: &'b Lacking<'a>, observed: &'b Observed<'a>) -> Self {
        let mut published = Vec::new();
        published.resize_with(grouping.groups.len(), || None);
        for (id, group) in grouping.groups.numbered() {
            let Some((owned, load_balancer)) =
                group.owned().and_then(|owned| Some((owned, owned.load_balancer?)))
            else {
                continue;
            };
            published[id.place()] = Some(Publishable {
                owned,
                load_balancer,
                name: load_balancer.dns_name.to_ascii_lowercase(),
                healthy: observed.completeness.allows_for(Concern::ChangeName, Some(owned))
                    && is_healthy(owned),
            });
        }
        Publisher { observed, lacking, published }
    }

    /// Decides what the status should be, and returns until when the Ingress waits.
    pub fn publish(
        &self,
        outcome: &mut Outcome,
        member: &Member<'_>,
        on: GroupId,
        awaited: &Awaited,
    ) -> Option<u64> {
        let it = self.published[on.place()].as_ref()?;
        let (claim, observed) = (member.claim, self.observed);
        let is_published = claim.published() == Some(it.name.as_str());
        if it.owned.is_broken(observed.time) {
            wait(outcome, member, DiagnosticCode::LoadBalancerFailed, Severity::Error, failed(it));
        }
        if is_published {
            if claim.status_has_more {
                outcome.status = StatusChange::Publish(it.name.clone());
            }
            return None;
        }
        // A member that cannot move to a load balancer in its new mode, or to one with or without HTTPS: a diagnostic says so
        // already.
        let terms = Terms::of(it.load_balancer);
        let is_out_of_place = terms.mode != claim.mode() || terms.http_only != claim.is_http_only();
        if it.owned.is_broken(observed.time) || is_out_of_place {
            return None;
        }
        if !it.owned.is_active() {
            let message = "gets its hostname when the load balancer is active".to_owned();
            wait(outcome, member, DiagnosticCode::LoadBalancerProvisioning, Severity::Info, message);
            let too_long = it.load_balancer.created_at.saturating_add(PROVISIONING_TIMEOUT);
            return (too_long > observed.time).then_some(too_long);
        }
        if let Some(missing) = self.missing(it.owned, awaited) {
            let message = format!(
                "gets the hostname of {} when this load balancer has {missing}",
                it.load_balancer.name
            );
            wait(outcome, member, DiagnosticCode::LoadBalancerProvisioning, Severity::Info, message);
            return None;
        }
        let lacking = [(&self.lacking.rules, "its rules"), (&self.lacking.web_acl, "its web ACL")];
        if let Some((_, what)) = lacking.into_iter().find(|(objects, _)| objects.contains(&claim.object)) {
            let name = &it.load_balancer.name;
            let message = format!("gets the hostname of {name} when this load balancer has {what}");
            wait(outcome, member, DiagnosticCode::LoadBalancerProvisioning, Severity::Info, message);
            return None;
        }
        if let Some(published) = claim.published()
            && let Some(missing) = self.unknown(claim, it.owned)
        {
            let message = format!("stays published as {published}: {missing}");
            wait(outcome, member, DiagnosticCode::ViewIncomplete, Severity::Warning, message);
            return None;
        }
        // Who is served by no load balancer waits for none to grow old.
        let is_served = claim.names.is_empty() || claim.names.iter().any(|name| self.is_there(name));
        if let Some(end) = self.too_young_until(it).filter(|_| is_served) {
            let message = format!(
                "gets the hostname of {} when this load balancer is {} old, as the setting minimum-age says",
                it.load_balancer.name,
                words::duration(observed.settings.minimum_age.unwrap_or_default())
            );
            wait(outcome, member, DiagnosticCode::LoadBalancerProvisioning, Severity::Info, message);
            return Some(end);
        }
        self.publish_by_health(outcome, member, it)
    }

    /// Whether a load balancer with a published name exists.
    fn is_there(&self, name: &str) -> bool {
        let observed = self.observed;
        observed.owned_by_dns_name(name).is_some() || is_served_elsewhere(name, observed)
    }

    /// When a load balancer has the age that the settings demand. `None`: it has this age.
    fn too_young_until(&self, it: &Publishable<'_>) -> Option<u64> {
        let end = it.load_balancer.created_at.saturating_add(self.observed.settings.minimum_age?);
        Some(end).filter(|end| *end > self.observed.time)
    }

    /// In words, what is not known about the load balancer that should be published, or about those in the status.
    fn unknown(&self, claim: &Claim<'_>, owned: &Owned<'_>) -> Option<String> {
        let observed = self.observed;
        let explain = |owned| observed.completeness.explain_for(Concern::ChangeName, owned);
        let unclear = claim.names.iter().find_map(|name| observed.unclear(name)).map(str::to_owned);
        let named = claim.names.iter().filter_map(|name| observed.owned_by_dns_name(name));
        unclear.or_else(|| explain(owned)).or_else(|| named.into_iter().find_map(explain))
    }

    /// Whether no target serves a claim in route mode, neither on its new load balancer nor on the one that its status names.
    fn loses_no_target(&self, claim: &Claim<'_>) -> bool {
        let before = self.observed.published(claim).and_then(|owned| owned.load_balancer);
        let Some(before) = before.filter(|_| claim.routing.is_some()) else { return false };
        let object = claim.object.to_string();
        let is_own = |rule: &&Rule| tag_value(&rule.tags, TAG_INGRESS) == Some(&object);
        let served = before.listeners.iter().any(|listener| {
            let mut rules = listener.rules.iter().filter(is_own);
            forwards(&listener.default_actions) || rules.any(|rule| forwards(&rule.actions))
        });
        !served && !self.lacking.forwarding.contains(&claim.object)
    }

    /// In words, what a load balancer still needs.
    fn missing(&self, owned: &Owned<'_>, awaited: &Awaited) -> Option<String> {
        let forwards =
            |listener: &&_| owned.forwards_all(listener) && !ports::has_certificates(listener.protocol);
        if owned.serves_http_only() && !owned.main_listener().is_some_and(|it| forwards(&it)) {
            return Some(format!("a listener on port {} that forwards to its targets", ports::HTTP));
        }
        match awaited {
            Awaited::Unknown => Some("a certificate for one of its hosts".to_owned()),
            Awaited::These(ids) if ids.is_empty() => None,
            Awaited::These(ids) => {
                let noun = if ids.len() == 1 { "certificate" } else { "certificates" };
                let arns = ids.iter().map(|id| self.observed.certificates.arn(*id));
                Some(format!("{noun} {}", words::list(arns)))
            }
        }
    }

    /// Publishes a load balancer that is ready except for healthy targets.
    fn publish_by_health(
        &self,
        outcome: &mut Outcome,
        member: &Member<'_>,
        it: &Publishable<'_>,
    ) -> Option<u64> {
        let observed = self.observed;
        let mut others = member.claim.names.iter().filter(|name| **name != it.name);
        let waiting_ends = it.load_balancer.created_at.saturating_add(HEALTH_TIMEOUT);
        if it.healthy && !self.lacking.health.contains(&member.claim.object) {
            outcome.status = StatusChange::Publish(it.name.clone());
            return None;
        }
        let is_served =
            |name: &str| observed.owned_by_dns_name(name).is_some() || is_served_elsewhere(name, observed);
        let unhealthy = DiagnosticCode::TargetsUnhealthy;
        if others.any(|name| is_served(name)) {
            if self.loses_no_target(member.claim) {
                outcome.status = StatusChange::Publish(it.name.clone());
                return None;
            }
            let message = format!(
                "keeps its present hostname until the targets of {} are healthy",
                it.load_balancer.name
            );
            wait(outcome, member, unhealthy, Severity::Warning, message);
            return None;
        }
        if observed.time < waiting_ends {
            let message = "gets its hostname when the targets are healthy, or 10 minutes after the load balancer was created";
            wait(outcome, member, unhealthy, Severity::Info, message.to_owned());
            return Some(waiting_ends);
        }
        let message = format!(
            "published although the targets of {} are not healthy, {} after the load balancer was created",
            it.load_balancer.name,
            words::duration(observed.time.saturating_sub(it.load_balancer.created_at))
        );
        wait(outcome, member, unhealthy, Severity::Warning, message);
        outcome.status = StatusChange::Publish(it.name.clone());
        None
    }
}

fn forwards(actions: &[ListenerAction]) -> bool {
    actions.iter().any(|action| matches!(action, ListenerAction::Forward(_)))
}

/// Adds a diagnostic that says why the status waits.
fn wait(
    outcome: &mut Outcome,
    member: &Member<'_>,
    code: DiagnosticCode,
    severity: Severity,
    message: String,
) {
    let make: fn(DiagnosticCode, Subject<'_>, String) -> albatross_contract::Diagnostic = match severity {
        Severity::Info => info,
        Severity::Warning => warning,
        Severity::Error => error,
    };
    outcome.diagnostics.push(make(code, Subject::Object(member.claim.object), message).field("status"));
}

fn failed(it: &Publishable<'_>) -> String {
    match it.load_balancer.state_reason.as_deref() {
        Some(reason) => format!("AWS could not provision the load balancer: {reason}"),
        None => {
            format!(
                "AWS has not provisioned the load balancer within {}",
                words::duration(PROVISIONING_TIMEOUT)
            )
        }
    }
}

/// Whether that target group of a load balancer which has the most healthy targets can serve.
fn is_healthy(owned: &Owned<'_>) -> bool {
    let health = owned.target_groups.iter().map(|group| Health::of(group));
    health.max_by_key(|health| health.healthy).is_some_and(Health::can_take_over)
}

#[cfg(test)]
mod tests;
