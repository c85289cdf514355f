use super::{security_groups, subnets};
use crate::{
    identity::tag,
    source::annotations::{Reader, SECURITY_GROUPS, SUBNETS},
    testing::{World, leak},
};

/// Two zones with a subnet each, named `left` and `right`, and a second one in the first zone.
fn world() -> World {
    World::new().with(|snapshot| {
        let subnets = &mut snapshot.inventory.subnets;
        subnets[0].tags.push(tag("Name", "left"));
        subnets[1].tags.push(tag("Name", "right"));
        let mut second = subnets[0].clone();
        second.id = "subnet-c".into();
        second.tags.clear();
        subnets.push(second);
    })
}

/// The subnets that a value names, or why the value cannot be used.
fn named(value: &str) -> Result<Vec<&'static str>, String> {
    let annotations = leak(vec![tag(SUBNETS, value)]);
    let (ids, unusable) = subnets(&Reader::new(annotations), &world().read().snapshot.inventory);
    unusable.map_or(Ok(ids), |it| Err(it.message))
}

#[test]
fn subnets_are_named_by_id_or_by_their_name_tag() {
    assert_eq!(named("subnet-b, subnet-a"), Ok(vec!["subnet-a", "subnet-b"]));
    assert_eq!(named("right,left"), Ok(vec!["subnet-a", "subnet-b"]));
    assert_eq!(named(""), Ok(vec![]));
}

#[test]
fn a_value_that_cannot_be_used_has_a_reason() {
    assert_eq!(named("subnet-a, subnet-x").unwrap_err(), "names subnet-x, but vpc-1 has no such subnet");
    let both = "names subnet-a and subnet-c, which are both in zone zone-a";
    assert_eq!(named("subnet-a,subnet-c").unwrap_err(), both);
    assert!(named("subnet-a").unwrap_err().starts_with("names only subnet-a, but"));
}

#[test]
fn the_reason_names_a_security_group_that_does_not_exist() {
    let annotations = leak(vec![tag(SECURITY_GROUPS, "ingress-sg, sg-1")]);
    let snapshot = world().read().snapshot;
    let (ids, unusable) = security_groups(SECURITY_GROUPS, &Reader::new(annotations), &snapshot.inventory);
    assert!(ids.is_empty());
    assert_eq!(unusable.unwrap().message, "names ingress-sg, but vpc-1 has no such security group");
}

#[test]
fn a_name_tag_of_several_security_groups_names_none_of_them() {
    let annotations = leak(vec![tag(SECURITY_GROUPS, "web")]);
    let world = world().with(|snapshot| {
        let groups = &mut snapshot.inventory.security_groups;
        groups[0].tags.push(tag("Name", "web"));
        let mut second = groups[0].clone();
        second.id = "sg-9".into();
        groups.push(second);
    });
    let snapshot = world.read().snapshot;
    let (ids, unusable) = security_groups(SECURITY_GROUPS, &Reader::new(annotations), &snapshot.inventory);
    assert!(ids.is_empty());
    assert_eq!(unusable.unwrap().message, "names web, which is the Name tag of sg-1, sg-9");
}
