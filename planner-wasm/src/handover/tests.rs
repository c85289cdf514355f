use albatross_contract::{Action, Operation, TAG_APPLICATION, TAG_CLUSTER_UID, TAG_ID, Tag};

use super::Handover;
use crate::{
    diff,
    identity::tag,
    testing::{World, load_balancer_arn, target_group_arn},
};

/// The load balancer `one` and its target group, which carry only the tag of the cluster.
fn foreign() -> World {
    World::new().load_balancer("one", &[]).with(|snapshot| {
        let of_cluster =
            |tags: &mut Vec<Tag>| tags.retain(|tag| tag.key.starts_with("kubernetes.io/cluster/"));
        snapshot.inventory.load_balancers.iter_mut().for_each(|found| of_cluster(&mut found.tags));
        snapshot.inventory.target_groups.iter_mut().for_each(|group| of_cluster(&mut group.tags));
    })
}

fn actions(world: World) -> Vec<Action> {
    let scene = world.read();
    diff::hand_over(&Handover::decide(scene.claims, scene.observed))
}

fn named(names: &[&str]) -> Option<Vec<String>> {
    Some(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn the_load_balancer_becomes_ours_after_its_target_group() {
    let adopted =
        actions(foreign().with(|snapshot| snapshot.settings.allowances.adopt = named(&["albatross-one"])));
    let [group, load_balancer] = adopted.as_slice() else { panic!("{adopted:#?}") };
    assert_eq!(load_balancer.depends_on, std::slice::from_ref(&group.id));
    for (action, arn) in [(group, target_group_arn("one")), (load_balancer, load_balancer_arn("one"))] {
        let Operation::AddTags(change) = &action.operation else { panic!("{action:#?}") };
        assert_eq!(change.resource, albatross_contract::ResourceReference::Existing(arn));
        let keys: Vec<&str> = change.tags.iter().map(|tag| tag.key.as_str()).collect();
        assert_eq!(keys, [TAG_CLUSTER_UID, TAG_ID, TAG_APPLICATION]);
    }
}

#[test]
fn the_load_balancer_is_ours_no_longer_before_its_target_group_is() {
    let world = World::new().load_balancer("one", &[]).tagged("team", "shop");
    let forgotten = actions(world.with(|snapshot| snapshot.settings.allowances.forget = named(&["one"])));
    let [load_balancer, group] = forgotten.as_slice() else { panic!("{forgotten:#?}") };
    assert_eq!(
        (load_balancer.id.as_str(), &group.depends_on),
        ("one/load-balancer/forget", &vec![load_balancer.id.clone()])
    );
    let Operation::RemoveTags(change) = &load_balancer.operation else { panic!("{load_balancer:#?}") };
    assert_eq!(change.keys, [TAG_CLUSTER_UID, TAG_ID, TAG_APPLICATION]);
}

#[test]
fn nothing_is_handed_over_that_nobody_names_or_that_two_lists_name() {
    assert_eq!(actions(foreign()), []);
    let both = foreign().with(|snapshot| {
        snapshot.settings.allowances.adopt = named(&["albatross-one"]);
        snapshot.settings.allowances.forget = named(&["albatross-one"]);
    });
    assert_eq!(actions(both), []);
}

#[test]
fn two_names_of_one_load_balancer_adopt_it_once() {
    let names = ["albatross-one", "arn:load-balancer/one"];
    let adopted = actions(foreign().with(|snapshot| snapshot.settings.allowances.adopt = named(&names)));
    assert_eq!(adopted.len(), 2);
}

#[test]
fn tags_that_are_there_already_are_not_set_again() {
    let world = foreign().with(|snapshot| {
        let uid = snapshot.settings.identity.cluster_uid.clone();
        snapshot.inventory.target_groups[0].tags.push(tag(TAG_CLUSTER_UID, &uid));
        snapshot.settings.allowances.adopt = named(&["albatross-one"]);
    });
    let Operation::AddTags(change) = &actions(world)[0].operation else { panic!() };
    assert_eq!(change.tags.len(), 2);
}
