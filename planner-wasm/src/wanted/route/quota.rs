//! Quotas of a load balancer: rules, target groups and targets. Members without room are left out, and everything that AWS has
//! of them stays; all others are served.
//!
//! Members that share a host are left out together: a part of the rules for a host would send requests to wrong backends.
//! One rule and one target group are kept free, so that a rule can be replaced by another one at any time. Where the new rules of
//! members need more room on the way than there is, these members wait too.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{DiagnosticCode, Quotas, RuleCondition};

use super::{
    super::build::Builder,
    Asked, Asking, Port,
    present::{Present, PresentRule},
};
use crate::{
    backends::Services,
    diagnostics::{Details, Subject, warning},
    overlap::overlap,
    source::{ObjectName, lower_case},
    words,
};

/// Kept free for changes.
const SPARE: usize = 1;

/// What a load balancer has, or some members need.
#[derive(Clone, Default)]
pub struct Need {
    /// Rules.
    pub rules: usize,
    /// Service ports by their indexes.
    pub services: BTreeSet<usize>,
}

impl Need {
    /// Adds a rule on one listener.
    pub(super) fn add_rule(&mut self, asked: &Asked<'_>) {
        self.rules += 1;
        self.services.extend(asked.backends.iter().flatten());
    }

    /// Adds what others need.
    pub fn add(&mut self, other: &Need) {
        self.rules = self.rules.saturating_add(other.rules);
        self.services.extend(&other.services);
    }
}

/// Members that share hosts.
struct Unit<'a> {
    members: BTreeSet<ObjectName<'a>>,
    need: Need,
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
    pub fn exceeded(&self, need: &Need, services: &Services<'_>) -> Option<String> {
        let kept_free = "of which one is kept free for changes";
        if need.rules.saturating_add(SPARE) > self.rules {
            return Some(format!("a load balancer can have {} rules, {kept_free}", self.rules));
        }
        let of_suffix = need.services.iter().map(|service| {
            let found = &services.all[*service];
            (found.form.suffix.as_str(), found.targets.len())
        });
        let target_groups: BTreeMap<&str, usize> = of_suffix.collect();
        if target_groups.len() + SPARE > self.target_groups {
            return Some(format!(
                "a load balancer can use {} target groups, {kept_free}",
                self.target_groups
            ));
        }
        let targets: usize = target_groups.values().sum();
        (targets > self.targets).then(|| format!("a load balancer can have {} targets", self.targets))
    }
}

/// Changes of the rules of a load balancer, to find out whether there is room for them.
struct Changes<'a, 'b> {
    /// New rules in the order of their creation: port, conditions and object.
    creates: Vec<(u16, &'b [RuleCondition], ObjectName<'a>)>,
    /// Rules that no route asks for, in the order of their deletion: port, conditions and object.
    deletes: Vec<(u16, &'b [RuleCondition], Option<ObjectName<'a>>)>,
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
    /// The members that have no room on their load balancer, each with a diagnostic, besides those that are left out already.
    pub(super) fn left_out(
        &mut self,
        ports: &[Port<'a, '_>],
        present: &BTreeMap<u16, Present<'a>>,
        asking: &Asking<'a, '_>,
        room: usize,
    ) -> BTreeSet<ObjectName<'a>> {
        let services = &self.sources.backends.services;
        let limits = Limits::of(&self.sources.observed.inventory.quotas);
        let mut used = Need { rules: self.rules_that_stay(present, asking), ..Need::default() };
        let mut all = used.clone();
        each(ports).for_each(|(asked, _)| all.add_rule(asked));
        let asked: usize = ports.iter().map(|port| port.routes.len()).sum();
        let fits = limits.exceeded(&all, services).is_none();
        // Usually there is room even if all rules are new.
        if fits && asked <= room {
            return BTreeSet::new();
        }
        let changes = self.changes(ports, present, asking, room);
        if fits && changes.creates.len() <= room {
            return BTreeSet::new();
        }
        let mut units = units(ports, present);
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
            let quota = limits.exceeded(&then, services).or_else(|| {
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
    fn changes<'b>(
        &self,
        ports: &[Port<'a, 'b>],
        present: &'b BTreeMap<u16, Present<'a>>,
        asking: &Asking<'a, '_>,
        room: usize,
    ) -> Changes<'a, 'b> {
        let mut changes = Changes { creates: Vec::new(), deletes: Vec::new(), room };
        for port in ports {
            let ours = present.get(&port.port).map(|there| there.ours.as_slice()).unwrap_or_default();
            let has: BTreeSet<usize> = ours.iter().filter_map(|found| found.content).collect();
            let asked: BTreeSet<usize> = port.routes.iter().map(|route| route.content).collect();
            let new = port.routes.iter().filter(|route| !has.contains(&route.content));
            let new = new.map(|route| (port.port, route.conditions.as_slice(), route.member.claim.object));
            changes.creates.extend(new);
            let is_unasked = |found: &&PresentRule<'a>| {
                found.content.is_none_or(|content| !asked.contains(&content)) && !self.is_held(found, asking)
            };
            let old = ours.iter().rev().filter(is_unasked);
            changes.deletes.extend(old.map(|found| (port.port, &*found.conditions, found.object)));
        }
        changes
    }

    /// How many rules of the load balancer stay whatever the planned members ask for: rules of others, and rules of members that
    /// are held or published there.
    fn rules_that_stay(&self, present: &BTreeMap<u16, Present<'a>>, asking: &Asking<'a, '_>) -> usize {
        let of_others: usize = present.values().map(|there| there.foreign.len()).sum();
        let ours = present.values().flat_map(|there| &there.ours);
        of_others + ours.filter(|found| self.is_held(found, asking)).count()
    }
}

fn units<'a>(ports: &[Port<'a, '_>], present: &BTreeMap<u16, Present<'a>>) -> Vec<Unit<'a>> {
    let existing = present
        .iter()
        .flat_map(|(port, there)| there.ours.iter().filter_map(|found| Some((*port, found.content?))));
    let existing: BTreeSet<(u16, usize)> = existing.collect();
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
                unit.need.add_rule(asked);
                unit.existing += usize::from(existing.contains(&(port.port, asked.content)));
            }
        }
    }
    connected(by_host.into_values())
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
