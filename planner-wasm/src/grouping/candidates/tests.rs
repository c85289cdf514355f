use albatross_contract::{
    ANNOTATION_SCHEME, ANNOTATION_SHARED, LoadBalancerState, Mode, ObjectKind, Scheme, TAG_GROUP,
    TAG_INGRESS, TAG_UNNEEDED,
};

use super::{Candidates, Misfit, misfit, terms_of};
use crate::{
    grouping::{Groups, Key, Member},
    kind::Kind,
    source::ObjectName,
    terms::{Term, Terms},
    testing::{Scene, World, group_id},
};

const NEW: ObjectName<'_> = ObjectName { namespace: "shop", name: "new", kind: ObjectKind::Ingress };
const SHARED: Terms<'_> = Terms {
    scheme: Scheme::InternetFacing,
    kind: Kind::APPLICATION,
    mode: Mode::Proxy,
    http_only: false,
    alone: None,
    key: None,
    part: 1,
    wishes: None,
};

/// Certificates `a` to `d`, and an Ingress named `new` that asks for some hosts.
fn world(hosts: &[&str]) -> World {
    ["a", "b", "c", "d"]
        .into_iter()
        .fold(World::new(), |world, name| world.certificate(name, &[&format!("{name}.org")]))
        .ingress("new", hosts)
}

/// The best load balancer for the first member.
fn best(scene: Scene, groups: &Groups<'static>) -> Option<String> {
    let member = &scene.members()[0];
    let terms = terms_of(member).unwrap();
    let found = Candidates::new(groups).best(member, &terms, None, groups);
    found.map(|id| groups.get(id).id().to_owned())
}

fn best_in(world: World) -> Option<String> {
    let scene = world.read();
    best(scene, &scene.groups())
}

#[test]
fn a_member_asks_for_its_scheme_its_sharing_and_its_key() {
    let member = |world: World, key| Member { key, ..world.read().members().remove(0) };
    let plain = || World::new().ingress("new", &[]);
    for (member, expected) in [
        (member(plain(), Key::Free), Some(SHARED)),
        (member(plain(), Key::Given("red")), Some(Terms { key: Some("red"), ..SHARED })),
        (member(plain(), Key::Frozen), Some(SHARED)),
        (
            member(plain().annotated(ANNOTATION_SHARED, "false"), Key::Free),
            Some(Terms { alone: Some(NEW), ..SHARED }),
        ),
        (
            member(plain().annotated(ANNOTATION_SCHEME, "internal"), Key::Free),
            Some(Terms { scheme: Scheme::Internal, ..SHARED }),
        ),
        (member(plain().annotated(ANNOTATION_SCHEME, "secret"), Key::Free), None),
    ] {
        assert_eq!(terms_of(&member), expected);
    }
}

#[test]
fn only_a_load_balancer_with_the_same_terms_fits_unless_it_is_vacant() {
    let one = || world(&["a.org"]).load_balancer("one", &["a"]);
    let vacant = || one().tagged(TAG_UNNEEDED, "7");
    let failed = |world: World| world.which(|found| found.state = LoadBalancerState::Failed);
    let own = Terms { alone: Some(NEW), ..SHARED };
    let internal = Terms { scheme: Scheme::Internal, ..SHARED };
    for (world, terms, expected) in [
        (one(), SHARED, None),
        (one(), own, Some(Misfit::Terms(Term::Alone))),
        (one(), Terms { key: Some("red"), ..SHARED }, Some(Misfit::Terms(Term::Key))),
        (one().tagged(TAG_GROUP, "red"), SHARED, Some(Misfit::Terms(Term::Key))),
        (one(), internal, Some(Misfit::Terms(Term::Scheme))),
        (vacant(), own, None),
        (vacant().tagged(TAG_INGRESS, "shop/old"), SHARED, None),
        (vacant(), internal, Some(Misfit::Terms(Term::Scheme))),
        (failed(one().published("old", &[], "one")), SHARED, Some(Misfit::Broken)),
        (failed(one().published("old", &[], "one")), internal, Some(Misfit::Terms(Term::Scheme))),
    ] {
        let groups = world.read().groups();
        assert_eq!(
            misfit(groups.get(group_id(&groups, "one")), &terms, groups.observed()),
            expected,
            "{terms:?}"
        );
    }
}

#[test]
fn the_fewest_new_certificates_win_then_the_most_then_the_smallest_id() {
    for (hosts, expected) in [
        (&["a.org"][..], "two"),
        (&["a.org", "c.org"], "two"),
        (&["c.org"], "three"),
        (&["b.org", "c.org", "d.org"], "two"),
        (&["d.org"], "two"),
    ] {
        let all = world(hosts).load_balancer("two", &["a", "b"]).load_balancer("one", &["a"]);
        assert_eq!(best_in(all.load_balancer("three", &["c"])).as_deref(), Some(expected), "{hosts:?}");
    }
    let alike = world(&["a.org"]).load_balancer("z", &["a"]).load_balancer("m", &["a"]);
    assert_eq!(best_in(alike).as_deref(), Some("m"));
}

#[test]
fn a_load_balancer_with_the_same_terms_is_preferred_to_a_vacant_one() {
    let both = world(&["a.org"])
        .load_balancer("all", &["a", "b"])
        .tagged(TAG_GROUP, "red")
        .tagged(TAG_UNNEEDED, "7")
        .load_balancer("none", &["c"]);
    assert_eq!(best_in(both).as_deref(), Some("none"));
    let vacant =
        world(&["a.org"]).load_balancer("all", &["a"]).tagged(TAG_GROUP, "red").tagged(TAG_UNNEEDED, "7");
    assert_eq!(best_in(vacant).as_deref(), Some("all"));
}

#[test]
fn one_without_room_is_passed_over() {
    let full =
        |world: World| world.with(|snapshot| snapshot.inventory.quotas.certificates_per_load_balancer = 2);
    // The present certificate is needed, so a second certificate would take the last place.
    let world =
        |hosts: &[&str]| full(world(hosts).load_balancer("one", &["a"]).published("old", &["a.org"], "one"));
    let placed = |world: World| {
        let scene = world.read();
        let mut groups = scene.groups();
        let id = group_id(&groups, "one");
        let members = scene.members();
        let old = members.iter().position(|member| member.claim.object.name == "old").unwrap();
        groups.add(id, old, &members[old]);
        best(scene, &groups)
    };
    assert_eq!(placed(world(&["b.org"])), None);
    assert_eq!(placed(world(&["a.org", "b.org"])), None, "though it has one of them");
    assert_eq!(placed(world(&["a.org"])).as_deref(), Some("one"), "it needs no further place");
}

#[test]
fn the_load_balancer_that_a_member_leaves_is_no_candidate() {
    let scene = world(&["a.org"]).load_balancer("one", &["a"]).read();
    let groups = scene.groups();
    let candidates = Candidates::new(&groups);
    let leaves = group_id(&groups, "one");
    assert_eq!(candidates.best(&scene.members()[0], &SHARED, Some(leaves), &groups), None);
}

#[test]
fn the_next_member_sees_members_that_were_added_before() {
    let scene = world(&["b.org"])
        .ingress("next", &["c.org"])
        .load_balancer("m", &["a"])
        .load_balancer("z", &["a"])
        .read();
    let (mut groups, members) = (scene.groups(), scene.members());
    let mut candidates = Candidates::new(&groups);
    let z = group_id(&groups, "z");
    groups.add(z, 0, &members[0]);
    candidates.look_at(z, &groups);
    assert_eq!(
        candidates.best(&members[1], &SHARED, None, &groups),
        Some(z),
        "it has the most certificates now"
    );
}

#[test]
fn a_vacant_load_balancer_that_a_member_took_keeps_its_terms() {
    let scene = world(&["a.org"])
        .ingress("next", &["a.org"])
        .load_balancer("one", &["a"])
        .tagged(TAG_UNNEEDED, "7")
        .read();
    let (mut groups, members) = (scene.groups(), scene.members());
    let mut candidates = Candidates::new(&groups);
    let one = group_id(&groups, "one");
    let own = Terms { alone: Some(NEW), ..SHARED };
    groups.agree_on(one, |terms| *terms = own);
    groups.add(one, 0, &members[0]);
    candidates.look_at(one, &groups);
    assert_eq!(candidates.best(&members[1], &SHARED, None, &groups), None);
}

#[test]
fn all_certificates_are_found_only_on_one_load_balancer_that_fits() {
    let finds_all = |world: World| {
        let scene = world.read();
        let groups = scene.groups();
        Candidates::new(&groups).find_all(&scene.members()[0], &groups)
    };
    let both = || world(&["a.org", "b.org"]);
    assert!(finds_all(both().load_balancer("one", &["a", "b", "c"])));
    assert!(!finds_all(both().load_balancer("one", &["a"]).load_balancer("two", &["b"])));
    assert!(!finds_all(both().load_balancer("one", &["a", "b"]).tagged(TAG_GROUP, "red")));
    let vacant = both().load_balancer("one", &["a", "b"]).tagged(TAG_GROUP, "red").tagged(TAG_UNNEEDED, "7");
    assert!(finds_all(vacant));
    assert!(!finds_all(world(&["x.org"]).load_balancer("one", &["a"])), "it needs none that is known");
}
