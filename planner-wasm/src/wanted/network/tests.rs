use albatross_contract::{IpAddressType, ViewPart};

use super::Network;
use crate::{
    network::subnets::Subnets,
    terms::Terms,
    testing::{World, instance, load_balancer},
};

/// Subnets, security groups and address type of the load balancer `one`, and the subnet that prevents the wanted address
/// type.
fn existing(world: World) -> (Vec<&'static str>, Vec<&'static str>, IpAddressType, Option<&'static str>) {
    let scene = world.read();
    let found = scene.owned("one").load_balancer.unwrap();
    let subnets = Subnets::new(scene.observed);
    let mut network =
        Network::of_existing(found, &subnets, scene.choices(), scene.backends(), scene.observed);
    let wanted = scene.observed.settings.ip_address_type;
    let in_the_way = network.settle_address_type(wanted, found.ip_address_type, scene.observed);
    (network.subnets, network.security_groups, network.ip_address_type, in_the_way)
}

fn one() -> World {
    World::new().load_balancer("one", &[])
}

/// With a third zone that has a subnet, and a node if asked for.
fn with_third_zone(world: World, node: bool) -> World {
    world.with(|snapshot| {
        let mut subnet = snapshot.inventory.subnets[0].clone();
        (subnet.id, subnet.zone) = ("subnet-c".into(), "zone-c".into());
        snapshot.inventory.subnets.push(subnet);
        if node {
            snapshot.inventory.instances.push(instance("i-2", "zone-c", None));
        }
    })
}

fn with_other_group(world: World) -> World {
    world.with(|snapshot| {
        let mut group = snapshot.inventory.security_groups[0].clone();
        group.id = "sg-0".into();
        snapshot.inventory.security_groups.push(group);
    })
}

const BOTH: [&str; 2] = ["subnet-a", "subnet-b"];

#[test]
fn a_new_load_balancer_gets_the_chosen_subnets() {
    let scene = World::new().with(|it| it.settings.ip_address_type = IpAddressType::Ipv4).read();
    let network = Network::of_new(&Terms::of(&load_balancer("one")), scene.choices(), scene.observed);
    assert_eq!((network.subnets, network.security_groups), (BOTH.to_vec(), vec!["sg-1"]));
    assert_eq!(network.ip_address_type, IpAddressType::Ipv4);
}

#[test]
fn an_existing_load_balancer_keeps_its_subnets() {
    assert_eq!(existing(one()), (BOTH.to_vec(), vec!["sg-1"], IpAddressType::Ipv4, None));
    let with_more = with_other_group(with_third_zone(one(), false));
    assert_eq!(existing(with_more), (BOTH.to_vec(), vec!["sg-1"], IpAddressType::Ipv4, None));
}

#[test]
fn a_zone_that_holds_nodes_gets_a_subnet() {
    let with_node = || with_third_zone(one(), true);
    assert_eq!(existing(with_node()).0, ["subnet-a", "subnet-b", "subnet-c"]);
    assert_eq!(existing(with_node().missing(ViewPart::Subnets)).0, BOTH);
}

#[test]
fn security_groups_of_the_settings_take_the_place_of_others() {
    let named = |id: &str| with_other_group(one()).with(|it| it.settings.security_groups = vec![id.into()]);
    assert_eq!(existing(named("sg-0")).1, ["sg-0"]);
    assert_eq!(existing(named("sg-9")).1, ["sg-1"], "a missing security group counts as none");
    assert_eq!(existing(named("sg-0").missing(ViewPart::SecurityGroups)).1, ["sg-1"]);
}

#[test]
fn the_address_type_follows_the_settings_where_all_subnets_have_an_ipv6_block() {
    let dualstack = |with_block: usize| {
        one().with(|snapshot| {
            snapshot.settings.ip_address_type = IpAddressType::Dualstack;
            for subnet in &mut snapshot.inventory.subnets[..with_block] {
                subnet.ipv6_cidr_blocks = vec!["2001:db8::/64".into()];
            }
        })
    };
    let of = |world| {
        let (_, _, ip_address_type, in_the_way) = existing(world);
        (ip_address_type, in_the_way)
    };
    assert_eq!(of(dualstack(2)), (IpAddressType::Dualstack, None));
    assert_eq!(of(dualstack(1)), (IpAddressType::Ipv4, Some("subnet-b")));
    let back = one().which(|found| found.ip_address_type = IpAddressType::Dualstack);
    assert_eq!(of(back), (IpAddressType::Ipv4, None), "without IPv6 no block is needed");
}

#[test]
fn the_network_of_an_unmanaged_load_balancer_does_not_change() {
    let found = crate::testing::leak(load_balancer("one"));
    let network = Network::as_it_is(found);
    assert_eq!((network.subnets, network.security_groups), (BOTH.to_vec(), vec!["sg-1"]));
}
