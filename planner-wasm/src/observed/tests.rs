use albatross_contract::{TAG_CLUSTER_UID, TAG_ID};

use super::Observed;
use crate::{
    identity::ownership_tags,
    source,
    testing::{World, dns_name, load_balancer, settings, target_group},
};

/// A load balancer with the uid of another cluster (or without our tags).
fn foreign(uid: Option<&str>) -> albatross_contract::LoadBalancer {
    let mut foreign = load_balancer("foreign");
    match uid {
        Some(uid) => foreign
            .tags
            .iter_mut()
            .filter(|tag| tag.key == TAG_CLUSTER_UID)
            .for_each(|tag| tag.value = uid.into()),
        None => foreign.tags.clear(),
    }
    foreign
}

fn with_load_balancer(found: albatross_contract::LoadBalancer) -> World {
    World::new().load_balancer("one", &[]).with(|snapshot| snapshot.inventory.load_balancers.push(found))
}

#[test]
fn our_resources_are_found_by_id_and_by_dns_name() {
    let scene =
        World::new().load_balancer("two", &[]).load_balancer("one", &[]).published("x", &[], "two").read();
    let observed = scene.observed;
    assert_eq!(
        observed.owned.iter().map(|owned| (owned.id, owned.place())).collect::<Vec<_>>(),
        [("one", 0), ("two", 1)]
    );
    for id in ["one", "two"] {
        assert_eq!(observed.owned_by_id(id).map(|owned| owned.id), Some(id));
        assert_eq!(observed.owned_by_dns_name(&dns_name(id)).map(|owned| owned.id), Some(id));
    }
    assert!(
        observed.owned_by_id("three").is_none()
            && observed.owned_by_dns_name("elsewhere.example.com").is_none()
    );
    assert_eq!(observed.published(scene.claim("x")).map(|owned| owned.id), Some("two"));
}

#[test]
fn target_groups_of_one_id_belong_together_with_or_without_a_load_balancer() {
    let scene = World::new().load_balancer("one", &[]).with(|snapshot| {
        let mut second = target_group("one");
        second.arn = "arn:a".into();
        snapshot.inventory.target_groups.extend([second, target_group("left")]);
    });
    let scene = scene.read();
    let arns: Vec<&str> = scene.owned("one").target_groups.iter().map(|group| group.arn.as_str()).collect();
    assert_eq!(arns, ["arn:a", "arn:target-group/one"]);
    assert!(scene.owned("left").load_balancer.is_none());
}

#[test]
fn load_balancers_of_others_are_known_by_name_only() {
    let scene = with_load_balancer(foreign(None)).read();
    assert_eq!(scene.observed.owned.len(), 1);
    assert!(scene.observed.foreign_names.contains(dns_name("foreign").as_str()));
    assert!(scene.observed.foreign_uids.is_empty());
    assert!(scene.observed.is_load_balancer_name("albatross-foreign"));
    assert!(!scene.observed.is_load_balancer_name("albatross-two"));
    assert!(scene.observed.is_target_group_name(&target_group("one").name));
}

#[test]
fn resources_of_a_copied_cluster_are_collected_by_uid() {
    let scene = with_load_balancer(foreign(Some("copy"))).read();
    let told: Vec<_> = scene.observed.foreign_uids.iter().collect();
    assert_eq!(told, [(&"copy", &"arn:load-balancer/foreign")]);
    let tagged = World::new().with(|snapshot| {
        let mut identity = settings().identity;
        identity.cluster_uid = "copy".into();
        snapshot.inventory.security_groups[0].tags = ownership_tags(&identity, "one");
    });
    assert_eq!(tagged.read().observed.foreign_uids.iter().collect::<Vec<_>>(), [(&"copy", &"sg-1")]);
}

#[test]
fn two_load_balancers_with_one_id_make_no_plan() {
    let mut copied = load_balancer("two");
    copied.tags.iter_mut().filter(|tag| tag.key == TAG_ID).for_each(|tag| tag.value = "one".into());
    let snapshot = World::new().load_balancer("one", &[]).read().snapshot;
    let mut snapshot = snapshot.clone();
    snapshot.inventory.load_balancers.push(copied);
    let read = source::read(&snapshot).unwrap();
    let error = Observed::new(&snapshot, &read.hosts, &read.wishes).err().unwrap();
    assert!(
        error.message.starts_with("two load balancers carry the tag albatross/id=one"),
        "{}",
        error.message
    );
}
