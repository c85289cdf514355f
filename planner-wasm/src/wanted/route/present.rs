//! The rules of a listener as AWS has them: whose each rule is, and which requests it matches.

use std::{borrow::Cow, collections::BTreeMap};

use albatross_contract::{Listener, Rule, RuleCondition, TAG_INGRESS};

use super::{super::build::Builder, asked::Contents, conditions};
use crate::{
    grouping::Group,
    identity::tag_value,
    source::{Claim, ObjectName},
};

/// The rules of a listener. A listener that does not exist has none.
#[derive(Default)]
pub(super) struct Present<'a> {
    /// Rules of ours, in the order of their priorities.
    pub(super) ours: Vec<PresentRule<'a>>,
    /// Rules of others, and rules whose tags are not visible yet.
    pub(super) foreign: Vec<PresentRule<'a>>,
}

/// A rule of a listener.
pub(super) struct PresentRule<'a> {
    /// The rule.
    pub(super) rule: &'a Rule,
    /// Its conditions in the canonical order.
    pub(super) conditions: Cow<'a, [RuleCondition]>,
    /// The number of its conditions among those that routes ask for. `None`: no route asks for them.
    pub(super) content: Option<usize>,
    /// The object that its tag names.
    pub(super) object: Option<ObjectName<'a>>,
    /// The claim of this object. `None`: the object is gone.
    pub(super) claim: Option<&'a Claim<'a>>,
    /// Whether this object has its place on the load balancer.
    pub(super) is_member: bool,
}

impl<'a> Builder<'a, '_> {
    /// The rules of all listeners of a load balancer, by port. `contents`: the conditions that routes ask for.
    pub(super) fn present(&self, group: &Group<'a>, contents: &Contents<'_>) -> BTreeMap<u16, Present<'a>> {
        let found = group.owned().and_then(|owned| owned.load_balancer);
        let members: BTreeMap<ObjectName<'a>, &'a Claim<'a>> =
            self.claims_on(group).into_iter().map(|claim| (claim.object, claim)).collect();
        let listeners = found.into_iter().flat_map(|found| &found.listeners);
        listeners
            .map(|listener| (listener.port, self.present_on(listener, group.id(), &members, contents)))
            .collect()
    }

    fn present_on(
        &self,
        listener: &'a Listener,
        id: &str,
        members: &BTreeMap<ObjectName<'a>, &'a Claim<'a>>,
        contents: &Contents<'_>,
    ) -> Present<'a> {
        let mut present = Present::default();
        for rule in &listener.rules {
            let object = tag_value(&rule.tags, TAG_INGRESS).and_then(ObjectName::of_tag);
            let member = object.and_then(|object| members.get(&object).copied());
            let conditions = conditions::in_order(&rule.conditions);
            let found = PresentRule {
                rule,
                content: contents.find(&conditions),
                conditions,
                object,
                claim: member.or_else(|| self.claim(object?)),
                is_member: member.is_some(),
            };
            let is_ours = self.sources.observed.owns(&rule.tags, id);
            if is_ours { &mut present.ours } else { &mut present.foreign }.push(found);
        }
        present.ours.sort_by_key(|found| found.rule.priority);
        present
    }
}
