//! Security groups.

use albatross_contract::{CreateSecurityGroup, Direction, SecurityGroupRule, SecurityGroupRuleChange};
use aws_sdk_ec2::types::{Filter, IpPermission, ResourceType, TagSpecification};

use super::{Made, Writer};
use crate::{
    calls,
    convert::{
        existing,
        security_groups::to_sdk,
        tags::{from_ec2, to_ec2},
    },
    error::AwsError,
    ownership::differs,
};

impl Writer<'_> {
    pub(super) async fn create_security_group(
        &self,
        input: &CreateSecurityGroup,
    ) -> Result<String, AwsError> {
        let call = &calls::CREATE_SECURITY_GROUP;
        let tags = TagSpecification::builder()
            .resource_type(ResourceType::SecurityGroup)
            .set_tags(Some(to_ec2(&input.tags)))
            .build();
        let request = || {
            self.aws
                .ec2
                .create_security_group()
                .group_name(&input.name)
                .description(&input.description)
                .vpc_id(&input.vpc_id)
                .set_tag_specifications((!input.tags.is_empty()).then(|| vec![tags.clone()]))
                .send()
        };
        match self.write(call, request).await {
            Ok(answer) => answer.group_id.ok_or(AwsError::Unreadable { call, field: "groupId" }),
            // The answer to an earlier create was lost, and the security group that it created has the name.
            Err(error) if error.is(&["InvalidGroup.Duplicate"]) => {
                let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
                let request = || {
                    let request = self.aws.ec2.describe_security_groups();
                    let request = request.filters(filter("vpc-id", &input.vpc_id));
                    request.filters(filter("group-name", &input.name)).send()
                };
                let answer = self.read(&calls::DESCRIBE_SECURITY_GROUPS, request).await?;
                let ours = answer.security_groups().iter().find(|group| {
                    let tags = from_ec2(group.tags());
                    self.ownership.owns(&tags) && differs(&input.tags, &tags).is_none()
                });
                ours.and_then(|group| group.group_id()).map(str::to_owned).ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    /// Adds each rule in a separate call, because AWS refuses a whole call if one of its rules exists. A rule that exists
    /// counts as added.
    pub(super) async fn authorize_security_group_rules(
        &self,
        input: &SecurityGroupRuleChange,
    ) -> Result<Made, AwsError> {
        let id = existing(&input.security_group)?;
        for rule in &input.rules {
            let answer = match rule.direction {
                Direction::Inbound => {
                    let request = || {
                        let request = self.aws.ec2.authorize_security_group_ingress().group_id(id);
                        request.ip_permissions(to_sdk(rule)).send()
                    };
                    self.write(&calls::AUTHORIZE_SECURITY_GROUP_INGRESS, request).await.map(|_| ())
                }
                Direction::Outbound => {
                    let request = || {
                        let request = self.aws.ec2.authorize_security_group_egress().group_id(id);
                        request.ip_permissions(to_sdk(rule)).send()
                    };
                    self.write(&calls::AUTHORIZE_SECURITY_GROUP_EGRESS, request).await.map(|_| ())
                }
            };
            match answer {
                Err(error) if error.is(&["InvalidPermission.Duplicate"]) => {}
                answer => answer?,
            }
        }
        Ok(None)
    }

    /// Removes rules. A rule that does not exist counts as removed: somebody has removed it since it was observed. In a
    /// default VPC, AWS returns no error for it (API_RevokeSecurityGroupIngress). The next pass reads the rules again.
    pub(super) async fn revoke_security_group_rules(
        &self,
        input: &SecurityGroupRuleChange,
    ) -> Result<Made, AwsError> {
        let id = existing(&input.security_group)?;
        for rule in &input.rules {
            let answer = match rule.direction {
                Direction::Inbound => {
                    let request = || {
                        let request = self.aws.ec2.revoke_security_group_ingress().group_id(id);
                        request.ip_permissions(without_description(rule)).send()
                    };
                    self.write(&calls::REVOKE_SECURITY_GROUP_INGRESS, request).await.map(|_| ())
                }
                Direction::Outbound => {
                    let request = || {
                        let request = self.aws.ec2.revoke_security_group_egress().group_id(id);
                        request.ip_permissions(without_description(rule)).send()
                    };
                    self.write(&calls::REVOKE_SECURITY_GROUP_EGRESS, request).await.map(|_| ())
                }
            };
            match answer {
                Err(error) if error.is(&["InvalidPermission.NotFound"]) => {
                    tracing::info!(security_group = id, "a rule to remove no longer exists");
                }
                answer => answer?,
            }
        }
        Ok(None)
    }
}

/// Protocol, ports and peer identify a rule to revoke (API_RevokeSecurityGroupIngress).
fn without_description(rule: &SecurityGroupRule) -> IpPermission {
    to_sdk(&SecurityGroupRule { description: None, ..rule.clone() })
}
