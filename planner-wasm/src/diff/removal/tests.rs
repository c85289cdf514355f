use albatross_contract::{Action, Disruption, Operation, ResourceReference, TAG_UNNEEDED};

use super::{remove, retire};
use crate::{
    diff::testing::{actions, there, wanted},
    identity::tag,
    lifecycle::Retirement,
    testing::{GRACE, NOW, World, auto_scaling_group, leak, target_group, target_group_arn, told},
    wanted::LoadBalancer,
};

/// A load balancer that nobody has needed for two hours.
fn world() -> World {
    World::new().load_balancer("one", &[]).tagged(TAG_UNNEEDED, &(NOW - 2 * GRACE).to_string())
}

fn removed(world: World) -> Vec<Action> {
    let scene = world.read();
    actions(|actions| remove(scene.owned("one"), &there(scene.observed), actions))
}

fn name() -> String {
    target_group("one").name
}

#[test]
fn a_load_balancer_is_deleted_before_its_target_group() {
    let gone = removed(world());
    assert_eq!(told(&gone), ["load-balancer/delete".to_owned(), format!("target-group/{}/delete", name())]);
    assert_eq!((gone[0].disruption, gone[1].disruption), (Disruption::Removal, Disruption::None));
    assert_eq!(gone[1].depends_on, ["one/load-balancer/delete"]);
    assert_eq!(gone[0].reason, "no Ingress has needed it for 2 h");
    let group = ResourceReference::Existing(target_group_arn("one"));
    assert_eq!(gone[1].operation, Operation::DeleteTargetGroup(group));
}

#[test]
fn auto_scaling_groups_are_detached_before_a_target_group_is_deleted() {
    let gone = removed(world().with(|snapshot| {
        let groups = &mut snapshot.inventory.auto_scaling_groups;
        groups.extend(["b", "a"].map(|name| auto_scaling_group(name, &[], &[&target_group_arn("one")])));
        groups.push(auto_scaling_group("c", &[], &[]));
    }));
    let detach = |group: &str| format!("target-group/{}/auto-scaling-group/{group}/detach", name());
    assert_eq!(told(&gone)[1..], [detach("a"), detach("b"), format!("target-group/{}/delete", name())]);
    assert_eq!(gone[1].depends_on, ["one/load-balancer/delete"]);
    assert_eq!(gone[3].depends_on, ["one/load-balancer/delete", &gone[1].id, &gone[2].id]);
}

#[test]
fn leftover_target_groups_are_deleted() {
    let gone = removed(
        world()
            .with(|snapshot| snapshot.inventory.load_balancers.clear())
            .targets(|group| group.load_balancer_arns.clear()),
    );
    assert_eq!(told(&gone), [format!("target-group/{}/delete", name())]);
    assert_eq!(gone[0].depends_on, Vec::<String>::new());
}

#[test]
fn a_target_group_that_another_load_balancer_uses_stays() {
    let gone = removed(world().targets(|group| group.load_balancer_arns = vec!["arn:other".into()]));
    assert_eq!(told(&gone), ["load-balancer/delete"]);
}

#[test]
fn an_unused_target_group_is_marked_and_deleted_a_grace_period_later() {
    let scene = World::new().load_balancer("one", &[]).read();
    let retired = |retirement| {
        let group = leak(target_group("one"));
        let wanted = LoadBalancer { retired: vec![(group, retirement)], ..wanted(None) };
        actions(|actions| retire(&wanted, &there(scene.observed), actions))
    };
    let marked = retired(Retirement::Marked { until: NOW + GRACE });
    assert_eq!(told(&marked), [format!("target-group/{}/mark", name())]);
    let Operation::AddTags(add) = &marked[0].operation else { panic!("{marked:?}") };
    assert_eq!(add.tags, [tag(TAG_UNNEEDED, &NOW.to_string())]);
    let gone = retired(Retirement::Over { since: NOW - GRACE });
    assert_eq!(told(&gone), [format!("target-group/{}/delete", name())]);
    assert_eq!(gone[0].reason, "no listener has used it for 1 h");
}
