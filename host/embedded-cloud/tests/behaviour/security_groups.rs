//! Security groups.

use albatross_contract::{
    CreateSecurityGroup, Direction, Operation, SecurityGroup, SecurityGroupPeer, SecurityGroupRule,
    SecurityGroupRuleChange,
};
use albatross_embedded_cloud::EmbeddedCloud;

use crate::shop::{at, cloud, make, tag};

fn created(cloud: &mut EmbeddedCloud) -> String {
    let input = CreateSecurityGroup {
        name: "shop".to_owned(),
        description: "of the shop".to_owned(),
        vpc_id: "vpc-1".to_owned(),
        tags: vec![tag("team", "shop")],
    };
    make(cloud, &Operation::CreateSecurityGroup(input))
}

fn group(cloud: &mut EmbeddedCloud, id: &str) -> SecurityGroup {
    cloud.inventory().security_groups.iter().find(|it| it.id == id).expect("it is there").clone()
}

fn web(description: Option<&str>) -> SecurityGroupRule {
    SecurityGroupRule {
        id: None,
        direction: Direction::Inbound,
        protocol: "tcp".to_owned(),
        from_port: Some(443),
        to_port: Some(443),
        peer: SecurityGroupPeer::Ipv4("0.0.0.0/0".to_owned()),
        description: description.map(str::to_owned),
    }
}

fn change(id: &str, rule: SecurityGroupRule) -> SecurityGroupRuleChange {
    SecurityGroupRuleChange { security_group: at(id), rules: vec![rule] }
}

#[test]
fn a_new_security_group_allows_all_outbound_and_no_inbound_traffic() {
    let mut cloud = cloud();
    let id = created(&mut cloud);
    let group = group(&mut cloud, &id);
    assert_eq!(group.id.len(), "sg-".len() + 17);
    let rules: Vec<_> = group.rules.iter().map(|it| (it.direction, it.protocol.as_str(), &it.peer)).collect();
    assert_eq!(rules, [(Direction::Outbound, "-1", &SecurityGroupPeer::Ipv4("0.0.0.0/0".to_owned()))]);
    assert_eq!(group.tags, [tag("team", "shop")]);
}

#[test]
fn a_rule_gets_an_id_and_can_be_revoked_without_its_description() {
    let mut cloud = cloud();
    let id = created(&mut cloud);
    let allow = Operation::AuthorizeSecurityGroupRules(change(&id, web(Some("albatross"))));
    cloud.execute(&allow).expect("AWS accepts it");
    let rule = group(&mut cloud, &id).rules[1].clone();
    assert!(rule.id.as_ref().is_some_and(|it| it.starts_with("sgr-")));
    assert_eq!(rule.description.as_deref(), Some("albatross"));
    let revoke = Operation::RevokeSecurityGroupRules(change(&id, web(None)));
    cloud.execute(&revoke).expect("AWS accepts it");
    assert_eq!(group(&mut cloud, &id).rules.len(), 1);
}

#[test]
fn a_security_group_that_nothing_refers_to_can_be_deleted() {
    let mut cloud = cloud();
    let id = created(&mut cloud);
    cloud.execute(&Operation::DeleteSecurityGroup(at(&id))).expect("AWS accepts it");
    assert!(!cloud.inventory().security_groups.iter().any(|it| it.id == id));
}
