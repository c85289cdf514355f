use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_HTTP_ONLY, ANNOTATION_SCHEME, ANNOTATION_SHARED, DiagnosticCode,
    LoadBalancerState, Scheme, TAG_GROUP, TAG_HTTP_ONLY, TAG_MODE, TAG_UNNEEDED, ViewPart,
};

use super::Finder;
use crate::{
    grouping::{Groups, Key, Member, Place, Placement, opening::Opener, staying::Move},
    testing::{Scene, World, id_of},
};

/// Certificates `a` and `b` for hosts of the same names.
fn world() -> World {
    World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"])
}

fn opener(scene: Scene, groups: &Groups<'static>) -> Opener<'static> {
    let demands = scene.backends().demands(scene.observed);
    Opener::new(scene.observed, groups, demands, scene.choices(), scene.points())
}

fn nowhere() -> Placement<'static> {
    Placement { place: Place::Rejected, cause: None, diagnostics: Vec::new() }
}

/// In words, where a member is placed, and its diagnostics.
fn told(placement: &Placement<'_>, groups: &Groups<'_>) -> (String, Vec<DiagnosticCode>) {
    let place = match &placement.place {
        Place::On(stand) => {
            let held = if stand.held { ", held" } else { "" };
            let leaves = stand.leaves.map(|owned| format!(", leaves {}", owned.id)).unwrap_or_default();
            format!("{}{held}{leaves}", groups.get(stand.group).id())
        }
        Place::Waits => "waits".to_owned(),
        Place::Rejected => "rejected".to_owned(),
    };
    (place, placement.cause.iter().chain(&placement.diagnostics).map(|diagnostic| diagnostic.code).collect())
}

/// Places the first member as a new member, after a change of the decisions for it.
fn newcomer(world: World, change: impl FnOnce(&mut Member<'static>)) -> (String, Vec<DiagnosticCode>) {
    let scene = world.read();
    let mut groups = scene.groups();
    let mut opener = opener(scene, &groups);
    let mut member = scene.members().remove(0);
    change(&mut member);
    let mut placement = nowhere();
    Finder::new(&mut groups, scene.observed, &mut opener).place_newcomer(0, &member, &mut placement);
    told(&placement, &groups)
}

fn new(world: World) -> (String, Vec<DiagnosticCode>) {
    newcomer(world, |_| ())
}

fn opened() -> String {
    id_of(Scheme::InternetFacing, 0)
}

#[test]
fn a_newcomer_joins_a_load_balancer_that_fits_or_opens_one() {
    let one = || world().ingress("x", &["a.org"]).load_balancer("one", &["a"]);
    assert_eq!(new(one()), ("one".into(), vec![]));
    assert_eq!(new(world().ingress("x", &["a.org"])), (opened(), vec![]));
    assert_eq!(new(one().tagged(TAG_GROUP, "red")), (opened(), vec![]));
    assert_eq!(newcomer(one().tagged(TAG_GROUP, "red"), |it| it.key = Key::Given("red")).0, "one");
}

#[test]
fn a_newcomer_that_cannot_be_planned_gets_no_place() {
    use DiagnosticCode::*;
    let pinned = |world: World| world.annotated(ANNOTATION_CERTIFICATE, "arn:unknown");
    let fine = || world().ingress("x", &["a.org"]);
    for (found, expected, codes) in [
        (new(fine().annotated(ANNOTATION_SCHEME, "secret")), "rejected", vec![]),
        (new(fine().annotated(ANNOTATION_SHARED, "perhaps")), "rejected", vec![]),
        (newcomer(fine(), |it| it.key = Key::Frozen), "waits", vec![]),
        (newcomer(fine(), |it| it.key = Key::Rejected("no")), "rejected", vec![]),
        (new(pinned(fine())), "rejected", vec![]),
        (new(pinned(fine()).missing(ViewPart::CertificatesAcm)), "waits", vec![]),
        (new(world().ingress("x", &["unknown.org"])), "rejected", vec![]),
        (new(world().ingress("x", &["unknown.org"]).missing(ViewPart::CertificatesIam)), "waits", vec![]),
        (new(world().ingress("x", &[])), "rejected", vec![HostNone]),
        (
            new(world()
                .ingress("x", &["a.org", "b.org"])
                .with(|it| it.inventory.quotas.certificates_per_load_balancer = 2)),
            "rejected",
            vec![CapacityExceeded],
        ),
        (new(fine().with(|it| it.inventory.subnets.clear())), "rejected", vec![SubnetsTooFew]),
        (new(fine().missing(ViewPart::Subnets)), "waits", vec![ViewIncomplete]),
    ] {
        assert_eq!(found, (expected.to_owned(), codes));
    }
}

#[test]
fn a_published_name_of_which_nothing_is_known_is_believed() {
    let gone = || world().published("x", &["a.org"], "gone").load_balancer("one", &["a"]);
    assert_eq!(
        new(gone().missing(ViewPart::LoadBalancers)),
        ("waits".into(), vec![DiagnosticCode::ViewIncomplete])
    );
    assert_eq!(new(gone()).0, "one", "it is proven gone");
}

#[test]
fn a_vacant_load_balancer_takes_over_the_terms_of_a_new_member() {
    let scene = world()
        .ingress("x", &["a.org"])
        .annotated(ANNOTATION_SHARED, "false")
        .load_balancer("one", &["a"])
        .tagged(TAG_UNNEEDED, "7")
        .read();
    let mut groups = scene.groups();
    let mut opener = opener(scene, &groups);
    let mut placement = nowhere();
    let member = &scene.members()[0];
    Finder::new(&mut groups, scene.observed, &mut opener).place_newcomer(0, member, &mut placement);
    let group = groups.get(placement.group().unwrap());
    assert_eq!((group.id(), group.terms().alone), ("one", Some(member.claim.object)));
}

#[test]
fn each_member_sees_where_those_before_it_were_placed() {
    let scene = world().ingress("x", &["a.org"]).ingress("y", &["b.org"]).read();
    let (mut groups, members) = (scene.groups(), scene.members());
    let mut opener = opener(scene, &groups);
    let mut finder = Finder::new(&mut groups, scene.observed, &mut opener);
    assert!(!finder.finds_all(&members[0]));
    let mut placements = [nowhere(), nowhere()];
    for (index, placement) in placements.iter_mut().enumerate() {
        finder.place_newcomer(index, &members[index], placement);
    }
    assert_eq!(placements[0].group(), placements[1].group());
    assert_eq!(groups.len(), 1);
}

/// Moves the first member, which is on the load balancer `one`.
fn moved(
    world: World,
    change: impl FnOnce(&mut Member<'static>),
) -> (String, Vec<String>, Option<&'static str>) {
    let scene = world.read();
    let mut groups = scene.groups();
    let mut opener = opener(scene, &groups);
    let from = scene.owned("one");
    let mut member = scene.members().remove(0);
    change(&mut member);
    groups.keep_serving(from, member.claim);
    let mut placement = nowhere();
    let it = Move { from, reason: "of a reason", is_own: true, to: None };
    Finder::new(&mut groups, scene.observed, &mut opener).move_member(0, &member, &it, &mut placement);
    let replaces = placement.group().and_then(|id| groups.get(id).replaces());
    let messages = placement.diagnostics.iter().map(|diagnostic| diagnostic.message.clone()).collect();
    (told(&placement, &groups).0, messages, replaces)
}

fn on_one() -> World {
    world().published("x", &["a.org"], "one").load_balancer("one", &["a"])
}

#[test]
fn a_moving_member_leaves_its_load_balancer_for_another_one() {
    assert_eq!(moved(on_one(), |_| ()), (format!("{}, leaves one", opened()), vec![], None));
    let two = on_one().load_balancer("two", &["b"]);
    assert_eq!(moved(two, |_| ()).0, "two, leaves one");
}

#[test]
fn a_new_load_balancer_replaces_a_failed_one() {
    let failed = |world: World| world.which(|found| found.state = LoadBalancerState::Failed);
    assert_eq!(moved(failed(on_one()), |_| ()).2, Some("one"));
    let another = failed(on_one().load_balancer("broken", &[]));
    assert_eq!(moved(another, |_| ()).2, Some("broken"));
    let both = failed(failed(on_one()).load_balancer("broken", &[]));
    assert_eq!(moved(both, |_| ()).2, Some("one"), "its own one first");
    let other_scheme =
        failed(on_one().load_balancer("broken", &[])).which(|found| found.scheme = Scheme::Internal);
    assert_eq!(moved(other_scheme, |_| ()).2, None);
    for (key, value) in [(TAG_HTTP_ONLY, "true"), (TAG_MODE, "route")] {
        let other = failed(on_one().load_balancer("broken", &[])).tagged(key, value);
        assert_eq!(moved(other, |_| ()).2, None, "{key}");
    }
    let asks_for_http_only = failed(on_one()).annotated(ANNOTATION_HTTP_ONLY, "true");
    assert_eq!(moved(asks_for_http_only, |_| ()).2, None, "others need one with HTTPS instead");
}

#[test]
fn a_member_that_finds_no_other_load_balancer_stays_and_is_told_why() {
    let (place, messages, _) = moved(on_one().with(|it| it.inventory.subnets.clear()), |_| ());
    assert_eq!(place, "one, held");
    assert!(
        messages[0].starts_with("it should move (of a reason), but no further internet-facing"),
        "{messages:?}"
    );
    assert!(messages[0].ends_with("; it stays where it is"), "{messages:?}");
    assert_eq!(moved(on_one(), |it| it.key = Key::Frozen), ("one, held".into(), vec![], None));
    let unknown = world().published("x", &[], "one").annotated(ANNOTATION_CERTIFICATE, "arn:unknown");
    let unknown = moved(unknown.load_balancer("one", &["a"]), |_| ());
    assert_eq!(unknown, ("one, held".into(), vec![], None), "why has been said already");
}
