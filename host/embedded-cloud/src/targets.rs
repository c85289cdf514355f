//! Registration of targets.

use std::{collections::BTreeSet, net::IpAddr};

use albatross_contract::{InstanceState, Target, TargetChange, TargetGroup, TargetHealth, TargetType};

use crate::{
    AwsError,
    account::{Account, existing},
    cidr,
    forwarding::{Replaced, most_targets, registered, target_groups_kept, too_many_targets_of_load_balancer},
};

impl Account {
    /// API_RegisterTargets: a target that is already registered stays as it is.
    pub(crate) fn register_targets(&mut self, input: &TargetChange) -> Result<(), AwsError> {
        let arn = existing(&input.target_group)?;
        let at = self.target_group_at(arn)?;
        let target_group = &self.inventory.target_groups[at];
        let mut wanted = BTreeSet::new();
        for target in &input.targets {
            self.check_target(target_group.target_type, &target.id)?;
            wanted.insert((target.id.clone(), target.port.or(target_group.port)));
        }
        self.check_room_for_targets(target_group, &wanted)?;

        let target_group = &mut self.inventory.target_groups[at];
        for (id, port) in wanted {
            register(target_group, &id, port);
        }
        target_group.targets.sort();
        Ok(())
    }

    /// API_DeregisterTargets: a target that is not registered is no error. A target that was registered with another port
    /// than that of the target group must be named with its port.
    pub(crate) fn deregister_targets(&mut self, input: &TargetChange) -> Result<(), AwsError> {
        let at = self.target_group_at(existing(&input.target_group)?)?;
        let target_group = &mut self.inventory.target_groups[at];
        for target in &input.targets {
            let port = target.port.or(target_group.port);
            let found = target_group.targets.iter_mut().find(|it| it.id == target.id && it.port == port);
            if let Some(target) = found {
                start_draining(target);
            }
        }
        Ok(())
    }

    /// Page: API_RegisterTargets: an instance must be in the state `running`. The inventory may hold only the instances
    /// that match the node filters; instances of an Auto Scaling Group exist as well.
    fn check_target(&self, target_type: TargetType, id: &str) -> Result<(), AwsError> {
        match target_type {
            TargetType::Instance => {
                let instance = self.inventory.instances.iter().find(|it| it.id == id);
                let of_group = self
                    .inventory
                    .auto_scaling_groups
                    .iter()
                    .any(|it| it.instances.iter().any(|it| it == id));
                match instance {
                    None if !of_group => Err(AwsError::new(
                        "InvalidTarget",
                        format!("The following targets are not valid instances: '{id}'"),
                    )),
                    Some(instance) if instance.state != InstanceState::Running => Err(AwsError::new(
                        "InvalidTarget",
                        format!(
                            "The following targets are not in a running state and cannot be registered: '{id}'"
                        ),
                    )),
                    _ => Ok(()),
                }
            }
            TargetType::Ip => self.check_address(id),
            TargetType::Lambda | TargetType::Alb => Ok(()),
        }
    }

    /// Page: API_TargetDescription, parameter `AvailabilityZone`: it is required for an address outside the VPC. Nothing here
    /// names one.
    fn check_address(&self, id: &str) -> Result<(), AwsError> {
        let Ok(address) = id.parse::<IpAddr>() else {
            return Err(AwsError::validation(format!("'{id}' is not a valid IP address")));
        };
        let vpc = &self.inventory.vpc;
        let mut blocks = vpc.cidr_blocks.iter().chain(&vpc.ipv6_cidr_blocks).peekable();
        let is_known = blocks.peek().is_some();
        if is_known && !blocks.any(|block| cidr::holds(block, address) == Some(true)) {
            return Err(AwsError::validation(format!(
                "You must specify an Availability Zone for the IP address '{id}' outside the VPC '{}'",
                vpc.id
            )));
        }
        Ok(())
    }

    /// Page: Application Load Balancers, "Quotas": targets for each target group, and for each load balancer.
    fn check_room_for_targets(
        &self,
        target_group: &TargetGroup,
        wanted: &BTreeSet<(String, Option<u16>)>,
    ) -> Result<(), AwsError> {
        let quotas = &self.inventory.quotas;
        let stay = target_group
            .targets
            .iter()
            .filter(|it| it.health != TargetHealth::Draining && !wanted.contains(&(it.id.clone(), it.port)));
        let targets = stay.count() + wanted.len();
        if targets > quotas.targets_per_target_group as usize {
            return Err(AwsError::new(
                "TooManyTargets",
                format!(
                    "Target group '{}' can have at most {} targets",
                    target_group.arn, quotas.targets_per_target_group
                ),
            ));
        }
        for user in self.users_of(&target_group.arn) {
            let used = target_groups_kept(user, Replaced::Nothing);
            let others = self
                .inventory
                .target_groups
                .iter()
                .filter(|it| it.arn != target_group.arn && used.contains(it.arn.as_str()));
            let limit = most_targets(user.kind, quotas);
            if targets + others.map(registered).sum::<usize>() > limit as usize {
                return Err(too_many_targets_of_load_balancer(&user.arn, limit));
            }
        }
        Ok(())
    }
}

/// Registers a target, even one that is draining. Its health is decided when the account settles.
pub(crate) fn register(target_group: &mut TargetGroup, id: &str, port: Option<u16>) {
    let unused = |target: &mut Target| {
        target.health = TargetHealth::Unused;
        target.reason = Some("Target.NotInUse".to_owned());
    };
    match target_group.targets.iter_mut().find(|it| it.id == id && it.port == port) {
        Some(target) if target.health == TargetHealth::Draining => unused(target),
        Some(_) => {}
        None => {
            let mut target =
                Target { id: id.to_owned(), port, health: TargetHealth::Unused, ..Target::default() };
            unused(&mut target);
            target_group.targets.push(target);
        }
    }
}

/// Begins to deregister a target. The target is gone when the account settles after its connections have ended.
pub(crate) fn start_draining(target: &mut Target) {
    target.health = TargetHealth::Draining;
    target.reason = Some("Target.DeregistrationInProgress".to_owned());
}
