//! Health of targets over time.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
};

use albatross_contract::{Instance, InstanceState, Target, TargetGroup, TargetHealth, TargetType};

use crate::{
    Faults,
    account::Account,
    attributes::deregistration_delay,
    clocks::{GroupClocks, TargetClock},
    targets::start_draining,
};

/// The facts that decide the health of the targets of one target group.
struct Surroundings<'a> {
    now: u64,
    /// The zones of the load balancer that uses the target group. Absent: no listener uses the target group.
    zones: Option<BTreeSet<&'a str>>,
    instances: &'a BTreeMap<&'a str, &'a Instance>,
    faults: &'a Faults,
}

impl Account {
    /// Brings the health of all targets up to the present.
    pub(crate) fn settle_targets(&mut self, faults: &Faults) {
        let mut before = mem::take(&mut self.clocks);
        let inventory = &mut self.inventory;
        let instances: BTreeMap<&str, &Instance> =
            inventory.instances.iter().map(|it| (it.id.as_str(), it)).collect();
        let zones: BTreeMap<&str, &str> =
            inventory.subnets.iter().map(|it| (it.id.as_str(), it.zone.as_str())).collect();
        for target_group in &mut inventory.target_groups {
            let users = inventory
                .load_balancers
                .iter()
                .filter(|it| target_group.load_balancer_arns.contains(&it.arn));
            let used_in =
                users.flat_map(|it| it.subnets.iter()).filter_map(|id| zones.get(id.as_str()).copied());
            let surroundings = Surroundings {
                now: self.now,
                zones: (!target_group.load_balancer_arns.is_empty()).then(|| used_in.collect()),
                instances: &instances,
                faults,
            };
            let clocks = before.remove(&target_group.arn).unwrap_or_default();
            let clocks = settle_target_group(target_group, clocks, &surroundings);
            if !clocks.is_empty() {
                self.clocks.insert(target_group.arn.clone(), clocks);
            }
        }
    }
}

/// Brings the targets of one target group up to the present; returns the clocks of those that stay registered.
fn settle_target_group(
    target_group: &mut TargetGroup,
    mut before: GroupClocks,
    surroundings: &Surroundings<'_>,
) -> GroupClocks {
    let mut clocks = GroupClocks::new();
    let mut targets = mem::take(&mut target_group.targets);
    targets.retain_mut(|target| {
        let key = (target.id.clone(), target.port);
        let mut clock = before.remove(&key).unwrap_or_default();
        let stays = settle_target(target_group, target, &mut clock, surroundings);
        if stays {
            clocks.insert(key, clock);
        }
        stays
    });
    target_group.targets = targets;
    clocks
}

/// Brings one target up to the present; returns whether it is still registered.
fn settle_target(
    target_group: &TargetGroup,
    target: &mut Target,
    clock: &mut TargetClock,
    surroundings: &Surroundings<'_>,
) -> bool {
    let now = surroundings.now;
    let instance = match target_group.target_type {
        TargetType::Instance => surroundings.instances.get(target.id.as_str()),
        _ => None,
    };
    // Page: Application Load Balancers, "Register targets": AWS deregisters a terminated instance.
    let ended = instance
        .is_some_and(|it| matches!(it.state, InstanceState::ShuttingDown | InstanceState::Terminated));
    if ended && target.health != TargetHealth::Draining {
        start_draining(target);
    }
    if target.health == TargetHealth::Draining {
        let delay = deregistration_delay(target_group);
        let drained_at = *clock.drained_at.get_or_insert(now.saturating_add(delay));
        return surroundings.zones.is_some() && now < drained_at;
    }
    clock.drained_at = None;
    if let Some(reason) = unused(instance.copied(), surroundings) {
        set(target, TargetHealth::Unused, Some(reason));
        *clock = TargetClock::default();
        return true;
    }
    check(target_group, target, clock, surroundings);
    true
}

/// The reason code of a target that is not checked at all.
///
/// Page: API_TargetHealth, reason codes of the state `unused`.
fn unused(instance: Option<&Instance>, surroundings: &Surroundings<'_>) -> Option<&'static str> {
    let Some(zones) = &surroundings.zones else {
        return Some("Target.NotInUse");
    };
    match instance {
        Some(it) if it.state != InstanceState::Running => Some("Target.InvalidState"),
        Some(it) if !zones.contains(it.zone.as_str()) => Some("Target.NotInUse"),
        _ => None,
    }
}

/// Derives the health of a target from its health checks.
///
/// Page: Application Load Balancers, "Health checks". In AWS a new target needs only one successful check; here it needs as
/// many as a recovering target, which is the slowest case.
fn check(
    target_group: &TargetGroup,
    target: &mut Target,
    clock: &mut TargetClock,
    surroundings: &Surroundings<'_>,
) {
    let failing = surroundings.faults.fails_checks(&target.id);
    if target.health == TargetHealth::Unused {
        set(target, TargetHealth::Initial, Some("Elb.InitialHealthChecking"));
        clock.checked_since = Some(surroundings.now);
    }
    let untimed = target.health == TargetHealth::Initial && clock.checked_since.is_none();
    if untimed || failing != clock.failing {
        clock.checked_since = Some(surroundings.now);
        clock.failing = failing;
    }
    let Some(since) = clock.checked_since else {
        return;
    };
    let rule = &target_group.health_check;
    let after =
        |checks: u32| surroundings.now.saturating_sub(since) >= u64::from(checks) * u64::from(rule.interval);
    let health = match target.health {
        TargetHealth::Healthy if failing => TargetHealth::Unhealthy,
        TargetHealth::Initial if failing && after(rule.unhealthy_threshold) => TargetHealth::Unhealthy,
        TargetHealth::Initial | TargetHealth::Unhealthy if !failing && after(rule.healthy_threshold) => {
            TargetHealth::Healthy
        }
        health => health,
    };
    if health != target.health {
        let reason = (health == TargetHealth::Unhealthy).then_some("Target.FailedHealthChecks");
        set(target, health, reason);
    }
}

fn set(target: &mut Target, health: TargetHealth, reason: Option<&str>) {
    target.health = health;
    target.reason = reason.map(str::to_owned);
}
