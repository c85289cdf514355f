//! Attaches target groups to Auto Scaling Groups and detaches them.

use std::collections::BTreeMap;

use albatross_contract::{AutoScalingAttachment, InstanceState, TargetType};

use crate::{
    AwsError,
    account::{Account, AutoScaled, existing},
    error::TOO_MANY_CHANGES,
    targets::{register, start_draining},
};

/// How many target groups of an Auto Scaling Group may be attached or detached at once.
const MOST_AT_ONCE: usize = 10;

/// Auto Scaling's error for a target group that it does not know or cannot use.
pub(crate) fn not_valid() -> AwsError {
    AwsError::validation("Provided Target Groups may not be valid. Please ensure they exist and try again.")
}

impl Account {
    /// Auto Scaling API_AttachLoadBalancerTargetGroups: adds a target group. If it is already attached, that is no error.
    ///
    /// The page does not give code and message for a full group: they were seen in
    /// zalando-incubator/kube-ingress-aws-controller issue 444. The limit is from Auto Scaling, "Quotas".
    pub(crate) fn attach_target_group(&mut self, input: &AutoScalingAttachment) -> Result<(), AwsError> {
        let at = self.auto_scaling_group_at(&input.auto_scaling_group)?;
        let arn = existing(&input.target_group)?;
        let fits = self
            .inventory
            .target_groups
            .iter()
            .any(|it| it.arn == arn && it.target_type == TargetType::Instance);
        if !fits {
            return Err(not_valid());
        }
        let limit = self.inventory.quotas.target_groups_per_auto_scaling_group;
        let attached = &self.inventory.auto_scaling_groups[at].target_groups;
        if attached.iter().any(|it| it == arn) {
            return Ok(());
        }
        if attached.len() >= limit as usize {
            return Err(AwsError::validation(format!(
                "Too many Target Groups specified for this group. The limit is {limit}"
            )));
        }
        self.begin_change(&input.auto_scaling_group, arn)?;
        let attached = &mut self.inventory.auto_scaling_groups[at].target_groups;
        attached.push(arn.to_owned());
        attached.sort();
        Ok(())
    }

    /// Auto Scaling API_DetachLoadBalancerTargetGroups. A target group that has been deleted can be detached; a target group
    /// that is not attached is refused.
    pub(crate) fn detach_target_group(&mut self, input: &AutoScalingAttachment) -> Result<(), AwsError> {
        let at = self.auto_scaling_group_at(&input.auto_scaling_group)?;
        let arn = existing(&input.target_group)?;
        let attached = &self.inventory.auto_scaling_groups[at].target_groups;
        let Some(position) = attached.iter().position(|it| it == arn) else {
            return Err(AwsError::validation(
                "Trying to remove Target Groups that are not part of the group",
            ));
        };
        self.begin_change(&input.auto_scaling_group, arn)?;
        self.inventory.auto_scaling_groups[at].target_groups.remove(position);
        Ok(())
    }

    /// Begins to attach or detach a target group, unless ten target groups of the Auto Scaling Group are already `Adding` or
    /// `Removing` (Auto Scaling, "Quotas"; that the limit holds over all calls: aws/aws-sdk-java issue 746).
    fn begin_change(&mut self, group: &str, arn: &str) -> Result<(), AwsError> {
        let changing = self.changing.entry(group.to_owned()).or_default();
        if changing.len() >= MOST_AT_ONCE && !changing.contains(arn) {
            return Err(AwsError::validation(format!("{TOO_MANY_CHANGES}. The limit is {MOST_AT_ONCE}")));
        }
        changing.insert(arn.to_owned());
        Ok(())
    }

    /// Registers instances that joined an attached group, and deregisters instances that left one.
    ///
    /// Page: Auto Scaling, "Attach an Elastic Load Balancing load balancer": instances are registered when a target group
    /// is attached or they are launched, and deregistered when it is detached or they are terminated.
    pub(crate) fn settle_auto_scaling(&mut self) {
        let wanted = self.instances_of_attached_groups();
        for target_group in &mut self.inventory.target_groups {
            let now = wanted.get(&target_group.arn);
            let before = self.auto_scaled.get(&target_group.arn);
            if now == before {
                continue;
            }
            let (now, before) = (now.cloned().unwrap_or_default(), before.cloned().unwrap_or_default());
            let port = target_group.port;
            for id in now.difference(&before) {
                register(target_group, id, port);
            }
            for target in &mut target_group.targets {
                if target.port == port && before.contains(&target.id) && !now.contains(&target.id) {
                    start_draining(target);
                }
            }
            target_group.targets.sort();
        }
        self.auto_scaled = wanted;
    }

    /// The instances in service of each attached target group's Auto Scaling Groups. An instance that is not running is not
    /// in service. An instance that the inventory lacks is in service: the inventory holds only instances that match the
    /// node filters.
    fn instances_of_attached_groups(&self) -> AutoScaled {
        let running: BTreeMap<&str, bool> = self
            .inventory
            .instances
            .iter()
            .map(|it| (it.id.as_str(), it.state == InstanceState::Running))
            .collect();
        let mut wanted = AutoScaled::new();
        for group in &self.inventory.auto_scaling_groups {
            let in_service = group.instances.iter().filter(|id| running.get(id.as_str()) != Some(&false));
            let in_service: Vec<&String> = in_service.collect();
            for target_group in &group.target_groups {
                wanted.entry(target_group.clone()).or_default().extend(in_service.iter().copied().cloned());
            }
        }
        wanted
    }

    fn auto_scaling_group_at(&self, name: &str) -> Result<usize, AwsError> {
        self.inventory.auto_scaling_groups.iter().position(|it| it.name == name).ok_or_else(|| {
            AwsError::validation(format!(
                "AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"
            ))
        })
    }
}
