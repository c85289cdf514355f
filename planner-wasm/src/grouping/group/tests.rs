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
fn the_members_of_a_load_balancer_determine_its_certificates() {
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
fn a_marked_load_balancer_that_serves_no_ingress_is_vacant() {
    let marked = || world().load_balancer("one", &["a"]).tagged(TAG_UNNEEDED, "7");
    let vacant = |groups: &Groups<'_>| groups.get(group_id(groups, "one")).is_vacant();
    assert!(vacant(&marked().read().groups()));
    assert!(!vacant(&world().load_balancer("one", &["a"]).read().groups()));
    assert!(!vacant(&with_member(marked().ingress("x", &["a.org"]).read())));
}

#[test]
fn a_host_without_an_eligible_certificate_is_served_with_present_ones() {
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
fn an_unknown_certificate_on_the_load_balancer_may_serve_an_uncovered_host() {
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
fn an_ingress_that_leaves_keeps_the_present_certificates_for_its_hosts() {
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
