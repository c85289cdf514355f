//! Load balancers.

use albatross_contract::{
    AttributeChange, CreateLoadBalancer, LoadBalancer, SetIpAddressType, SetSecurityGroups, SetSubnets,
};

use aws_sdk_elasticloadbalancingv2::types::{
    EnablePrefixForIpv6SourceNatEnum, EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum,
};

use super::{Made, Writer};
use crate::{
    calls,
    convert::{
        existing,
        load_balancers::{attributes_to_sdk, from_sdk, mapping_to_sdk},
        tags::to_elb,
    },
    error::AwsError,
};

impl Writer<'_> {
    pub(super) async fn create_load_balancer(&self, input: &CreateLoadBalancer) -> Result<String, AwsError> {
        let call = &calls::CREATE_LOAD_BALANCER;
        let security_groups = input
            .security_groups
            .iter()
            .map(|group| existing(group).map(str::to_owned))
            .collect::<Result<Vec<String>, AwsError>>()?;
        let request = || {
            self.aws
                .elb
                .create_load_balancer()
                .name(&input.name)
                .r#type(input.kind.as_str().into())
                .scheme(input.scheme.as_str().into())
                .ip_address_type(input.ip_address_type.as_str().into())
                .set_subnets(Some(input.subnets.clone()))
                .set_security_groups((!security_groups.is_empty()).then(|| security_groups.clone()))
                .set_tags((!input.tags.is_empty()).then(|| to_elb(&input.tags)))
                .send()
        };
        match self.write(call, request).await {
            Ok(answer) => {
                let arn = answer.load_balancers().first().and_then(|found| found.load_balancer_arn());
                let arn = arn.ok_or(AwsError::Unreadable { call, field: "LoadBalancerArn" })?;
                self.must_be_made_by_us(arn, &input.tags).await?;
                Ok(arn.to_owned())
            }
            // A load balancer with other settings has the name. It is ours if the answer to an earlier create was lost and
            // the settings have changed since. The next pass corrects the difference.
            Err(error) if error.is(&["DuplicateLoadBalancerName"]) => {
                let request = || self.aws.elb.describe_load_balancers().names(&input.name).send();
                let answer = self.read(&calls::DESCRIBE_LOAD_BALANCERS, request).await?;
                match answer.load_balancers().first().and_then(|found| found.load_balancer_arn()) {
                    Some(arn) if self.was_made_by_us(arn, &input.tags).await? => Ok(arn.to_owned()),
                    _ => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    pub(super) async fn modify_load_balancer_attributes(
        &self,
        input: &AttributeChange,
    ) -> Result<Made, AwsError> {
        let arn = existing(&input.resource)?;
        let request = || {
            let request = self.aws.elb.modify_load_balancer_attributes().load_balancer_arn(arn);
            request.set_attributes(Some(attributes_to_sdk(&input.attributes))).send()
        };
        self.write(&calls::MODIFY_LOAD_BALANCER_ATTRIBUTES, request).await?;
        Ok(None)
    }

    pub(super) async fn set_subnets(&self, input: &SetSubnets) -> Result<Made, AwsError> {
        let arn = existing(&input.load_balancer)?;
        let network = self.network_load_balancer(arn).await?;
        let request = || {
            let request = self.aws.elb.set_subnets().load_balancer_arn(arn);
            match &network {
                None => request.set_subnets(Some(input.subnets.clone())),
                Some(found) => {
                    let mappings = input.subnets.iter().map(|it| mapping_to_sdk(it, &found.subnet_mappings));
                    let prefixes = found.enable_prefix_for_ipv6_source_nat == Some(true);
                    request
                        .set_subnet_mappings(Some(mappings.collect()))
                        .set_enable_prefix_for_ipv6_source_nat(
                            prefixes.then_some(EnablePrefixForIpv6SourceNatEnum::On),
                        )
                }
            }
            .send()
        };
        self.write(&calls::SET_SUBNETS, request).await?;
        Ok(None)
    }

    pub(super) async fn set_security_groups(&self, input: &SetSecurityGroups) -> Result<Made, AwsError> {
        let arn = existing(&input.load_balancer)?;
        let groups = input
            .security_groups
            .iter()
            .map(|group| existing(group).map(str::to_owned))
            .collect::<Result<Vec<String>, AwsError>>()?;
        // If the parameter is left out, AWS does not keep its value but sets the default, `on`.
        let network = self.network_load_balancer(arn).await?;
        let enforced = network.and_then(|it| it.enforce_security_group_inbound_rules_on_private_link_traffic);
        let enforced = enforced.map(|enforced| match enforced {
            true => EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum::On,
            false => EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum::Off,
        });
        let request = || {
            self.aws
                .elb
                .set_security_groups()
                .load_balancer_arn(arn)
                .set_security_groups(Some(groups.clone()))
                .set_enforce_security_group_inbound_rules_on_private_link_traffic(enforced.clone())
                .send()
        };
        self.write(&calls::SET_SECURITY_GROUPS, request).await?;
        Ok(None)
    }

    /// The current state of a Network Load Balancer; `None` for other kinds. SetSubnets and SetSecurityGroups replace more
    /// than a plan names: the addresses in the subnets, and the setting for PrivateLink traffic (API_SetSubnets,
    /// API_SetSecurityGroups).
    async fn network_load_balancer(&self, arn: &str) -> Result<Option<LoadBalancer>, AwsError> {
        if !arn.contains(":loadbalancer/net/") {
            return Ok(None);
        }
        let call = &calls::DESCRIBE_LOAD_BALANCERS;
        let request = || self.aws.elb.describe_load_balancers().load_balancer_arns(arn).send();
        let answer = self.read(call, request).await?;
        let found = answer.load_balancers().iter().find_map(from_sdk);
        found.map(Some).ok_or(AwsError::Unreadable { call, field: "LoadBalancers" })
    }

    pub(super) async fn set_ip_address_type(&self, input: &SetIpAddressType) -> Result<Made, AwsError> {
        let arn = existing(&input.load_balancer)?;
        let kind = input.ip_address_type.as_str();
        let request =
            || self.aws.elb.set_ip_address_type().load_balancer_arn(arn).ip_address_type(kind.into()).send();
        self.write(&calls::SET_IP_ADDRESS_TYPE, request).await?;
        Ok(None)
    }
}
