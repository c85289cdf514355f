//! The targets of the target group of a Service port.

use std::collections::BTreeSet;

use albatross_contract::{Target, TargetGroup, TargetHealth};

use super::{Joiner, ServiceTargets, TargetChanges, registered::Registered};
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
        let registered = Registered::new(group);
        let wanted: BTreeSet<Joiner<'_>> = self.targets.iter().map(|it| registered.named(*it)).collect();
        changes.register = registered.missing(&wanted);
        let stays = |it: &Joiner<'_>| wanted.contains(it) || self.unclear.contains(it.id);
        let is_healthy = |target: &Target| target.health == TargetHealth::Healthy;
        let one_stays =
            registered.targets().iter().any(|(it, target)| wanted.contains(it) && is_healthy(target));
        let is_over = |target: &Target| {
            let id = target.id.as_str();
            self.addresses.as_ref().is_some_and(|known| {
                // The pod has ended, and its address may be given to another pod.
                let is_gone = !known.all.contains(id);
                // Kubernetes ends the pod anyway, and requests that still go to it then fail.
                is_gone || known.ending.contains(id) && (one_stays || !is_healthy(target))
            })
        };
        registered.part(name, stays, is_over, &mut changes, observed);
        changes
    }
}
