use albatross_contract::{
    DiagnosticCode, Direction, LoadBalancerFate, SecurityGroupPeer, SecurityGroupRule, TAG_UNNEEDED, ViewPart,
};

use super::{Retirement, leftover, retirement, used_elsewhere};
use crate::{
    identity::{ownership_tags, tag},
    testing::{GRACE, NOW, World, load_balancer, target_group},
};

#[test]
fn an_unused_target_group_is_marked_and_removed_a_grace_period_later() {
    let scene = World::new().read();
    let retired = |mark: Option<String>| {
        let mut group = target_group("one");
        group.tags.extend(mark.map(|since| tag(TAG_UNNEEDED, &since)));
        retirement(&group, scene.observed)
    };
    let marked = |age: u64| Some((NOW - age).to_string());
    assert_eq!(retired(None), Retirement::Marked { until: NOW + GRACE });
    assert_eq!(retired(marked(GRACE - 1)), Retirement::Marked { until: NOW + 1 });
    assert_eq!(retired(marked(GRACE)), Retirement::Over { since: NOW - GRACE });
    assert_eq!(retired(Some("yesterday".into())), Retirement::Marked { until: NOW + GRACE });
    let far = scene.observed.time.to_string().replace('2', "9");
    assert_eq!(retired(Some(far.clone())), Retirement::Marked { until: far.parse::<u64>().unwrap() + GRACE });
}

/// The leftover target group of a deleted load balancer, which these load balancers use.
fn left(users: &[&str]) -> World {
    World::new()
        .load_balancer("one", &[])
        .with(|snapshot| snapshot.inventory.load_balancers.clear())
        .targets(|group| group.load_balancer_arns = users.iter().map(|arn| (*arn).to_owned()).collect())
}

fn marked(world: World, age: u64) -> World {
    world.targets(|group| group.tags.push(tag(TAG_UNNEEDED, &(NOW - age).to_string())))
}

fn told(world: World) -> (LoadBalancerFate, Option<u64>) {
    let scene = world.read();
    let lifespan = leftover(scene.owned("one"), scene.observed);
    (lifespan.fate, lifespan.unneeded_since)
}

#[test]
fn leftover_target_groups_are_marked_and_removed_a_grace_period_later() {
    assert_eq!(told(left(&[])), (LoadBalancerFate::Unneeded, Some(NOW)));
    assert_eq!(told(marked(left(&[]), GRACE - 1)), (LoadBalancerFate::Unneeded, Some(NOW - GRACE + 1)));
    assert_eq!(told(marked(left(&[]), GRACE)), (LoadBalancerFate::Delete, Some(NOW - GRACE)));
}

#[test]
fn of_several_marks_the_latest_counts() {
    let world = marked(left(&[]), GRACE).with(|snapshot| {
        let mut second = target_group("one");
        second.arn = "arn:second".into();
        second.load_balancer_arns.clear();
        second.tags.push(tag(TAG_UNNEEDED, &(NOW - 1).to_string()));
        snapshot.inventory.target_groups.push(second);
    });
    assert_eq!(told(world), (LoadBalancerFate::Unneeded, Some(NOW - 1)));
}

#[test]
fn while_the_view_is_incomplete_leftovers_stay_as_they_are() {
    assert_eq!(told(left(&[]).missing(ViewPart::Rules)), (LoadBalancerFate::Keep, None));
    let before = marked(left(&[]), GRACE).missing(ViewPart::Rules);
    assert_eq!(told(before), (LoadBalancerFate::Keep, Some(NOW - GRACE)));
}

#[test]
fn a_target_group_of_another_user_stays_and_is_reported() {
    let used = || marked(left(&["arn:other"]), GRACE);
    assert_eq!(told(used()), (LoadBalancerFate::Keep, None));
    let told = used_elsewhere(used().read().owned("one"));
    assert_eq!(told.iter().map(|it| it.code).collect::<Vec<_>>(), [DiagnosticCode::NameTaken]);
    assert!(told[0].message.starts_with("arn:other uses this target group"), "{}", told[0].message);
    assert_eq!(used_elsewhere(World::new().load_balancer("one", &[]).read().owned("one")), []);
}

/// A security group of ours is left of a load balancer; `user` is the load balancer that has it.
fn with_security_group(user: Option<&str>) -> World {
    World::new().with(|snapshot| {
        let inventory = &mut snapshot.inventory;
        let identity = &snapshot.settings.identity;
        let mut group = inventory.security_groups[0].clone();
        (group.id, group.tags) = ("sg-one".into(), ownership_tags(identity, "one"));
        inventory.security_groups.push(group);
        if let Some(user) = user {
            let mut found = load_balancer(user);
            found.security_groups = vec!["sg-one".into()];
            inventory.load_balancers.push(found);
        }
    })
}

#[test]
fn leftover_security_groups_are_removed_at_once_unless_something_uses_them_or_it_is_not_known() {
    let free = |world: World| {
        let scene = world.read();
        let owned = scene.owned("one");
        (leftover(owned, scene.observed).fate, owned.free_security_groups.len())
    };
    assert_eq!(free(with_security_group(None)), (LoadBalancerFate::Delete, 1));
    assert_eq!(free(with_security_group(Some("two"))), (LoadBalancerFate::Delete, 0));
    let of_a_node = with_security_group(None)
        .with(|it| it.inventory.instances[0].security_groups = vec!["sg-one".into()]);
    assert_eq!(free(of_a_node).1, 0);
    let named = with_security_group(None).with(|it| {
        let peer = SecurityGroupPeer::SecurityGroup("sg-one".into());
        it.inventory.security_groups[0].rules.push(SecurityGroupRule {
            id: None,
            direction: Direction::Inbound,
            protocol: "-1".into(),
            from_port: None,
            to_port: None,
            peer,
            description: None,
        });
    });
    assert_eq!(free(named).1, 0);
    for part in [ViewPart::SecurityGroups, ViewPart::Instances, ViewPart::LoadBalancers] {
        assert_eq!(free(with_security_group(None).missing(part)).1, 0, "{part:?}");
    }
    let unsure = with_security_group(None).missing(ViewPart::Ingresses);
    assert_eq!(free(unsure).0, LoadBalancerFate::Keep);
}
