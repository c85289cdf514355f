//! Targets: what joins a target group and leaves it, and the nodes in a target group.
//!
//! Auto Scaling Groups are attached, single instances registered. Running targets leave only when the targets that stay are
//! healthy. Removing the last target, or more than half of them, is withheld.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    AutoScalingGroup, Diagnostic, DiagnosticCode, HealthCheckType, Target, TargetGroup, TargetHealth,
    Withheld,
};

use super::{
    Backends,
    leaving::{self, Parting},
};
use crate::{
    diagnostics::{Details, Subject, warning},
    observed::{Concern, Observed},
};

/// What joins a target group, and what leaves it.
#[derive(Default)]
pub struct TargetChanges<'a> {
    /// Auto Scaling Groups that are attached.
    pub attach: Vec<&'a AutoScalingGroup>,
    /// Targets that are registered one by one, without an Auto Scaling Group.
    pub register: Vec<Joiner<'a>>,
    /// Auto Scaling Groups and targets that leave.
    pub leave: Vec<Leaver<'a>>,
    /// Changes that a budget holds back.
    pub withheld: Option<Withheld>,
    /// Diagnostics about the target group.
    pub diagnostics: Vec<Diagnostic>,
}

/// A target that joins a target group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Joiner<'a> {
    /// The id of an instance, or an IP address.
    pub id: &'a str,
    /// Its port. `None`: the port of the target group.
    pub port: Option<u16>,
}

/// Something that leaves a target group: an Auto Scaling Group with its instances, or a single target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaver<'a> {
    /// Name of the Auto Scaling Group, or id of the target.
    pub id: &'a str,
    /// Whether it is an Auto Scaling Group.
    pub is_group: bool,
    /// The port of the target, if somebody registered it on another port than that of the target group.
    pub port: Option<u16>,
    /// How many running targets leave with it.
    pub running: usize,
}

/// How many target groups Auto Scaling Groups can still take, while a plan attaches some.
pub struct Room<'a> {
    attached: BTreeMap<&'a str, usize>,
    limit: usize,
}

impl<'a> Room<'a> {
    /// The room that the quota leaves.
    pub fn new(observed: &Observed<'_>) -> Self {
        let limit = observed.inventory.quotas.target_groups_per_auto_scaling_group as usize;
        Room { attached: BTreeMap::new(), limit }
    }

    /// Whether an Auto Scaling Group cannot take another target group.
    pub fn is_full(&self, group: &AutoScalingGroup) -> bool {
        let attached = self.attached.get(group.name.as_str()).copied().unwrap_or_default();
        group.target_groups.len() + attached >= self.limit
    }

    fn take(&mut self, group: &'a AutoScalingGroup) {
        *self.attached.entry(&group.name).or_default() += 1;
    }
}

/// The observed targets of a target group.
#[derive(Default)]
struct Found<'a> {
    running: Vec<&'a Target>,
    /// By number, whether each of the nodes that we register is registered.
    registered: Vec<bool>,
    leavers: Vec<Leaver<'a>>,
}

impl<'a> Backends<'a> {
    /// The changes to the nodes in a target group with this name. `group` is `None` if it does not exist yet.
    pub(super) fn node_changes(
        &self,
        name: &str,
        group: Option<&'a TargetGroup>,
        room: &mut Room<'a>,
        observed: &Observed<'a>,
    ) -> TargetChanges<'a> {
        let mut changes = TargetChanges::default();
        let allows = |group: Option<&TargetGroup>| match group {
            Some(group) => observed.completeness.allows_on(Concern::ChangeTargets, &group.arn),
            None => observed.completeness.allows(Concern::ChangeTargets),
        };
        if !self.nodes.usable || !allows(group) {
            return changes;
        }
        let attached = group.map(|group| observed.auto_scaling_groups.of(group)).unwrap_or_default();
        for asked in &self.nodes.auto_scaling_groups {
            let Some(found) = observed.auto_scaling_groups.group(asked) else { continue };
            if attached.binary_search_by(|group| group.name.as_str().cmp(asked)).is_ok() {
                continue;
            }
            if !may_be_attached(found, observed) {
                changes.diagnostics.push(not_attached(name, found));
            } else if room.is_full(found) {
                changes.diagnostics.push(no_room(name, found, room.limit));
            } else {
                room.take(found);
                changes.attach.push(found);
            }
        }
        let found = group.map(|group| self.look_through(group, attached)).unwrap_or_default();
        let is_registered = |number: usize| found.registered.get(number).copied().unwrap_or_default();
        let missing = self.instances.singles().filter(|(number, _)| !is_registered(*number));
        changes.register = missing.map(|(_, id)| Joiner { id, port: None }).collect();
        if let Some(group) = group.filter(|group| may_leave(group, observed)) {
            let Found { running, leavers, .. } = found;
            let sick = self.sick_that_stays(&leavers, &running, group);
            leaving::decide(&Parting { name, running: &running, sick }, leavers, &mut changes, observed);
        }
        changes
    }

    fn look_through(&self, group: &'a TargetGroup, attached: &[&'a AutoScalingGroup]) -> Found<'a> {
        // An Auto Scaling Group without instances may be scaled to zero for now. Only instances that the filters do not
        // select show that a group is no longer ours.
        let stays = |found: &AutoScalingGroup| {
            self.nodes.auto_scaling_groups.contains(found.name.as_str()) || found.instances.is_empty()
        };
        let (staying, leaving): (Vec<_>, Vec<_>) = attached.iter().copied().partition(|group| stays(group));
        let holds = |list: &[&AutoScalingGroup], groups: &[&AutoScalingGroup]| {
            groups.iter().any(|group| list.iter().any(|other| std::ptr::eq(*other, *group)))
        };
        let mut taken = vec![0; leaving.len()];
        let mut found = Found { registered: vec![false; self.instances.len()], ..Found::default() };
        let mut singles = Vec::new();
        let mut cursor = 0;
        for target in &group.targets {
            let on_own_port = is_on_own_port(target, group);
            let entry = self.instances.find_after(&target.id, &mut cursor);
            if runs(target) {
                found.running.push(target);
            }
            let mut stays = false;
            if let Some((number, entry)) = entry {
                found.registered[number] |= on_own_port && target.health != TargetHealth::Draining;
                let detached = on_own_port && holds(&leaving, &entry.groups);
                stays = entry.is_single || entry.is_tagged || holds(&staying, &entry.groups) || detached;
                if on_own_port && runs(target) {
                    for (count, group) in taken.iter_mut().zip(&leaving) {
                        *count += usize::from(holds(&[*group], &entry.groups));
                    }
                }
            }
            // Instances that an Auto Scaling Group has terminated leave too.
            if !stays && target.health != TargetHealth::Draining {
                let port = target.port.filter(|_| !on_own_port);
                let running = usize::from(runs(target));
                singles.push(Leaver { id: &target.id, is_group: false, port, running });
            }
        }
        let groups = leaving.iter().zip(taken).map(|(group, running)| Leaver {
            id: &group.name,
            is_group: true,
            port: None,
            running,
        });
        found.leavers = groups.chain(singles).collect();
        found
    }

    /// The first running target that is not healthy and that does not leave.
    fn sick_that_stays(
        &self,
        leavers: &[Leaver<'_>],
        running: &[&'a Target],
        group: &TargetGroup,
    ) -> Option<&'a Target> {
        let (groups, singles): (Vec<&Leaver<'_>>, Vec<&Leaver<'_>>) =
            leavers.iter().partition(|leaver| leaver.is_group);
        let gone: BTreeSet<(&str, Option<u16>)> =
            singles.iter().map(|leaver| (leaver.id, leaver.port)).collect();
        let groups: BTreeSet<&str> = groups.iter().map(|leaver| leaver.id).collect();
        let leaves_with_group = |target: &Target| {
            let entry = self.instances.find_after(&target.id, &mut 0);
            entry.is_some_and(|(_, entry)| entry.groups.iter().any(|it| groups.contains(it.name.as_str())))
        };
        let stays = |target: &Target| {
            let on_own_port = is_on_own_port(target, group);
            let is_gone = gone.contains(&(target.id.as_str(), target.port.filter(|_| !on_own_port)));
            !is_gone && (!on_own_port || !leaves_with_group(target))
        };
        running.iter().copied().find(|target| target.health != TargetHealth::Healthy && stays(target))
    }
}

/// Whether the view is complete enough that targets may leave the target group.
pub fn may_leave(group: &TargetGroup, observed: &Observed<'_>) -> bool {
    let is_used = !group.load_balancer_arns.is_empty();
    let concern = if is_used { Concern::LetTargetsLeave } else { Concern::EmptyTargetGroup };
    observed.completeness.allows_on(concern, &group.arn)
}

/// Whether the settings allow to attach an Auto Scaling Group: with the health check type ELB it ends instances that are
/// unhealthy in any of its target groups (EC2 Auto Scaling user guide, "Health checks for instances in an Auto Scaling group").
fn may_be_attached(group: &AutoScalingGroup, observed: &Observed<'_>) -> bool {
    group.health_check_type == HealthCheckType::Ec2
        || observed.settings.proxy.attach_groups_with_elb_health_checks.unwrap_or_default()
}

fn not_attached(target_group: &str, auto_scaling_group: &AutoScalingGroup) -> Diagnostic {
    let message = format!(
        "the instances of Auto Scaling Group {} are not among its targets, since that group has the health check type ELB: it \
         would end instances that are unhealthy in this target group",
        auto_scaling_group.name
    );
    warning(DiagnosticCode::NodesUnreachable, Subject::Resource(target_group), message)
        .field("proxy.attach-groups-with-elb-health-checks")
        .remedy(
            "set proxy.attach-groups-with-elb-health-checks to true if that is intended, or give the group the health check type \
             EC2",
        )
}

fn no_room(target_group: &str, auto_scaling_group: &AutoScalingGroup, limit: usize) -> Diagnostic {
    let message = format!(
        "the instances of Auto Scaling Group {} are not among its targets, since that group already has {limit} target \
         groups, which is the quota",
        auto_scaling_group.name
    );
    warning(DiagnosticCode::AutoScalingGroupFull, Subject::Resource(target_group), message)
        .remedy("detach target groups that it does not need, or raise the quota")
}

/// Whether a target receives requests, or will receive them once it is healthy.
pub fn runs(target: &Target) -> bool {
    !matches!(target.health, TargetHealth::Unused | TargetHealth::Draining)
}

/// Whether a target is on the port of its target group, which is the default. A person may have registered it on another
/// port.
pub fn is_on_own_port(target: &Target, group: &TargetGroup) -> bool {
    target.port.is_none() || target.port == group.port
}

#[cfg(test)]
mod tests;
