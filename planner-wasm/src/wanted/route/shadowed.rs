//! Routes that get no request: another rule on the same listener comes first and matches all of their requests. No rule is
//! created for them, so that they take no room from others. A rule that exists goes as soon as the other one exists too and
//! comes first.

use std::collections::BTreeSet;

use albatross_contract::{Diagnostic, DiagnosticCode, Listener, TAG_INGRESS, rules::requests};

use super::{
    Asked,
    conditions::{in_order, others_of},
    cover::covers,
    merged::contains,
};
use crate::{
    diagnostics::{Details, Subject, warning},
    grouping::why_first,
    identity::tag_value,
    source::{ObjectName, Route},
};

/// What happens to the routes of a load balancer on all its listeners.
#[derive(Default)]
pub struct Shadowed<'a> {
    /// Routes that get requests on some listener, by object and place.
    reached: BTreeSet<(ObjectName<'a>, usize)>,
    /// Routes that get no requests on a listener, with the reason.
    hidden: Vec<Hidden<'a>>,
}

/// Objects that have a route which gets no requests, each with the other object whose rule gets them.
pub type Behind<'a> = BTreeSet<(ObjectName<'a>, ObjectName<'a>)>;

struct Hidden<'a> {
    object: ObjectName<'a>,
    place: usize,
    route: &'a Route<'a>,
    /// The requests of the rule.
    requests: String,
    why: Why<'a>,
}

enum Why<'a> {
    /// The other object has the same host and path, and takes precedence for this reason.
    Same(ObjectName<'a>, &'static str),
    /// A rule of the other object, with these requests, matches all its requests.
    Wider(ObjectName<'a>, String),
    /// A redirect of the same object answers all its requests.
    Redirected,
    /// It redirects to itself.
    Loop,
    /// It redirects some requests to requests that it redirects again.
    Circle,
}

impl<'a> Shadowed<'a> {
    /// A rule with the same conditions counts instead.
    pub fn duplicate(&mut self, route: &Asked<'a>, first: &Asked<'a>) {
        let claim = first.member.claim;
        self.hide(route, Why::Same(claim.object, why_first(claim, route.member.claim)));
    }

    /// A redirect of the same object answers instead.
    pub fn behind_redirect(&mut self, route: &Asked<'a>) {
        self.hide(route, Why::Redirected);
    }

    /// The route would redirect to itself.
    pub fn redirects_to_itself(&mut self, route: &Asked<'a>) {
        self.hide(route, Why::Loop);
    }

    /// The route has a rule, which redirects some requests for ever.
    pub fn redirects_in_a_circle(&mut self, route: &Asked<'a>) {
        self.hide(route, Why::Circle);
    }

    /// Of the routes of a listener in their order, those that get requests, or got them until now.
    pub fn reached<'b>(&mut self, rules: Vec<&'b Asked<'a>>, there: Option<&Listener>) -> Vec<&'b Asked<'a>> {
        let mut kept: Vec<&'b Asked<'a>> = Vec::with_capacity(rules.len());
        for rule in rules {
            // Rules with the same hosts are next to each other.
            let before = kept.iter().rev();
            let mut before = before.take_while(|other| other.precedence.has_host_of(&rule.precedence));
            let wider = before.find(|other| covers(&other.conditions, &rule.conditions)).copied();
            if let Some(wider) = wider {
                self.hide(rule, Why::Wider(wider.member.claim.object, requests(&wider.conditions)));
            } else {
                self.reached.insert((rule.member.claim.object, rule.place));
            }
            if wider.is_none_or(|wider| is_reached_now(rule, wider, there)) {
                kept.push(rule);
            }
        }
        kept
    }

    /// The objects with routes behind rules of other objects.
    pub fn behind_others(&self) -> Behind<'a> {
        let others = self.hidden.iter().filter_map(|it| match it.why {
            Why::Same(other, _) | Why::Wider(other, _) => (other != it.object).then_some((it.object, other)),
            Why::Redirected | Why::Loop | Why::Circle => None,
        });
        others.collect()
    }

    fn hide(&mut self, route: &Asked<'a>, why: Why<'a>) {
        self.hidden.push(Hidden {
            object: route.member.claim.object,
            place: route.place,
            route: route.route(),
            requests: requests(&route.conditions),
            why,
        });
    }

    /// A diagnostic for each route without any effect, for each route that another object takes requests from, and for each
    /// route that redirects in a circle.
    pub fn tell(self) -> Vec<(ObjectName<'a>, Diagnostic)> {
        let Shadowed { reached, hidden } = self;
        let mut told = BTreeSet::new();
        let mut diagnostics = Vec::new();
        for it in hidden {
            let is_told = match it.why {
                Why::Same(other, _) => other != it.object,
                Why::Circle => true,
                Why::Wider(..) | Why::Redirected | Why::Loop => false,
            };
            let at = (it.object, it.place);
            if (is_told || !reached.contains(&at)) && told.insert(at) {
                diagnostics.push((it.object, it.diagnostic()));
            }
        }
        diagnostics
    }
}

/// Whether AWS has a rule for a route that is not behind a rule for the wider route. The wider one comes first in the next
/// plan. Conditions besides hosts and paths are not compared here, so that the guard, which compares less, comes to the same
/// conclusion.
fn is_reached_now(route: &Asked<'_>, wider: &Asked<'_>, there: Option<&Listener>) -> bool {
    let priority = |of: &Asked<'_>| {
        let rules = there.into_iter().flat_map(|there| &there.rules);
        let object = of.member.claim.object;
        let own = rules
            .filter(|found| tag_value(&found.tags, TAG_INGRESS).and_then(ObjectName::of_tag) == Some(object));
        let says = own.filter(|found| contains(&in_order(&found.conditions), &of.conditions));
        says.map(|found| found.priority).min()
    };
    let is_plain = others_of(&wider.conditions).all(|wide| others_of(&route.conditions).any(|it| it == wide));
    priority(route).is_some_and(|own| !is_plain || priority(wider).is_none_or(|of_wider| own < of_wider))
}

impl Hidden<'_> {
    fn diagnostic(&self) -> Diagnostic {
        let Hidden { object, requests, .. } = self;
        let (message, remedy) = match &self.why {
            Why::Same(first, _) if first == object => (
                format!(
                    "{requests}: an earlier rule of this Ingress has the same host and path, so this rule does nothing"
                ),
                "remove one of the two rules",
            ),
            Why::Same(first, why) => (
                format!(
                    "{requests} is also a rule of {first}, which {why} and takes precedence, so this rule does nothing"
                ),
                "remove one of the two rules",
            ),
            Why::Wider(other, wider) if other == object => (
                format!(
                    "{requests}: an earlier rule of this Ingress ({wider}) matches all these requests, so this rule does nothing"
                ),
                "remove this rule",
            ),
            Why::Wider(other, wider) => (
                format!(
                    "{requests}: a rule of {other} ({wider}) matches all these requests and comes first, so this rule does nothing"
                ),
                "remove one of the two rules, or change alb.ingress.kubernetes.io/group.order",
            ),
            Why::Redirected => (
                format!(
                    "{requests}: an earlier rule of this Ingress redirects all these requests, so this rule does nothing"
                ),
                "remove this rule",
            ),
            Why::Loop => (
                format!(
                    "{requests}: the rule redirects to the same URL on each listener, so it does nothing"
                ),
                "remove this rule",
            ),
            Why::Circle => (
                format!(
                    "{requests}: clients that follow the redirect of this rule come back to it, in an endless loop"
                ),
                "add a path for the URL to which it redirects, or redirect to another host or port",
            ),
        };
        warning(DiagnosticCode::RouteDuplicate, Subject::Object(*object), message)
            .field(self.route.field.clone())
            .remedy(remedy)
    }
}
