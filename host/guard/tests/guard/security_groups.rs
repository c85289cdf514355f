//! Security groups of route mode: whose they are, and which rules load balancers need.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

const FRONT: &str = "sg-front";
const SHARED: &str = "sg-shared";
const NODES: &str = "sg-nodes";
const OURS: &str = "albatross: clients of the load balancer";

fn rule(port: u16, peer: SecurityGroupPeer, description: &str) -> SecurityGroupRule {
    SecurityGroupRule {
        id: None,
        direction: Direction::Inbound,
        protocol: "tcp".into(),
        from_port: Some(port),
        to_port: Some(port),
        peer,
        description: Some(description.into()),
    }
}

fn everybody(port: u16) -> SecurityGroupRule {
    rule(port, SecurityGroupPeer::Ipv4("0.0.0.0/0".into()), OURS)
}

fn office(port: u16) -> SecurityGroupRule {
    rule(port, SecurityGroupPeer::Ipv4("192.0.2.0/24".into()), OURS)
}

fn from_shared(port: u16) -> SecurityGroupRule {
    rule(port, SecurityGroupPeer::SecurityGroup(SHARED.into()), "albatross: load balancers of the cluster")
}

/// A rule of a person: for SSH.
fn of_people() -> SecurityGroupRule {
    rule(22, SecurityGroupPeer::Ipv4("0.0.0.0/0".into()), "maintenance")
}

fn group(id: &str, rules: Vec<SecurityGroupRule>, tags: Vec<Tag>) -> SecurityGroup {
    SecurityGroup {
        id: id.into(),
        vpc_id: "vpc-1".into(),
        name: id.replace("sg-", "group-"),
        description: String::new(),
        rules,
        tags,
    }
}

/// A load balancer with a security group of its own and the shared one, and nodes that admit the shared one. A port of the
/// nodes and a range of clients are no longer needed.
fn served() -> World {
    let mut world = World::small();
    let inventory = &mut world.snapshot.inventory;
    let front = vec![everybody(80), everybody(443), office(443), of_people()];
    inventory.security_groups.push(group(FRONT, front, our_tags("id-0")));
    inventory.security_groups.push(group(SHARED, Vec::new(), our_tags("id-shared")));
    let nodes = vec![from_shared(9999), from_shared(8888), of_people()];
    inventory.security_groups.push(group(NODES, nodes, Vec::new()));
    inventory.instances = (0..4)
        .map(|number| Instance {
            id: instance_id(number),
            state: InstanceState::Running,
            zone: "eu-central-1a".into(),
            subnet_id: None,
            vpc_id: Some("vpc-1".into()),
            private_ip: None,
            auto_scaling_group: Some("nodes".into()),
            security_groups: vec![NODES.into()],
            tags: Vec::new(),
        })
        .collect();
    world.load_balancer(0).security_groups = vec![FRONT.into(), SHARED.into()];
    world
}

fn change(group: &str, rules: &[SecurityGroupRule]) -> SecurityGroupRuleChange {
    SecurityGroupRuleChange { security_group: existing(group), rules: rules.to_vec() }
}

fn authorize(group: &str, rules: &[SecurityGroupRule]) -> Operation {
    Operation::AuthorizeSecurityGroupRules(change(group, rules))
}

fn revoke(group: &str, rules: &[SecurityGroupRule]) -> Operation {
    Operation::RevokeSecurityGroupRules(change(group, rules))
}

fn with(id: &str, operation: Operation) -> World {
    let mut world = served();
    world.act(id, operation);
    world
}

#[test]
fn only_rules_of_ours_are_changed() {
    tell(&[
        Story {
            title: "revokes the rule of a person on a security group of ours",
            honest: || with("revoke", revoke(FRONT, &[office(443)])),
            lie: |world| world.plan.actions[0].operation = revoke(FRONT, &[of_people()]),
            rule: Rule::Ownership,
            action: "revoke",
        },
        Story {
            title: "revokes the rule of a person on the security group of the nodes, and says that it is ours",
            honest: || with("revoke", revoke(NODES, &[from_shared(8888)])),
            lie: |world| {
                let lie = SecurityGroupRule { description: Some(OURS.into()), ..of_people() };
                world.plan.actions[0].operation = revoke(NODES, &[from_shared(8888), lie]);
            },
            rule: Rule::Ownership,
            action: "revoke",
        },
        Story {
            title: "adds a rule that cannot be recognized as ours",
            honest: || with("authorize", authorize(NODES, &[from_shared(7777)])),
            lie: |world| {
                let anonymous = SecurityGroupRule { description: None, ..from_shared(7777) };
                world.plan.actions[0].operation = authorize(NODES, &[anonymous]);
            },
            rule: Rule::Ownership,
            action: "authorize",
        },
        Story {
            title: "opens the nodes to everybody",
            honest: || with("authorize", authorize(NODES, &[from_shared(7777)])),
            lie: |world| world.plan.actions[0].operation = authorize(NODES, &[everybody(7777)]),
            rule: Rule::Ownership,
            action: "authorize",
        },
        Story {
            title: "opens the nodes to the members of a security group of another cluster",
            honest: || with("authorize", authorize(NODES, &[from_shared(7777)])),
            lie: |world| {
                let rule =
                    rule(7777, SecurityGroupPeer::SecurityGroup(OPERATORS_SECURITY_GROUP.into()), OURS);
                world.plan.actions[0].operation = authorize(NODES, &[rule]);
            },
            rule: Rule::Ownership,
            action: "authorize",
        },
        Story {
            title: "adds rules to the operator's security group",
            honest: || with("authorize", authorize(FRONT, &[office(80)])),
            lie: |world| world.plan.actions[0].operation = authorize(OPERATORS_SECURITY_GROUP, &[office(80)]),
            rule: Rule::Ownership,
            action: "authorize",
        },
    ]);
}

/// Port 443 is opened to the office only.
fn other_clients() -> World {
    let mut world = served();
    let office_of_2 = rule(80, SecurityGroupPeer::Ipv4("198.51.100.0/24".into()), OURS);
    world.act("authorize", authorize(FRONT, &[office_of_2]));
    world.act_after("revoke", &["authorize"], revoke(FRONT, &[everybody(80), everybody(443)]));
    world
}

#[test]
fn no_rule_is_removed_that_a_load_balancer_needs() {
    tell(&[
        Story {
            title: "removes the last rule for a port on which a load balancer listens",
            honest: || with("revoke", revoke(FRONT, &[everybody(443)])),
            lie: |world| world.plan.actions[0].operation = revoke(FRONT, &[everybody(443), office(443)]),
            rule: Rule::SecurityGroupRuleNeeded,
            action: "revoke",
        },
        Story {
            title: "removes the last rule for a port in two steps",
            honest: || with("revoke", revoke(FRONT, &[everybody(443)])),
            lie: |world| _ = world.act("again", revoke(FRONT, &[office(443)])),
            rule: Rule::SecurityGroupRuleNeeded,
            action: "revoke",
        },
        Story {
            title: "does not wait for the rule that takes over",
            honest: other_clients,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::SecurityGroupRuleNeeded,
            action: "revoke",
        },
        Story {
            title: "closes the port of the targets",
            honest: || with("revoke", revoke(NODES, &[from_shared(8888)])),
            lie: |world| world.plan.actions[0].operation = revoke(NODES, &[from_shared(9999)]),
            rule: Rule::SecurityGroupRuleNeeded,
            action: "revoke",
        },
        Story {
            title: "closes the port of the health checks",
            honest: || with("revoke", revoke(NODES, &[from_shared(8888)])),
            lie: |world| world.target_group(0).health_check.port = "8888".into(),
            rule: Rule::SecurityGroupRuleNeeded,
            action: "revoke",
        },
    ]);
    pass(&[
        ("the ports of a load balancer that is gone are closed", || {
            let mut world = with("revoke", revoke(NODES, &[from_shared(9999)]));
            world.load_balancer(0).security_groups = vec![OPERATORS_SECURITY_GROUP.into()];
            world
        }),
        ("a range takes over from a port", || {
            let mut world = served();
            let range = SecurityGroupRule { from_port: Some(9000), ..from_shared(9999) };
            world.act("authorize", authorize(NODES, &[range]));
            world.act_after("revoke", &["authorize"], revoke(NODES, &[from_shared(9999)]));
            world
        }),
    ]);
}

/// The load balancer gets the operator's security group, and the others are deleted.
fn changed() -> World {
    let mut world = served();
    let set = SetSecurityGroups {
        load_balancer: existing(arn(0)),
        security_groups: vec![existing(OPERATORS_SECURITY_GROUP)],
    };
    world.act("set", Operation::SetSecurityGroups(set));
    world.act_after("delete", &["set"], Operation::DeleteSecurityGroup(existing(FRONT)));
    world
}

/// No load balancer has the shared security group, and it is deleted.
fn nobody_needs_the_shared_one() -> World {
    let mut world = served();
    world.load_balancer(0).security_groups = vec![OPERATORS_SECURITY_GROUP.into()];
    world.act("revoke", revoke(NODES, &[from_shared(9999), from_shared(8888)]));
    world.act_after("delete", &["revoke"], Operation::DeleteSecurityGroup(existing(SHARED)));
    world
}

#[test]
fn a_security_group_is_deleted_only_when_nothing_uses_it() {
    tell(&[
        Story {
            title: "deletes a security group before its load balancer gets others",
            honest: changed,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "deletes a security group that it gives to a load balancer",
            honest: changed,
            lie: |world| match &mut world.plan.actions[0].operation {
                Operation::SetSecurityGroups(set) => set.security_groups.push(existing(FRONT)),
                _ => unreachable!(),
            },
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "deletes a security group that a rule names",
            honest: nobody_needs_the_shared_one,
            lie: |world| world.plan.actions[0].operation = revoke(NODES, &[from_shared(9999)]),
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "does not wait for the end of the rule that names the security group",
            honest: nobody_needs_the_shared_one,
            lie: |world| world.plan.actions[1].depends_on.clear(),
            rule: Rule::DeletionInUse,
            action: "delete",
        },
        Story {
            title: "deletes a stranger's security group",
            honest: nobody_needs_the_shared_one,
            lie: |world| {
                world.plan.actions[1].operation = Operation::DeleteSecurityGroup(existing(NODES));
                world.snapshot.inventory.instances.clear();
            },
            rule: Rule::Ownership,
            action: "delete",
        },
        Story {
            title: "removes rules although not all load balancers are known",
            honest: || with("revoke", revoke(FRONT, &[office(443)])),
            lie: |world| _ = world.incomplete(ViewPart::LoadBalancers),
            rule: Rule::Completeness,
            action: "revoke",
        },
    ]);
}
