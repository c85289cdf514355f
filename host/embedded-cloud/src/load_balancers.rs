//! Load balancers.

use albatross_contract::{
    AttributeChange, CreateLoadBalancer, LoadBalancer, LoadBalancerKind, LoadBalancerState,
    ResourceReference, SetIpAddressType, SetSecurityGroups, SetSubnets,
};

use crate::{
    AwsError,
    account::{Account, existing},
    attributes,
    hosted_zones::hosted_zone,
    identifiers::{check_name, kind_in_arn},
    subnets::SubnetChoice,
    tags::{self, Keeper, check_tags},
};

impl Account {
    /// API_CreateLoadBalancer. Idempotent: for the same name with the same settings, returns the existing load balancer. Tags
    /// do not count as settings, so that the result may be a foreign load balancer.
    pub(crate) fn create_load_balancer(&mut self, input: &CreateLoadBalancer) -> Result<String, AwsError> {
        check_name("The load balancer", &input.name)?;
        if input.name.starts_with("internal-") {
            return Err(AwsError::validation(format!(
                "The load balancer name '{}' cannot begin with 'internal-'",
                input.name
            )));
        }
        let security_groups = self.security_groups_for_new(input)?;
        if let Some(present) = self.inventory.load_balancers.iter().find(|it| it.name == input.name) {
            return if same_settings(present, input, &security_groups) {
                Ok(present.arn.clone())
            } else {
                Err(AwsError::new(
                    "DuplicateLoadBalancerName",
                    format!(
                        "A load balancer with the same name '{}' exists, but with different settings",
                        input.name
                    ),
                ))
            };
        }
        check_tags(Keeper::LoadBalancing, &[], &input.tags, self.inventory.quotas.tags_per_resource)?;
        self.check_subnets(&SubnetChoice {
            kind: input.kind,
            scheme: input.scheme,
            ip_address_type: input.ip_address_type,
            subnets: &input.subnets,
            present: &[],
        })?;
        self.check_room_for_load_balancer(input.kind)?;

        let id = self.identifiers.hexadecimal(&input.name, 16);
        let arn =
            self.identifiers.arn(&format!("loadbalancer/{}/{}/{id}", kind_in_arn(input.kind), input.name));
        let dns_name = self.identifiers.dns_name(&input.name, input.kind, input.scheme, &id);
        self.inventory.load_balancers.push(LoadBalancer {
            arn: arn.clone(),
            name: input.name.clone(),
            dns_name,
            canonical_hosted_zone_id: hosted_zone(&self.inventory.region, input.kind).to_owned(),
            kind: input.kind,
            scheme: input.scheme,
            ip_address_type: input.ip_address_type,
            vpc_id: self.inventory.vpc.id.clone(),
            state: LoadBalancerState::Provisioning,
            created_at: self.now,
            subnets: input.subnets.clone(),
            security_groups,
            attributes: attributes::of_load_balancer(input.kind, input.scheme),
            tags: tags::sorted(&input.tags),
            web_acl: (input.kind == LoadBalancerKind::Application).then(String::new),
            ..LoadBalancer::default()
        });
        Ok(arn)
    }

    /// API_ModifyLoadBalancerAttributes
    pub(crate) fn modify_load_balancer_attributes(
        &mut self,
        input: &AttributeChange,
    ) -> Result<(), AwsError> {
        let load_balancer = self.load_balancer_mut(&input.resource)?;
        let defaults = attributes::of_load_balancer(load_balancer.kind, load_balancer.scheme);
        attributes::change("Load balancer", &defaults, &mut load_balancer.attributes, &input.attributes)
    }

    /// API_SetSubnets. A subnet that stays keeps its mapping, such as a fixed address.
    pub(crate) fn set_subnets(&mut self, input: &SetSubnets) -> Result<(), AwsError> {
        let at = self.load_balancer_at(existing(&input.load_balancer)?)?;
        let load_balancer = &self.inventory.load_balancers[at];
        self.check_subnets(&SubnetChoice {
            kind: load_balancer.kind,
            scheme: load_balancer.scheme,
            ip_address_type: load_balancer.ip_address_type,
            subnets: &input.subnets,
            present: &load_balancer.subnets,
        })?;
        let load_balancer = &mut self.inventory.load_balancers[at];
        load_balancer.subnet_mappings.retain(|mapping| input.subnets.contains(&mapping.subnet_id));
        load_balancer.subnets.clone_from(&input.subnets);
        Ok(())
    }

    /// API_SetSecurityGroups: not on a Network Load Balancer that was created without security groups.
    pub(crate) fn set_security_groups(&mut self, input: &SetSecurityGroups) -> Result<(), AwsError> {
        let at = self.load_balancer_at(existing(&input.load_balancer)?)?;
        let security_groups = self.check_security_groups(&input.security_groups)?;
        let load_balancer = &mut self.inventory.load_balancers[at];
        if load_balancer.kind != LoadBalancerKind::Application && load_balancer.security_groups.is_empty() {
            return Err(AwsError::configuration(format!(
                "Security groups cannot be set on load balancer '{}': it was created without any",
                load_balancer.arn
            )));
        }
        if security_groups.is_empty() {
            return Err(AwsError::validation("At least one security group must be specified"));
        }
        load_balancer.security_groups = security_groups;
        Ok(())
    }

    /// API_SetIpAddressType
    pub(crate) fn set_ip_address_type(&mut self, input: &SetIpAddressType) -> Result<(), AwsError> {
        let at = self.load_balancer_at(existing(&input.load_balancer)?)?;
        let load_balancer = &self.inventory.load_balancers[at];
        self.check_subnets(&SubnetChoice {
            kind: load_balancer.kind,
            scheme: load_balancer.scheme,
            ip_address_type: input.ip_address_type,
            subnets: &load_balancer.subnets,
            present: &load_balancer.subnets,
        })?;
        self.inventory.load_balancers[at].ip_address_type = input.ip_address_type;
        Ok(())
    }

    /// API_DeleteLoadBalancer: also deletes its listeners. A load balancer that does not exist is no error.
    pub(crate) fn delete_load_balancer(&mut self, reference: &ResourceReference) -> Result<(), AwsError> {
        let Ok(at) = self.load_balancer_at(existing(reference)?) else {
            return Ok(());
        };
        let load_balancer = &self.inventory.load_balancers[at];
        if attributes::value(&load_balancer.attributes, "deletion_protection.enabled") == Some("true") {
            return Err(AwsError::new(
                "OperationNotPermitted",
                format!(
                    "Load balancer '{}' cannot be deleted because deletion protection is enabled",
                    load_balancer.arn
                ),
            ));
        }
        self.inventory.load_balancers.remove(at);
        Ok(())
    }

    /// The security groups of a new load balancer.
    ///
    /// Page: Application Load Balancers, "Security groups": if none are given, an Application Load Balancer gets the default
    /// security group of the VPC.
    fn security_groups_for_new(&self, input: &CreateLoadBalancer) -> Result<Vec<String>, AwsError> {
        let security_groups = self.check_security_groups(&input.security_groups)?;
        if !security_groups.is_empty() || input.kind != LoadBalancerKind::Application {
            return Ok(security_groups);
        }
        Ok(self
            .inventory
            .security_groups
            .iter()
            .filter(|it| it.name == "default")
            .map(|it| it.id.clone())
            .collect())
    }

    /// Whether a load balancer can have these security groups.
    ///
    /// Pages: API_CreateLoadBalancer (`InvalidSecurityGroup`); Application Load Balancers, "Quotas" (number).
    fn check_security_groups(&self, references: &[ResourceReference]) -> Result<Vec<String>, AwsError> {
        let mut security_groups = Vec::with_capacity(references.len());
        for reference in references {
            let id = existing(reference)?;
            let vpc = &self.inventory.vpc.id;
            if !self.inventory.security_groups.iter().any(|it| it.id == id && it.vpc_id == *vpc) {
                return Err(AwsError::new(
                    "InvalidSecurityGroup",
                    format!("The specified security group '{id}' does not exist"),
                ));
            }
            security_groups.push(id.to_owned());
        }
        let limit = self.inventory.quotas.security_groups_per_load_balancer;
        if security_groups.len() > limit as usize {
            return Err(AwsError::configuration(
                "The maximum number of security groups per load balancer has been reached.",
            ));
        }
        Ok(security_groups)
    }

    /// Pages: Application Load Balancers and Network Load Balancers, "Quotas": each kind has a quota of its own.
    fn check_room_for_load_balancer(&self, kind: LoadBalancerKind) -> Result<(), AwsError> {
        let quotas = &self.inventory.quotas;
        let limit = match kind {
            LoadBalancerKind::Application => quotas.load_balancers,
            LoadBalancerKind::Network => quotas.network_load_balancers,
            LoadBalancerKind::Gateway => return Ok(()),
        };
        let present = self.inventory.load_balancers.iter().filter(|it| it.kind == kind).count();
        if present >= limit as usize {
            return Err(AwsError::new(
                "TooManyLoadBalancers",
                format!("The maximum number of load balancers ({limit}) has been reached"),
            ));
        }
        Ok(())
    }
}

/// Whether an existing load balancer has the settings of a create call.
fn same_settings(present: &LoadBalancer, input: &CreateLoadBalancer, security_groups: &[String]) -> bool {
    let same = |left: &[String], right: &[String]| {
        let (mut left, mut right) = (left.to_vec(), right.to_vec());
        left.sort();
        right.sort();
        left == right
    };
    present.kind == input.kind
        && present.scheme == input.scheme
        && present.ip_address_type == input.ip_address_type
        && same(&present.subnets, &input.subnets)
        && same(&present.security_groups, security_groups)
}
