use std::collections::BTreeMap;

use super::{super::parts::Others, Capacity, Chosen, Load, Unit, distribute};
use crate::{
    source::ObjectName,
    testing::World,
    wanted::{Limits, Need},
};

/// A load balancer can have ten rules, of which one is kept free.
fn capacity() -> Capacity<'static> {
    let services = &World::new().read().backends().services;
    Capacity { services, limits: Limits { rules: 10, target_groups: 100, targets: 100 }, certificates: 25 }
}

fn unit(name: &'static str, rules: usize) -> Unit<'static> {
    let object = ObjectName { namespace: "shop", name, kind: albatross_contract::ObjectKind::Ingress };
    Unit {
        members: Vec::new(),
        load: Load { need: Need { rules, ..Need::default() }, ..Load::default() },
        part: None,
        is_pinned: false,
        rules: BTreeMap::new(),
        age: Some((0, object)),
    }
}

/// A unit whose rules all exist on a part.
fn on(part: u32, name: &'static str, rules: usize) -> Unit<'static> {
    Unit { part: Some(part), rules: [(part, rules)].into(), ..unit(name, rules) }
}

fn parts(units: &[Unit<'_>]) -> Vec<u32> {
    chosen(units, true).into_iter().map(|it| it.part).collect()
}

fn chosen(units: &[Unit<'_>], may_split: bool) -> Vec<Chosen> {
    distribute(units, &BTreeMap::new(), &capacity(), may_split)
}

#[test]
fn new_units_fill_the_parts_in_use_before_another_one() {
    assert_eq!(parts(&[unit("a", 5), unit("b", 5), unit("c", 4), unit("d", 4)]), [1, 2, 1, 2]);
    assert_eq!(parts(&[on(2, "a", 5), unit("b", 4), unit("c", 5)]), [2, 2, 1]);
}

#[test]
fn a_unit_that_asks_for_no_more_than_it_has_stays_and_the_one_that_grows_moves() {
    let grows = |part| Unit { rules: [(part, 2)].into(), ..on(part, "a", 5) };
    assert_eq!(parts(&[grows(1), on(1, "b", 5)]), [2, 1]);
    assert_eq!(parts(&[grows(1), on(1, "b", 4)]), [1, 1]);
    let also_grows = Unit { rules: [(1, 4)].into(), ..on(1, "b", 5) };
    assert_eq!(parts(&[also_grows, Unit { is_pinned: true, ..grows(1) }]), [2, 1]);
}

#[test]
fn a_unit_goes_on_to_the_part_that_has_rules_of_it() {
    let on_its_way = Unit { rules: [(1, 2), (3, 1)].into(), ..on(1, "z", 5) };
    let units = [
        on(1, "a", 5),
        on_its_way,
        on(2, "b", 1),
        on(3, "c", 1),
        Unit { rules: BTreeMap::new(), ..on(2, "d", 9) },
    ];
    assert_eq!(parts(&units), [1, 3, 2, 3, 4]);
}

#[test]
fn without_permission_no_unit_moves_and_no_part_is_added() {
    let grows = Unit { rules: [(1, 2)].into(), ..on(1, "a", 5) };
    let chosen = chosen(&[grows, on(1, "b", 5), unit("c", 2), unit("d", 4)], false);
    assert_eq!(chosen.iter().map(|it| it.part).collect::<Vec<_>>(), [1, 1, 1, 1]);
    let full: Vec<bool> = chosen.iter().map(|it| it.full.is_some()).collect();
    assert_eq!(full, [true, false, false, true]);
}

#[test]
fn a_unit_that_no_load_balancer_can_have_gets_no_part_of_its_own() {
    let chosen = chosen(&[unit("a", 12), unit("b", 5), on(1, "c", 1)], true);
    assert_eq!(chosen.iter().map(|it| it.part).collect::<Vec<_>>(), [1, 1, 1]);
    assert!(chosen[0].is_too_large && !chosen[1].is_too_large);
}

#[test]
fn rules_of_others_take_room_and_rules_in_their_grace_period_only_from_newcomers() {
    let parts = |units: &[Unit<'_>], others| {
        let chosen = distribute(units, &BTreeMap::from([(1, others)]), &capacity(), true);
        chosen.into_iter().map(|it| it.part).collect::<Vec<_>>()
    };
    let foreign = Others { foreign: 6, unneeded: 0 };
    let unneeded = Others { foreign: 0, unneeded: 6 };
    assert_eq!(parts(&[unit("a", 4), unit("b", 3)], foreign), [2, 2]);
    assert_eq!(parts(&[on(1, "a", 4), unit("b", 1)], foreign), [1, 2]);
    assert_eq!(parts(&[on(1, "a", 4), unit("b", 1)], unneeded), [1, 2]);
    let moved = Unit { rules: [(1, 5), (2, 5)].into(), ..on(2, "c", 5) };
    assert_eq!(parts(&[on(1, "a", 4), moved, unit("b", 1)], Others::default()), [1, 2, 2]);
}
