use albatross_contract::{
    ANNOTATION_HTTP_ONLY, ANNOTATION_SCHEME, ANNOTATION_SHARED, LoadBalancerState, Scheme, TAG_INGRESS,
    TAG_MODE, ViewPart,
};

use crate::testing::World;

/// The load balancer of the first member.
fn standing(world: World) -> Option<&'static str> {
    world.read().standings()[0].map(|owned| owned.id)
}

/// Two load balancers, the second of which has the certificates of two hosts.
fn world() -> World {
    World::new()
        .certificate("a", &["a.org"])
        .certificate("b", &["b.org"])
        .load_balancer("one", &["a"])
        .load_balancer("two", &["a", "b"])
}

#[test]
fn a_status_names_the_load_balancer_of_a_member_among_other_names() {
    assert_eq!(standing(world().published("x", &["a.org"], "two")), Some("two"));
    let other = world().ingress("x", &["a.org"]).status("elsewhere.example.com");
    assert_eq!(standing(other), None);
    let both =
        world().ingress("x", &[]).status("elsewhere.example.com").status("albatross-one.elb.example.com");
    assert_eq!(standing(both), Some("one"));
}

#[test]
fn without_a_status_the_tag_says_it() {
    let tagged = || world().tagged(TAG_INGRESS, "shop/x");
    assert_eq!(standing(tagged().ingress("x", &[])), Some("two"));
    assert_eq!(standing(tagged().ingress("y", &[])), None);
    assert_eq!(standing(tagged().published("x", &[], "one")), Some("one"), "the status comes first");
    let twice = world().tagged(TAG_INGRESS, "shop/x").which(|_| ()).with(|snapshot| {
        let tag = snapshot.inventory.load_balancers[1].tags.last().unwrap().clone();
        snapshot.inventory.load_balancers[0].tags.push(tag);
    });
    assert_eq!(standing(twice.ingress("x", &[])), Some("one"), "of several it is the smallest id");
}

#[test]
fn the_tag_says_the_kind_too() {
    let of_ingress = || world().tagged(TAG_INGRESS, "shop/x");
    let of_route_group = || world().tagged(TAG_INGRESS, "RouteGroup:shop/x");
    assert_eq!(standing(of_ingress().route_group("x", &[])), None);
    assert_eq!(standing(of_route_group().ingress("x", &[])), None);
    assert_eq!(standing(of_route_group().route_group("x", &[])), Some("two"));
}

#[test]
fn where_statuses_are_known_certificates_say_nothing() {
    assert_eq!(standing(world().ingress("x", &["a.org", "b.org"])), None);
}

#[test]
fn without_statuses_the_load_balancer_that_serves_most_hosts_counts() {
    let unknown = || world().missing(ViewPart::IngressStatuses);
    assert_eq!(standing(unknown().ingress("x", &["a.org", "b.org"])), Some("two"));
    assert_eq!(standing(unknown().ingress("x", &["a.org"])), Some("one"), "of as many it is the smallest id");
    assert_eq!(standing(unknown().ingress("x", &["c.org"])), None);
    let own = unknown().ingress("x", &["a.org"]).annotated(ANNOTATION_SHARED, "false");
    assert_eq!(standing(own), None, "its own one would have its tag");
    let internal = unknown().ingress("x", &["a.org"]).annotated(ANNOTATION_SCHEME, "internal");
    assert_eq!(standing(internal), None);
    let moved = unknown().which(|found| found.scheme = Scheme::Internal).ingress("x", &["a.org", "b.org"]);
    assert_eq!(standing(moved.annotated(ANNOTATION_SCHEME, "internal")), Some("two"));
}

#[test]
fn without_statuses_certificates_say_nothing_of_who_asks_for_http_only() {
    let unknown = world().missing(ViewPart::IngressStatuses).ingress("x", &["a.org", "b.org"]);
    assert_eq!(standing(unknown.annotated(ANNOTATION_HTTP_ONLY, "true")), None);
}

#[test]
fn without_statuses_a_load_balancer_of_the_other_mode_does_not_count() {
    let unknown = world().missing(ViewPart::IngressStatuses).ingress("x", &["b.org"]);
    assert_eq!(standing(unknown.tagged(TAG_MODE, "route")), None);
}

#[test]
fn without_statuses_only_shared_load_balancers_that_did_not_fail_count() {
    let unknown = || world().missing(ViewPart::IngressStatuses).ingress("x", &["b.org"]);
    assert_eq!(standing(unknown().tagged(TAG_INGRESS, "shop/other")), None);
    assert_eq!(standing(unknown().which(|found| found.state = LoadBalancerState::Failed)), None);
}
