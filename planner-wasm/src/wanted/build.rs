//! The builder: the parts of a load balancer that do not depend on its mode, and the description of all load balancers.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    Diagnostic, Disruption, IpAddressType, LoadBalancerFate, Mode, Rule, Scheme, TAG_DELETION_PROTECTION,
    TAG_INGRESS, TAG_REPLACES, TAG_RETAIN, Withheld, group_of_a_policy,
};

use super::{
    Certificates, Creation, Elsewhere, Firewall, Lacking, Leftover, LoadBalancer, Tags, TargetGroup, Wanted,
    attributes,
    certificates::Case,
    deletion_protection::{self, DeletionProtection},
    network::{Network, lacks_ipv6, stays_without_ipv6, zones},
    route::{self, Agreed},
    security_groups,
    tags::{self, Managed},
};
use crate::{
    backends::{Backends, Room, TargetChanges},
    grouping::{Group, GroupId, Grouping, Placement},
    identity::{load_balancer_name, tag, tag_value},
    kind::Kind,
    lifecycle::{Lifecycle, Lifespan},
    network::{Choices, address_type, subnets::Subnets},
    observed::{Concern, Observed, Owned},
    settings,
    source::{Claim, ObjectName, Wish, asked_of_load_balancer},
    terms::{FIRST_PART, Terms},
};

/// The decisions from which the wanted state is built.
pub struct Sources<'a, 'b> {
    /// All claims.
    pub claims: &'a [Claim<'a>],
    /// The observed state.
    pub observed: &'a Observed<'a>,
    /// The nodes, the ports of Services and the form of target groups.
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
        present: Present::count(grouping),
        split_groups: split_groups(grouping),
        elsewhere: elsewhere(grouping),
        knows_ssl_policy: settings::unknown_ssl_policy(observed).is_none(),
        withheld: Vec::new(),
        diagnostics: Vec::new(),
        of_objects: BTreeMap::new(),
        lacking: Lacking::default(),
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
            let goes = matches!(lifespan.fate, LoadBalancerFate::Delete | LoadBalancerFate::Release);
            let stays = can_write(group) && !goes;
            if !stays && group.terms().mode == Mode::Route {
                builder.is_not_known_to_serve(group);
            }
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
    let mut load_balancers: Vec<LoadBalancer<'_>> =
        described.into_iter().map(|(_, described)| described).collect();
    builder.withheld.extend(route::withhold_rules(&mut load_balancers, sources));
    for (object, diagnostic) in route::split_by_scheme(grouping) {
        builder.tell(object, diagnostic);
    }
    let targets = security_groups::describe(&mut load_balancers, sources, &mut builder.diagnostics);
    Wanted {
        load_balancers,
        leftovers: lifecycle
            .leftovers
            .iter()
            .map(|(owned, lifespan)| leftover(owned, lifespan, observed))
            .collect(),
        withheld: builder.withheld,
        diagnostics: builder.diagnostics,
        targets,
        of_objects: builder.of_objects,
        elsewhere: builder.elsewhere,
        lacking: builder.lacking,
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

/// Describes the load balancers one by one.
pub(super) struct Builder<'a, 'b> {
    pub(super) sources: &'b Sources<'a, 'b>,
    pub(super) room: Room<'a>,
    present: BTreeMap<(Scheme, Kind, bool), Present>,
    /// Groups with several load balancers.
    split_groups: BTreeMap<(&'a str, Scheme), Vec<GroupId>>,
    /// Hosts of objects that other load balancers of their groups serve.
    pub(super) elsewhere: Elsewhere<'a>,
    /// Whether the TLS policy of the settings exists.
    pub(super) knows_ssl_policy: bool,
    pub(super) withheld: Vec<Withheld>,
    pub(super) diagnostics: Vec<Diagnostic>,
    /// Diagnostics about single objects.
    pub(super) of_objects: BTreeMap<ObjectName<'a>, Vec<Diagnostic>>,
    /// What load balancers in route mode lack for objects that they are not published for.
    pub(super) lacking: Lacking<'a>,
    next_change_at: Option<u64>,
}

impl<'a> Builder<'a, '_> {
    /// A load balancer that stays or is created.
    fn managed(&mut self, group: &Group<'a>, lifespan: &Lifespan) -> LoadBalancer<'a> {
        let Sources { observed, backends, grouping, subnets, choices, .. } = *self.sources;
        let mut wanted = self.outline(group, lifespan);
        let found = group.owned().and_then(|owned| owned.load_balancer);
        let network = match found {
            None => Network::of_new(group.terms(), choices, observed),
            Some(found) => Network::of_existing(found, subnets, choices, backends, observed),
        };
        let mut agreed = match group.terms().mode {
            Mode::Proxy => self.agreed_in_proxy_mode(group),
            Mode::Route => Agreed::of(group, &self.claims_that_agree(group), observed),
        };
        agreed.keeps |= !self.rules_of_others(group).is_empty();
        let names_groups = agreed.security_groups.is_some() || !observed.settings.security_groups.is_empty();
        let mut network = network.instead(&agreed, found, group.terms().mode);
        if let Some(found) = found.filter(|_| group.terms().kind.is_network()) {
            let step = zones::step(found, &network.subnets, group.owned(), observed);
            network.subnets = step.subnets;
            let stay = Some(step.stay).filter(|stay| !stay.is_empty());
            self.diagnostics.extend(stay.map(|stay| zones::stay(&found.name, &stay)));
        }
        self.settle_address_type(&mut network, &agreed, group, &wanted.name);
        wanted.stand_in(network);
        wanted.is_managed = true;
        if observed.completeness.allows_for(Concern::ChangeAttributes, group.owned()) {
            let settings = Some(observed.settings).filter(|_| found.is_none() || !agreed.keeps);
            wanted.attributes = attributes::of(wanted.kind, settings, &agreed.attributes);
            let asked = agreed.deletion_protection;
            wanted.deletion_protection =
                deletion_protection::of(group.owned(), asked.map(|(_, asked)| asked), agreed.keeps, observed);
            let refused = asked.filter(|(_, asked)| !asked).and_then(|(object, _)| {
                Some((object, deletion_protection::stays_on(object, group.owned(), observed)?))
            });
            agreed.told.extend(refused);
        }
        wanted.creation = found.is_none().then(|| self.creation(group));
        wanted.web_acl = self.web_acl(&agreed, group);
        let case = Case { group, lifespan, grouping, observed };
        match group.terms().mode {
            Mode::Proxy => self.proxy(&case, &agreed, &mut wanted),
            Mode::Route => {
                wanted.certificates = case.decide(true);
                self.route(&case, &agreed, &mut wanted);
                wanted.certificates.nowhere |= !wanted.listeners.iter().any(|it| it.has_certificates);
                self.security_groups(group, &mut wanted, &agreed, names_groups);
            }
        }
        for (object, diagnostic) in agreed.told {
            self.tell(object, diagnostic);
        }
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
        wanted.tags.all.extend(agreed.tags);
        wanted.tags.all.extend(self.is_retained(group).then(|| tag(TAG_RETAIN, "true")));
        wanted.tags.all.sort();
        wanted.tags.managed.push(Managed::Key(TAG_RETAIN.to_owned()));
        wanted
    }

    /// Whether the load balancer stays when its last member is gone: a member retains it. Without members it is as the last one
    /// left it, unless that one moves to another load balancer. A member whose annotation cannot be read changes nothing.
    fn is_retained(&self, group: &Group<'a>) -> bool {
        let members = self.claims_on(group);
        if members.iter().any(|claim| claim.retained.value() == Some(true)) {
            return true;
        }
        let is_left = |leaves: Option<&Owned<'_>>| leaves.is_some_and(|owned| owned.id == group.id());
        let keeps = match members.as_slice() {
            [] => {
                let mut stands = self.sources.grouping.placements.iter().filter_map(Placement::stand);
                !stands.any(|stand| is_left(stand.leaves))
            }
            members => members.iter().any(|claim| claim.retained.value().is_none()),
        };
        (keeps || group.unseen().is_some()) && group.owned().is_some_and(Owned::is_retained)
    }

    /// The claim with a name.
    pub(super) fn claim(&self, name: ObjectName<'_>) -> Option<&'a Claim<'a>> {
        // Claims have the order of their names.
        let claims = self.sources.claims;
        claims.binary_search_by(|claim| claim.object.cmp(&name)).ok().and_then(|place| claims.get(place))
    }

    /// The address type for which members or the settings ask, if the subnets allow it.
    fn settle_address_type(
        &mut self,
        network: &mut Network<'a>,
        agreed: &Agreed<'a>,
        group: &Group<'a>,
        name: &str,
    ) {
        let observed = self.sources.observed;
        let found = group.owned().and_then(|owned| owned.load_balancer);
        let present = found.map_or(IpAddressType::Ipv4, |found| found.ip_address_type);
        let asked = agreed.ip_address_type;
        let wanted = match asked {
            Some((_, wanted)) => wanted,
            None if agreed.keeps && found.is_some() => present,
            None => address_type(group.terms().kind, observed.settings),
        };
        let Some(subnet) = network.settle_address_type(wanted, present, observed) else { return };
        match asked {
            Some((object, wanted)) => self.tell(object, lacks_ipv6(object, wanted, subnet)),
            None => self.diagnostics.push(stays_without_ipv6(name, subnet, present)),
        }
    }

    pub(super) fn claims_on(&self, group: &Group<'a>) -> Vec<&'a Claim<'a>> {
        group.members().iter().map(|index| self.sources.grouping.members[*index].claim).collect()
    }

    /// The claims that agree on the settings of a load balancer: its members, and if its group is split, those of the other
    /// load balancers too. Otherwise a split would change who is admitted, for example. A member that should be in another group
    /// of a policy, and cannot go there, has no say.
    pub(super) fn claims_that_agree(&self, group: &Group<'a>) -> Vec<&'a Claim<'a>> {
        let Terms { scheme, mode, key, .. } = *group.terms();
        let parts = key.filter(|_| mode == Mode::Route).and_then(|key| self.split_groups.get(&(key, scheme)));
        let mut claims = match parts {
            None => self.claims_on(group),
            Some(parts) => {
                let groups = parts.iter().map(|id| self.sources.grouping.groups.get(*id));
                groups.flat_map(|group| self.claims_on(group)).collect()
            }
        };
        claims.retain(|claim| belongs_to_its_group(claim, group.terms()));
        claims
    }

    /// Rules of Ingresses that have their place elsewhere and that are still on a load balancer in route mode. DNS may lead to it
    /// for a while, so settings for which only these Ingresses asked stay: who is admitted, the TLS policy, the redirect to
    /// HTTPS.
    pub(super) fn rules_of_others(&self, group: &Group<'a>) -> Vec<(ObjectName<'a>, &'a Rule)> {
        let Some(found) = group.owned().and_then(|owned| owned.load_balancer) else { return Vec::new() };
        let rules = found.listeners.iter().flat_map(|listener| &listener.rules);
        let mut of_others: Vec<(ObjectName<'a>, &'a Rule)> = rules
            .filter_map(|rule| Some((ObjectName::of_tag(tag_value(&rule.tags, TAG_INGRESS)?)?, rule)))
            .collect();
        if of_others.is_empty() {
            return of_others;
        }
        let members: BTreeSet<ObjectName<'_>> =
            self.claims_that_agree(group).into_iter().map(|claim| claim.object).collect();
        of_others.retain(|(object, rule)| {
            let is_other = !members.contains(object) && self.claim(*object).is_some();
            is_other && self.sources.observed.owns(&rule.tags, group.id())
        });
        of_others
    }

    /// Tells an object something once, however many listeners it concerns.
    pub(super) fn tell(&mut self, object: ObjectName<'a>, diagnostic: Diagnostic) {
        let told = self.of_objects.entry(object).or_default();
        if !told.contains(&diagnostic) {
            told.push(diagnostic);
        }
    }

    /// Notes when a grace period ends.
    pub(super) fn note_change(&mut self, at: u64) {
        self.next_change_at = [self.next_change_at, Some(at)].into_iter().flatten().min();
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
            mode: group.terms().mode,
            kind: group.terms().kind.family,
            scheme: group.terms().scheme,
            ip_address_type: address_type(group.terms().kind, observed.settings),
            subnets: Vec::new(),
            security_groups: Vec::new(),
            firewall: Firewall::default(),
            attributes: Vec::new(),
            deletion_protection: None,
            web_acl: None,
            tags: Tags::default(),
            ownership: tags::of_all(observed.settings, group.id()),
            terms: *group.terms(),
            members: group.members().iter().map(|index| grouping.members[*index].claim.object).collect(),
            listeners: Vec::new(),
            certificates: Certificates::default(),
            target_groups: Vec::new(),
            forwards_to: Vec::new(),
            free_rules: free_rules(found, observed),
            retired: Vec::new(),
        }
    }

    fn tags_of_new(&self, group: &Group<'a>, wanted: &LoadBalancer<'a>) -> Tags {
        let mut all = wanted.ownership.clone();
        all.extend(group.terms().tags());
        all.extend(group.replaces().map(|id| tag(TAG_REPLACES, id)));
        if let Some(DeletionProtection::On(mark)) = wanted.deletion_protection {
            all.push(tag(TAG_DELETION_PROTECTION, mark));
        }
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

    /// In words, a property that no other shared load balancer has. `None`: another load balancer has all of them.
    fn lacking_property(&self, group: &Group<'a>) -> Option<&'static str> {
        let terms = group.terms();
        let is_like = |other: &&Group<'_>| {
            let alike = Terms { wishes: terms.wishes, ..*other.terms() };
            other.id() != group.id() && alike == *terms
        };
        let mut others =
            self.sources.grouping.groups.iter().filter(is_like).map(|other| other.terms().wishes);
        let first = others.next()?;
        let has_alike = first == terms.wishes || others.any(|other| other == terms.wishes);
        (!has_alike).then(|| self.sources.observed.wishes.difference(first, terms.wishes))
    }

    fn reason(&self, group: &Group<'a>) -> String {
        let members = &self.sources.grouping.members;
        let terms = group.terms();
        let (scheme, kind) = (terms.scheme.as_str(), terms.kind);
        let first = group.members().iter().min_by_key(|index| members[**index].claim.age());
        let Some(claim) = first.map(|index| members[*index].claim) else {
            return format!("an {scheme} {kind} is needed");
        };
        let first = claim.object;
        let alike = Present::key(group);
        let others = self.present.get(&alike).copied().unwrap_or_default().without(group);
        if group.replaces().is_some() {
            format!("it takes over from a load balancer that can no longer serve {first}")
        } else if terms.alone.is_some() && terms.mode == Mode::Route {
            format!("{first} belongs to no group, so it gets a load balancer of its own")
        } else if terms.alone.is_some() {
            format!("{first} asks for a load balancer of its own")
        } else if let (Some(key), Mode::Route) = (terms.key, terms.mode)
            && terms.part > FIRST_PART
        {
            format!("group {key} is split, and {first} goes to load balancer {} of it", terms.part)
        } else if let (Some(key), Mode::Route) = (terms.key, terms.mode) {
            format!("{first} belongs to group {key}, which has no {scheme} load balancer")
        } else if let Some(key) = terms.key {
            format!("the grouping policy puts {first} into group {key}, which has no load balancer with room")
        } else if let Some(difference) = self.lacking_property(group) {
            format!("{first} needs {difference} than the other {scheme} load balancers")
        } else if terms.http_only && others.shared == 0 {
            format!("{first} asks for HTTP only, and no shared {scheme} {kind} serves only HTTP")
        } else if others.shared > 0 {
            format!("{first} needs certificates for which no {scheme} {kind} has room")
        } else if others.all > 0 {
            format!(
                "{first} may share a load balancer, but each {scheme} one serves another Ingress exclusively"
            )
        } else if claim.kind.is_own() && kind != Kind::APPLICATION {
            format!("{first} asks for a {kind}, and no {scheme} one exists")
        } else {
            match claim.scheme {
                Wish::Default(_) => {
                    format!("{first} names no scheme, so the default applies, and no {scheme} {kind} exists")
                }
                _ => format!("{first} asks for scheme {scheme}, and no {scheme} {kind} exists"),
            }
        }
    }
}

/// The groups of route mode that have several load balancers.
fn split_groups<'a>(grouping: &Grouping<'a>) -> BTreeMap<(&'a str, Scheme), Vec<GroupId>> {
    let mut split: BTreeMap<(&str, Scheme), Vec<GroupId>> = BTreeMap::new();
    for (id, group) in grouping.groups.numbered() {
        let Terms { scheme, mode, key, .. } = *group.terms();
        if let Some(key) = key.filter(|_| mode == Mode::Route && !group.is_empty()) {
            split.entry((key, scheme)).or_default().push(id);
        }
    }
    split.retain(|_, groups| groups.len() > 1);
    split
}

/// Hosts of objects that other load balancers of their groups serve.
fn elsewhere<'a>(grouping: &Grouping<'a>) -> Elsewhere<'a> {
    let split = grouping.members.iter().filter(|member| !member.share.elsewhere.is_empty());
    split.map(|member| (member.claim.object, member.share.elsewhere.iter().cloned().collect())).collect()
}

/// How many rules AWS allows on a load balancer in addition to those that are there.
fn free_rules(found: Option<&albatross_contract::LoadBalancer>, observed: &Observed<'_>) -> usize {
    let listeners = found.into_iter().flat_map(|found| &found.listeners);
    let present: usize = listeners.map(|listener| listener.rules.len()).sum();
    (observed.inventory.quotas.rules_per_load_balancer as usize).saturating_sub(present)
}

/// A target group that is not changed.
fn untouched<'a>(group: &'a albatross_contract::TargetGroup) -> TargetGroup<'a> {
    TargetGroup {
        name: group.name.clone(),
        there: Some(group),
        form: None,
        is_current: false,
        is_fitting: false,
        is_of_pods: false,
        targets: TargetChanges::default(),
        tags: Vec::new(),
        holds: None,
    }
}

/// The number of load balancers of one scheme and kind, with or without HTTPS.
#[derive(Clone, Copy, Default)]
struct Present {
    all: usize,
    shared: usize,
}

impl Present {
    /// What load balancers that are counted together have in common.
    fn key(group: &Group<'_>) -> (Scheme, Kind, bool) {
        let Terms { scheme, kind, http_only, .. } = *group.terms();
        (scheme, kind, http_only)
    }

    /// Counts the load balancers.
    fn count(grouping: &Grouping<'_>) -> BTreeMap<(Scheme, Kind, bool), Present> {
        let mut counted: BTreeMap<(Scheme, Kind, bool), Present> = BTreeMap::new();
        for group in grouping.groups.iter() {
            let alike = counted.entry(Present::key(group)).or_default();
            alike.all += 1;
            alike.shared += usize::from(group.terms().alone.is_none());
        }
        counted
    }

    /// The numbers without one load balancer.
    fn without(self, group: &Group<'_>) -> Present {
        let shared = usize::from(group.terms().alone.is_none());
        Present { all: self.all.saturating_sub(1), shared: self.shared.saturating_sub(shared) }
    }
}

/// Whether a claim asks of its load balancer what the group of a policy has in common.
fn belongs_to_its_group(claim: &Claim<'_>, terms: &Terms<'_>) -> bool {
    let Some((name, key)) = terms.key.zip(terms.key_of_a_policy()).filter(|_| terms.mode == Mode::Route)
    else {
        return true;
    };
    let asked = asked_of_load_balancer(&claim.metadata.annotations);
    group_of_a_policy(key, asked.as_deref()) == name
}
