//! Target groups of Auto Scaling Groups.

use albatross_contract::AutoScalingAttachment;

use super::{Made, Writer};
use crate::{calls, convert::existing, error::AwsError};

impl Writer<'_> {
    pub(super) async fn attach_target_group(&self, input: &AutoScalingAttachment) -> Result<Made, AwsError> {
        let arn = existing(&input.target_group)?;
        let request = || {
            let request = self.aws.auto_scaling.attach_load_balancer_target_groups();
            request.auto_scaling_group_name(&input.auto_scaling_group).target_group_arns(arn).send()
        };
        self.write(&calls::ATTACH_LOAD_BALANCER_TARGET_GROUPS, request).await?;
        Ok(None)
    }

    pub(super) async fn detach_target_group(&self, input: &AutoScalingAttachment) -> Result<Made, AwsError> {
        let arn = existing(&input.target_group)?;
        let request = || {
            let request = self.aws.auto_scaling.detach_load_balancer_target_groups();
            request.auto_scaling_group_name(&input.auto_scaling_group).target_group_arns(arn).send()
        };
        match self.write(&calls::DETACH_LOAD_BALANCER_TARGET_GROUPS, request).await {
            // ValidationError says many things: that it is not attached, that the group is gone, and others.
            Err(error) if error.is(&["ValidationError"]) && !self.is_attached(input, arn).await? => Ok(None),
            answer => answer.map(|_| None),
        }
    }

    async fn is_attached(&self, input: &AutoScalingAttachment, target_group: &str) -> Result<bool, AwsError> {
        let request = || {
            let request = self.aws.auto_scaling.describe_auto_scaling_groups();
            request.auto_scaling_group_names(&input.auto_scaling_group).send()
        };
        let answer = self.read(&calls::DESCRIBE_AUTO_SCALING_GROUPS, request).await?;
        let mut attached = answer.auto_scaling_groups().iter().flat_map(|group| group.target_group_arns());
        Ok(attached.any(|arn| arn == target_group))
    }
}
