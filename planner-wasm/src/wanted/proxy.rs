//! The builder of proxy mode: every load balancer listens on both ports and forwards all requests to its target group of
//! nodes or pods, or redirects HTTP to HTTPS.

mod agreement;
mod denials;
mod redirect;

use albatross_contract::Protocol;

use super::{
    Answer, Certificates, Destination, Holds, Listener, LoadBalancer, Retirement, TargetGroup,
    build::{Builder, Sources},
    certificates::Case,
    forwarding::{Current, Forwarding},
    route::Agreed,
};
use crate::{
    grouping::Group,
    lifecycle::retirement,
    observed::{Concern, Owned},
    ports,
};

impl<'a> Builder<'a, '_> {
    /// Listeners, certificates and target groups of a load balancer in proxy mode.
    pub(super) fn proxy(&mut self, case: &Case<'a, '_>, agreed: &Agreed<'a>, wanted: &mut LoadBalancer<'a>) {
        let group = case.group;
        let Sources { observed, backends, .. } = *self.sources;
        let forwarding = Forwarding::new(
            &wanted.name,
            group.owned(),
            backends,
            &self.room,
            observed,
            &mut self.diagnostics,
        );
        wanted.target_groups = self.target_groups(&forwarding);
        wanted.certificates = case.decide(!forwarding.groups.is_empty());
        wanted.listeners = self.listeners(group, &forwarding, agreed, &wanted.certificates);
        self.deny(group, wanted);
        wanted.retired = self.retired(group, &forwarding);
        wanted.forwards_to = forwarding.groups;
    }

    /// The target group that gets the requests in the end, and those that serve until then, which need their targets too.
    fn target_groups(&mut self, forwarding: &Forwarding<'a>) -> Vec<TargetGroup<'a>> {
        let mut wanted = Vec::new();
        if let Some(Current { name, there, is_formed, is_fitting }) = &forwarding.current {
            let form = is_formed.then_some(&self.sources.backends.form);
            wanted.push(TargetGroup {
                form,
                is_current: true,
                is_fitting: *is_fitting,
                ..self.target_group(name.clone(), *there)
            });
        }
        let is_current = |group: &TargetGroup<'_>, arn: &str| group.there.is_some_and(|it| it.arn == arn);
        let current_is = |arn: &str| wanted.first().is_some_and(|group| is_current(group, arn));
        let before: Vec<_> =
            forwarding.serving.iter().copied().filter(|group| !current_is(&group.arn)).collect();
        for group in before {
            let described = self.target_group(group.name.clone(), Some(group));
            wanted.push(described);
        }
        wanted
    }

    fn target_group(
        &mut self,
        name: String,
        there: Option<&'a albatross_contract::TargetGroup>,
    ) -> TargetGroup<'a> {
        let Sources { observed, backends, .. } = *self.sources;
        let mut targets = backends.changes(&name, there, &mut self.room, observed);
        self.withheld.extend(targets.withheld.take());
        self.diagnostics.append(&mut targets.diagnostics);
        let nodes = &backends.nodes;
        let addresses = backends.addresses(there);
        let holds = match addresses {
            Some(addresses) => Holds::targets(addresses),
            None => Holds {
                auto_scaling_groups: &nodes.auto_scaling_groups,
                instances: &nodes.singles,
                nodes: nodes.count,
            },
        };
        TargetGroup {
            name,
            there,
            form: None,
            is_current: false,
            is_fitting: false,
            is_of_pods: addresses.is_some(),
            targets,
            tags: Vec::new(),
            holds: Some(holds),
        }
    }

    /// The listeners on both ports, if they may be changed.
    fn listeners(
        &self,
        group: &Group<'a>,
        forwarding: &Forwarding<'a>,
        agreed: &Agreed<'a>,
        certificates: &Certificates<'_>,
    ) -> Vec<Listener<'a>> {
        let observed = self.sources.observed;
        if !observed.completeness.allows_for(Concern::ChangeListeners, group.owned()) {
            return Vec::new();
        }
        let can_be_made = !group.is_empty() && !forwarding.groups.is_empty();
        let plain = group.owned().and_then(|owned| owned.listener(ports::HTTP));
        let secure = group.owned().and_then(Owned::https);
        let ssl_policy = self.ssl_policy(ports::HTTPS, secure, agreed);
        let makes_secure =
            secure.is_none() && can_be_made && certificates.default.is_some() && ssl_policy.is_some();
        let listener = |port, protocol, there: Option<&'a albatross_contract::Listener>| Listener {
            port,
            protocol: there.map_or(protocol, |there| there.protocol),
            there,
            reason: ports::REASON,
            ssl_policy: None,
            default_certificate: None,
            has_certificates: false,
            attributes: Vec::new(),
            mirrored: Vec::new(),
            answer: Some(match there {
                Some(there) => forwarding.instead_of(&there.default_actions),
                None => forwarding.groups.clone(),
            })
            .filter(|forwards| !forwards.is_empty())
            .map(Answer::forward),
            rules: None,
            goes: false,
        };
        let mut listeners = Vec::new();
        if plain.is_some() || can_be_made {
            let mut plain = listener(ports::HTTP, Protocol::Http, plain);
            if observed.settings.proxy.redirect_http {
                redirect::apply(&mut plain, secure, makes_secure, certificates);
            }
            listeners.push(plain);
        }
        if secure.is_some() || makes_secure {
            listeners.push(Listener {
                default_certificate: certificates.default.map(|id| observed.certificates.arn(id)),
                has_certificates: true,
                attributes: Vec::new(),
                ..listener(ports::HTTPS, Protocol::Https, secure)
            });
        }
        for listener in &mut listeners {
            if listener.protocol == Protocol::Https {
                listener.ssl_policy = ssl_policy;
            }
        }
        listeners
    }

    /// Target groups that are no longer used: they are marked, and removed a grace period later.
    fn retired(
        &mut self,
        group: &Group<'a>,
        forwarding: &Forwarding<'a>,
    ) -> Vec<(&'a albatross_contract::TargetGroup, Retirement)> {
        let observed = self.sources.observed;
        let Some(owned) = group.owned() else { return Vec::new() };
        if !observed.completeness.allows_for(Concern::Remove, Some(owned)) {
            return Vec::new();
        }
        let is_current = |arn: &str| {
            let current = forwarding.current.as_ref().and_then(|current| current.there);
            current.is_some_and(|group| group.arn == arn)
        };
        let is_wanted =
            |arn: &str| forwarding.groups.iter().any(|forward| forward.to == Destination::Existing(arn));
        let listeners = owned.load_balancer.map(|found| found.listeners.as_slice()).unwrap_or_default();
        let mut retired = Vec::new();
        for group in owned.target_groups.iter().copied() {
            let arn = group.arn.as_str();
            let stays = is_current(arn) || is_wanted(arn) || owned.user_elsewhere(group).is_some();
            if stays || listeners.iter().any(|listener| uses(listener, arn)) {
                continue;
            }
            let retirement = retirement(group, observed);
            if let Retirement::Marked { until } = retirement {
                self.note_change(until);
            }
            retired.push((group, retirement));
        }
        retired
    }
}

/// Whether a listener names a target group, with any weight, in its default actions or in a rule.
fn uses(listener: &albatross_contract::Listener, arn: &str) -> bool {
    let of_rules = listener.rules.iter().flat_map(|rule| &rule.actions);
    listener.default_actions.iter().chain(of_rules).any(|action| match action {
        albatross_contract::ListenerAction::Forward(forward) => {
            forward.target_groups.iter().any(|group| {
                matches!(&group.target_group, albatross_contract::ResourceReference::Existing(it) if it == arn)
            })
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests;
