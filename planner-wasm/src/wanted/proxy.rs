//! The builder of proxy mode: every load balancer listens on the ports of its kind and forwards all requests to its target
//! group of nodes or pods, or redirects HTTP to HTTPS. A load balancer that serves HTTP only listens on port 80 whatever its
//! kind, and never redirects.

mod agreement;
mod denials;
mod network;
mod redirect;
mod ways;

use albatross_contract::{Identity, Protocol};

use super::{
    Answer, Certificates, Destination, Holds, Listener, LoadBalancer, Retirement, TargetGroup,
    build::{Builder, Sources},
    certificates::Case,
    forwarding::{Forwarding, On},
    route::{Agreed, redirects},
};
use crate::{
    grouping::Group,
    identity::{NAME_PREFIX, load_balancer_name},
    lifecycle::retirement,
    observed::{Concern, Owned},
    ports,
};
use ways::{Way, Ways};

impl<'a> Builder<'a, '_> {
    /// Listeners, certificates and target groups of a load balancer in proxy mode.
    pub(super) fn proxy(&mut self, case: &Case<'a, '_>, agreed: &Agreed<'a>, wanted: &mut LoadBalancer<'a>) {
        let group = case.group;
        let ways = self.ways(group, wanted);
        wanted.target_groups = self.target_groups(&ways);
        wanted.certificates = case.decide(!ways.main.forwarding.groups.is_empty());
        wanted.listeners = self.listeners(group, &ways, agreed, &wanted.certificates);
        self.deny(group, wanted);
        wanted.retired = self.retired(group, &ways);
        wanted.forwards_to = ways.groups();
    }

    fn ways(&mut self, group: &Group<'a>, wanted: &LoadBalancer<'a>) -> Ways<'a> {
        let Sources { observed, backends, .. } = *self.sources;
        let kind = wanted.kind;
        let (form, http) = match group.terms().http_only {
            true => (backends.http_only_form(kind), None),
            false => (backends.form(kind), backends.http_form(kind)),
        };
        let port = http.map(|_| ports::HTTPS);
        let name = name_of_parts(wanted, &observed.settings.identity);
        let on = On { name: &name, kind, owned: group.owned(), form, port };
        let mut way = |on: On<'a, '_>| Way {
            form: on.form,
            forwarding: Forwarding::new(&on, backends, &self.room, observed, &mut self.diagnostics),
        };
        Ways { main: way(on), http: http.map(|form| way(On { form, port: Some(ports::HTTP), ..on })) }
    }

    /// The target groups that get the requests in the end, and those that serve until then, which need their targets too.
    fn target_groups(&mut self, ways: &Ways<'a>) -> Vec<TargetGroup<'a>> {
        let mut wanted: Vec<TargetGroup<'a>> = Vec::new();
        for way in ways.all() {
            let Some(current) = &way.forwarding.current else { continue };
            if wanted.iter().any(|group| group.destination() == current.destination()) {
                continue;
            }
            wanted.push(TargetGroup {
                form: current.is_formed.then_some(way.form),
                is_current: true,
                is_fitting: current.is_fitting,
                ..self.target_group(current.name.clone(), current.there)
            });
        }
        for group in ways.all().flat_map(|way| way.forwarding.serving.iter().copied()) {
            let is_described = |wanted: &TargetGroup<'_>| wanted.there.is_some_and(|it| it.arn == group.arn);
            if !wanted.iter().any(is_described) {
                wanted.push(self.target_group(group.name.clone(), Some(group)));
            }
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

    /// The listeners on the ports of the kind, if they may be changed.
    fn listeners(
        &self,
        group: &Group<'a>,
        ways: &Ways<'a>,
        agreed: &Agreed<'a>,
        certificates: &Certificates<'_>,
    ) -> Vec<Listener<'a>> {
        let observed = self.sources.observed;
        if !observed.completeness.allows_for(Concern::ChangeListeners, group.owned()) {
            return Vec::new();
        }
        let can_be_made = !group.is_empty() && ways.all().all(|way| !way.forwarding.groups.is_empty());
        let plain = group.owned().and_then(|owned| owned.listener(ports::HTTP));
        let secure = group.owned().and_then(Owned::https);
        let ssl_policy = self.ssl_policy(ports::HTTPS, secure, agreed);
        let makes_secure =
            secure.is_none() && can_be_made && certificates.default.is_some() && ssl_policy.is_some();
        let (is_network, http_only) = (group.terms().kind.is_network(), group.terms().http_only);
        let (http, https, reason) = match is_network {
            true => (Protocol::Tcp, Protocol::Tls, network::REASON),
            false => (Protocol::Http, Protocol::Https, ports::REASON),
        };
        let reason = if http_only { ports::REASON_OF_HTTP_ONLY } else { reason };
        let listener = |port, protocol, there: Option<&'a albatross_contract::Listener>| Listener {
            port,
            protocol: there.map_or(protocol, |there| there.protocol),
            there,
            reason,
            ssl_policy: None,
            default_certificate: None,
            has_certificates: false,
            attributes: Vec::new(),
            mirrored: Vec::new(),
            answer: Some(match there {
                Some(there) => ways.of(port).instead_of(&there.default_actions),
                None => ways.of(port).groups.clone(),
            })
            .filter(|forwards| !forwards.is_empty())
            .map(Answer::forward),
            rules: None,
            goes: false,
        };
        let mut listeners = Vec::new();
        if plain.is_some() || can_be_made {
            let mut plain = listener(ports::HTTP, http, plain);
            if http_only {
                listeners.push(plain);
            } else if is_network {
                listeners.extend(network::on_http_port(plain, group, observed));
            } else {
                if observed.settings.proxy.redirect_http
                    && (!group.needs_http() || plain.there.is_some_and(redirects))
                {
                    redirect::apply(&mut plain, secure, makes_secure, certificates);
                }
                listeners.push(plain);
            }
        }
        if secure.is_some() || makes_secure {
            listeners.push(Listener {
                default_certificate: certificates.default.map(|id| observed.certificates.arn(id)),
                has_certificates: true,
                attributes: Vec::new(),
                ..listener(ports::HTTPS, https, secure)
            });
        }
        for listener in &mut listeners {
            if ports::has_certificates(listener.protocol) {
                listener.ssl_policy = ssl_policy;
            }
        }
        listeners
    }

    /// Target groups that are no longer used: they are marked, and removed a grace period later.
    fn retired(
        &mut self,
        group: &Group<'a>,
        ways: &Ways<'a>,
    ) -> Vec<(&'a albatross_contract::TargetGroup, Retirement)> {
        let observed = self.sources.observed;
        let Some(owned) = group.owned() else { return Vec::new() };
        if !observed.completeness.allows_for(Concern::Remove, Some(owned)) {
            return Vec::new();
        }
        let currents = || ways.all().filter_map(|way| way.forwarding.current.as_ref()?.there);
        let is_current = |arn: &str| currents().any(|group| group.arn == arn);
        let groups = ways.groups();
        let is_wanted = |arn: &str| groups.iter().any(|forward| forward.to == Destination::Existing(arn));
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

/// The beginning of the names of new target groups: the name of their load balancer. An adopted load balancer has the name that
/// somebody else gave it, which may be too long for that.
fn name_of_parts(wanted: &LoadBalancer<'_>, identity: &Identity) -> String {
    if wanted.name.starts_with(NAME_PREFIX) {
        wanted.name.clone()
    } else {
        load_balancer_name(identity, &wanted.id)
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
