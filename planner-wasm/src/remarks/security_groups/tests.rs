use albatross_contract::{Diagnostic, DiagnosticCode, ViewPart};
use serde_json::{Value, from_value, json};

use super::that_admit_nothing;
use crate::testing::{World, auto_scaling_group, instance};

/// Two nodes of an Auto Scaling Group whose security group `sg-nodes` has some rules; a load balancer `one` of `sg-1`.
fn world(rules: &Value) -> World {
    let world = World::new().certificate("a", &["a.org"]);
    world.published("x", &["a.org"], "one").load_balancer("one", &["a"]).with(|snapshot| {
        let inventory = &mut snapshot.inventory;
        for (number, subnet) in inventory.subnets.iter_mut().enumerate() {
            subnet.cidr_block = Some(format!("10.0.{number}.0/24"));
        }
        inventory.auto_scaling_groups.push(auto_scaling_group("nodes", &["i-2", "i-3"], &[]));
        inventory.instances =
            ["i-2", "i-3"].iter().map(|id| instance(id, "zone-a", Some("nodes"))).collect();
        for instance in &mut inventory.instances {
            instance.security_groups = vec!["sg-nodes".into()];
        }
        let group = json!({
            "id": "sg-nodes", "vpc-id": "vpc-1", "name": "nodes", "description": "", "rules": rules, "tags": [],
        });
        inventory.security_groups.push(from_value(group).unwrap());
    })
}

fn rule(protocol: &str, ports: Option<(u16, u16)>, peer: &Value) -> Value {
    let (from, to) = ports.unzip();
    json!({"direction": "inbound", "protocol": protocol, "from-port": from, "to-port": to, "peer": peer})
}

fn out() -> Value {
    json!({"direction": "outbound", "protocol": "-1", "peer": {"ipv4": "0.0.0.0/0"}})
}

fn told(world: World) -> Vec<Diagnostic> {
    let scene = world.read();
    that_admit_nothing(&scene.decide().wanted, scene.backends(), scene.observed)
}

fn messages(world: World) -> Vec<String> {
    told(world).into_iter().map(|it| it.message).collect()
}

#[test]
fn nodes_that_admit_no_request_are_told_of_with_the_rule_that_is_missing() {
    let other_port = rule("tcp", Some((443, 443)), &json!({"security-group": "sg-1"}));
    let other_group = rule("-1", None, &json!({"security-group": "sg-nodes"}));
    let told = told(world(&json!([out(), other_port, other_group])));
    assert_eq!(told.len(), 1);
    assert_eq!((told[0].code, told[0].subject.as_str()), (DiagnosticCode::NodesUnreachable, "sg-nodes"));
    assert_eq!(
        told[0].message,
        "the nodes of nodes get no requests from albatross-one: no inbound rule of sg-nodes admits sg-1 on TCP port 9999"
    );
    let remedy = "add an inbound rule to sg-nodes for TCP port 9999 from sg-1";
    assert_eq!(told[0].remedy.as_deref(), Some(remedy));
}

#[test]
fn a_rule_that_admits_or_cannot_be_judged_is_enough() {
    let group = json!({"security-group": "sg-1"});
    for rule in [
        rule("tcp", Some((9999, 9999)), &group),
        rule("6", Some((9000, 10_000)), &group),
        rule("tcp", None, &group),
        rule("-1", None, &group),
        rule("tcp", Some((9999, 9999)), &json!({"ipv4": "10.0.0.0/16"})),
        rule("tcp", Some((0, 65_535)), &json!({"ipv4": "0.0.0.0/0"})),
        rule("tcp", Some((9999, 9999)), &json!({"prefix-list": "pl-1"})),
        rule("tcp", Some((9999, 9999)), &json!({"ipv4": "somewhere"})),
    ] {
        assert_eq!(told(world(&json!([rule.clone()]))), [], "{rule}");
    }
    for rule in [
        rule("udp", Some((9999, 9999)), &group),
        rule("tcp", Some((9999, 9999)), &json!({"ipv6": "::/0"})),
        rule("tcp", Some((9999, 9999)), &json!({"ipv4": "10.1.0.0/16"})),
        out(),
    ] {
        assert_eq!(told(world(&json!([rule.clone()]))).len(), 1, "{rule}");
    }
}

#[test]
fn one_of_several_security_groups_is_enough() {
    let world = world(&json!([out()])).with(|snapshot| {
        let group = json!({
            "id": "sg-more", "vpc-id": "vpc-1", "name": "more", "description": "", "tags": [],
            "rules": [rule("-1", None, &json!({"ipv4": "0.0.0.0/0"}))],
        });
        snapshot.inventory.security_groups.push(from_value(group).unwrap());
        snapshot.inventory.instances[0].security_groups.push("sg-more".into());
        snapshot.inventory.instances[1].security_groups.insert(0, "sg-more".into());
    });
    assert_eq!(told(world), []);
}

#[test]
fn subnets_and_ports_that_are_admitted_are_not_named() {
    let one_subnet = rule("tcp", Some((9999, 9999)), &json!({"ipv4": "10.0.0.0/24"}));
    assert_eq!(
        messages(world(&json!([one_subnet]))),
        [
            "the nodes of nodes get no requests from albatross-one: no inbound rule of sg-nodes admits sg-1 in subnet-b on TCP \
          port 9999"
        ]
    );
    let target_port = rule("tcp", Some((9999, 9999)), &json!({"security-group": "sg-1"}));
    let other = world(&json!([target_port])).with(|it| it.settings.proxy.health_check_port = 10_254);
    assert_eq!(
        messages(other),
        [
            "the nodes of nodes fail the health checks of albatross-one: no inbound rule of sg-nodes admits sg-1 on TCP port \
          10254"
        ]
    );
    let neither = world(&json!([out()])).with(|it| it.settings.proxy.health_check_port = 10_254);
    assert!(messages(neither)[0].ends_with("admits sg-1 on TCP ports 9999, 10254"));
}

#[test]
fn nothing_is_told_of_rules_that_were_not_read() {
    let blocked = || world(&json!([out()]));
    assert_eq!(told(blocked()).len(), 1);
    for part in [ViewPart::SecurityGroups, ViewPart::Instances] {
        assert_eq!(told(blocked().missing(part)), [], "{part:?}");
    }
    assert_eq!(told(world(&json!([]))), [], "a node without any rule could do nothing at all");
    let unknown =
        blocked().with(|it| it.inventory.instances.iter_mut().for_each(|it| it.security_groups.clear()));
    assert_eq!(told(unknown), [], "its security groups are not known");
    let gone = blocked().with(|it| it.inventory.security_groups.truncate(1));
    assert_eq!(told(gone), [], "the inventory lacks its security group");
}

/// The world of a rule that admits everything, in which `sg-1` of the load balancer has these rules.
fn leaving(rules: &Value) -> World {
    let inbound = rule("-1", None, &json!({"ipv4": "0.0.0.0/0"}));
    world(&json!([inbound])).with(|snapshot| {
        let groups = &mut snapshot.inventory.security_groups;
        groups.iter_mut().find(|group| group.id == "sg-1").unwrap().rules =
            from_value(rules.clone()).unwrap();
        for (number, instance) in snapshot.inventory.instances.iter_mut().enumerate() {
            instance.private_ip = Some(format!("10.0.0.{}", number + 10));
        }
    })
}

fn outbound(protocol: &str, ports: Option<(u16, u16)>, peer: &Value) -> Value {
    let mut rule = rule(protocol, ports, peer);
    rule["direction"] = json!("outbound");
    rule
}

#[test]
fn a_load_balancer_whose_outbound_rules_do_not_allow_the_nodes_is_told_of() {
    let inbound = rule("tcp", Some((443, 443)), &json!({"ipv4": "0.0.0.0/0"}));
    let elsewhere = outbound("tcp", Some((9999, 9999)), &json!({"ipv4": "10.9.0.0/16"}));
    let other_port = outbound("tcp", Some((80, 80)), &json!({"security-group": "sg-nodes"}));
    for rules in [json!([inbound]), json!([inbound, elsewhere]), json!([inbound, other_port])] {
        assert_eq!(
            messages(leaving(&rules)),
            [
                "requests of albatross-one do not reach the nodes of nodes: no outbound rule of sg-1 allows TCP port 9999 to \
              them"
            ]
        );
    }
    for allowed in [
        out(),
        outbound("tcp", Some((9999, 9999)), &json!({"ipv4": "10.0.0.0/24"})),
        outbound("tcp", Some((9000, 10_000)), &json!({"security-group": "sg-nodes"})),
        outbound("-1", None, &json!({"prefix-list": "pl-1"})),
    ] {
        assert_eq!(messages(leaving(&json!([inbound, allowed.clone()]))), [""; 0], "{allowed}");
    }
    assert_eq!(messages(leaving(&json!([]))), [""; 0], "the rules may not have been read");
}
