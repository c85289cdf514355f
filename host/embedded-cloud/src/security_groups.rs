//! Security groups.

use albatross_contract::{
    CreateSecurityGroup, Direction, ResourceReference, SecurityGroup, SecurityGroupPeer, SecurityGroupRule,
    SecurityGroupRuleChange,
};

use crate::{
    AwsError,
    account::{Account, existing},
    tags::{self, Keeper, check_tags},
};

impl Account {
    /// EC2 API_CreateSecurityGroup. Not idempotent. A new security group has a rule that allows all outbound traffic, and
    /// another such rule for IPv6 if the VPC has IPv6 blocks (VPC, "Security group rules").
    pub(crate) fn create_security_group(&mut self, input: &CreateSecurityGroup) -> Result<String, AwsError> {
        if input.vpc_id != self.inventory.vpc.id {
            return Err(AwsError::new(
                "InvalidVpcID.NotFound",
                format!("The vpc ID '{}' does not exist", input.vpc_id),
            ));
        }
        for (what, text) in [("groupName", &input.name), ("groupDescription", &input.description)] {
            if text.is_empty() || text.len() > 255 {
                return Err(AwsError::new(
                    "InvalidParameterValue",
                    format!("Invalid value '{text}' for {what}. It must have 1 to 255 characters."),
                ));
            }
        }
        if input.name.starts_with("sg-") {
            return Err(AwsError::new(
                "InvalidParameterValue",
                format!(
                    "Invalid value '{}' for groupName. Group names may not be in the format sg-*",
                    input.name
                ),
            ));
        }
        let mut of_vpc = self.inventory.security_groups.iter().filter(|it| it.vpc_id == input.vpc_id);
        if of_vpc.any(|it| it.name == input.name) {
            return Err(AwsError::new(
                "InvalidGroup.Duplicate",
                format!("The security group '{}' already exists for VPC '{}'", input.name, input.vpc_id),
            ));
        }
        check_tags(Keeper::Ec2, &[], &input.tags, self.inventory.quotas.tags_per_resource)?;

        let id = format!("sg-{}", self.identifiers.hexadecimal(&input.name, 17));
        let mut everywhere = vec![SecurityGroupPeer::Ipv4("0.0.0.0/0".to_owned())];
        if !self.inventory.vpc.ipv6_cidr_blocks.is_empty() {
            everywhere.push(SecurityGroupPeer::Ipv6("::/0".to_owned()));
        }
        let rules = everywhere.into_iter().map(|peer| SecurityGroupRule {
            id: Some(self.identifiers.security_group_rule(&id)),
            direction: Direction::Outbound,
            protocol: "-1".to_owned(),
            from_port: None,
            to_port: None,
            peer,
            description: None,
        });
        let rules = rules.collect();
        self.inventory.security_groups.push(SecurityGroup {
            id: id.clone(),
            vpc_id: input.vpc_id.clone(),
            name: input.name.clone(),
            description: input.description.clone(),
            rules,
            tags: tags::sorted(&input.tags),
        });
        Ok(id)
    }

    /// EC2 API_AuthorizeSecurityGroupIngress and API_AuthorizeSecurityGroupEgress.
    pub(crate) fn authorize_security_group_rules(
        &mut self,
        input: &SecurityGroupRuleChange,
    ) -> Result<(), AwsError> {
        let id = existing(&input.security_group)?;
        let at = self.security_group_at(id)?;
        let mut rules = self.inventory.security_groups[at].rules.clone();
        for rule in &input.rules {
            if let SecurityGroupPeer::SecurityGroup(peer) = &rule.peer {
                self.security_group_at(peer)?;
            }
            check_rule(rule)?;
            if rules.iter().any(|it| same_traffic(it, rule)) {
                return Err(AwsError::new(
                    "InvalidPermission.Duplicate",
                    format!("the specified rule {} already exists", describe(rule)),
                ));
            }
            let id = Some(self.identifiers.security_group_rule(id));
            rules.push(SecurityGroupRule { id, ..rule.clone() });
        }
        self.inventory.security_groups[at].rules = rules;
        Ok(())
    }

    /// EC2 API_RevokeSecurityGroupIngress and API_RevokeSecurityGroupEgress: the values must match, the description need
    /// not. A rule that does not exist is an error, because the VPC of a cluster is not a default VPC.
    pub(crate) fn revoke_security_group_rules(
        &mut self,
        input: &SecurityGroupRuleChange,
    ) -> Result<(), AwsError> {
        let at = self.security_group_at(existing(&input.security_group)?)?;
        let mut rules = self.inventory.security_groups[at].rules.clone();
        for rule in &input.rules {
            let found = match &rule.id {
                Some(_) => rules.iter().position(|it| it.id == rule.id),
                None => rules.iter().position(|it| same_traffic(it, rule)),
            };
            let Some(position) = found else {
                return Err(AwsError::new(
                    "InvalidPermission.NotFound",
                    "The specified rule does not exist in this security group.",
                ));
            };
            rules.remove(position);
        }
        self.inventory.security_groups[at].rules = rules;
        Ok(())
    }

    /// EC2 API_DeleteSecurityGroup: not while an instance, a load balancer or another security group refers to it.
    pub(crate) fn delete_security_group(&mut self, reference: &ResourceReference) -> Result<(), AwsError> {
        let id = existing(reference)?;
        let at = self.security_group_at(id)?;
        if self.inventory.security_groups[at].name == "default" {
            return Err(AwsError::new(
                "CannotDelete",
                format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"),
            ));
        }
        let of_load_balancer =
            self.inventory.load_balancers.iter().any(|it| it.security_groups.iter().any(|it| it == id));
        let of_instance =
            self.inventory.instances.iter().any(|it| it.security_groups.iter().any(|it| it == id));
        let of_group = self.inventory.security_groups.iter().filter(|it| it.id != id).any(|group| {
            group
                .rules
                .iter()
                .any(|it| matches!(&it.peer, SecurityGroupPeer::SecurityGroup(peer) if peer == id))
        });
        if of_load_balancer || of_instance || of_group {
            return Err(AwsError::new(
                "DependencyViolation",
                format!("resource {id} has a dependent object"),
            ));
        }
        self.inventory.security_groups.remove(at);
        Ok(())
    }

    /// The index of a security group in the inventory.
    pub(crate) fn security_group_at(&self, id: &str) -> Result<usize, AwsError> {
        self.inventory.security_groups.iter().position(|it| it.id == id).ok_or_else(|| {
            AwsError::new("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
        })
    }
}

/// Page: EC2 API_IpPermission: TCP and UDP need ports, in order.
fn check_rule(rule: &SecurityGroupRule) -> Result<(), AwsError> {
    let needs_ports = matches!(rule.protocol.as_str(), "tcp" | "udp" | "6" | "17");
    match (rule.from_port, rule.to_port) {
        (Some(from), Some(to)) if from <= to => Ok(()),
        (None, None) if !needs_ports => Ok(()),
        _ => Err(AwsError::new(
            "InvalidParameterValue",
            format!("Invalid value for portRange of rule {}", describe(rule)),
        )),
    }
}

/// Whether two rules allow the same traffic; id and description do not count.
fn same_traffic(left: &SecurityGroupRule, right: &SecurityGroupRule) -> bool {
    left.direction == right.direction
        && left.protocol == right.protocol
        && left.from_port == right.from_port
        && left.to_port == right.to_port
        && left.peer == right.peer
}

/// A rule as EC2's errors describe it.
fn describe(rule: &SecurityGroupRule) -> String {
    let peer = match &rule.peer {
        SecurityGroupPeer::Ipv4(peer)
        | SecurityGroupPeer::Ipv6(peer)
        | SecurityGroupPeer::SecurityGroup(peer)
        | SecurityGroupPeer::PrefixList(peer) => peer,
    };
    let protocol = if rule.protocol == "-1" { "ALL".to_owned() } else { rule.protocol.to_uppercase() };
    match (rule.from_port, rule.to_port) {
        (Some(from), Some(to)) => {
            format!("\"peer: {peer}, {protocol}, from port: {from}, to port: {to}, ALLOW\"")
        }
        _ => format!("\"peer: {peer}, {protocol}, ALLOW\""),
    }
}
