//! The routes that get rules, in the order of their rules.

use albatross_contract::RuleCondition;

use super::{
    super::build::Builder,
    Member, conditions,
    precedence::{self, Precedence},
    redirects,
    shadowed::Shadowed,
};
use crate::{
    backends::Resolved,
    source::{ListenerPort, ObjectName, Route},
};

/// A rule for a route of a member.
pub(super) struct Asked<'a> {
    pub(super) precedence: Precedence<'a>,
    pub(super) member: Member<'a>,
    /// The place of the route among the routes of the member.
    pub(super) place: usize,
    pub(super) conditions: Vec<RuleCondition>,
    /// The number of its conditions: routes with the same conditions have the same number.
    pub(super) content: usize,
    /// The backends of the route, looked up.
    pub(super) backends: &'a [Resolved],
}

/// The conditions of all asked rules, each once. Their places in this list are their numbers.
pub(super) struct Contents<'b>(Vec<&'b [RuleCondition]>);

impl<'b> Contents<'b> {
    /// The conditions of numbered rules.
    pub(super) fn of(asked: &'b [Asked<'_>]) -> Self {
        let count = asked.iter().map(|it| it.content + 1).max().unwrap_or_default();
        let mut all: Vec<&[RuleCondition]> = vec![&[]; count];
        for it in asked {
            all[it.content] = &it.conditions;
        }
        Contents(all)
    }

    /// The number of some conditions in the canonical order.
    pub(super) fn find(&self, conditions: &[RuleCondition]) -> Option<usize> {
        self.0.binary_search(&conditions).ok()
    }
}

impl<'a> Asked<'a> {
    pub(super) fn route(&self) -> &'a Route<'a> {
        &self.member.routing.routes[self.place]
    }
}

impl<'a> Builder<'a, '_> {
    /// The rules for all routes of the members, in their order.
    pub(super) fn asked(&self, members: &[Member<'a>]) -> Vec<Asked<'a>> {
        let quotas = &self.sources.observed.inventory.quotas;
        let mut asked: Vec<Asked<'a>> = Vec::new();
        for member in members {
            let backends = self.sources.backends.services.of(member.claim.object);
            for ((place, route), backends) in member.routing.routes.iter().enumerate().zip(backends) {
                for (part, rule) in conditions::of(route, quotas).into_iter().enumerate() {
                    let precedence =
                        Precedence::of(&rule, route.conditions.len(), member.rank(), place, part);
                    let conditions = rule.conditions;
                    asked.push(Asked {
                        precedence,
                        member: *member,
                        place,
                        conditions,
                        content: 0,
                        backends,
                    });
                }
            }
        }
        number(&mut asked);
        precedence::by_host(asked.iter_mut().map(|it| (&mut it.precedence, it.conditions.as_slice())));
        asked.sort_by(|left, right| left.precedence.cmp(&right.precedence));
        asked
    }

    /// The routes that get a rule: of several with the same conditions the first one. Between namespaces the oldest object
    /// decides, so that no namespace takes a host and path from another namespace by its `group.order`.
    fn without_duplicates<'b>(asked: &[&'b Asked<'a>], shadowed: &mut Shadowed<'a>) -> Vec<&'b Asked<'a>> {
        let mut contents: Vec<usize> = asked.iter().map(|it| it.content).collect();
        contents.sort_unstable();
        if contents.windows(2).all(|pair| pair[0] != pair[1]) {
            return asked.to_vec();
        }
        let mut winners = Vec::new();
        for it in asked {
            let alike = || asked.iter().copied().filter(|other| other.content == it.content);
            let oldest = alike().min_by_key(|other| other.member.claim.age());
            let namespace = oldest.map(|oldest| oldest.member.claim.object.namespace);
            // The list has the order of precedence.
            let first = alike().find(|other| Some(other.member.claim.object.namespace) == namespace);
            match first.filter(|first| !std::ptr::eq(*first, *it)) {
                None => winners.push(*it),
                Some(first) => shadowed.duplicate(it, first),
            }
        }
        winners
    }

    /// The routes that get a rule on a listener, in their order. `serves_https`: an HTTPS listener exists or is created.
    pub(super) fn on_listener<'b>(
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
}

/// Gives each rule the number of its conditions.
fn number(asked: &mut [Asked<'_>]) {
    let mut order: Vec<usize> = (0..asked.len()).collect();
    order.sort_by(|left, right| asked[*left].conditions.cmp(&asked[*right].conditions));
    let mut number = 0;
    let mut before: Option<usize> = None;
    for place in order {
        let is_other = before.is_some_and(|before| asked[before].conditions != asked[place].conditions);
        number += usize::from(is_other);
        asked[place].content = number;
        before = Some(place);
    }
}
