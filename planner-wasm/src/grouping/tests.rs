use albatross_contract::Scheme;

use crate::testing::{NOW, World, group_id, id_of, leak};

fn world() -> World {
    World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"])
}

#[test]
fn a_released_ingress_is_served_until_its_status_is_empty() {
    let world = world().published("x", &["a.org"], "one").load_balancer("one", &["a", "b"]);
    let scene = world
        .with(|it| {
            it.cluster.ingresses[0]
                .metadata
                .annotations
                .push(crate::identity::tag(albatross_contract::ANNOTATION_CLASS, "other"));
        })
        .read();
    let grouping = scene.grouping();
    assert_eq!((grouping.members.len(), grouping.releases.len()), (0, 1));
    let one = grouping.groups.get(group_id(&grouping.groups, "one"));
    assert_eq!((one.is_empty(), scene.names(one.needed().keys())), (false, vec!["a"]));
}

#[test]
fn half_made_load_balancers_are_completed_or_added_last() {
    let half_made = |world: World, ordinal| {
        let id: &'static str = leak(id_of(Scheme::InternetFacing, ordinal));
        world.load_balancer(id, &[]).which(|found| found.created_at = NOW - 60)
    };
    let taken: &'static str = leak(id_of(Scheme::InternetFacing, 0));
    let first = || world().load_balancer(taken, &[]).published("old", &[], taken);
    // The second id is free; the third load balancer is half-made and is completed instead of opening a new one.
    let own = half_made(first(), 2).ingress("x", &["a.org"]);
    let own = own.annotated(albatross_contract::ANNOTATION_SHARED, "false");
    let grouping = own.read().grouping();
    let opened = grouping.groups.iter().find(|group| group.opened().is_some()).unwrap();
    assert_eq!((opened.id(), grouping.groups.len()), (id_of(Scheme::InternetFacing, 2).as_str(), 2));
    let nobody = half_made(first(), 2).read().grouping();
    assert_eq!(nobody.groups.len(), 2, "it is in the list although no member took it");
}

#[test]
fn a_rejected_ingress_keeps_no_certificate() {
    let grouping = world().ingress("x", &["a.org"]).ingress("y", &["unknown.org"]).read().grouping();
    let kept: Vec<&str> = grouping.kept().map(|claim| claim.object.name).collect();
    assert_eq!(kept, ["x"]);
}
