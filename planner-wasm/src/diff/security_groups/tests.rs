use albatross_contract::{Action, SecurityGroupPeer, SecurityGroupRule};

use super::{Changes, close, close_targets, open, open_targets};
use crate::{
    diff::{
        load_balancers,
        testing::{actions, wanted},
    },
    identity::ownership_tags,
    testing::{World, leak, settings, told},
    wanted::{Creation, Firewall, LoadBalancer, Made, SecurityGroup, SecurityGroupRules, Targets},
};

/// A rule of ours for some ports.
fn rule(from: u16, to: u16) -> SecurityGroupRule {
    SecurityGroupRule {
        id: None,
        direction: albatross_contract::Direction::Inbound,
        protocol: "tcp".into(),
        from_port: Some(from),
        to_port: Some(to),
        peer: SecurityGroupPeer::Ipv4("0.0.0.0/0".into()),
        description: Some("albatross: clients of the load balancer".into()),
    }
}

fn of_a_person(port: u16) -> SecurityGroupRule {
    SecurityGroupRule { description: Some("maintenance".into()), ..rule(port, port) }
}

/// The security group in AWS.
fn there(rules: &[SecurityGroupRule]) -> &'static albatross_contract::SecurityGroup {
    let mut group = World::new().read().snapshot.inventory.security_groups[0].clone();
    group.rules = rules.to_vec();
    leak(group)
}

fn rules(wanted: &[SecurityGroupRule], limit: usize) -> SecurityGroupRules {
    SecurityGroupRules { wanted: wanted.to_vec(), may_revoke: true, admitted: None, limit }
}

fn group(
    there: Option<&'static albatross_contract::SecurityGroup>,
    rules: SecurityGroupRules,
) -> SecurityGroup<'static> {
    SecurityGroup {
        id: "one".into(),
        name: "clients".into(),
        description: "clients",
        vpc: "vpc-1",
        there,
        reason: "none is named".into(),
        ownership: ownership_tags(&settings().identity, "one"),
        rules,
    }
}

/// The ports of the rules that are added, and of those that are removed.
fn ports(changes: &Changes) -> (Vec<u16>, Vec<u16>) {
    let of = |rules: &[SecurityGroupRule]| rules.iter().filter_map(|rule| rule.from_port).collect();
    (of(&changes.add), of(&changes.remove))
}

#[test]
fn only_rules_of_ours_that_are_not_wanted_are_removed() {
    let group = there(&[rule(80, 80), rule(443, 443), of_a_person(22)]);
    let wanted = rules(&[rule(443, 443), rule(8080, 8080)], 60);
    assert_eq!(ports(&Changes::between(&wanted, Some(group))), (vec![8080], vec![80]));
    let unsure = SecurityGroupRules { may_revoke: false, ..wanted };
    assert_eq!(ports(&Changes::between(&unsure, Some(group))), (vec![8080], vec![]));
}

#[test]
fn the_rule_of_a_person_for_the_same_traffic_is_enough() {
    let group = there(&[of_a_person(80)]);
    assert_eq!(ports(&Changes::between(&rules(&[rule(80, 80)], 60), Some(group))), (vec![], vec![]));
    assert_eq!(ports(&Changes::between(&rules(&[], 60), Some(group))), (vec![], vec![]));
}

#[test]
fn a_rule_that_has_no_room_yet_keeps_the_rules_for_its_ports() {
    let group = there(&[rule(80, 80), rule(443, 443)]);
    let wanted = rules(&[rule(8080, 8080), rule(440, 450)], 3);
    assert_eq!(ports(&Changes::between(&wanted, Some(group))), (vec![8080], vec![80]));
    let full = rules(&[rule(8080, 8080)], 2);
    assert_eq!(ports(&Changes::between(&full, Some(group))), (vec![], vec![80, 443]));
}

/// All actions for a load balancer.
fn compared(wanted: &LoadBalancer<'_>) -> Vec<Action> {
    actions(|actions| {
        let opened = open(wanted, &[], actions);
        let set = load_balancers::compare(wanted, &[], opened.iter(), actions);
        close(wanted, &opened, set.as_ref(), actions);
    })
}

#[test]
fn a_new_load_balancer_is_created_after_its_security_group_and_its_rules() {
    let creation =
        Creation { reason: "somebody asks".into(), disruption: albatross_contract::Disruption::None };
    let mut new = LoadBalancer { creation: Some(creation), ..wanted(None) };
    new.firewall = Firewall {
        made: vec![Made { id: "one".into(), name: "clients".into() }],
        front: vec![group(None, rules(&[rule(80, 80)], 60))],
        ..Firewall::default()
    };
    let made = compared(&new);
    let ids = ["security-group/clients/create", "security-group/clients/authorize", "load-balancer/create"];
    assert_eq!(told(&made), ids);
    assert_eq!(made[1].depends_on, [made[0].id.clone()]);
    assert_eq!(made[2].depends_on, [made[1].id.clone(), made[0].id.clone()]);
}

#[test]
fn rules_are_added_before_others_are_removed_and_a_security_group_goes_after_its_load_balancer_has_others() {
    let owned = World::new().load_balancer("one", &[]).read().owned("one");
    let mut changed = wanted(Some(owned));
    changed.security_groups = vec!["sg-2"];
    changed.firewall = Firewall {
        front: vec![group(Some(there(&[rule(80, 80)])), rules(&[rule(443, 443)], 60))],
        surplus: vec![there(&[])],
        ..Firewall::default()
    };
    let all = compared(&changed);
    let ids = [
        "security-group/clients/authorize",
        "load-balancer/security-groups",
        "security-group/clients/revoke",
        "security-group/ingress/delete",
    ];
    assert_eq!(told(&all), ids);
    assert_eq!(all[1].depends_on, [all[0].id.clone()]);
    assert_eq!(all[2].depends_on, [all[1].id.clone(), all[0].id.clone()]);
    assert_eq!(all[3].depends_on, [all[1].id.clone()]);
}

#[test]
fn without_targets_nothing_is_opened_or_closed() {
    let none = Targets::default();
    let nothing = actions(|actions| {
        let opened = open_targets(&none, actions);
        close_targets(&none, &opened, actions);
    });
    assert_eq!(nothing, []);
}
