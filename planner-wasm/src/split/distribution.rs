//! Distribution: the part of each unit of a group.

use std::collections::{BTreeMap, BTreeSet};

use super::parts::Others;
use crate::{
    backends::Services,
    certificates::CertificateId,
    source::ObjectName,
    terms::FIRST_PART,
    wanted::{Limits, Need},
    words,
};

/// Kept free on each load balancer, so that one rule, target group and certificate can be replaced.
pub const HEADROOM: usize = 1;

/// What units need of a load balancer.
#[derive(Clone, Default)]
pub struct Load {
    /// Rules, target groups and targets.
    pub need: Need,
    /// Certificates.
    pub certificates: BTreeSet<CertificateId>,
}

impl Load {
    fn with(&self, other: &Load) -> Load {
        let mut sum = self.clone();
        sum.need.add(&other.need);
        sum.certificates.extend(&other.certificates);
        sum
    }
}

/// What a load balancer can have.
pub struct Capacity<'a> {
    /// All Service ports, with their targets.
    pub services: &'a Services<'a>,
    /// Rules, target groups and targets.
    pub limits: Limits,
    /// Certificates.
    pub certificates: usize,
}

impl Capacity<'_> {
    /// In words, the quota that a load balancer would exceed.
    fn exceeded(&self, load: &Load) -> Option<String> {
        self.limits.exceeded(&load.need, self.services).or_else(|| self.exceeded_by_certificates(load))
    }

    fn exceeded_by_certificates(&self, load: &Load) -> Option<String> {
        let is_full = load.certificates.len() + HEADROOM > self.certificates;
        is_full.then(|| {
            let certificates = words::count(self.certificates, "certificate", "certificates");
            format!("each listener can have {certificates}, of which one is kept free for renewals")
        })
    }
}

/// Members that stay together.
pub struct Unit<'a> {
    /// The members, as indices.
    pub members: Vec<usize>,
    /// What they need.
    pub load: Load,
    /// Their part. `None`: all of them are new.
    pub part: Option<u32>,
    /// Whether they cannot move.
    pub is_pinned: bool,
    /// For each part that has rules of them, how many.
    pub rules: BTreeMap<u32, usize>,
    /// The age of the oldest member.
    pub age: Option<(u64, ObjectName<'a>)>,
}

impl Unit<'_> {
    /// How many rules its load balancer has for it.
    fn existing(&self) -> usize {
        self.part.and_then(|part| self.rules.get(&part)).copied().unwrap_or_default()
    }

    /// Whether it asks for more rules than it has.
    fn grows(&self) -> bool {
        self.existing() < self.load.need.rules
    }

    /// Other parts that have rules of it.
    fn elsewhere(&self) -> impl Iterator<Item = (u32, usize)> {
        self.rules.iter().map(|(part, rules)| (*part, *rules)).filter(|(part, _)| Some(*part) != self.part)
    }
}

/// The part of a unit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The part.
    pub part: u32,
    /// In words, the quota that leaves no room on its own part, or for a new unit on any part that is there.
    pub full: Option<String>,
    /// Whether no load balancer has room, however empty it is.
    pub is_too_large: bool,
}

/// Distributes units over as few parts as possible. `others`: the rules of each part that no unit asks for. Without
/// `may_split`, units stay where they are, and new units get no further part.
pub fn distribute(
    units: &[Unit<'_>],
    others: &BTreeMap<u32, Others>,
    capacity: &Capacity<'_>,
    may_split: bool,
) -> Vec<Chosen> {
    let mut distribution = Distribution { loads: BTreeMap::new(), others: others.clone(), capacity };
    let mut chosen: Vec<Option<Chosen>> = vec![None; units.len()];
    let mut in_order: Vec<usize> = (0..units.len()).collect();
    // Units that ask for no more than they have stay; of those that grow, the oldest.
    in_order.sort_by_key(|place| {
        let unit = &units[*place];
        (!unit.is_pinned, unit.grows(), unit.age)
    });
    let mut to_place = Vec::new();
    for place in in_order {
        let unit = &units[place];
        let Some(part) = unit.part else {
            to_place.push((place, None));
            continue;
        };
        let full = distribution.full(part, unit);
        let is_too_large = capacity.exceeded(&unit.load).is_some();
        if full.is_none() || unit.is_pinned || is_too_large {
            distribution.stay(part, unit, is_too_large);
            chosen[place] = Some(Chosen { part, full, is_too_large });
        } else if may_split {
            to_place.push((place, full));
        } else {
            distribution.stay(part, unit, true);
            chosen[place] = Some(Chosen { part, full, is_too_large });
        }
    }
    // Units that were on their way come first, so that they go on to the same part.
    to_place.sort_by_key(|(place, _)| {
        let unit = &units[*place];
        (unit.elsewhere().next().is_none(), unit.part.is_none(), unit.age)
    });
    for (place, full) in to_place {
        chosen[place] = Some(distribution.place(&units[place], full, may_split));
    }
    let first = || Chosen { part: FIRST_PART, full: None, is_too_large: false };
    chosen.into_iter().map(|it| it.unwrap_or_else(first)).collect()
}

struct Distribution<'b> {
    /// What each part in use has.
    loads: BTreeMap<u32, Load>,
    /// The rules of each part that no unit asks for there.
    others: BTreeMap<u32, Others>,
    capacity: &'b Capacity<'b>,
}

impl Distribution<'_> {
    /// In words, the quota that leaves no room for a unit that is there. A unit whose rules all exist has room for them,
    /// however many rules others have.
    fn full(&self, part: u32, unit: &Unit<'_>) -> Option<String> {
        if unit.grows() {
            return self.exceeded(part, &unit.load, self.others(part).foreign);
        }
        let then = self.loads.get(&part).cloned().unwrap_or_default().with(&unit.load);
        self.capacity.exceeded_by_certificates(&then)
    }

    /// In words, the quota that leaves no room for a unit that comes: unneeded rules stay for the grace period, since clients
    /// may still use the load balancer for their hosts.
    fn full_for_newcomers(&self, part: u32, load: &Load) -> Option<String> {
        let Others { foreign, unneeded } = self.others(part);
        self.exceeded(part, load, foreign + unneeded)
    }

    fn others(&self, part: u32) -> Others {
        self.others.get(&part).copied().unwrap_or_default()
    }

    fn exceeded(&self, part: u32, load: &Load, others: usize) -> Option<String> {
        let mut then = self.loads.get(&part).cloned().unwrap_or_default().with(load);
        then.need.rules = then.need.rules.saturating_add(others);
        self.capacity.exceeded(&then)
    }

    /// Counts a unit that stays; one that has no room has only its present rules.
    fn stay(&mut self, part: u32, unit: &Unit<'_>, has_no_room: bool) {
        let there = self.loads.entry(part).or_default();
        if has_no_room {
            there.need.rules += unit.existing().min(unit.load.need.rules);
        } else {
            *there = there.with(&unit.load);
        }
        // Where it was before, its rules become unneeded.
        for (other, rules) in unit.rules.iter().filter(|(other, _)| **other != part) {
            self.others.entry(*other).or_default().unneeded += rules;
        }
    }

    /// Finds a part for a unit.
    fn place(&mut self, unit: &Unit<'_>, full: Option<String>, may_split: bool) -> Chosen {
        let in_use: Vec<u32> = self.loads.keys().copied().collect();
        let first = in_use.first().copied().unwrap_or(FIRST_PART);
        if self.capacity.exceeded(&unit.load).is_some() {
            return Chosen { part: first, full, is_too_large: true };
        }
        let others = in_use.iter().copied().filter(|part| Some(*part) != unit.part);
        let own_rules = |part: u32| unit.rules.get(&part).is_some_and(|rules| *rules > 0);
        let has_room = |part: &u32| match own_rules(*part) {
            true => self.exceeded(*part, &unit.load, self.others(*part).foreign).is_none(),
            false => self.full_for_newcomers(*part, &unit.load).is_none(),
        };
        let mut candidates = unit.elsewhere().map(|(part, _)| part).chain(others);
        let found = candidates.find(has_room);
        let is_first = in_use.is_empty() && unit.part.is_none();
        let why = full.or_else(|| match found {
            None if !is_first => self.full_for_newcomers(first, &unit.load),
            _ => None,
        });
        let part = match found {
            Some(part) => part,
            None if !may_split && !is_first => first,
            None => {
                let mut free =
                    (FIRST_PART..).filter(|part| !in_use.contains(part) && Some(*part) != unit.part);
                free.find(has_room).unwrap_or(first)
            }
        };
        if may_split || found.is_some() || is_first {
            self.stay(part, unit, false);
        }
        Chosen { part, full: why, is_too_large: false }
    }
}

#[cfg(test)]
mod tests;
