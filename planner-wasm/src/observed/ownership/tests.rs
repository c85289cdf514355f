use albatross_contract::{TAG_APPLICATION, TAG_CLUSTER_UID, TAG_ID, Tag};

use super::{NO_UID, Owner, Ownership, check_unique, is_left, one_id_twice};
use crate::{
    identity::{ownership_tags, tag},
    testing::{World, certificate, load_balancer, settings},
};

/// The owner of a resource with these tags: our id, the uid of another cluster, or a stranger.
fn owner(tags: &[Tag]) -> (Option<&str>, Option<&str>) {
    let settings = settings();
    match Ownership::new(&settings).of(tags) {
        Owner::Us(id) => (Some(id), None),
        Owner::OtherCluster(uid) => (None, Some(uid)),
        Owner::Stranger => (None, None),
    }
}

/// The tags of a load balancer of ours with one of them changed or removed.
fn changed(key: &str, value: Option<&str>) -> Vec<Tag> {
    let mut tags = ownership_tags(&settings().identity, "one");
    tags.retain(|tag| tag.key != key);
    tags.extend(value.map(|value| tag(key, value)));
    tags
}

#[test]
fn only_resources_with_all_our_tags_are_ours() {
    let cluster = "kubernetes.io/cluster/test";
    for (tags, expected) in [
        (changed("team", Some("shop")), (Some("one"), None)),
        (changed(TAG_CLUSTER_UID, Some("copy")), (None, Some("copy"))),
        (changed(TAG_CLUSTER_UID, None), (None, Some(NO_UID))),
        (changed(cluster, None), (None, None)),
        (changed(cluster, Some("shared")), (None, None)),
        (changed(TAG_APPLICATION, Some("kube-ingress-aws-controller")), (None, None)),
        (changed(TAG_ID, None), (None, None)),
        (changed(TAG_ID, Some("")), (None, None)),
        (Vec::new(), (None, None)),
    ] {
        assert_eq!(owner(&tags), expected, "{tags:?}");
    }
}

#[test]
fn a_person_can_take_over_another_clusters_resources() {
    let mut settings = settings();
    settings.allowances.take_over_cluster = vec!["copy".into()];
    let tags = changed(TAG_CLUSTER_UID, Some("copy"));
    assert!(matches!(Ownership::new(&settings).of(&tags), Owner::Us("one")));
}

#[test]
fn two_load_balancers_with_one_id_are_named() {
    let message = one_id_twice("one", &load_balancer("x"), &load_balancer("y")).message;
    assert!(message.contains("albatross/id=one: arn:load-balancer/x and arn:load-balancer/y"), "{message}");
}

#[test]
fn duplicates_in_the_inventory_are_named() {
    let check = |world: World| {
        let inventory = &world.read().snapshot.inventory;
        let mut inventory = inventory.clone();
        check_unique(&inventory).unwrap();
        inventory.certificates.push(certificate("a", &[]));
        check_unique(&inventory).unwrap_err().message
    };
    let message = check(World::new().certificate("a", &["a.org"]));
    assert_eq!(message, "the inventory holds arn:certificate/a twice; remove one");
}

#[test]
fn what_was_left_on_purpose_has_only_the_tag_of_the_cluster() {
    let identity = settings().identity;
    let cluster = tag("kubernetes.io/cluster/test", "owned");
    assert!(is_left(&[cluster.clone(), tag("team", "shop")], &identity));
    assert!(!is_left(&[], &identity), "somebody removed all tags, or they are not visible yet");
    for ours in ["kubernetes:application", "albatross/id", "albatross/unneeded"] {
        assert!(!is_left(&[cluster.clone(), tag(ours, "x")], &identity), "{ours}");
    }
}
