//! The builder of route mode: listeners on the ports that members ask for, a rule for each route, and a target group for
//! each Service port.

mod agreement;
mod answers;
mod asked;
mod budget;
mod conditions;
mod cover;
mod crowded;
mod ends;
mod handover;
mod listeners;
mod merged;
mod needs;
mod places;
mod precedence;
mod present;
mod priorities;
mod quota;
mod readiness;
mod redirects;
mod rules;
mod shadowed;
mod specificity;
mod ssl_redirect;
mod target_groups;
#[cfg(test)]
mod tests;
mod web_acl;

use std::collections::BTreeMap;

use albatross_contract::{RuleCondition, RuleTransform};

use super::{
    Answer, Forward, LoadBalancer, TargetGroup as WantedTargetGroup, build::Builder, certificates::Case,
};
use crate::{
    grouping::Group,
    observed::Concern,
    source::{Claim, ObjectName, Routing},
    terms::Terms,
};
use agreement::Chosen;
pub use agreement::{Agreed, split_by_scheme};
use asked::Asked;
pub use asked::Elsewhere;
pub use budget::withhold as withhold_rules;
use listeners::Port;
use merged::Merged;
pub use needs::{Needs, rules_of};
use precedence::Rank;
pub use quota::{Limits, Need};
use rules::Asking;
pub use rules::{Rule, RuleEnd, Rules};
pub use ssl_redirect::{SslRedirect, redirects};

/// A member and its routing.
#[derive(Clone, Copy)]
struct Member<'a> {
    claim: &'a Claim<'a>,
    routing: &'a Routing<'a>,
}

/// A rule that is asked for, with what answers its requests.
struct Answered<'a, 'b> {
    object: ObjectName<'a>,
    /// The rule that is asked for.
    rule: &'b Merged<'a, 'b>,
    conditions: &'b [RuleCondition],
    /// The number of the conditions.
    content: usize,
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

    /// The members by `group.order`, then by age. Members that are held are left out: AWS keeps what it has of them.
    fn members_in_order(&self, group: &Group<'a>) -> Vec<Member<'a>> {
        let all = &self.sources.grouping.members;
        let claims: Vec<&'a Claim<'a>> = group.members().iter().map(|index| all[*index].claim).collect();
        in_order(&claims)
    }
}

/// The claims that are not held, by `group.order`, then by age.
fn in_order<'a>(claims: &[&'a Claim<'a>]) -> Vec<Member<'a>> {
    let claims = claims.iter().filter(|claim| claim.diagnostics.is_empty());
    let mut members: Vec<Member<'a>> =
        claims.filter_map(|claim| Some(Member { claim, routing: claim.routing.as_ref()? })).collect();
    members.sort_by_key(Member::rank);
    members
}

impl<'a> Member<'a> {
    fn rank(&self) -> Rank<'a> {
        Rank { order: self.routing.order, age: self.claim.age() }
    }
}
