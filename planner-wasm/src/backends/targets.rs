//! Targets: the nodes in a target group.
//!
//! Auto Scaling Groups are attached, single instances registered. Running targets leave only when the targets that stay are
//! healthy. Removing the last target, or more than half of them, is withheld.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{
    AutoScalingGroup, Budget, Diagnostic, DiagnosticCode, Target, TargetGroup, TargetHealth, Withheld,
};

use super::Backends;
use crate::{
    budgets::{allowance, number},
    diagnostics::{Details, Subject, info, warning},
    observed::{Concern, Observed},
    words,
};

/// What joins a target group, and what leaves it.
#[derive(Default)]
pub struct TargetChanges<'a> {
    /// Auto Scaling Groups that are attached.
    pub attach: Vec<&'a AutoScalingGroup>,
    /// Instances that are registered, by id.
    pub register: Vec<&'a str>,
    /// Auto Scaling Groups and targets that leave.
    pub leave: Vec<Leaver<'a>>,
    /// Changes that a budget holds back.
    pub withheld: Option<Withheld>,
    /// Diagnostics about the target group.
    pub diagnostics: Vec<Diagnostic>,
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
    /// The changes to the targets of a target group with this name. `group` is `None` if it does not exist yet.
    pub fn changes(
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
            if room.is_full(found) {
                changes.diagnostics.push(no_room(name, found, room.limit));
            } else {
                room.take(found);
                changes.attach.push(found);
            }
        }
        let found = group.map(|group| self.look_through(group, attached)).unwrap_or_default();
        let is_registered = |number: usize| found.registered.get(number).copied().unwrap_or_default();
        let missing = self.instances.singles().filter(|(number, _)| !is_registered(*number));
        changes.register = missing.map(|(_, id)| id).collect();
        if let Some(group) = group.filter(|group| may_leave(group, observed)) {
            self.leave(name, group, found, &mut changes, observed);
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

    fn leave(
        &self,
        name: &str,
        group: &'a TargetGroup,
        found: Found<'a>,
        changes: &mut TargetChanges<'a>,
        observed: &Observed<'a>,
    ) {
        let Found { running, leavers, .. } = found;
        if leavers.is_empty() {
            return;
        }
        let sick = self.sick_that_stays(&leavers, &running, group);
        let allowances = &observed.settings.allowances.targets;
        let (allowed, asked): (Vec<_>, Vec<_>) = leavers
            .into_iter()
            .partition(|leaver| leaver.running == 0 || allowances.iter().any(|id| id == leaver.id));
        let leaving: usize = asked.iter().map(|leaver| leaver.running).sum();
        let all_leaving: usize = leaving + allowed.iter().map(|leaver| leaver.running).sum::<usize>();
        let too_many = leaving > 0 && (all_leaving >= running.len() || leaving * 2 > running.len());
        let ids: Vec<String> = asked.iter().map(|leaver| leaver.id.to_owned()).collect();
        changes.leave = allowed;
        if too_many {
            changes.withheld = Some(Withheld {
                budget: Budget::Targets,
                subject: Some(name.to_owned()),
                count: number(leaving),
                total: number(running.len()),
                limit: number(running.len() / 2),
                message: format!(
                    "{leaving} of {} running targets would leave {name}. Withheld, since that is more than half of them, \
                     or the last one. {}",
                    running.len(),
                    allowance("--allow-targets", &ids)
                ),
                ids,
            });
        } else if let Some(sick) = sick.filter(|_| leaving > 0) {
            let message = format!(
                "{} should leave, but not before all targets that stay are healthy ({} is not)",
                words::list(ids.iter().map(String::as_str)),
                sick.id
            );
            changes.diagnostics.push(info(
                DiagnosticCode::TargetsUnhealthy,
                Subject::Resource(name),
                message,
            ));
        } else {
            changes.leave.extend(asked);
        }
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

fn may_leave(group: &TargetGroup, observed: &Observed<'_>) -> bool {
    let is_used = !group.load_balancer_arns.is_empty();
    let concern = if is_used { Concern::LetTargetsLeave } else { Concern::EmptyTargetGroup };
    observed.completeness.allows_on(concern, &group.arn)
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

fn runs(target: &Target) -> bool {
    !matches!(target.health, TargetHealth::Unused | TargetHealth::Draining)
}

/// Whether a target is on the port of its target group, which is the default. A person may have registered it on another
/// port.
fn is_on_own_port(target: &Target, group: &TargetGroup) -> bool {
    target.port.is_none() || target.port == group.port
}

#[cfg(test)]
mod tests;
