use albatross_contract::{
    Action, AddTags, Operation, RemoveTags, ResourceReference, TAG_CLUSTER_UID, TAG_GROUP, TAG_ID,
    TAG_INGRESS, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE, Tag,
};

use super::{compare, mark_leftover, mark_target_group};
use crate::{
    diff::{
        certificates::Changes,
        testing::{actions, target_group, wanted},
    },
    identity::tag,
    testing::{self, NOW, World, load_balancer_arn, target_group_arn, told},
    wanted::{Leftover, LoadBalancer, Managed},
};

fn compared(wanted: &LoadBalancer<'_>) -> Vec<Action> {
    actions(|actions| compare(wanted, &Changes::default(), actions))
}

/// The load balancer `one` of the world with its target group.
fn there(world: World) -> LoadBalancer<'static> {
    let owned = world.read().owned("one");
    let used = owned.target_groups.iter().map(|group| target_group(Some((*group).clone())));
    LoadBalancer { target_groups: used.collect(), ..wanted(Some(owned)) }
}

fn world() -> World {
    World::new().load_balancer("one", &[])
}

fn adds(arn: String, tags: &[Tag]) -> Operation {
    Operation::AddTags(AddTags { resource: ResourceReference::Existing(arn), tags: tags.to_vec() })
}

fn removes(arn: String, keys: &[&str]) -> Operation {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Operation::RemoveTags(RemoveTags { resource: ResourceReference::Existing(arn), keys })
}

#[test]
fn tags_as_they_should_be_need_nothing() {
    assert_eq!(compared(&there(world())), []);
    assert_eq!(compared(&wanted(None)), [], "a new resource gets its tags at creation");
}

#[test]
fn tags_of_others_stay() {
    let world = world().tagged("team", "shop").targets(|group| group.tags.push(tag("team", "shop")));
    assert_eq!(compared(&there(world)), []);
}

#[test]
fn missing_and_different_tags_are_written() {
    let mut wanted = there(world().tagged(TAG_GROUP, "red"));
    wanted.tags.all.extend([tag(TAG_GROUP, "blue"), tag(TAG_UNNEEDED, "7")]);
    let written = compared(&wanted);
    assert_eq!(told(&written), ["load-balancer/tags/add"]);
    let expected = [tag(TAG_GROUP, "blue"), tag(TAG_UNNEEDED, "7")];
    assert_eq!(written[0].operation, adds(load_balancer_arn("one"), &expected));
    assert_eq!(
        written[0].reason,
        "the tags record that no Ingress needs it, and the grouping key of its members"
    );
}

#[test]
fn only_tags_that_we_manage_are_removed() {
    let mark = format!("{TAG_UNNEEDED_CERTIFICATE}abc");
    let mut wanted = there(world().tagged(TAG_INGRESS, "shop/a").tagged(&mark, "7").tagged(TAG_GROUP, "red"));
    wanted.tags.managed = vec![
        Managed::Key(TAG_INGRESS.into()),
        Managed::Prefix(TAG_UNNEEDED_CERTIFICATE),
        Managed::Key(TAG_ID.into()),
    ];
    let removed = compared(&wanted);
    assert_eq!(told(&removed), ["load-balancer/tags/remove"]);
    assert_eq!(removed[0].operation, removes(load_balancer_arn("one"), &[TAG_INGRESS, &mark]));
    assert_eq!(
        removed[0].reason,
        "the tags no longer record which Ingress it serves exclusively, and which certificates no Ingress needs"
    );
}

#[test]
fn the_mark_of_a_target_group_that_is_used_again_is_removed() {
    let wanted = there(world().targets(|group| group.tags.push(tag(TAG_UNNEEDED, "7"))));
    let changed = compared(&wanted);
    let name = &wanted.target_groups[0].name;
    assert_eq!(told(&changed), [format!("target-group/{name}/tags/remove")]);
    assert_eq!(changed[0].operation, removes(target_group_arn("one"), &[TAG_UNNEEDED]));
}

#[test]
fn the_owner_is_written_again_on_a_target_group_that_was_taken_over() {
    let mut wanted = there(world());
    wanted.ownership.retain(|tag| tag.key != TAG_CLUSTER_UID);
    wanted.ownership.push(tag(TAG_CLUSTER_UID, "new"));
    let changed = compared(&wanted);
    assert_eq!(changed[0].operation, adds(target_group_arn("one"), &[tag(TAG_CLUSTER_UID, "new")]));
    assert_eq!(changed[0].reason, "the tags record its owner");
}

#[test]
fn the_mark_of_a_target_group_that_is_only_kept_stays() {
    let mut wanted = there(world().targets(|group| group.tags.push(tag(TAG_UNNEEDED, "7"))));
    wanted.target_groups[0].is_fitting = false;
    assert_eq!(compared(&wanted), []);
    wanted.target_groups.clear();
    assert_eq!(compared(&wanted), []);
}

#[test]
fn leftover_target_groups_are_marked_once() {
    let world = || world().with(|snapshot| snapshot.inventory.load_balancers.clear());
    let told_of = |world: World, mark| {
        let left = Leftover { owned: world.read().owned("one"), goes: false, mark };
        actions(|actions| mark_leftover(&left, actions))
    };
    let marked = told_of(world(), Some(NOW));
    assert_eq!(marked[0].operation, adds(target_group_arn("one"), &[tag(TAG_UNNEEDED, &NOW.to_string())]));
    assert_eq!(told_of(world(), None), [], "it is not known whether somebody needs it");
    let marked_before = world().targets(|group| group.tags.push(tag(TAG_UNNEEDED, "7")));
    assert_eq!(told_of(marked_before, Some(7)), []);
}

#[test]
fn a_mark_that_cannot_be_read_is_written_again() {
    let mut group = testing::target_group("one");
    group.tags.push(tag(TAG_UNNEEDED, "yesterday"));
    assert_eq!(actions(|actions| mark_target_group("one", &group, NOW, actions)).len(), 1);
}
