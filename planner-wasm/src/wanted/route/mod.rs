//! The builder of route mode: listeners on the ports that members ask for, a rule for each route, and a target group for
//! each Service port.

mod budget;
mod conditions;
mod precedence;
mod priorities;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use albatross_contract::{
    Diagnostic, DiagnosticCode, FixedResponseAction, Protocol, ResourceReference, RuleCondition, TargetGroup,
};

use super::{
    Answer, Destination, Forward, Holds, Listener, LoadBalancer, Retirement,
    TargetGroup as WantedTargetGroup, build::Builder,
};
use crate::{
    backends::ServiceTargets,
    diagnostics::{Details, Subject, error, warning},
    grouping::Group,
    lifecycle::retirement,
    observed::{Concern, Owned},
    source::{Claim, ObjectName, Route, Routing},
};
pub use budget::withhold as withhold_rules;
use precedence::{Precedence, Rank};
pub use rules::{Rule, RuleEnd, Rules};

/// A member and its routing.
#[derive(Clone, Copy)]
struct Member<'a> {
    claim: &'a Claim<'a>,
    routing: &'a Routing<'a>,
}

/// A route of a member.
struct Asked<'a> {
    precedence: Precedence<'a>,
    member: Member<'a>,
    /// Its place among the routes of the member.
    place: usize,
    conditions: Vec<RuleCondition>,
}

/// A route with what answers its requests.
struct Answered<'a, 'b> {
    object: ObjectName<'a>,
    conditions: &'b [RuleCondition],
    answer: Answer<'a>,
}

/// The target groups of one load balancer, by the suffix of their names.
type Gathered<'a> = BTreeMap<String, WantedTargetGroup<'a>>;

impl<'a> Builder<'a, '_> {
    /// Listeners, rules and target groups of a load balancer in route mode.
    pub(super) fn route(&mut self, group: &Group<'a>, wanted: &mut LoadBalancer<'a>) {
        let observed = self.sources.observed;
        let allows = |concern| observed.completeness.allows_for(concern, group.owned());
        if group.is_empty() || !allows(Concern::ReadServices) || !allows(Concern::ChangeTargets) {
            return;
        }
        let members = self.members_in_order(group);
        let mut gathered = Gathered::new();
        let listeners = self.listeners_of(&members, group, wanted, &mut gathered);
        if allows(Concern::ChangeListeners) && allows(Concern::ChangeRules) {
            wanted.listeners = listeners;
        }
        wanted.target_groups = gathered.into_values().collect();
        wanted.forwards_to =
            wanted.target_groups.iter().map(|it| Forward { to: it.destination(), weight: 1 }).collect();
        wanted.retired = self.unused(group, wanted);
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

    /// All routes of the members, in the order of their rules.
    fn asked(members: &[Member<'a>]) -> Vec<Asked<'a>> {
        let mut asked: Vec<Asked<'a>> = Vec::new();
        for member in members {
            for (place, route) in member.routing.routes.iter().enumerate() {
                let precedence = Precedence::of(route, member.rank(), place);
                asked.push(Asked { precedence, member: *member, place, conditions: conditions::of(route) });
            }
        }
        asked.sort_by(|left, right| left.precedence.cmp(&right.precedence));
        asked
    }

    /// The routes that get a rule: of several with the same host and path the first one. Between namespaces the oldest object
    /// decides, so that no namespace takes a host and path from another namespace by its `group.order`.
    fn without_duplicates<'b>(&mut self, asked: &[&'b Asked<'a>]) -> Vec<&'b Asked<'a>> {
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
                Some(first) => {
                    let object = it.member.claim.object;
                    self.tell(object, duplicate(object, it.route(), first.member.claim.object));
                }
            }
        }
        winners
    }

    /// The answer to the requests of a route. If all its backends are invalid, the answer is 503.
    fn answer(
        &mut self,
        asked: &Asked<'a>,
        group: &Group<'a>,
        wanted: &LoadBalancer<'a>,
        gathered: &mut Gathered<'a>,
    ) -> Answer<'a> {
        let services = &self.sources.backends.services;
        let (route, object) = (asked.route(), asked.member.claim.object);
        let mut forwards: Vec<Forward<'a>> = Vec::new();
        for (backend, resolved) in route.backends.iter().zip(services.of(object, asked.place)) {
            let found = resolved
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|found| self.gather(&services.all[*found], group, wanted, gathered));
            match found {
                Ok(to) => forwards.push(Forward { to, weight: backend.weight }),
                Err(message) => self.tell(object, invalid(object, route.field.clone(), &message)),
            }
        }
        if forwards.is_empty() { Answer::Respond(fixed(503)) } else { Answer::Forward(forwards) }
    }

    /// The target group of a load balancer for a Service port. If two routes want different health checks, the first route
    /// counts.
    fn gather(
        &mut self,
        targets: &'a ServiceTargets<'a>,
        group: &Group<'a>,
        wanted: &LoadBalancer<'a>,
        gathered: &mut Gathered<'a>,
    ) -> Result<Destination<'a>, String> {
        if let Some(found) = gathered.get(&targets.form.suffix) {
            return Ok(found.destination());
        }
        let observed = self.sources.observed;
        let name = format!("{}-{}", wanted.name, targets.form.suffix);
        let ours = group.owned().map(|owned| owned.target_groups.as_slice()).unwrap_or_default();
        let there = ours.iter().copied().find(|found| found.name == name);
        if there.is_none() && (observed.is_target_group_name(&name) || observed.unclear(&name).is_some()) {
            return Err(format!(
                "a target group with the name {name} exists and does not have the tags of this controller"
            ));
        }
        let mut changes = targets.changes(&name, there, observed);
        self.withheld.extend(changes.withheld.take());
        self.diagnostics.append(&mut changes.diagnostics);
        let described = WantedTargetGroup {
            name,
            there,
            form: Some(&targets.form),
            is_current: false,
            is_fitting: true,
            targets: changes,
            holds: Some(Holds::targets(&targets.ids)),
        };
        let to = described.destination();
        gathered.insert(targets.form.suffix.clone(), described);
        Ok(to)
    }

    /// The listeners that members ask for. If members ask for different protocols on a port, the first member counts.
    fn listeners_of(
        &mut self,
        members: &[Member<'a>],
        group: &Group<'a>,
        wanted: &LoadBalancer<'a>,
        gathered: &mut Gathered<'a>,
    ) -> Vec<Listener<'a>> {
        let observed = self.sources.observed;
        let asked = Self::asked(members);
        let mut ports: BTreeMap<u16, (Protocol, Vec<ObjectName<'a>>)> = BTreeMap::new();
        for Member { claim, routing } in members {
            for asked in &routing.listeners {
                let (protocol, objects) = ports.entry(asked.port).or_insert((asked.protocol, Vec::new()));
                if *protocol == asked.protocol {
                    objects.push(claim.object);
                } else {
                    let first = objects.first().copied().unwrap_or(claim.object);
                    self.tell(claim.object, other_protocol(claim.object, asked.port, first));
                }
            }
        }
        let mut listeners = Vec::new();
        for (port, (protocol, objects)) in ports {
            let there = group.owned().and_then(|owned| owned.listener(port));
            let is_secure = protocol == Protocol::Https;
            let default = wanted.certificates.default.map(|id| observed.certificates.arn(id));
            let is_ready = !is_secure || (default.is_some() && self.knows_ssl_policy);
            if there.is_some_and(|there| there.protocol != protocol) || (there.is_none() && !is_ready) {
                continue;
            }
            let of_port = asked.iter().filter(|it| objects.contains(&it.member.claim.object));
            let of_port: Vec<&Asked<'a>> = of_port.collect();
            let answered = self.without_duplicates(&of_port).into_iter().map(|it| Answered {
                object: it.member.claim.object,
                conditions: &it.conditions,
                answer: self.answer(it, group, wanted, gathered),
            });
            let answered: Vec<Answered<'_, '_>> = answered.collect();
            let rules = self.rules(&answered, there, group);
            listeners.push(Listener {
                port,
                protocol,
                there,
                reason: "members of the load balancer ask for the port",
                ssl_policy: (is_secure && self.knows_ssl_policy).then_some(&*observed.settings.ssl_policy),
                default_certificate: default.filter(|_| is_secure),
                has_certificates: is_secure,
                answer: Some(Answer::Respond(fixed(404))),
                rules: Some(rules),
            });
        }
        listeners
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
        rules::forwards(action)
            .any(|it| matches!(&it.target_group, ResourceReference::Existing(arn) if *arn == group.arn))
    })
}

/// An answer without a backend.
fn fixed(status_code: u16) -> FixedResponseAction {
    FixedResponseAction { status_code, content_type: Some("text/plain".to_owned()), message_body: None }
}

fn invalid(object: ObjectName<'_>, field: String, message: &str) -> Diagnostic {
    let message = format!("{message}; requests of this rule are answered with 503");
    warning(DiagnosticCode::BackendInvalid, Subject::Object(object), message)
        .field(field)
        .remedy("correct the backend, or the Service")
}

fn duplicate(object: ObjectName<'_>, route: &Route<'_>, first: ObjectName<'_>) -> Diagnostic {
    let whose =
        if first == object { "an earlier rule of this Ingress".to_owned() } else { first.to_string() };
    let message = format!("{whose} has the same host and path, so this rule does nothing");
    warning(DiagnosticCode::RouteDuplicate, Subject::Object(object), message)
        .field(route.field.clone())
        .remedy("remove one of the two rules")
}

fn other_protocol(object: ObjectName<'_>, port: u16, first: ObjectName<'_>) -> Diagnostic {
    let message =
        format!("{first} of the same group asks for another protocol on port {port} and takes precedence");
    error(DiagnosticCode::AnnotationInvalid, Subject::Object(object), message)
        .field("metadata.annotations[alb.ingress.kubernetes.io/listen-ports]")
        .remedy("use the same protocol for this port in all Ingresses of the group")
}
