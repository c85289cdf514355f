//! The builder of proxy mode: every load balancer listens on both ports and forwards all requests to its target group of
//! nodes.

use albatross_contract::{
    Diagnostic, Disruption, LoadBalancerFate, LoadBalancerKind, Mode, Protocol, Scheme, TAG_REPLACES,
    Withheld,
};

use super::{
    Certificates, Creation, Destination, Holds, Leftover, Listener, LoadBalancer, Tags, TargetGroup, Wanted,
    attributes,
    certificates::Case,
    forwarding::{Current, Forwarding},
    network::Network,
    tags,
};
use crate::{
    backends::{Backends, Room, TargetChanges},
    grouping::{Group, GroupId, Grouping},
    identity::{load_balancer_name, ownership_tags, tag},
    lifecycle::{Lifecycle, Lifespan, Retirement, retirement},
    network::{Choices, subnets::Subnets},
    observed::{Concern, Observed, Owned},
    ports, settings, words,
};

/// The decisions from which the wanted state is built.
pub struct Sources<'a, 'b> {
    /// The observed state.
    pub observed: &'a Observed<'a>,
    /// The nodes and the form of target groups.
    pub backends: &'a Backends<'a>,
    /// The load balancer of each member.
    pub grouping: &'b Grouping<'a>,
    /// How long existing resources stay.
    pub lifecycle: &'b Lifecycle<'a>,
    /// The subnets of the VPC.
    pub subnets: &'b Subnets<'a>,
    /// Subnets of new load balancers.
    pub choices: &'b Choices<'a>,
}

/// Describes every load balancer of ours.
pub fn describe<'a>(sources: &Sources<'a, '_>) -> Wanted<'a> {
    let Sources { observed, grouping, lifecycle, .. } = sources;
    let mut builder = Builder {
        sources,
        room: Room::new(observed),
        schemes: Schemes::count(grouping),
        knows_ssl_policy: settings::knows_ssl_policy(observed),
        withheld: Vec::new(),
        diagnostics: Vec::new(),
        next_change_at: None,
    };
    let can_write = |group: &Group<'_>| observed.completeness.allows_for(Concern::Write, group.owned());
    // In the order of the actions: new load balancers come last, in the order in which they were opened.
    let mut order: Vec<(GroupId, &Group<'_>)> = grouping.groups.numbered().collect();
    order.sort_by_key(|(_, group)| group.opened());
    let mut described: Vec<(GroupId, LoadBalancer<'_>)> = order
        .into_iter()
        .map(|(id, group)| {
            let lifespan = lifecycle.of(id);
            let stays = can_write(group) && lifespan.fate != LoadBalancerFate::Delete;
            let described =
                if stays { builder.managed(group, lifespan) } else { builder.as_it_is(group, lifespan) };
            (id, described)
        })
        .collect();
    described.sort_by(|left, right| left.1.id.cmp(&right.1.id));
    let mut places = vec![0; grouping.groups.len()];
    for (place, (id, _)) in described.iter().enumerate() {
        places[id.place()] = place;
    }
    Wanted {
        load_balancers: described.into_iter().map(|(_, described)| described).collect(),
        leftovers: lifecycle
            .leftovers
            .iter()
            .map(|(owned, lifespan)| leftover(owned, lifespan, observed))
            .collect(),
        withheld: builder.withheld,
        diagnostics: builder.diagnostics,
        next_change_at: builder.next_change_at,
        places,
        can_write: observed.completeness.allows(Concern::Write),
    }
}

fn leftover<'a>(owned: &'a Owned<'a>, lifespan: &Lifespan, observed: &Observed<'_>) -> Leftover<'a> {
    let can_mark = observed.completeness.allows_for(Concern::Remove, Some(owned));
    Leftover {
        owned,
        goes: lifespan.fate == LoadBalancerFate::Delete,
        mark: lifespan.unneeded_since.filter(|_| can_mark),
    }
}

struct Builder<'a, 'b> {
    sources: &'b Sources<'a, 'b>,
    room: Room<'a>,
    schemes: [Schemes; 2],
    /// Whether the TLS policy of the settings exists.
    knows_ssl_policy: bool,
    withheld: Vec<Withheld>,
    diagnostics: Vec<Diagnostic>,
    next_change_at: Option<u64>,
}

impl<'a> Builder<'a, '_> {
    /// A load balancer that stays or is created.
    fn managed(&mut self, group: &Group<'a>, lifespan: &Lifespan) -> LoadBalancer<'a> {
        let Sources { observed, backends, grouping, subnets, choices, .. } = *self.sources;
        let mut wanted = self.outline(group, lifespan);
        let found = group.owned().and_then(|owned| owned.load_balancer);
        let forwarding = Forwarding::new(
            &wanted.name,
            group.owned(),
            backends,
            &self.room,
            observed,
            &mut self.diagnostics,
        );
        wanted.target_groups = self.target_groups(&forwarding);
        let network = match found {
            None => Network::of_new(group.terms().scheme, choices, observed),
            Some(found) => {
                Network::of_existing(found, subnets, choices, backends, observed, &mut self.diagnostics)
            }
        };
        wanted.stand_in(network);
        wanted.is_managed = true;
        if observed.completeness.allows_for(Concern::ChangeAttributes, group.owned()) {
            wanted.attributes = attributes::of(observed.settings);
        }
        wanted.creation = found.is_none().then(|| self.creation(group));
        let can_listen = !forwarding.groups.is_empty();
        let case = Case { group, lifespan, grouping, observed };
        wanted.certificates = case.decide(can_listen);
        wanted.listeners = self.listeners(group, &forwarding, &wanted.certificates);
        wanted.tags = match group.owned().filter(|owned| owned.load_balancer.is_some()) {
            Some(owned) => tags::of_load_balancer(
                group,
                owned,
                lifespan,
                &wanted.certificates,
                &wanted.ownership,
                observed,
            ),
            None => self.tags_of_new(group, &wanted),
        };
        wanted.retired = self.retired(group, &forwarding);
        wanted.forwards_to = forwarding.groups;
        wanted
    }

    /// A load balancer that is deleted or may not be changed.
    fn as_it_is(&self, group: &Group<'a>, lifespan: &Lifespan) -> LoadBalancer<'a> {
        let Sources { observed, grouping, .. } = *self.sources;
        let mut wanted = self.outline(group, lifespan);
        if let Some(found) = group.owned().and_then(|owned| owned.load_balancer) {
            wanted.stand_in(Network::as_it_is(found));
        }
        wanted.certificates = Case { group, lifespan, grouping, observed }.as_it_is();
        let there = group.owned().map(|owned| owned.target_groups.as_slice()).unwrap_or_default();
        wanted.target_groups = there.iter().map(|group| untouched(group)).collect();
        wanted
    }

    /// The parts that depend only on the group.
    fn outline(&self, group: &Group<'a>, lifespan: &Lifespan) -> LoadBalancer<'a> {
        let Sources { observed, grouping, .. } = *self.sources;
        let identity = &observed.settings.identity;
        let found = group.owned().and_then(|owned| owned.load_balancer);
        LoadBalancer {
            id: group.id().to_owned(),
            name: found.map_or_else(|| load_balancer_name(identity, group.id()), |found| found.name.clone()),
            owned: group.owned(),
            fate: lifespan.fate,
            is_managed: false,
            opened: group.opened(),
            creation: None,
            mode: Mode::Proxy,
            kind: found.map_or(LoadBalancerKind::Application, |found| found.kind),
            scheme: group.terms().scheme,
            ip_address_type: observed.settings.ip_address_type,
            subnets: Vec::new(),
            security_groups: Vec::new(),
            attributes: Vec::new(),
            tags: Tags::default(),
            ownership: ownership_tags(identity, group.id()),
            terms: *group.terms(),
            members: group.members().iter().map(|index| grouping.members[*index].claim.object).collect(),
            listeners: Vec::new(),
            certificates: Certificates::default(),
            target_groups: Vec::new(),
            forwards_to: Vec::new(),
            retired: Vec::new(),
        }
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
        let holds = Holds {
            auto_scaling_groups: &nodes.auto_scaling_groups,
            instances: &nodes.singles,
            nodes: nodes.count,
        };
        TargetGroup {
            name,
            there,
            form: None,
            is_current: false,
            is_fitting: false,
            targets,
            holds: Some(holds),
        }
    }

    /// The listeners on both ports, if they may be changed.
    fn listeners(
        &self,
        group: &Group<'a>,
        forwarding: &Forwarding<'a>,
        certificates: &Certificates<'_>,
    ) -> Vec<Listener<'a>> {
        let observed = self.sources.observed;
        if !observed.completeness.allows_for(Concern::ChangeListeners, group.owned()) {
            return Vec::new();
        }
        let can_be_made = !group.is_empty() && !forwarding.groups.is_empty();
        let plain = group.owned().and_then(|owned| owned.listener(ports::HTTP));
        let secure = group.owned().and_then(Owned::https);
        let has_certificate = certificates.default.is_some();
        let listener = |port, protocol, there: Option<&'a albatross_contract::Listener>| Listener {
            port,
            protocol: there.map_or(protocol, |there| there.protocol),
            there,
            reason: ports::REASON,
            ssl_policy: None,
            default_certificate: None,
            has_certificates: false,
            forwards_to: match there {
                Some(there) => forwarding.instead_of(&there.default_actions),
                None => forwarding.groups.clone(),
            },
        };
        let mut listeners = Vec::new();
        if plain.is_some() || can_be_made {
            listeners.push(listener(ports::HTTP, Protocol::Http, plain));
        }
        let knows_ssl_policy = self.knows_ssl_policy;
        if secure.is_some() || (can_be_made && has_certificate && knows_ssl_policy) {
            listeners.push(Listener {
                default_certificate: certificates.default.map(|id| observed.certificates.arn(id)),
                has_certificates: true,
                ..listener(ports::HTTPS, Protocol::Https, secure)
            });
        }
        for listener in &mut listeners {
            if listener.protocol == Protocol::Https && knows_ssl_policy {
                listener.ssl_policy = Some(&observed.settings.ssl_policy);
            }
        }
        listeners
    }

    fn tags_of_new(&self, group: &Group<'a>, wanted: &LoadBalancer<'a>) -> Tags {
        let mut all = wanted.ownership.clone();
        all.extend(group.terms().tags());
        all.extend(group.replaces().map(|id| tag(TAG_REPLACES, id)));
        all.sort();
        Tags { all, ..Tags::default() }
    }

    /// Why a load balancer is created, as the oldest member needs it, and the disruption.
    fn creation(&self, group: &Group<'a>) -> Creation {
        let grouping = self.sources.grouping;
        let leaves =
            |index: &usize| grouping.placements[*index].stand().is_some_and(|stand| stand.leaves.is_some());
        let moves = group.members().iter().any(leaves);
        Creation {
            reason: self.reason(group),
            disruption: if moves { Disruption::Name } else { Disruption::None },
        }
    }

    fn reason(&self, group: &Group<'a>) -> String {
        let members = &self.sources.grouping.members;
        let terms = group.terms();
        let scheme = words::scheme(terms.scheme);
        let first = group.members().iter().min_by_key(|index| members[**index].claim.age());
        let Some(first) = first.map(|index| members[*index].claim.object) else {
            return format!("an {scheme} load balancer is needed");
        };
        let others = self.schemes[usize::from(terms.scheme == Scheme::Internal)].without(group);
        if group.replaces().is_some() {
            format!("it takes over from a load balancer that can no longer serve {first}")
        } else if terms.alone.is_some() {
            format!("{first} asks for a load balancer of its own")
        } else if let Some(key) = terms.key {
            format!("the grouping policy puts {first} into group {key}, which has no load balancer with room")
        } else if others.shared > 0 {
            format!("{first} needs certificates for which no {scheme} load balancer has room")
        } else if others.all > 0 {
            format!(
                "{first} may share a load balancer, but each {scheme} one serves another Ingress exclusively"
            )
        } else {
            format!("{first} asks for scheme {scheme}, and no load balancer of that scheme exists")
        }
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
                self.next_change_at = [self.next_change_at, Some(until)].into_iter().flatten().min();
            }
            retired.push((group, retirement));
        }
        retired
    }
}

/// A target group that is not changed.
fn untouched<'a>(group: &'a albatross_contract::TargetGroup) -> TargetGroup<'a> {
    TargetGroup {
        name: group.name.clone(),
        there: Some(group),
        form: None,
        is_current: false,
        is_fitting: false,
        targets: TargetChanges::default(),
        holds: None,
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

/// The number of load balancers of one scheme.
#[derive(Clone, Copy, Default)]
struct Schemes {
    all: usize,
    shared: usize,
}

impl Schemes {
    /// Counts internet-facing and internal load balancers, in this order.
    fn count(grouping: &Grouping<'_>) -> [Schemes; 2] {
        let mut counted = [Schemes::default(); 2];
        for group in grouping.groups.iter() {
            let of_scheme = &mut counted[usize::from(group.terms().scheme == Scheme::Internal)];
            of_scheme.all += 1;
            of_scheme.shared += usize::from(group.terms().alone.is_none());
        }
        counted
    }

    /// The numbers without one load balancer.
    fn without(self, group: &Group<'_>) -> Schemes {
        let shared = usize::from(group.terms().alone.is_none());
        Schemes { all: self.all.saturating_sub(1), shared: self.shared.saturating_sub(shared) }
    }
}

#[cfg(test)]
mod tests;
