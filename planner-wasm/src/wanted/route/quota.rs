//! Quotas of a load balancer: rules, target groups and targets. Members without room are left out, and everything that AWS has
//! of them stays; all others are served.
//!
//! Members that share a host are left out together: a part of the rules for a host would send requests to wrong backends.
//! One rule and one target group are kept free, so that a rule can be replaced by another one at any time. Where the new rules of
//! members need more room on the way than there is, these members wait too.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use albatross_contract::{DiagnosticCode, Quotas, RuleCondition, TAG_INGRESS};

use super::{super::build::Builder, Asked, Asking, Port, conditions};
use crate::{
    backends::Services,
    diagnostics::{Details, Subject, warning},
    grouping::Group,
    identity::tag_value,
    overlap::overlap,
    source::{ObjectName, lower_case},
    words,
};

/// Kept free for changes.
const SPARE: usize = 1;

/// What a load balancer has, or some members need.
#[derive(Clone, Default)]
pub struct Need<'a> {
    /// Rules.
    pub rules: usize,
    /// Target groups by the suffix of their names, with the number of their targets.
    pub target_groups: BTreeMap<&'a str, usize>,
}

impl<'a> Need<'a> {
    /// Adds what others need.
    pub fn add(&mut self, other: &Need<'a>) {
        self.rules += other.rules;
        self.target_groups.extend(&other.target_groups);
    }
}

/// Members that share hosts.
struct Unit<'a> {
    members: BTreeSet<ObjectName<'a>>,
    need: Need<'a>,
    /// How many of its rules exist.
    existing: usize,
    /// The age of its oldest member.
    age: (u64, ObjectName<'a>),
}

/// The quotas of a load balancer.
pub struct Limits {
    /// Rules.
    pub rules: usize,
    /// Target groups.
    pub target_groups: usize,
    /// Targets.
    pub targets: usize,
}

impl Limits {
    /// The quotas of the account.
    pub fn of(quotas: &Quotas) -> Self {
        Limits {
            rules: quotas.rules_per_load_balancer as usize,
            target_groups: quotas.target_groups_per_load_balancer as usize,
            targets: quotas.targets_per_load_balancer as usize,
        }
    }

    /// In words, the quota that a load balancer would exceed.
    pub fn exceeded(&self, need: &Need<'_>) -> Option<String> {
        let kept_free = "of which one is kept free for changes";
        if need.rules + SPARE > self.rules {
            return Some(format!("a load balancer can have {} rules, {kept_free}", self.rules));
        }
        if need.target_groups.len() + SPARE > self.target_groups {
            return Some(format!(
                "a load balancer can use {} target groups, {kept_free}",
                self.target_groups
            ));
        }
        let targets: usize = need.target_groups.values().sum();
        (targets > self.targets).then(|| format!("a load balancer can have {} targets", self.targets))
    }
}

/// Changes of the rules of a load balancer, to find out whether there is room for them.
struct Changes<'a, 'b> {
    /// New rules in the order of their creation: port, conditions and object.
    creates: Vec<(u16, &'b [RuleCondition], ObjectName<'a>)>,
    /// Rules that no route asks for, in the order of their deletion: port, conditions and object.
    deletes: Vec<(u16, &'a [RuleCondition], Option<ObjectName<'a>>)>,
    /// How many rules the load balancer can get at once.
    room: usize,
}

impl<'a> Changes<'a, '_> {
    /// Whether all rules of some objects can be created, one after the other, if no rule is deleted before those are there that
    /// answer its requests. Rules of objects that wait stay.
    fn fit(&self, of: &BTreeSet<ObjectName<'a>>, waiting: &BTreeSet<ObjectName<'a>>) -> bool {
        let creates = self.creates.iter().filter(|(_, _, object)| of.contains(object));
        let mut creates: Vec<_> = creates.map(|(port, conditions, _)| (*port, *conditions)).collect();
        let stays = |object: &Option<ObjectName<'a>>| object.is_some_and(|object| waiting.contains(&object));
        let deletes = self.deletes.iter().filter(|(_, _, object)| !stays(object));
        let mut deletes: Vec<_> = deletes.map(|(port, conditions, _)| (*port, *conditions)).collect();
        let meets = |left: &(u16, &[RuleCondition]), right: &(u16, &[RuleCondition])| {
            left.0 == right.0 && overlap(left.1, right.1)
        };
        let mut room = self.room;
        while creates.len() > room {
            creates.drain(..room);
            let free = (0..deletes.len()).find(|place| {
                let before = &deletes[..*place];
                !creates.iter().chain(before).any(|other| meets(other, &deletes[*place]))
            });
            let Some(free) = free else { return false };
            deletes.remove(free);
            room = 1;
        }
        true
    }
}

impl<'a> Builder<'a, '_> {
    /// The members that have no room on their load balancer, each with a diagnostic.
    pub(super) fn left_out(
        &mut self,
        ports: &[Port<'a, '_>],
        group: &Group<'a>,
        room: usize,
    ) -> BTreeSet<ObjectName<'a>> {
        let limits = Limits::of(&self.sources.observed.inventory.quotas);
        let mut used = Need { rules: self.rules_that_stay(group), ..Need::default() };
        let mut all = used.clone();
        for (asked, _) in each(ports) {
            all.add(&self.need(asked));
        }
        let asked: usize = ports.iter().map(|port| port.routes.len()).sum();
        let fits = limits.exceeded(&all).is_none();
        // Usually there is room even if all rules are new.
        if fits && asked <= room {
            return BTreeSet::new();
        }
        let changes = self.changes(ports, group, room);
        if fits && changes.creates.len() <= room {
            return BTreeSet::new();
        }
        let mut units = self.units(ports, group);
        // What is served stays served; then the oldest come first.
        units.sort_by_key(|unit| (unit.existing < unit.need.rules, unit.existing == 0, unit.age));
        let mut waiting: BTreeSet<ObjectName<'a>> =
            units.iter().flat_map(|unit| unit.members.iter().copied()).collect();
        let mut fitting: BTreeSet<ObjectName<'a>> = BTreeSet::new();
        let mut left_out = Vec::new();
        for unit in units {
            let mut then = used.clone();
            then.add(&unit.need);
            let with_unit: BTreeSet<ObjectName<'a>> = fitting.union(&unit.members).copied().collect();
            let others: BTreeSet<ObjectName<'a>> = waiting.difference(&unit.members).copied().collect();
            let quota = limits.exceeded(&then).or_else(|| {
                let is_full = "a load balancer can have";
                (!changes.fit(&with_unit, &others)).then(|| format!("{is_full} {} rules", limits.rules))
            });
            match quota.filter(|_| unit.existing < unit.need.rules) {
                None => (used, fitting, waiting) = (then, with_unit, others),
                Some(quota) => left_out.push((unit, quota)),
            }
        }
        for (unit, quota) in &left_out {
            self.tell_left_out(unit, quota);
        }
        left_out.into_iter().flat_map(|(unit, _)| unit.members).collect()
    }

    fn tell_left_out(&mut self, unit: &Unit<'a>, quota: &str) {
        let what = if unit.existing == 0 { "it is not served" } else { "its rules stay as they are" };
        let rules = words::count(unit.need.rules, "rule", "rules");
        let message = format!(
            "{quota}, and there is no room for the {rules} of the Ingresses that share its hosts: {what}"
        );
        for object in &unit.members {
            let subject = Subject::Object(*object);
            let told = warning(DiagnosticCode::QuotaExhausted, subject, message.clone())
                .field("spec.rules")
                .remedy("put it into another group, or raise the quota");
            self.tell(*object, told);
        }
    }

    /// The rules that routes ask for and that do not exist, and those that exist and that no route asks for.
    fn changes<'b>(&self, ports: &[Port<'a, 'b>], group: &Group<'a>, room: usize) -> Changes<'a, 'b> {
        let mut changes = Changes { creates: Vec::new(), deletes: Vec::new(), room };
        for port in ports {
            let there = port.there.map(|there| there.rules.as_slice()).unwrap_or_default();
            let ours = there.iter().filter(|rule| self.sources.observed.owns(&rule.tags, group.id()));
            let mut ours: Vec<&'a albatross_contract::Rule> = ours.collect();
            ours.sort_by_key(|rule| Reverse(rule.priority));
            let has: BTreeSet<_> = ours.iter().map(|rule| conditions::in_order(&rule.conditions)).collect();
            let mut asked = BTreeSet::new();
            for route in &port.routes {
                let content = conditions::in_order(&route.conditions);
                if !has.contains(&content) {
                    let object = route.member.claim.object;
                    changes.creates.push((port.port, &route.conditions, object));
                }
                asked.insert(content);
            }
            let held = self.held(&ours, &Asking { group, left_out: &BTreeSet::new() });
            for rule in ours {
                let content = conditions::in_order(&rule.conditions);
                if !asked.contains(&content) && !held.contains(&content) {
                    let object = tag_value(&rule.tags, TAG_INGRESS).and_then(ObjectName::of_tag);
                    changes.deletes.push((port.port, rule.conditions.as_slice(), object));
                }
            }
        }
        changes
    }

    /// How many rules of the load balancer stay whatever the planned members ask for: rules of others, and rules of members that
    /// are held or published there.
    fn rules_that_stay(&self, group: &Group<'a>) -> usize {
        let Some(owned) = group.owned() else { return 0 };
        let asking = Asking { group, left_out: &BTreeSet::new() };
        let stays = |rule: &&albatross_contract::Rule| {
            if !self.sources.observed.owns(&rule.tags, owned.id) {
                return true;
            }
            let name = tag_value(&rule.tags, TAG_INGRESS).and_then(ObjectName::of_tag);
            name.and_then(|name| self.claim(name)).is_some_and(|claim| self.is_held(claim, &asking))
        };
        let listeners = owned.load_balancer.into_iter().flat_map(|found| &found.listeners);
        listeners.flat_map(|listener| &listener.rules).filter(stays).count()
    }

    /// What a route needs on one listener.
    fn need(&self, asked: &Asked<'a>) -> Need<'a> {
        need_of(asked, &self.sources.backends.services)
    }

    fn units(&self, ports: &[Port<'a, '_>], group: &Group<'a>) -> Vec<Unit<'a>> {
        let id = group.id();
        let exists = |asked: &Asked<'a>, port: &Port<'a, '_>| {
            let rules = port.there.into_iter().flat_map(|there| &there.rules);
            let wanted = conditions::in_order(&asked.conditions);
            let same = |conditions: &[RuleCondition]| conditions::in_order(conditions) == wanted;
            let mut ours = rules.filter(|rule| self.sources.observed.owns(&rule.tags, id));
            ours.any(|rule| same(&rule.conditions))
        };
        let mut by_host: BTreeMap<String, Unit<'a>> = BTreeMap::new();
        for (asked, port) in each(ports) {
            let claim = asked.member.claim;
            // Units with a member in common are joined, so that it does not matter which host gets the need of a rule.
            for (number, host) in hosts(&asked.conditions).into_iter().enumerate() {
                let unit = by_host.entry(host).or_insert_with(|| Unit {
                    members: BTreeSet::new(),
                    need: Need::default(),
                    existing: 0,
                    age: claim.age(),
                });
                unit.members.insert(claim.object);
                unit.age = unit.age.min(claim.age());
                if number == 0 {
                    unit.need.add(&self.need(asked));
                    unit.existing += usize::from(exists(asked, port));
                }
            }
        }
        connected(by_host.into_values())
    }
}

/// What a route needs on one listener.
pub(super) fn need_of<'a>(asked: &Asked<'a>, services: &'a Services<'a>) -> Need<'a> {
    let found = services.of(asked.member.claim.object, asked.place).iter().flatten();
    let targets = found.map(|found| {
        let targets = &services.all[*found];
        (targets.form.suffix.as_str(), targets.targets.len())
    });
    Need { rules: 1, target_groups: targets.collect() }
}

/// The hosts of a rule; an empty one stands for every host.
fn hosts(conditions: &[RuleCondition]) -> Vec<String> {
    let hosts = conditions.iter().filter_map(|condition| match condition {
        RuleCondition::HostHeader(text) => Some(text.values.iter().chain(&text.regular_expressions)),
        _ => None,
    });
    let hosts: Vec<String> = hosts.flatten().map(|host| lower_case(host).into_owned()).collect();
    if hosts.is_empty() { vec![String::new()] } else { hosts }
}

/// Joins units that have a member in common.
fn connected<'a>(parts: impl Iterator<Item = Unit<'a>>) -> Vec<Unit<'a>> {
    let mut units: Vec<Unit<'a>> = Vec::new();
    for mut part in parts {
        let (joined, others): (Vec<_>, Vec<_>) =
            units.into_iter().partition(|unit| !unit.members.is_disjoint(&part.members));
        units = others;
        for unit in joined {
            part.members.extend(unit.members);
            part.need.add(&unit.need);
            part.existing += unit.existing;
            part.age = part.age.min(unit.age);
        }
        units.push(part);
    }
    units
}

/// Every route with the port of its listener.
fn each<'a: 'c, 'b: 'c, 'c>(
    ports: &'c [Port<'a, 'b>],
) -> impl Iterator<Item = (&'b Asked<'a>, &'c Port<'a, 'b>)> + 'c {
    ports.iter().flat_map(|port| port.routes.iter().map(move |asked| (*asked, port)))
}
