//! Targets that are registered one by one, without an Auto Scaling Group: missing targets join, other targets leave.

use std::collections::BTreeSet;

use albatross_contract::{Target, TargetGroup, TargetHealth};

use super::{
    Joiner, Leaver, TargetChanges,
    leaving::{self, Parting},
    targets::{is_on_own_port, may_leave, runs},
};
use crate::observed::Observed;

/// A target group whose targets are registered one by one, as AWS has it.
pub struct Registered<'a> {
    group: &'a TargetGroup,
    /// Every target with its name: its port is left out if it is that of the target group.
    targets: Vec<(Joiner<'a>, &'a Target)>,
}

impl<'a> Registered<'a> {
    /// Names the targets of a target group.
    pub fn new(group: &'a TargetGroup) -> Self {
        let named = |target: &'a Target| {
            let port = target.port.filter(|_| !is_on_own_port(target, group));
            (Joiner { id: &target.id, port }, target)
        };
        Registered { group, targets: group.targets.iter().map(named).collect() }
    }

    /// Every target with its name.
    pub fn targets(&self) -> &[(Joiner<'a>, &'a Target)] {
        &self.targets
    }

    /// The same target, without its port if that is the port of the target group.
    pub fn named(&self, target: Joiner<'a>) -> Joiner<'a> {
        Joiner { port: target.port.filter(|port| Some(*port) != self.group.port), ..target }
    }

    /// Those of some targets that are not registered yet, or that are draining.
    pub fn missing(&self, wanted: &BTreeSet<Joiner<'a>>) -> Vec<Joiner<'a>> {
        let serving = self.targets.iter().filter(|(_, it)| it.health != TargetHealth::Draining);
        let serving: BTreeSet<Joiner<'_>> = serving.map(|(name, _)| *name).collect();
        wanted.iter().filter(|it| !serving.contains(it)).copied().collect()
    }

    /// Lets targets leave, as far as they may leave now. `stays` tells which targets stay, and `is_over` which of the others
    /// serve nobody any more: no budget keeps such a target.
    pub fn part(
        &self,
        name: &str,
        stays: impl Fn(&Joiner<'a>) -> bool,
        is_over: impl Fn(&Target) -> bool,
        changes: &mut TargetChanges<'a>,
        observed: &Observed<'a>,
    ) {
        if !may_leave(self.group, observed) {
            return;
        }
        let counts =
            |(name, target): &&(Joiner<'a>, &'a Target)| runs(target) && (stays(name) || !is_over(target));
        let leavers =
            self.targets.iter().filter(|(name, it)| !stays(name) && it.health != TargetHealth::Draining);
        let leavers: Vec<Leaver<'_>> = leavers
            .map(|leaver| Leaver {
                id: leaver.0.id,
                is_group: false,
                port: leaver.0.port,
                running: usize::from(counts(&leaver)),
            })
            .collect();
        let running: Vec<&(Joiner<'_>, &Target)> = self.targets.iter().filter(counts).collect();
        let is_sick = |(name, target): &&&(Joiner<'a>, &'a Target)| {
            stays(name) && target.health != TargetHealth::Healthy
        };
        let sick = running.iter().find(is_sick).map(|(_, target)| *target);
        let running: Vec<&Target> = running.iter().map(|(_, target)| *target).collect();
        leaving::decide(&Parting { name, running: &running, sick }, leavers, changes, observed);
    }
}
