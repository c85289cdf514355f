//! The routes that get rules, in the order of their rules.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{Listener, Quotas, RuleCondition};

use super::{
    super::build::{Builder, Sources},
    Member, conditions,
    merged::{self, Merged},
    precedence::{self, Precedence},
    redirects,
    shadowed::Shadowed,
};
use crate::{
    backends::{Resolved, Services},
    source::{EVERY_HOST, ListenerPort, ObjectName, Route},
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

/// The conditions of all asked rules, each once. Their places in these lists, one after the other, are their numbers.
pub(super) struct Contents<'b> {
    /// Of routes.
    single: Vec<&'b [RuleCondition]>,
    /// Of rules that are merged from several routes, and that no route has.
    merged: Vec<Vec<RuleCondition>>,
}

impl<'b> Contents<'b> {
    /// The conditions of routes that have numbers, and of merged rules, which get numbers.
    pub(super) fn of<'a: 'm, 'm>(
        asked: &'b [Asked<'a>],
        rules: impl Iterator<Item = &'m mut Merged<'a, 'b>>,
    ) -> Self
    where
        'b: 'm,
    {
        let count = asked.iter().map(|it| it.content + 1).max().unwrap_or_default();
        let mut all: Vec<&[RuleCondition]> = vec![&[]; count];
        for it in asked {
            all[it.content] = &it.conditions;
        }
        let mut contents = Contents { single: all, merged: Vec::new() };
        let several: Vec<_> = rules.filter(|rule| !rule.others.is_empty()).collect();
        let with_bases = several.iter().flat_map(|rule| std::iter::once(&**rule).chain(rule.base.as_deref()));
        contents.merged = with_bases.map(|rule| rule.conditions.to_vec()).collect();
        contents.merged.retain(|conditions| contents.single.binary_search(&conditions.as_slice()).is_err());
        contents.merged.sort();
        contents.merged.dedup();
        for rule in several {
            rule.content = contents.find(&rule.conditions).unwrap_or(rule.content);
            if let Some(base) = &mut rule.base {
                base.content = contents.find(&base.conditions).unwrap_or(base.content);
            }
        }
        contents
    }

    /// The number of some conditions in the canonical order.
    pub(super) fn find(&self, conditions: &[RuleCondition]) -> Option<usize> {
        let single = self.single.binary_search(&conditions).ok();
        single.or_else(|| {
            let merged = self.merged.binary_search_by(|it| it.as_slice().cmp(conditions)).ok()?;
            Some(self.single.len() + merged)
        })
    }
}

impl<'a> Asked<'a> {
    pub(super) fn route(&self) -> &'a Route<'a> {
        &self.member.routing.routes[self.place]
    }
}

/// Hosts of objects that other load balancers of the group serve; [`EVERY_HOST`] stands for routes without a host.
pub type Elsewhere<'a> = BTreeMap<ObjectName<'a>, BTreeSet<String>>;

/// A route without hosts that other load balancers serve. `None`: no host is left.
fn here<'r, 'a>(route: &'r Route<'a>, elsewhere: Option<&BTreeSet<String>>) -> Option<Cow<'r, Route<'a>>> {
    let Some(elsewhere) = elsewhere else { return Some(Cow::Borrowed(route)) };
    if route.hosts.is_empty() {
        return (!elsewhere.contains(EVERY_HOST)).then_some(Cow::Borrowed(route));
    }
    let mut left = route.clone();
    left.hosts.retain(|host| !elsewhere.contains(host.shared().as_ref()));
    (!left.hosts.is_empty()).then_some(Cow::Owned(left))
}

impl<'a> Builder<'a, '_> {
    /// The rules for all routes of the members, in their order.
    pub(super) fn asked(&self, members: &[Member<'a>]) -> Vec<Asked<'a>> {
        let Sources { observed, backends, .. } = *self.sources;
        Self::asked_of(members, &self.elsewhere, &backends.services, &observed.inventory.quotas)
    }

    /// The rules for all routes of some members, in their order, without hosts that other load balancers of the group serve.
    pub(super) fn asked_of(
        members: &[Member<'a>],
        elsewhere: &Elsewhere<'a>,
        services: &'a Services<'a>,
        quotas: &Quotas,
    ) -> Vec<Asked<'a>> {
        let mut asked: Vec<Asked<'a>> = Vec::new();
        for member in members {
            let backends = services.of(member.claim.object);
            let elsewhere = elsewhere.get(&member.claim.object);
            for ((place, route), backends) in member.routing.routes.iter().enumerate().zip(backends) {
                let Some(route) = here(route, elsewhere) else { continue };
                let route = route.as_ref();
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

    /// The rules of a listener, which may exist, in their order. `serves_https`: an HTTPS listener exists or is created.
    pub(super) fn on_listener<'b>(
        asked: &'b [Asked<'a>],
        objects: &[ObjectName<'a>],
        (listener, there): (ListenerPort, Option<&'a Listener>),
        serves_https: bool,
        quotas: &Quotas,
        shadowed: &mut Shadowed<'a>,
    ) -> Vec<Merged<'a, 'b>> {
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
        let rules = shadowed.reached(rules, there);
        for rule in rules.iter().filter(|it| redirects::leads_back(it, &rules, listener)) {
            shadowed.redirects_in_a_circle(rule);
        }
        merged::merge(rules, there.map(|there| there.rules.as_slice()).unwrap_or_default(), quotas)
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
