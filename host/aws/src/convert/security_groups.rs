//! Security groups.

use albatross_contract::{Direction, SecurityGroup, SecurityGroupPeer, SecurityGroupRule};
use aws_sdk_ec2::types as sdk;

use super::{small, tags};

/// A security group. Its rules have no ids: DescribeSecurityGroups returns their content, which identifies them.
pub(crate) fn from_sdk(found: &sdk::SecurityGroup) -> Option<SecurityGroup> {
    let mut rules = Vec::new();
    for permission in found.ip_permissions() {
        rules.extend(rules_of(permission, Direction::Inbound));
    }
    for permission in found.ip_permissions_egress() {
        rules.extend(rules_of(permission, Direction::Outbound));
    }
    rules.sort();
    Some(SecurityGroup {
        id: found.group_id()?.to_owned(),
        vpc_id: found.vpc_id().unwrap_or_default().to_owned(),
        name: found.group_name().unwrap_or_default().to_owned(),
        description: found.description().unwrap_or_default().to_owned(),
        rules,
        tags: tags::from_ec2(found.tags()),
    })
}

fn rules_of(permission: &sdk::IpPermission, direction: Direction) -> Vec<SecurityGroupRule> {
    let rule = |peer: SecurityGroupPeer, description: Option<&str>| SecurityGroupRule {
        id: None,
        direction,
        protocol: permission.ip_protocol().unwrap_or("-1").to_owned(),
        from_port: permission.from_port().and_then(small),
        to_port: permission.to_port().and_then(small),
        peer,
        description: description.filter(|text| !text.is_empty()).map(str::to_owned),
    };
    let ipv4 = permission.ip_ranges().iter().filter_map(|range| {
        Some(rule(SecurityGroupPeer::Ipv4(range.cidr_ip()?.to_owned()), range.description()))
    });
    let ipv6 = permission.ipv6_ranges().iter().filter_map(|range| {
        Some(rule(SecurityGroupPeer::Ipv6(range.cidr_ipv6()?.to_owned()), range.description()))
    });
    let groups = permission.user_id_group_pairs().iter().filter_map(|pair| {
        Some(rule(SecurityGroupPeer::SecurityGroup(pair.group_id()?.to_owned()), pair.description()))
    });
    let lists = permission.prefix_list_ids().iter().filter_map(|list| {
        Some(rule(SecurityGroupPeer::PrefixList(list.prefix_list_id()?.to_owned()), list.description()))
    });
    ipv4.chain(ipv6).chain(groups).chain(lists).collect()
}

/// A rule to authorize or revoke.
pub(crate) fn to_sdk(rule: &SecurityGroupRule) -> sdk::IpPermission {
    let description = rule.description.clone();
    let permission = sdk::IpPermission::builder()
        .ip_protocol(&rule.protocol)
        .set_from_port(rule.from_port.map(i32::from))
        .set_to_port(rule.to_port.map(i32::from));
    match &rule.peer {
        SecurityGroupPeer::Ipv4(block) => {
            permission.ip_ranges(sdk::IpRange::builder().cidr_ip(block).set_description(description).build())
        }
        SecurityGroupPeer::Ipv6(block) => permission
            .ipv6_ranges(sdk::Ipv6Range::builder().cidr_ipv6(block).set_description(description).build()),
        SecurityGroupPeer::SecurityGroup(id) => permission.user_id_group_pairs(
            sdk::UserIdGroupPair::builder().group_id(id).set_description(description).build(),
        ),
        SecurityGroupPeer::PrefixList(id) => permission.prefix_list_ids(
            sdk::PrefixListId::builder().prefix_list_id(id).set_description(description).build(),
        ),
    }
    .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_survive_a_round_trip() {
        for peer in [
            SecurityGroupPeer::Ipv4("10.0.0.0/8".into()),
            SecurityGroupPeer::Ipv6("::/0".into()),
            SecurityGroupPeer::SecurityGroup("sg-1".into()),
            SecurityGroupPeer::PrefixList("pl-1".into()),
        ] {
            let rule = SecurityGroupRule {
                id: None,
                direction: Direction::Outbound,
                protocol: "tcp".into(),
                from_port: Some(80),
                to_port: Some(443),
                peer,
                description: Some("albatross".into()),
            };
            assert_eq!(rules_of(&to_sdk(&rule), Direction::Outbound), [rule]);
        }
    }
}
