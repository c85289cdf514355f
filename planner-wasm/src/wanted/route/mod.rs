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
    Diagnostic, DiagnosticCode, FixedResponseAction, Protocol, ResourceReference, TargetGroup,
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

/// A route of a member, for which a listener should have a rule.
struct Asked<'a> {
    object: ObjectName<'a>,
    route: &'a Route<'a>,
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
        let asked = self.asked(&members, group, wanted, &mut gathered);
        if allows(Concern::ChangeListeners) && allows(Concern::ChangeRules) {
            wanted.listeners = self.listeners_of(&members, asked, group, wanted);
        }
        wanted.target_groups = gathered.into_values().collect();
        wanted.forwards_to =
            wanted.target_groups.iter().map(|it| Forward { to: it.destination(), weight: 1 }).collect();
        wanted.retired = self.unused(group, wanted);
    }

    /// The members by `group.order`, then by age.
    fn members_in_order(&self, group: &Group<'a>) -> Vec<Member<'a>> {
        let all = &self.sources.grouping.members;
        let members = group.members().iter().map(|index| all[*index].claim);
        let mut members: Vec<Member<'a>> =
            members.filter_map(|claim| Some(Member { claim, routing: claim.routing.as_ref()? })).collect();
        members.sort_by_key(Member::rank);
        members
    }

    /// All routes of the members, in the order of their rules. Collects the target groups that the routes need.
    fn asked(
        &mut self,
        members: &[Member<'a>],
        group: &Group<'a>,
        wanted: &LoadBalancer<'a>,
        gathered: &mut Gathered<'a>,
    ) -> Vec<Asked<'a>> {
        let mut routes: Vec<(Precedence<'a>, Member<'a>, usize)> = Vec::new();
        for member in members {
            for (place, route) in member.routing.routes.iter().enumerate() {
                routes.push((Precedence::of(route, member.rank(), place), *member, place));
            }
        }
        routes.sort_by(|left, right| left.0.cmp(&right.0));
        let mut asked: Vec<Asked<'a>> = Vec::new();
        let mut first: BTreeMap<Vec<albatross_contract::RuleCondition>, ObjectName<'a>> = BTreeMap::new();
        for (_, Member { claim, routing }, place) in routes {
            let route = &routing.routes[place];
            let owner = *first.entry(conditions::of(route)).or_insert(claim.object);
            if owner != claim.object || asked.iter().any(|it| it.object == owner && it.is_like(route)) {
                self.tell(claim.object, duplicate(claim.object, route, owner));
                continue;
            }
            let answer = self.answer(claim, place, group, wanted, gathered);
            asked.push(Asked { object: claim.object, route, answer });
        }
        asked
    }

    /// The answer to the requests of a route. If all its backends are invalid, the answer is 503.
    fn answer(
        &mut self,
        claim: &'a Claim<'a>,
        place: usize,
        group: &Group<'a>,
        wanted: &LoadBalancer<'a>,
        gathered: &mut Gathered<'a>,
    ) -> Answer<'a> {
        let services = &self.sources.backends.services;
        let route = &claim.routing.as_ref().map(|routing| &routing.routes[place]);
        let mut forwards: Vec<Forward<'a>> = Vec::new();
        for (number, resolved) in services.of(claim.object, place).iter().enumerate() {
            let weight =
                route.and_then(|route| route.backends.get(number)).map_or(1, |backend| backend.weight);
            let found = resolved
                .as_ref()
                .map_err(Clone::clone)
                .and_then(|found| self.gather(&services.all[*found], group, wanted, gathered));
            match found {
                Ok(to) => forwards.push(Forward { to, weight }),
                Err(message) => {
                    let field = route.map_or_else(String::new, |route| route.field.clone());
                    self.tell(claim.object, invalid(claim.object, field, &message));
                }
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
        asked: Vec<Asked<'a>>,
        group: &Group<'a>,
        wanted: &LoadBalancer<'a>,
    ) -> Vec<Listener<'a>> {
        let observed = self.sources.observed;
        let mut ports: BTreeMap<u16, (Protocol, Vec<ObjectName<'a>>)> = BTreeMap::new();
        for Member { claim, routing } in members {
            for asked in &routing.listeners {
                let (protocol, who) = ports.entry(asked.port).or_insert((asked.protocol, Vec::new()));
                if *protocol == asked.protocol {
                    who.push(claim.object);
                } else {
                    let first = who.first().copied().unwrap_or(claim.object);
                    self.tell(claim.object, other_protocol(claim.object, asked.port, first));
                }
            }
        }
        let mut listeners = Vec::new();
        for (port, (protocol, who)) in ports {
            let there = group.owned().and_then(|owned| owned.listener(port));
            let is_secure = protocol == Protocol::Https;
            let default = wanted.certificates.default.map(|id| observed.certificates.arn(id));
            let is_ready = !is_secure || (default.is_some() && self.knows_ssl_policy);
            if there.is_some_and(|there| there.protocol != protocol) || (there.is_none() && !is_ready) {
                continue;
            }
            let of_port: Vec<&Asked<'a>> = asked.iter().filter(|it| who.contains(&it.object)).collect();
            let rules = self.rules(&of_port, there, group);
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

    fn tell(&mut self, object: ObjectName<'a>, diagnostic: Diagnostic) {
        self.of_objects.entry(object).or_default().push(diagnostic);
    }
}

impl<'a> Member<'a> {
    fn rank(&self) -> Rank<'a> {
        Rank { order: self.routing.order, age: self.claim.age() }
    }
}

impl Asked<'_> {
    fn is_like(&self, route: &Route<'_>) -> bool {
        conditions::of(self.route) == conditions::of(route)
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
