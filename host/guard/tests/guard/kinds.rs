//! What a load balancer of a kind can have, and the zones of Network Load Balancers.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, pass, tell},
    world::*,
};

/// The load balancer 0 is a Network Load Balancer without security groups. Its healthy targets are in zone a.
fn network() -> World {
    let mut world = World::small();
    let found = world.load_balancer(0);
    found.kind = LoadBalancerKind::Network;
    found.security_groups.clear();
    found.listeners[0].protocol = Protocol::Tcp;
    found.listeners[1].protocol = Protocol::Tls;
    let group = world.target_group(0);
    (group.protocol, group.protocol_version) = (Protocol::Tcp, None);
    let inventory = &mut world.snapshot.inventory;
    inventory.subnets = ["a", "b"].map(|letter| subnet(letter, letter)).to_vec();
    inventory.instances = (0..4).map(|number| node(number, "a")).collect();
    world
}

fn subnet(letter: &str, zone: &str) -> Subnet {
    Subnet {
        id: format!("subnet-{letter}"),
        vpc_id: "vpc-1".into(),
        zone: format!("zone-{zone}"),
        cidr_block: None,
        ipv6_cidr_blocks: Vec::new(),
        free_addresses: 100,
        outpost_arn: None,
        tags: Vec::new(),
    }
}

fn node(number: usize, zone: &str) -> Instance {
    Instance {
        id: instance_id(number),
        state: InstanceState::Running,
        zone: format!("zone-{zone}"),
        subnet_id: None,
        vpc_id: Some("vpc-1".into()),
        private_ip: None,
        auto_scaling_group: Some("nodes".into()),
        security_groups: Vec::new(),
        tags: Vec::new(),
    }
}

fn subnets(letters: &[&str]) -> Operation {
    Operation::SetSubnets(SetSubnets {
        load_balancer: existing(arn(0)),
        subnets: letters.iter().map(|letter| format!("subnet-{letter}")).collect(),
    })
}

fn attribute(key: &str, value: &str) -> Operation {
    let attributes = vec![tag(key, value)];
    Operation::ModifyLoadBalancerAttributes(AttributeChange { resource: existing(arn(0)), attributes })
}

fn listener(port: u16, protocol: Protocol) -> Operation {
    Operation::CreateListener(CreateListener {
        load_balancer: existing(arn(0)),
        port,
        protocol,
        default_certificate: None,
        ssl_policy: None,
        default_actions: forward(&[existing(target_group_arn(0))]),
        tags: our_tags("id-0"),
    })
}

fn with(mut world: World, operation: Operation) -> World {
    world.act("change", operation);
    world
}

#[test]
fn each_kind_has_its_own_listeners_and_attributes() {
    tell(&[
        Story {
            title: "lets a Network Load Balancer listen for HTTP",
            honest: || with(network(), listener(8080, Protocol::Tcp)),
            lie: |world| world.plan.actions[0].operation = listener(8080, Protocol::Http),
            rule: Rule::Kind,
            action: "change",
        },
        Story {
            title: "lets an Application Load Balancer listen for TCP",
            honest: || with(World::small(), listener(8080, Protocol::Http)),
            lie: |world| world.plan.actions[0].operation = listener(8080, Protocol::Tcp),
            rule: Rule::Kind,
            action: "change",
        },
        Story {
            title: "sets the idle timeout of a Network Load Balancer",
            honest: || with(network(), attribute("load_balancing.cross_zone.enabled", "true")),
            lie: |world| world.plan.actions[0].operation = attribute("idle_timeout.timeout_seconds", "60"),
            rule: Rule::Kind,
            action: "change",
        },
        Story {
            title: "sets the zone affinity of an Application Load Balancer",
            honest: || with(World::small(), attribute("idle_timeout.timeout_seconds", "60")),
            lie: |world| {
                let affinity = "availability_zone_affinity";
                world.plan.actions[0].operation = attribute("dns_record.client_routing_policy", affinity);
            },
            rule: Rule::Kind,
            action: "change",
        },
    ]);
}

fn rule() -> Operation {
    let host = TextMatch { values: vec!["*.cluster.local".into()], regular_expressions: Vec::new() };
    Operation::CreateRule(CreateRule {
        listener: existing(listener_arn(0, 443)),
        priority: 1,
        conditions: vec![RuleCondition::HostHeader(host)],
        actions: vec![ListenerAction::FixedResponse(FixedResponseAction {
            status_code: 401,
            content_type: None,
            message_body: None,
        })],
        tags: our_tags("id-0"),
        transforms: Vec::new(),
    })
}

/// A Network Load Balancer that its Ingress wants to protect with a web ACL.
fn guarded(mut world: World) -> World {
    let acl = tag("zalando.org/aws-waf-web-acl-id", "arn:acl");
    world.ingress(0).metadata.annotations.push(acl);
    world.load_balancer(0).web_acl = Some(String::new());
    let (load_balancer, web_acl) = (existing(arn(0)), "arn:acl".to_owned());
    with(world, Operation::AssociateWebAcl(WebAclAssociation { load_balancer, web_acl }))
}

#[test]
fn a_network_load_balancer_has_no_rules_no_web_acl_and_no_late_security_groups() {
    tell(&[
        Story {
            title: "gives a rule to the listener of a Network Load Balancer",
            honest: || with(World::small(), rule()),
            lie: |world| world.load_balancer(0).kind = LoadBalancerKind::Network,
            rule: Rule::Kind,
            action: "change",
        },
        Story {
            title: "gives a web ACL to a Network Load Balancer",
            honest: || guarded(World::small()),
            lie: |world| world.load_balancer(0).kind = LoadBalancerKind::Network,
            rule: Rule::Kind,
            action: "change",
        },
        Story {
            title: "gives security groups to a Network Load Balancer without any",
            honest: || {
                let mut world = network();
                world.load_balancer(0).security_groups = vec![OPERATORS_SECURITY_GROUP.into()];
                let security_groups = vec![existing(OPERATORS_SECURITY_GROUP)];
                let load_balancer = existing(arn(0));
                with(
                    world,
                    Operation::SetSecurityGroups(SetSecurityGroups { load_balancer, security_groups }),
                )
            },
            lie: |world| world.load_balancer(0).security_groups.clear(),
            rule: Rule::Kind,
            action: "change",
        },
    ]);
}

#[test]
fn a_network_load_balancer_stays_where_its_healthy_targets_are() {
    tell(&[Story {
        title: "leaves the only zone with healthy targets",
        honest: || with(network(), subnets(&["a"])),
        lie: |world| world.plan.actions[0].operation = subnets(&["b"]),
        rule: Rule::NetworkZone,
        action: "change",
    }]);
    pass(&[
        ("one healthy target in another zone is enough", || {
            let mut world = network();
            world.snapshot.inventory.instances[3] = node(3, "b");
            with(world, subnets(&["b"]))
        }),
        ("without a healthy target nothing is lost", || {
            let mut world = network();
            world.target_group(0).targets.iter_mut().for_each(|it| it.health = TargetHealth::Unhealthy);
            with(world, subnets(&["b"]))
        }),
        ("an Application Load Balancer sends requests across zones", || {
            let mut world = network();
            world.load_balancer(0).kind = LoadBalancerKind::Application;
            with(world, subnets(&["b"]))
        }),
    ]);
}
