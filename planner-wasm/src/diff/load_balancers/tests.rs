use albatross_contract::{Action, Disruption, IpAddressType, Operation, ResourceReference, SetSubnets};

use super::compare;
use crate::{
    diff::testing::{MEMBER, actions, wanted},
    identity::tag,
    observed::Owned,
    testing::{World, load_balancer_arn, told},
    wanted::{Creation, LoadBalancer},
};

fn compared(wanted: &LoadBalancer<'_>) -> Vec<Action> {
    actions(|actions| _ = compare(wanted, &[MEMBER.owned()], [].iter(), actions))
}

fn there() -> &'static Owned<'static> {
    World::new().load_balancer("one", &[]).read().owned("one")
}

/// A load balancer that is created.
fn new() -> LoadBalancer<'static> {
    let creation = Creation { reason: "somebody asks for it".into(), disruption: Disruption::Name };
    LoadBalancer { creation: Some(creation), ..wanted(None) }
}

#[test]
fn a_load_balancer_as_it_should_be_needs_nothing() {
    assert_eq!(compared(&wanted(Some(there()))), []);
}

#[test]
fn the_order_of_subnets_and_security_groups_does_not_matter() {
    let owned = World::new().load_balancer("one", &[]).which(|found| found.subnets.reverse());
    for owned in [there(), owned.read().owned("one")] {
        for subnets in [vec!["subnet-a", "subnet-b"], vec!["subnet-b", "subnet-a"]] {
            assert_eq!(compared(&LoadBalancer { subnets, ..wanted(Some(owned)) }), []);
        }
    }
}

#[test]
fn a_missing_load_balancer_is_created_for_the_ingresses_that_wait() {
    let made = compared(&new());
    assert_eq!(told(&made), ["load-balancer/create"]);
    assert_eq!((made[0].reason.as_str(), made[0].disruption), ("somebody asks for it", Disruption::Name));
    assert_eq!(made[0].objects, ["shop/checkout"]);
    let Operation::CreateLoadBalancer(create) = &made[0].operation else { panic!("{made:?}") };
    assert_eq!((create.name.as_str(), create.subnets.len()), ("albatross-one", 2));
    assert_eq!(create.security_groups, [ResourceReference::Existing("sg-1".into())]);
    assert_eq!(create.tags, wanted(None).ownership);
}

#[test]
fn a_load_balancer_without_a_creation_is_not_created() {
    assert_eq!(compared(&wanted(None)), []);
}

#[test]
fn attributes_of_a_new_resource_are_set_after_its_creation() {
    let mut wanted = new();
    wanted.attributes[0].value = "90".into();
    let made = compared(&wanted);
    assert_eq!(told(&made), ["load-balancer/create", "load-balancer/attributes"]);
    assert_eq!(made[1].depends_on, ["one/load-balancer/create"]);
    let Operation::ModifyLoadBalancerAttributes(change) = &made[1].operation else { panic!("{made:?}") };
    assert_eq!(change.attributes, [tag("idle_timeout.timeout_seconds", "90")]);
    assert_eq!(change.resource, ResourceReference::CreatedBy("one/load-balancer/create".into()));
}

#[test]
fn changeable_properties_are_changed_in_place() {
    type Change = fn(&mut LoadBalancer<'_>);
    let cases: [(Change, &str); 4] = [
        (|wanted| wanted.subnets.push("subnet-c"), "load-balancer/subnets"),
        (|wanted| wanted.security_groups = vec!["sg-2"], "load-balancer/security-groups"),
        (|wanted| wanted.ip_address_type = IpAddressType::Dualstack, "load-balancer/ip-address-type"),
        (|wanted| wanted.attributes[0].value = "90".into(), "load-balancer/attributes"),
    ];
    for (change, expected) in cases {
        let mut wanted = wanted(Some(there()));
        change(&mut wanted);
        assert_eq!(told(&compared(&wanted)), [expected]);
    }
}

#[test]
fn connections_drain_only_where_a_subnet_leaves() {
    for (subnets, expected) in [
        (vec!["subnet-a", "subnet-b", "subnet-c"], Disruption::None),
        (vec!["subnet-a", "subnet-c"], Disruption::Drain),
    ] {
        let changed = compared(&LoadBalancer { subnets: subnets.clone(), ..wanted(Some(there())) });
        assert_eq!(changed[0].disruption, expected, "{subnets:?}");
        let set = SetSubnets {
            load_balancer: ResourceReference::Existing(load_balancer_arn("one")),
            subnets: subnets.into_iter().map(str::to_owned).collect(),
        };
        assert_eq!(changed[0].operation, Operation::SetSubnets(set));
    }
}

#[test]
fn attributes_that_we_do_not_set_stay() {
    let scene = World::new().load_balancer("one", &[]).which(|found| {
        found.attributes.push(tag("routing.http2.enabled", "false"));
    });
    assert_eq!(compared(&wanted(Some(scene.read().owned("one")))), []);
}

#[test]
fn subnets_are_set_before_dual_stack_and_after_ipv4() {
    let subnets = || vec!["subnet-a", "subnet-c"];
    for (there, wants, expected) in [
        (
            IpAddressType::Ipv4,
            IpAddressType::Dualstack,
            ["load-balancer/subnets", "load-balancer/ip-address-type"],
        ),
        (
            IpAddressType::Dualstack,
            IpAddressType::Ipv4,
            ["load-balancer/ip-address-type", "load-balancer/subnets"],
        ),
    ] {
        let scene = World::new().load_balancer("one", &[]).which(|found| found.ip_address_type = there);
        let owned = scene.read().owned("one");
        let changes =
            compared(&LoadBalancer { subnets: subnets(), ip_address_type: wants, ..wanted(Some(owned)) });
        assert_eq!(told(&changes), expected);
        assert_eq!(changes[0].depends_on, [""; 0]);
        assert_eq!(changes[1].depends_on, [changes[0].id.clone()], "{there:?} to {wants:?}");
    }
}
