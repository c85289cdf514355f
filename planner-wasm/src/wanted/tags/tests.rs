use albatross_contract::{TAG_GROUP, TAG_INGRESS, TAG_UNNEEDED, ViewPart};

use super::{Managed, Tags};
use crate::{
    identity::{tag, tag_value},
    observed::certificate_mark,
    testing::{GRACE, NOW, World, certificate_arn},
};

/// The wanted tags of the load balancer `one`.
fn tags(world: World) -> Tags {
    let decided = world.read().decide();
    let place = decided.wanted.load_balancers.iter().position(|wanted| wanted.id == "one").unwrap();
    std::mem::take(&mut { decided.wanted }.load_balancers[place].tags)
}

fn mark(name: &str) -> String {
    certificate_mark(&certificate_arn(name))
}

/// Certificates `a` and `b` on the load balancer `one`; a member needs `a`.
fn world() -> World {
    let world = World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"]);
    world.load_balancer("one", &["a", "b"]).published("x", &["a.org"], "one")
}

fn marked(age: u64) -> World {
    world().tagged(&mark("b"), &(NOW - age).to_string())
}

#[test]
fn tags_record_the_owner_and_the_terms() {
    let own = world().annotated(albatross_contract::ANNOTATION_SHARED, "false");
    let tags = tags(own);
    let owner = crate::identity::ownership_tags(&crate::testing::settings().identity, "one");
    assert!(owner.iter().all(|tag| tags.all.contains(tag)));
    assert_eq!(tag_value(&tags.all, TAG_INGRESS), Some("shop/x"));
    assert_eq!(tag_value(&tags.all, TAG_GROUP), None);
    assert!([TAG_INGRESS, TAG_GROUP, TAG_UNNEEDED].iter().all(|key| tags.manages(key)));
    assert!(!tags.manages("team"));
}

#[test]
fn an_unneeded_certificate_is_marked_with_the_time() {
    assert_eq!(tag_value(&tags(world()).all, &mark("b")), Some(NOW.to_string().as_str()));
    assert_eq!(tag_value(&tags(marked(600)).all, &mark("b")), Some((NOW - 600).to_string().as_str()));
    assert_eq!(tag_value(&tags(world()).all, &mark("a")), None);
}

#[test]
fn the_mark_of_a_certificate_is_removed_after_the_certificate() {
    let tags = tags(marked(GRACE));
    assert_eq!(tag_value(&tags.all, &mark("b")), None);
    assert_eq!(tags.marks_go_after, [Some(0)]);
    assert!(tags.manages(&mark("b")));
}

#[test]
fn an_unneeded_load_balancer_is_marked_with_the_time() {
    let needless = world().with(|snapshot| snapshot.cluster.ingresses.clear());
    assert_eq!(tag_value(&tags(needless).all, TAG_UNNEEDED), Some(NOW.to_string().as_str()));
}

#[test]
fn while_the_view_is_incomplete_only_marks_of_needed_certificates_are_removed() {
    let unknown = marked(GRACE).tagged(&mark("a"), "7").missing(ViewPart::CertificatesIam);
    let tags = tags(unknown);
    assert_eq!(tag_value(&tags.all, &mark("b")), Some((NOW - GRACE).to_string().as_str()));
    assert_eq!((tags.manages(&mark("a")), tags.manages(&mark("b"))), (true, false));
}

#[test]
fn a_prefix_manages_all_keys_that_begin_with_it() {
    let managed = vec![Managed::Key("one".into()), Managed::Prefix("many/")];
    let tags = Tags { all: vec![tag("one", "")], managed, marks_go_after: Vec::new() };
    let manages = ["one", "one/more", "many/", "many/more", "much"].map(|key| tags.manages(key));
    assert_eq!(manages, [true, false, true, true, false]);
}
