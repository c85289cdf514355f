use albatross_contract::{
    Action, Operation, PROTECTED_FOR_INGRESS, PROTECTED_FOR_SETTINGS, TAG_DELETION_PROTECTION, TAG_UNNEEDED,
};

use super::compare;
use crate::{
    attributes::DELETION_PROTECTION,
    diff::{
        removal,
        testing::{actions, there, wanted},
    },
    identity::tag,
    testing::{GRACE, NOW, World, told},
    wanted::{
        DeletionProtection::{self, Off, On},
        LoadBalancer,
    },
};

/// A load balancer with our tag or without, and with deletion protection on or off.
fn world(is_marked: bool, is_on: &str) -> World {
    let world = World::new().load_balancer("one", &[]);
    let world = world.which(|found| found.attributes.push(tag(DELETION_PROTECTION, is_on)));
    if is_marked { world.tagged(TAG_DELETION_PROTECTION, "true") } else { world }
}

fn compared(world: World, deletion_protection: Option<DeletionProtection>) -> Vec<Action> {
    let owned = world.read().owned("one");
    let wanted = LoadBalancer { deletion_protection, ..wanted(Some(owned)) };
    actions(|actions| compare(&wanted, owned.load_balancer.unwrap(), actions))
}

#[test]
fn protection_is_recorded_before_it_is_turned_on_and_forgotten_after_it_is_turned_off() {
    let on = compared(world(false, "false"), Some(On(PROTECTED_FOR_SETTINGS)));
    assert_eq!(told(&on), ["load-balancer/deletion-protection/mark", "load-balancer/deletion-protection"]);
    assert_eq!(on[1].depends_on, [on[0].id.as_str()]);
    let off = compared(world(true, "true"), Some(Off));
    assert_eq!(told(&off), ["load-balancer/deletion-protection", "load-balancer/deletion-protection/unmark"]);
    assert_eq!(off[1].depends_on, [off[0].id.as_str()]);
}

#[test]
fn a_step_that_a_crash_left_out_is_made_up_for() {
    assert_eq!(
        told(&compared(world(true, "false"), Some(On(PROTECTED_FOR_SETTINGS)))),
        ["load-balancer/deletion-protection"]
    );
    assert_eq!(
        told(&compared(world(true, "false"), Some(Off))),
        ["load-balancer/deletion-protection/unmark"]
    );
    assert_eq!(compared(world(true, "true"), Some(On(PROTECTED_FOR_SETTINGS))), []);
    assert_eq!(compared(world(false, "true"), None), []);
    let asked = compared(world(true, "true"), Some(On(PROTECTED_FOR_INGRESS)));
    assert_eq!(told(&asked), ["load-balancer/deletion-protection/mark"], "the tag says for whom it is on");
}

#[test]
fn our_protection_is_turned_off_before_the_load_balancer_is_deleted() {
    let since = (NOW - 2 * GRACE).to_string();
    let gone = |world: World| {
        let scene = world.tagged(TAG_UNNEEDED, &since).read();
        actions(|actions| removal::remove(scene.owned("one"), &there(scene.observed), actions))
    };
    let ours = gone(world(true, "true"));
    assert_eq!(told(&ours)[..2], ["load-balancer/deletion-protection", "load-balancer/delete"]);
    assert_eq!(ours[1].depends_on, [ours[0].id.as_str()]);
    let Operation::ModifyLoadBalancerAttributes(change) = &ours[0].operation else { panic!("{ours:?}") };
    assert_eq!(change.attributes, [tag(DELETION_PROTECTION, "false")]);
    assert_eq!(told(&gone(world(false, "false")))[0], "load-balancer/delete");
}
