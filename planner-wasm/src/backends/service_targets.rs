//! The targets of the target group of a Service port: missing targets are registered, other targets leave.

use std::collections::BTreeSet;

use albatross_contract::{Target, TargetGroup, TargetHealth};

use super::{
    Joiner, Leaver, ServiceTargets, TargetChanges,
    leaving::{self, Parting},
    targets::{is_on_own_port, may_leave, runs},
};
use crate::observed::{Concern, Observed};

impl<'a> ServiceTargets<'a> {
    /// The changes to the targets of a target group with this name. `group` is `None` if it does not exist yet.
    pub fn changes(
        &self,
        name: &str,
        group: Option<&'a TargetGroup>,
        observed: &Observed<'a>,
    ) -> TargetChanges<'a> {
        let mut changes = TargetChanges::default();
        let Some(group) = group else {
            changes.register = self.targets.iter().copied().collect();
            return changes;
        };
        if !observed.completeness.allows_on(Concern::ChangeTargets, &group.arn)
            || !observed.completeness.allows(Concern::ReadServices)
        {
            return changes;
        }
        let named = |target: &'a Target| {
            let port = target.port.filter(|_| !is_on_own_port(target, group));
            (Joiner { id: &target.id, port }, target)
        };
        let there: Vec<(Joiner<'_>, &Target)> = group.targets.iter().map(named).collect();
        let serving: BTreeSet<Joiner<'_>> = there
            .iter()
            .filter(|(_, it)| it.health != TargetHealth::Draining)
            .map(|(name, _)| *name)
            .collect();
        let wanted: BTreeSet<Joiner<'_>> = self.targets.iter().map(|it| on_own_port(*it, group)).collect();
        changes.register = wanted.iter().filter(|it| !serving.contains(it)).copied().collect();
        if may_leave(group, observed) {
            let stays = |name: &Joiner<'_>| wanted.contains(name);
            // The pod has ended, and its address may be given to another pod: no budget keeps such a target.
            let is_gone = |target: &Target| {
                self.addresses.as_ref().is_some_and(|all| !all.contains(target.id.as_str()))
            };
            let runs = |target: &Target| runs(target) && !is_gone(target);
            let leaves =
                |(name, it): &&(Joiner<'_>, &Target)| !stays(name) && it.health != TargetHealth::Draining;
            let leavers = there.iter().filter(leaves).map(|(name, target)| Leaver {
                id: name.id,
                is_group: false,
                port: name.port,
                running: usize::from(runs(target)),
            });
            let leavers: Vec<Leaver<'_>> = leavers.collect();
            let running: Vec<&Target> =
                there.iter().map(|(_, target)| *target).filter(|target| runs(target)).collect();
            let is_sick = |(name, it): &&(Joiner<'_>, &Target)| {
                runs(it) && it.health != TargetHealth::Healthy && stays(name)
            };
            let sick = there.iter().find(is_sick).map(|(_, target)| *target);
            leaving::decide(&Parting { name, running: &running, sick }, leavers, &mut changes, observed);
        }
        changes
    }
}

/// The same target, without its port if that is the port of the target group.
fn on_own_port<'a>(target: Joiner<'a>, group: &TargetGroup) -> Joiner<'a> {
    Joiner { port: target.port.filter(|port| Some(*port) != group.port), ..target }
}
