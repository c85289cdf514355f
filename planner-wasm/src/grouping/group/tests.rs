use albatross_contract::{ANNOTATION_CERTIFICATE, CertificateStatus, TAG_UNNEEDED};

use crate::{
    grouping::Groups,
    testing::{Scene, World, certificate_arn, group_id},
};

/// Certificates `a` and `b`.
fn world() -> World {
    World::new().certificate("a", &["a.org"]).certificate("b", &["b.org", "a.org"])
}

/// The groups with the first member on the load balancer `one`.
fn with_member(scene: Scene) -> Groups<'static> {
    let mut groups = scene.groups();
    let one = group_id(&groups, "one");
    groups.add(one, 0, &scene.members()[0]);
    groups
}

#[test]
fn who_is_on_a_load_balancer_says_what_it_needs_and_holds() {
    let scene = world().published("x", &["a.org"], "one").load_balancer("one", &[]).read();
    let groups = with_member(scene);
    let one = groups.get(group_id(&groups, "one"));
    assert_eq!((one.members(), one.is_empty(), one.is_unsure()), (&[0][..], false, false));
    assert_eq!((scene.names(one.needed().keys()), scene.names(one.held())), (vec!["a"], vec!["a"]));
    let need = &one.needed()[&scene.id("a")];
    assert_eq!((need.members.as_slice(), need.hosts.len()), (&[0][..], 1));
    assert!(!one.has(scene.id("a")), "it is not there yet");
}

#[test]
fn one_is_vacant_that_is_marked_and_serves_nobody() {
    let marked = || world().load_balancer("one", &["a"]).tagged(TAG_UNNEEDED, "7");
    let vacant = |groups: &Groups<'_>| groups.get(group_id(groups, "one")).is_vacant();
    assert!(vacant(&marked().read().groups()));
    assert!(!vacant(&world().load_balancer("one", &["a"]).read().groups()));
    assert!(!vacant(&with_member(marked().ingress("x", &["a.org"]).read())));
}

#[test]
fn a_host_for_which_nothing_may_be_chosen_is_served_with_what_is_there() {
    let ended = world().load_balancer("one", &["a", "b"]).ingress("x", &["a.org"]).with(|snapshot| {
        snapshot.inventory.certificates.iter_mut().for_each(|it| it.status = CertificateStatus::Expired);
    });
    let scene = ended.read();
    let groups = scene.groups();
    let served = groups.get(group_id(&groups, "one")).serve(&scene.members()[0], scene.observed);
    let host = scene.host("a.org");
    assert_eq!((served.hosts, served.kept), (vec![(host, scene.id("b"))], vec![(host, scene.id("a"))]));
    assert_eq!((scene.names(&served.certificates), served.is_unsure), (vec!["a", "b"], false));
}

#[test]
fn a_certificate_there_that_is_not_known_may_serve_a_host_that_lacks_one() {
    let with_unknown = || world().load_balancer("one", &["mystery"]);
    let unsure = |world: World| {
        let scene = world.read();
        let groups = with_member(scene);
        groups.get(group_id(&groups, "one")).is_unsure()
    };
    assert!(unsure(with_unknown().ingress("x", &["x.org"])));
    assert!(!unsure(with_unknown().ingress("x", &["a.org"])));
    assert!(!unsure(world().load_balancer("one", &["a"]).ingress("x", &["x.org"])));
}

#[test]
fn who_leaves_needs_what_covers_its_hosts_or_what_it_names_if_it_is_there() {
    let kept = |world: World| {
        let scene = world.load_balancer("one", &["a", "mystery"]).read();
        let mut groups = scene.groups();
        groups.keep_serving(scene.owned("one"), scene.claim("x"));
        let one = groups.get(group_id(&groups, "one"));
        assert!(one.is_unsure(), "what is not known may serve it too");
        scene.names(one.needed().keys())
    };
    assert_eq!(kept(world().ingress("x", &["a.org"])), ["a"]);
    let names =
        |name: &str| world().ingress("x", &[]).annotated(ANNOTATION_CERTIFICATE, &certificate_arn(name));
    assert_eq!(kept(names("a")), ["a"]);
    assert_eq!(kept(names("b")), [""; 0]);
}
