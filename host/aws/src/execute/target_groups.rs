//! Target groups.

use albatross_contract::{AttributeChange, CreateTargetGroup, ModifyTargetGroup, TargetType};

use super::{Made, Writer};
use crate::{
    calls,
    convert::{
        existing,
        tags::to_elb,
        target_groups::{attributes_to_sdk, matcher},
    },
    error::AwsError,
};

impl Writer<'_> {
    pub(super) async fn create_target_group(&self, input: &CreateTargetGroup) -> Result<String, AwsError> {
        let call = &calls::CREATE_TARGET_GROUP;
        let check = &input.health_check;
        let has_network = input.target_type != TargetType::Lambda;
        let request = || {
            self.aws
                .elb
                .create_target_group()
                .name(&input.name)
                .target_type(input.target_type.as_str().into())
                .set_protocol(has_network.then(|| input.protocol.as_str().into()))
                .set_protocol_version(input.protocol_version.clone())
                .set_port(input.port.map(i32::from))
                .set_vpc_id(input.vpc_id.clone())
                .set_ip_address_type(has_network.then(|| input.ip_address_type.as_str().into()))
                .set_health_check_protocol(has_network.then(|| check.protocol.as_str().into()))
                .set_health_check_port(has_network.then(|| check.port.clone()))
                .set_health_check_path(check.path.clone())
                .health_check_interval_seconds(number(check.interval))
                .health_check_timeout_seconds(number(check.timeout))
                .healthy_threshold_count(number(check.healthy_threshold))
                .unhealthy_threshold_count(number(check.unhealthy_threshold))
                .set_matcher(check.matcher.as_deref().map(matcher))
                .set_tags((!input.tags.is_empty()).then(|| to_elb(&input.tags)))
                .send()
        };
        match self.write(call, request).await {
            Ok(answer) => {
                let arn = answer.target_groups().first().and_then(|found| found.target_group_arn());
                let arn = arn.ok_or(AwsError::Unreadable { call, field: "TargetGroupArn" })?;
                self.must_be_made_by_us(arn, &input.tags).await?;
                Ok(arn.to_owned())
            }
            // As with load balancers: the target group is ours if the answer to an earlier create was lost and the health
            // check has changed since.
            Err(error) if error.is(&["DuplicateTargetGroupName"]) => {
                let request = || self.aws.elb.describe_target_groups().names(&input.name).send();
                let answer = self.read(&calls::DESCRIBE_TARGET_GROUPS, request).await?;
                match answer.target_groups().first().and_then(|found| found.target_group_arn()) {
                    Some(arn) if self.was_made_by_us(arn, &input.tags).await? => Ok(arn.to_owned()),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn modify_target_group(&self, input: &ModifyTargetGroup) -> Result<Made, AwsError> {
        let arn = existing(&input.target_group)?;
        let check = &input.health_check;
        let request = || {
            self.aws
                .elb
                .modify_target_group()
                .target_group_arn(arn)
                .health_check_protocol(check.protocol.as_str().into())
                .health_check_port(&check.port)
                .set_health_check_path(check.path.clone())
                .health_check_interval_seconds(number(check.interval))
                .health_check_timeout_seconds(number(check.timeout))
                .healthy_threshold_count(number(check.healthy_threshold))
                .unhealthy_threshold_count(number(check.unhealthy_threshold))
                .set_matcher(check.matcher.as_deref().map(matcher))
                .send()
        };
        self.write(&calls::MODIFY_TARGET_GROUP, request).await?;
        Ok(None)
    }

    pub(super) async fn modify_target_group_attributes(
        &self,
        input: &AttributeChange,
    ) -> Result<Made, AwsError> {
        let arn = existing(&input.resource)?;
        let request = || {
            let request = self.aws.elb.modify_target_group_attributes().target_group_arn(arn);
            request.set_attributes(Some(attributes_to_sdk(&input.attributes))).send()
        };
        self.write(&calls::MODIFY_TARGET_GROUP_ATTRIBUTES, request).await?;
        Ok(None)
    }
}

/// The SDK has signed numbers. AWS refuses a number that is too large.
fn number(seconds: u32) -> i32 {
    i32::try_from(seconds).unwrap_or(i32::MAX)
}
