//! The builder of route mode: listeners on the ports that members ask for, a rule for each route, and a target group for
//! each Service port.

mod agreement;
mod budget;
mod conditions;
mod cover;
mod ends;
mod handover;
mod places;
mod precedence;
mod priorities;
mod quota;
mod redirects;
mod rules;
mod shadowed;
mod specificity;
mod ssl_redirect;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use albatross_contract::{
    Diagnostic, DiagnosticCode, FixedResponseAction, Protocol, ResourceReference, RuleCondition,
    RuleTransform, TargetGroup,
};

use super::{
    Answer, Destination, Forward, Holds, Listener, LoadBalancer, Retirement,
    TargetGroup as WantedTargetGroup, build::Builder, certificates::Case,
};
use crate::{
    attributes::known,
    backends::ServiceTargets,
    diagnostics::{Details, Subject, warning},
    grouping::Group,
    lifecycle::retirement,
    observed::{Concern, Health, Owned},
    overlap::overlap,
    ports::HTTPS,
    source::{self, Claim, Filter, ListenerPort, ObjectName, Route, Routing},
    terms::Terms,
    words,
};
pub use agreement::{Agreed, split_by_scheme};
use agreement::{Chosen, Ports, unknown_attribute};
pub use budget::withhold as withhold_rules;
use precedence::{Precedence, Rank};
use rules::Asking;
pub use rules::{Rule, RuleEnd, Rules};
use shadowed::Shadowed;
use ssl_redirect::SslRedirect;

/// The only protocol version that HTTP listeners can forward with.
const HTTP1: &str = "HTTP1";

/// A member and its routing.
#[derive(Clone, Copy)]
struct Member<'a> {
    claim: &'a Claim<'a>,
    routing: &'a Routing<'a>,
}

/// A rule for a route of a member.
struct Asked<'a> {
    precedence: Precedence<'a>,
    member: Member<'a>,
    /// The place of the route among the routes of the member.
    place: usize,
    conditions: Vec<RuleCondition>,
}

/// A port of a load balancer, with the routes that get rules on its listener.
struct Port<'a, 'b> {
    port: u16,
    protocol: Protocol,
    /// The listener in AWS. `None`: it is created.
    there: Option<&'a albatross_contract::Listener>,
    routes: Vec<&'b Asked<'a>>,
    /// Whether the listener stays as it is for now.
    stays: bool,
    /// The port to which all requests are redirected, and the object that asks for it.
    redirect: Option<(u16, ObjectName<'a>)>,
}

/// A route with what answers its requests.
struct Answered<'a, 'b> {
    object: ObjectName<'a>,
    conditions: &'b [RuleCondition],
    answer: Answer<'a>,
    transforms: Vec<RuleTransform>,
}

/// The target groups of one load balancer, by the suffix of their names.
type Gathered<'a> = BTreeMap<String, WantedTargetGroup<'a>>;

/// The load balancer that is described.
#[derive(Clone, Copy)]
struct On<'a, 'b> {
    group: &'b Group<'a>,
    wanted: &'b LoadBalancer<'a>,
    agreed: &'b Agreed<'a>,
    case: &'b Case<'a, 'b>,
    chosen: &'b Chosen<'a>,
}

impl<'a> Builder<'a, '_> {
    /// Listeners, rules and target groups of a load balancer in route mode.
    pub(super) fn route(&mut self, case: &Case<'a, '_>, agreed: &Agreed<'a>, wanted: &mut LoadBalancer<'a>) {
        let group = case.group;
        let observed = self.sources.observed;
        let allows = |concern| observed.completeness.allows_for(concern, group.owned());
        if group.is_empty() || !allows(Concern::ReadServices) || !allows(Concern::ChangeTargets) {
            self.is_not_known_to_serve(group);
            return;
        }
        let found = group.owned().and_then(|owned| owned.load_balancer);
        if found.is_some_and(|found| Terms::of(found).mode != group.terms().mode) {
            self.is_not_known_to_serve(group); // it was opened in the other mode, and had no member
        }
        let members = self.members_in_order(group);
        let mut gathered = Gathered::new();
        let chosen = agreement::target_groups(&members, &self.sources.backends.services);
        let on = On { group, wanted, agreed, case, chosen: &chosen };
        let listeners = self.listeners_of(&members, on, &mut gathered);
        self.gather_previous(on, &mut gathered);
        if allows(Concern::ChangeListeners) && allows(Concern::ChangeRules) {
            wanted.listeners = listeners;
        }
        wanted.target_groups = gathered.into_values().collect();
        wanted.forwards_to =
            wanted.target_groups.iter().map(|it| Forward { to: it.destination(), weight: 1 }).collect();
        wanted.retired = self.unused(group, wanted);
    }

    /// Notes that it is not known whether a load balancer has the rules of its members.
    pub(super) fn is_not_known_to_serve(&mut self, group: &Group<'a>) {
        let objects: Vec<ObjectName<'a>> =
            self.claims_on(group).into_iter().map(|claim| claim.object).collect();
        self.lacking.rules.extend(objects);
    }

    /// The members by `group.order`, then by age. Members that are held are left out: AWS keeps what it has of them.
    fn members_in_order(&self, group: &Group<'a>) -> Vec<Member<'a>> {
        let all = &self.sources.grouping.members;
        let members = group.members().iter().map(|index| all[*index].claim);
        let members = members.filter(|claim| claim.diagnostics.is_empty());
        let mut members: Vec<Member<'a>> =
            members.filter_map(|claim| Some(Member { claim, routing: claim.routing.as_ref()? })).collect();
        members.sort_by_key(Member::rank);
        members
    }

    /// The rules for all routes of the members, in their order.
    fn asked(&self, members: &[Member<'a>]) -> Vec<Asked<'a>> {
        let quotas = &self.sources.observed.inventory.quotas;
        let mut asked: Vec<Asked<'a>> = Vec::new();
        for member in members {
            for (place, route) in member.routing.routes.iter().enumerate() {
                for (part, rule) in conditions::of(route, quotas).into_iter().enumerate() {
                    let precedence =
                        Precedence::of(&rule, route.conditions.len(), member.rank(), place, part);
                    asked.push(Asked { precedence, member: *member, place, conditions: rule.conditions });
                }
            }
        }
        precedence::by_host(asked.iter_mut().map(|it| (&mut it.precedence, it.conditions.as_slice())));
        asked.sort_by(|left, right| left.precedence.cmp(&right.precedence));
        asked
    }

    /// The routes that get a rule: of several with the same conditions the first one. Between namespaces the oldest object
    /// decides, so that no namespace takes a host and path from another namespace by its `group.order`.
    fn without_duplicates<'b>(asked: &[&'b Asked<'a>], shadowed: &mut Shadowed<'a>) -> Vec<&'b Asked<'a>> {
        let mut alike: BTreeMap<&[RuleCondition], Vec<&Asked<'a>>> = BTreeMap::new();
        for it in asked {
            alike.entry(&it.conditions).or_default().push(it);
        }
        let mut winners = Vec::new();
        for it in asked {
            let all = alike.get(it.conditions.as_slice()).map(Vec::as_slice).unwrap_or_default();
            let oldest = all.iter().min_by_key(|other| other.member.claim.age());
            let namespace = oldest.map(|oldest| oldest.member.claim.object.namespace);
            // The list has the order of precedence.
            let first = all.iter().find(|other| Some(other.member.claim.object.namespace) == namespace);
            match first.filter(|first| !std::ptr::eq(**first, *it)) {
                None => winners.push(*it),
                Some(first) => shadowed.duplicate(it, first),
            }
        }
        winners
    }

    /// The routes that get a rule on a listener, in their order. `serves_https`: an HTTPS listener exists or is created.
    fn on_listener<'b>(
        asked: &'b [Asked<'a>],
        objects: &[ObjectName<'a>],
        listener: ListenerPort,
        serves_https: bool,
        shadowed: &mut Shadowed<'a>,
    ) -> Vec<&'b Asked<'a>> {
        let mut of_port: Vec<&Asked<'a>> =
            asked.iter().filter(|it| objects.contains(&it.member.claim.object)).collect();
        of_port.retain(|it| {
            let is_loop = redirects::is_loop(it.route(), listener);
            if is_loop {
                shadowed.redirects_to_itself(it);
            }
            !is_loop
        });
        let (behind, of_port): (Vec<&Asked<'a>>, Vec<&Asked<'a>>) = of_port
            .iter()
            .partition(|it| serves_https && redirects::is_behind_https_redirect(it, &of_port, listener));
        behind.into_iter().for_each(|it| shadowed.behind_redirect(it));
        let rules = Self::without_duplicates(&of_port, shadowed);
        shadowed.listener(&rules);
        rules
    }

    /// The answer to the requests of a route. If all its backends are invalid, the answer is 503.
    fn answer(
        &mut self,
        asked: &Asked<'a>,
        protocol: Protocol,
        on: On<'a, '_>,
        gathered: &mut Gathered<'a>,
    ) -> Answer<'a> {
        let services = &self.sources.backends.services;
        let (route, object) = (asked.route(), asked.member.claim.object);
        for filter in &route.filters {
            match filter {
                Filter::Redirect(redirect) => return Answer::Redirect(redirect.clone()),
                Filter::Respond(response) => return Answer::Respond(response.clone()),
                Filter::Transform(_) => {}
            }
        }
        let mut groups: Vec<Forward<'a>> = Vec::new();
        let mut reasons = Vec::new();
        for (backend, resolved) in route.backends.iter().zip(services.of(object, asked.place)) {
            let found = resolved
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|found| self.gather(&services.all[*found], (object, protocol), on, gathered));
            match found {
                Ok(to) => match groups.iter_mut().find(|other| other.to == to) {
                    // AWS accepts each target group once.
                    Some(same) => same.weight = same.weight.saturating_add(backend.weight).min(999),
                    None => groups.push(Forward { to, weight: backend.weight }),
                },
                Err(reason) => reasons.push(reason),
            }
        }
        let is_unavailable = groups.is_empty();
        for reason in reasons {
            self.tell(object, invalid(object, route.field.clone(), &reason, is_unavailable));
        }
        if is_unavailable {
            return Answer::Respond(fixed(503));
        }
        Answer::Forward { groups, stickiness: route.stickiness }
    }

    /// The target group of a load balancer for a Service port. If two members want different health checks, the first member
    /// counts.
    fn gather(
        &mut self,
        targets: &'a ServiceTargets<'a>,
        (object, protocol): (ObjectName<'a>, Protocol),
        on: On<'a, '_>,
        gathered: &mut Gathered<'a>,
    ) -> Result<Destination<'a>, String> {
        let form = &targets.form;
        // ELB user guide, "Target groups for your Application Load Balancers": protocol version.
        if protocol != Protocol::Https && form.protocol_version != HTTP1 {
            let version = form.protocol_version;
            return Err(format!(
                "AWS forwards requests with protocol version {version} only from HTTPS listeners"
            ));
        }
        let (targets, first) = on.chosen.get(form.suffix.as_str()).copied().unwrap_or((targets, object));
        if !std::ptr::eq(form, &targets.form) {
            self.tell(object, other_wishes(object, targets, first));
        }
        let form = &targets.form;
        if let Some(found) = gathered.get(&form.suffix) {
            return Ok(found.destination());
        }
        let observed = self.sources.observed;
        let name = format!("{}-{}", on.wanted.name, form.suffix);
        let there = target_group(on.group, &name);
        if there.is_none() && (observed.is_target_group_name(&name) || observed.unclear(&name).is_some()) {
            return Err(format!(
                "a target group with the name {name} exists and does not have the tags of this controller"
            ));
        }
        let attributes = there.map(|there| there.attributes.as_slice()).unwrap_or_default();
        for key in form.attributes.iter().filter(|it| it.is_unknown(attributes)).map(|it| it.key.as_ref()) {
            let annotation = source::TARGET_GROUP_ATTRIBUTES;
            self.tell(first, unknown_attribute(first, annotation, key, known::TARGET_GROUP));
        }
        let described = self.target_group_of(targets, name, there, on);
        let to = described.destination();
        gathered.insert(form.suffix.clone(), described);
        Ok(to)
    }

    fn target_group_of(
        &mut self,
        targets: &'a ServiceTargets<'a>,
        name: String,
        there: Option<&'a TargetGroup>,
        on: On<'a, '_>,
    ) -> WantedTargetGroup<'a> {
        let mut changes = targets.changes(&name, there, self.sources.observed);
        self.withheld.extend(changes.withheld.take());
        self.diagnostics.append(&mut changes.diagnostics);
        WantedTargetGroup {
            name,
            there,
            form: Some(&targets.form),
            is_current: false,
            is_fitting: true,
            targets: changes,
            tags: agreement::target_group_tags(&on.agreed.tags, &targets.tags),
            holds: Some(Holds::targets(&targets.ids)),
        }
    }

    /// Target groups that rules still use though no route of a planned member asks for them: those of members that are held, and
    /// of Services that others replace. They follow nodes and pods too.
    fn gather_previous(&mut self, on: On<'a, '_>, gathered: &mut Gathered<'a>) {
        let Some(owned) = on.group.owned() else { return };
        for found in owned.target_groups.iter().copied() {
            let suffix = found.name.strip_prefix(&format!("{}-", on.wanted.name)).unwrap_or_default();
            if gathered.contains_key(suffix) || !is_used(owned, found) {
                continue;
            }
            let Some(targets) = self.sources.backends.services.behind(suffix) else { continue };
            let described = self.target_group_of(targets, found.name.clone(), Some(found), on);
            let kept = WantedTargetGroup { form: None, is_fitting: false, tags: Vec::new(), ..described };
            gathered.insert(suffix.to_owned(), kept);
        }
    }

    /// The listeners that members ask for, and listeners that no member asks for any more.
    fn listeners_of(
        &mut self,
        members: &[Member<'a>],
        on: On<'a, '_>,
        gathered: &mut Gathered<'a>,
    ) -> Vec<Listener<'a>> {
        let On { group, wanted, .. } = on;
        let asked = self.asked(members);
        let (asked_for, told) = agreement::ports(members);
        for (object, diagnostic) in told {
            self.tell(object, diagnostic);
        }
        let holder = holder(group, &asked_for);
        let ports = self.ports(members, asked_for, &asked, on);
        let left_out = self.left_out(&ports, group, wanted.free_rules);
        self.lacking.rules.extend(&left_out);
        let asking = Asking { group, left_out: &left_out };
        let mut room = wanted.free_rules;
        let mut listeners = Vec::new();
        for port in &ports {
            let routes = port.routes.iter().filter(|it| !left_out.contains(&it.member.claim.object));
            let answered = routes.map(|it| {
                let answer = self.answer(it, port.protocol, on, gathered);
                let forwards = matches!(answer, Answer::Forward { .. });
                let transforms = if forwards { it.route().transforms() } else { Vec::new() };
                Answered { object: it.member.claim.object, conditions: &it.conditions, answer, transforms }
            });
            // Also where the listener stays as it is: its target groups get their targets.
            let answered: Vec<Answered<'_, '_>> = answered.collect();
            if port.stays {
                continue;
            }
            let mut rules = self.rules(&answered, port.there, &asking, &mut room);
            if let Some((port, by)) = port.redirect {
                rules.end_at_once(&format!("{by} asks to redirect all HTTP requests to port {port}"));
            }
            self.note_readiness(&rules, group);
            listeners.push(self.listener(port, rules, holder, on));
        }
        let is_asked_for = |port: u16| listeners.iter().any(|listener: &Listener<'_>| listener.port == port);
        let there = group.owned().and_then(|owned| owned.load_balancer);
        let unasked = there.into_iter().flat_map(|found| &found.listeners);
        let unasked: Vec<_> = unasked.filter(|listener| !is_asked_for(listener.port)).collect();
        // The last listener stays, whatever becomes of the ports that members ask for.
        let may_go = !listeners.is_empty();
        for there in unasked {
            let unasked = self.without_members(there, members, &asking);
            listeners.extend(unasked.map(|it| Listener { goes: it.goes && may_go, ..it }));
        }
        listeners
    }

    /// The ports that members ask for and that can have a listener, with their routes.
    fn ports<'b>(
        &mut self,
        members: &[Member<'a>],
        ports: Ports<'a>,
        asked: &'b [Asked<'a>],
        on: On<'a, '_>,
    ) -> Vec<Port<'a, 'b>> {
        let redirect = SslRedirect::of(members);
        let mut shadowed = Shadowed::default();
        let secure = ports.iter().filter(|(_, (protocol, _))| *protocol == Protocol::Https);
        let secure: Vec<u16> =
            secure.map(|(port, _)| *port).filter(|port| self.is_served(*port, on)).collect();
        let mut found = Vec::new();
        for (port, (protocol, objects)) in ports {
            let there = on.group.owned().and_then(|owned| owned.listener(port));
            let is_secure = protocol == Protocol::Https;
            let is_ready = !is_secure || secure.contains(&port);
            if there.is_some_and(|there| there.protocol != protocol) || (there.is_none() && !is_ready) {
                continue;
            }
            let redirect = redirect.to.filter(|_| !is_secure);
            let to = redirect.map(|(port, _)| port);
            let stays = !is_secure && there.is_some_and(|there| self.keeps(there, to, &secure, on.group));
            let has_rules = match there {
                Some(there) if stays => !ssl_redirect::redirects(there),
                _ => redirect.is_none(),
            };
            let asked: &'b [Asked<'a>] = if has_rules { asked } else { &[] };
            let listener = ListenerPort { port, protocol };
            let routes = Self::on_listener(asked, &objects, listener, !secure.is_empty(), &mut shadowed);
            found.push(Port { port, protocol, there, routes, stays, redirect });
        }
        let told = redirect.told.into_iter().chain(shadowed.tell());
        told.for_each(|(object, diagnostic)| self.tell(object, diagnostic));
        found
    }

    /// A listener that members ask for. `holder`: the port of the listener whose certificates all HTTPS listeners have.
    fn listener(
        &mut self,
        of: &Port<'a, '_>,
        rules: Rules<'a>,
        holder: Option<u16>,
        on: On<'a, '_>,
    ) -> Listener<'a> {
        let Port { port, protocol, there, redirect, .. } = *of;
        let (wanted, observed) = (on.wanted, self.sources.observed);
        let is_secure = protocol == Protocol::Https;
        let has_certificates = holder == Some(port);
        let mirrored =
            (is_secure && !has_certificates).then(|| on.case.mirrored(&wanted.certificates, there));
        let default = wanted.certificates.default.map(|id| observed.certificates.arn(id));
        let default = mirrored.as_ref().map_or(default, |mirrored| mirrored.default);
        let left_out = mirrored.as_ref().map_or(0, |mirrored| mirrored.left_out);
        self.diagnostics.extend((left_out > 0).then(|| no_room(&wanted.name, port, left_out)));
        Listener {
            port,
            protocol,
            there,
            reason: "members of the load balancer ask for the port",
            ssl_policy: self.ssl_policy(port, there, on.agreed).filter(|_| is_secure),
            default_certificate: default.filter(|_| is_secure),
            has_certificates,
            mirrored: mirrored.map(|mirrored| mirrored.changes).unwrap_or_default(),
            answer: Some(match redirect {
                Some((port, _)) => Answer::Redirect(SslRedirect::action(port)),
                None => Answer::Respond(fixed(404)),
            }),
            rules: Some(rules),
            goes: false,
        }
    }

    /// A listener that no member asks for: its rules leave as other unneeded rules do, and then it is deleted. `None`: it
    /// stays as it is, since a member asks for another protocol on its port, or since not all members can be read.
    fn without_members(
        &mut self,
        there: &'a albatross_contract::Listener,
        members: &[Member<'a>],
        asking: &Asking<'a, '_>,
    ) -> Option<Listener<'a>> {
        let group = asking.group;
        let allows = |concern| self.sources.observed.completeness.allows_for(concern, group.owned());
        let asks = |member: &Member<'_>| member.routing.listeners.iter().any(|it| it.port == there.port);
        if !allows(Concern::Remove) || members.iter().any(asks) || members.len() < group.members().len() {
            return None;
        }
        let rules = self.rules(&[], Some(there), asking, &mut 0);
        Some(Listener {
            port: there.port,
            protocol: there.protocol,
            there: Some(there),
            reason: "",
            ssl_policy: None,
            default_certificate: None,
            has_certificates: false,
            mirrored: Vec::new(),
            answer: None,
            rules: Some(rules),
            // Certificates on an HTTPS listener may be in use, so it stays.
            goes: there.rules.is_empty()
                && there.protocol == Protocol::Http
                && allows(Concern::RemoveCertificate),
        })
    }

    /// Notes which objects lack rules or healthy targets, if they are not published here yet. Where rules may match the same
    /// requests, each of their objects needs all of them.
    fn note_readiness(&mut self, rules: &Rules<'a>, group: &Group<'a>) {
        let Some(owned) = group.owned() else { return };
        let is_published = |rule: &&Rule<'a>| {
            let claim = self.claim(rule.object);
            let published = claim.and_then(|claim| self.sources.observed.published(claim));
            published.is_some_and(|it| it.id == owned.id)
        };
        let waiting: Vec<&Rule<'a>> = rules.wanted.iter().filter(|rule| !is_published(rule)).collect();
        if waiting.is_empty() {
            return;
        }
        let is_healthy = |to: &Destination<'_>| {
            let found = owned.target_groups.iter().find(|it| *to == Destination::Existing(&it.arn));
            found.is_some_and(|found| Health::of(found).can_take_over())
        };
        let forwarding = waiting.iter().filter(|rule| !rule.answer.forwards().is_empty());
        self.lacking.forwarding.extend(forwarding.map(|rule| rule.object));
        for rule in &rules.wanted {
            let is_missing = rule.there.is_none();
            let is_sick = rule.answer.forwards().iter().any(|it| it.weight > 0 && !is_healthy(&it.to));
            if !is_missing && !is_sick {
                continue;
            }
            for it in waiting.iter().filter(|it| overlap(&it.conditions, &rule.conditions)) {
                if is_missing {
                    self.lacking.rules.insert(it.object);
                }
                if is_sick {
                    self.lacking.health.insert(it.object);
                }
            }
        }
    }

    /// The TLS policy of a port: that of a member, or else that of the settings. `None`: it stays as it is.
    fn ssl_policy(
        &self,
        port: u16,
        there: Option<&albatross_contract::Listener>,
        agreed: &Agreed<'a>,
    ) -> Option<&'a str> {
        let asked = agreed.ssl_policies.get(&port).copied();
        let stays = !self.knows_ssl_policy || (agreed.keeps && there.is_some());
        asked.or_else(|| (!stays).then_some(&*self.sources.observed.settings.ssl_policy))
    }

    /// Whether an HTTPS listener exists on a port, or is created.
    fn is_served(&self, port: u16, on: On<'a, '_>) -> bool {
        match on.group.owned().and_then(|owned| owned.listener(port)) {
            Some(there) => there.protocol == Protocol::Https,
            None => {
                on.wanted.certificates.default.is_some() && self.ssl_policy(port, None, on.agreed).is_some()
            }
        }
    }

    /// Target groups that no rule uses any more: they are marked, and removed a grace period later.
    fn unused(&mut self, group: &Group<'a>, wanted: &LoadBalancer<'a>) -> Vec<(&'a TargetGroup, Retirement)> {
        let observed = self.sources.observed;
        let Some(owned) = group.owned() else { return Vec::new() };
        if !observed.completeness.allows_for(Concern::Remove, Some(owned)) {
            return Vec::new();
        }
        let is_wanted = |found: &TargetGroup| {
            wanted.target_groups.iter().any(|it| it.there.is_some_and(|there| there.arn == found.arn))
        };
        let unused = owned.target_groups.iter().copied().filter(|found| {
            !is_wanted(found) && owned.user_elsewhere(found).is_none() && !is_used(owned, found)
        });
        let mut retired = Vec::new();
        for found in unused {
            let retirement = retirement(found, observed);
            if let Retirement::Marked { until } = retirement {
                self.note_change(until);
            }
            retired.push((found, retirement));
        }
        retired
    }

    /// Tells an object something once, however many listeners it concerns.
    pub(in crate::wanted) fn tell(&mut self, object: ObjectName<'a>, diagnostic: Diagnostic) {
        let told = self.of_objects.entry(object).or_default();
        if !told.contains(&diagnostic) {
            told.push(diagnostic);
        }
    }
}

impl<'a> Asked<'a> {
    fn route(&self) -> &'a Route<'a> {
        &self.member.routing.routes[self.place]
    }
}

impl<'a> Member<'a> {
    fn rank(&self) -> Rank<'a> {
        Rank { order: self.routing.order, age: self.claim.age() }
    }
}

/// Whether a listener of a load balancer names a target group, in its default actions or in a rule.
fn is_used(owned: &Owned<'_>, group: &TargetGroup) -> bool {
    let listeners = owned.load_balancer.into_iter().flat_map(|found| &found.listeners);
    let mut actions = listeners.flat_map(|listener| {
        listener.default_actions.iter().chain(listener.rules.iter().flat_map(|rule| &rule.actions))
    });
    actions.any(|action| {
        handover::forwards(action)
            .any(|it| matches!(&it.target_group, ResourceReference::Existing(arn) if *arn == group.arn))
    })
}

/// The port of the listener whose certificates all HTTPS listeners have: the existing one, or else the one on port 443, or
/// else the one on the smallest port.
fn holder(group: &Group<'_>, ports: &Ports<'_>) -> Option<u16> {
    let there = group.owned().and_then(Owned::https).map(|listener| listener.port);
    let https =
        || ports.iter().filter(|(_, (protocol, _))| *protocol == Protocol::Https).map(|(port, _)| *port);
    there.or_else(|| https().find(|port| *port == HTTPS)).or_else(|| https().next())
}

/// A target group of a load balancer, by its name.
fn target_group<'a>(group: &Group<'a>, name: &str) -> Option<&'a TargetGroup> {
    let ours = group.owned().map(|owned| owned.target_groups.as_slice()).unwrap_or_default();
    ours.iter().copied().find(|found| found.name == name)
}

/// An answer without a backend.
fn fixed(status_code: u16) -> FixedResponseAction {
    FixedResponseAction { status_code, content_type: Some("text/plain".to_owned()), message_body: None }
}

fn invalid(object: ObjectName<'_>, field: String, reason: &str, is_unavailable: bool) -> Diagnostic {
    let consequence = match is_unavailable {
        true => "requests of this rule are answered with 503",
        false => "its share of the requests goes to the other backends",
    };
    warning(DiagnosticCode::BackendInvalid, Subject::Object(object), format!("{reason}; {consequence}"))
        .field(field)
        .remedy("correct the backend, or the Service")
}

fn no_room(name: &str, port: u16, left_out: usize) -> Diagnostic {
    let certificates = words::count(left_out, "certificate", "certificates");
    let message = format!("the listener on port {port} has no room for {certificates}");
    warning(DiagnosticCode::CapacityExceeded, Subject::Resource(name), message)
        .remedy("raise the quota for certificates per load balancer, or use fewer HTTPS ports")
}

fn other_wishes(object: ObjectName<'_>, targets: &ServiceTargets<'_>, first: ObjectName<'_>) -> Diagnostic {
    let message = format!(
        "{first} uses the same target group ({}) with another health check, other attributes or other nodes, and takes \
         precedence",
        targets.form.reason
    );
    warning(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field("metadata.annotations")
        .remedy("put the annotations on the Service, or the same annotations on both Ingresses")
}
