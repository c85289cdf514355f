//! Target groups.

use albatross_contract::{
    AttributeChange, CreateTargetGroup, HealthCheck, ModifyTargetGroup, Protocol, ResourceReference,
    TargetGroup, TargetType,
};

use crate::{
    AwsError,
    account::{Account, existing},
    attributes,
    identifiers::check_name,
    tags::{self, Keeper, check_tags},
};

impl Account {
    /// API_CreateTargetGroup. Idempotent: for the same name with the same settings, returns the existing target group.
    pub(crate) fn create_target_group(&mut self, input: &CreateTargetGroup) -> Result<String, AwsError> {
        check_name("The target group", &input.name)?;
        let wanted = self.checked(input)?;
        if let Some(present) = self.inventory.target_groups.iter().find(|it| it.name == input.name) {
            return if same_settings(present, &wanted) {
                Ok(present.arn.clone())
            } else {
                Err(AwsError::new(
                    "DuplicateTargetGroupName",
                    format!(
                        "A target group with the same name '{}' exists, but with different settings",
                        input.name
                    ),
                ))
            };
        }
        check_tags(Keeper::LoadBalancing, &[], &input.tags, self.inventory.quotas.tags_per_resource)?;
        let limit = self.inventory.quotas.target_groups;
        if self.inventory.target_groups.len() >= limit as usize {
            return Err(AwsError::new(
                "TooManyTargetGroups",
                format!("The maximum number of target groups ({limit}) has been reached"),
            ));
        }

        let id = self.identifiers.hexadecimal(&input.name, 16);
        let arn = self.identifiers.arn(&format!("targetgroup/{}/{id}", input.name));
        self.inventory.target_groups.push(TargetGroup { arn: arn.clone(), ..wanted });
        Ok(arn)
    }

    /// API_ModifyTargetGroup
    pub(crate) fn modify_target_group(&mut self, input: &ModifyTargetGroup) -> Result<(), AwsError> {
        let at = self.target_group_at(existing(&input.target_group)?)?;
        let target_group = &mut self.inventory.target_groups[at];
        target_group.health_check = checked_health_check(target_group.protocol, &input.health_check)?;
        Ok(())
    }

    /// API_ModifyTargetGroupAttributes
    pub(crate) fn modify_target_group_attributes(&mut self, input: &AttributeChange) -> Result<(), AwsError> {
        let at = self.target_group_at(existing(&input.resource)?)?;
        let target_group = &mut self.inventory.target_groups[at];
        let defaults = attributes::of_target_group(target_group.target_type, target_group.protocol);
        attributes::change("Target group", &defaults, &mut target_group.attributes, &input.attributes)
    }

    /// API_DeleteTargetGroup: not while an action refers to it. A target group that does not exist is no error. Auto Scaling
    /// Groups keep the ARN of a deleted target group until it is detached
    /// (zalando-incubator/kube-ingress-aws-controller issue 197).
    pub(crate) fn delete_target_group(&mut self, reference: &ResourceReference) -> Result<(), AwsError> {
        let arn = existing(reference)?;
        let Ok(at) = self.target_group_at(arn) else {
            return Ok(());
        };
        if self.users_of(arn).next().is_some() {
            return Err(AwsError::new(
                "ResourceInUse",
                format!("Target group '{arn}' is currently in use by a listener or a rule"),
            ));
        }
        self.inventory.target_groups.remove(at);
        Ok(())
    }

    /// The target group of a create call, with AWS's defaults and without an ARN.
    ///
    /// Page: API_CreateTargetGroup, its parameters.
    fn checked(&self, input: &CreateTargetGroup) -> Result<TargetGroup, AwsError> {
        if input.target_type != TargetType::Lambda {
            match &input.vpc_id {
                None => return Err(AwsError::validation("A VPC ID must be specified")),
                Some(vpc) if *vpc != self.inventory.vpc.id => {
                    return Err(AwsError::validation(format!("The VPC ID '{vpc}' is not found")));
                }
                Some(_) => {}
            }
            if input.port.is_none_or(|port| port == 0) {
                return Err(AwsError::validation("A port between 1 and 65535 must be specified"));
            }
        }
        let http = is_http(input.protocol) && input.target_type != TargetType::Lambda;
        let protocol_version = match &input.protocol_version {
            None if http => Some("HTTP1".to_owned()),
            version => version.clone(),
        };
        Ok(TargetGroup {
            name: input.name.clone(),
            protocol: input.protocol,
            protocol_version,
            port: input.port,
            target_type: input.target_type,
            ip_address_type: input.ip_address_type,
            vpc_id: input.vpc_id.clone(),
            health_check: checked_health_check(input.protocol, &input.health_check)?,
            attributes: attributes::of_target_group(input.target_type, input.protocol),
            tags: tags::sorted(&input.tags),
            ..TargetGroup::default()
        })
    }
}

/// Whether an existing target group has the settings of a create call; attributes, targets and tags do not count.
fn same_settings(present: &TargetGroup, wanted: &TargetGroup) -> bool {
    present.protocol == wanted.protocol
        && present.protocol_version == wanted.protocol_version
        && present.port == wanted.port
        && present.target_type == wanted.target_type
        && present.ip_address_type == wanted.ip_address_type
        && present.vpc_id == wanted.vpc_id
        && present.health_check == wanted.health_check
}

fn is_http(protocol: Protocol) -> bool {
    matches!(protocol, Protocol::Http | Protocol::Https)
}

/// A health check with AWS's defaults.
///
/// Page: API_CreateTargetGroup, parameters that begin with `HealthCheck`, and `Matcher`.
fn checked_health_check(protocol: Protocol, wanted: &HealthCheck) -> Result<HealthCheck, AwsError> {
    let checks = [
        ("interval", wanted.interval, 5..=300),
        ("timeout", wanted.timeout, 2..=120),
        ("healthy threshold", wanted.healthy_threshold, 2..=10),
        ("unhealthy threshold", wanted.unhealthy_threshold, 2..=10),
    ];
    for (what, value, range) in checks {
        if !range.contains(&value) {
            return Err(AwsError::validation(format!(
                "Health check {what} '{value}' must be between {} and {}",
                range.start(),
                range.end()
            )));
        }
    }
    if wanted.timeout >= wanted.interval {
        return Err(AwsError::validation("Health check timeout must be smaller than the interval"));
    }
    match wanted.protocol {
        Protocol::Http | Protocol::Https => {}
        Protocol::Tcp if !is_http(protocol) => {}
        _ => return Err(AwsError::validation("The protocol of the health check is not supported")),
    }
    if wanted.port != "traffic-port" && !wanted.port.parse::<u16>().is_ok_and(|port| port > 0) {
        return Err(AwsError::validation(format!(
            "Health check port '{}' must be traffic-port or between 1 and 65535",
            wanted.port
        )));
    }
    let mut check = wanted.clone();
    if is_http(check.protocol) {
        check.path.get_or_insert_with(|| "/".to_owned());
        check.matcher.get_or_insert_with(|| "200".to_owned());
    }
    Ok(check)
}
