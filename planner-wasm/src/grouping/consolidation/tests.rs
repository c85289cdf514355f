use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_CLASS, ANNOTATION_SCHEME, LoadBalancerState, TAG_GROUP, TAG_UNNEEDED,
    ViewPart,
};

use crate::testing::{NOW, World, certificate_arn};

/// Two members on `one`, and one on each of `two` and `three`, each with a certificate of its own.
fn world() -> World {
    let names = ["a", "b", "c", "d"];
    let world = names.iter().fold(World::new(), |world, name| world.certificate(name, &[name]));
    let world = world.published("a", &["a"], "one").published("b", &["b"], "one");
    let world = world.published("c", &["c"], "two").published("d", &["d"], "three");
    world.load_balancer("one", &["a", "b"]).load_balancer("two", &["c"]).load_balancer("three", &["d"])
}

/// In words, what is emptied, and where its members go.
fn found(world: World) -> Option<String> {
    let grouping = world.read().grouping();
    grouping.consolidation.map(|it| format!("{} of {} to {}", it.members, it.from.id, it.to.id))
}

fn limited(world: World, certificates: u32) -> World {
    world.with(|snapshot| snapshot.inventory.quotas.certificates_per_load_balancer = certificates)
}

#[test]
fn the_load_balancer_with_the_fewest_members_goes_to_the_one_with_the_most_certificates() {
    assert_eq!(found(world()).as_deref(), Some("1 of three to one"));
    assert_eq!(found(limited(world(), 4)).as_deref(), Some("1 of three to one"));
}

#[test]
fn one_place_for_a_renewal_stays_free() {
    assert_eq!(
        found(limited(world(), 3)).as_deref(),
        Some("1 of three to two"),
        "on one there are two of two"
    );
    assert_eq!(found(limited(world(), 2)), None);
}

#[test]
fn certificates_that_a_budget_or_a_setting_keeps_take_their_places() {
    let most = |most| world().with(|snapshot| snapshot.settings.certificates_per_load_balancer = Some(most));
    assert_eq!(found(most(2)).as_deref(), Some("1 of three to two"));
    assert_eq!(found(most(1)), None);
    // `one` has three certificates that no longer exist, so it is not known what they are for.
    let full = limited(world(), 4).with(|snapshot| {
        let https = &mut snapshot.inventory.load_balancers[0].listeners[1];
        https.certificates.extend(["x", "y"].map(certificate_arn));
    });
    assert_eq!(found(full).as_deref(), Some("1 of three to one"), "certificates that are gone keep no place");
}

#[test]
fn only_load_balancers_with_the_same_terms_take_members_of_each_other() {
    let keyed = |id: usize| {
        world().with(|snapshot| {
            snapshot.inventory.load_balancers[id].tags.push(crate::identity::tag(TAG_GROUP, "team"));
        })
    };
    assert_eq!(
        found(keyed(2)).as_deref(),
        Some("1 of two to one"),
        "the member of three changes its terms first"
    );
    let scheme = world().published("e", &["d"], "four").annotated(ANNOTATION_SCHEME, "internal");
    let scheme = scheme.load_balancer("four", &["d"]);
    let scheme = scheme.which(|found| found.scheme = albatross_contract::Scheme::Internal);
    assert_eq!(found(scheme).as_deref(), Some("1 of three to one"));
}

#[test]
fn nothing_is_emptied_while_anything_else_moves_or_is_not_known() {
    let moves = world().published("e", &["a"], "one").annotated(ANNOTATION_SCHEME, "internal");
    assert_eq!(found(moves), None);
    assert_eq!(found(world().missing(ViewPart::IngressStatuses)), None);
    assert_eq!(found(world().missing(ViewPart::CertificatesAcm)), None);
    assert_eq!(found(world().missing(ViewPart::Ingresses)), None);
}

#[test]
fn a_load_balancer_that_would_stay_anyway_is_not_emptied() {
    let protected = world().which(|found| {
        found.attributes.push(crate::identity::tag("deletion_protection.enabled", "true"));
    });
    assert_eq!(found(protected).as_deref(), Some("1 of two to one"));
    let released = world().published("e", &["d"], "three").annotated(ANNOTATION_CLASS, "nginx");
    assert_eq!(found(released).as_deref(), Some("1 of two to one"), "its name is kept for another Ingress");
    let unpublished = world().with(|snapshot| snapshot.cluster.ingresses[3].status.clear());
    assert_ne!(found(unpublished).as_deref(), Some("1 of three to one"), "it has no member yet");
}

#[test]
fn members_that_are_held_keep_their_load_balancer() {
    let pinned = world().annotated(ANNOTATION_CERTIFICATE, "arn:certificate/none");
    assert_eq!(found(pinned).as_deref(), Some("1 of two to one"));
    let unreadable = world().annotated(ANNOTATION_SCHEME, "secret");
    assert_eq!(found(unreadable).as_deref(), Some("1 of two to one"));
}

#[test]
fn members_go_only_to_a_load_balancer_in_service() {
    let at_one = |change: fn(&mut albatross_contract::LoadBalancer)| {
        world().with(|snapshot| change(&mut snapshot.inventory.load_balancers[0]))
    };
    let provisioning = at_one(|found| {
        found.state = LoadBalancerState::Provisioning;
        found.created_at = NOW - 60;
    });
    assert_eq!(found(provisioning).as_deref(), Some("1 of three to two"));
    let unneeded = at_one(|found| found.tags.push(crate::identity::tag(TAG_UNNEEDED, "1999999000")));
    assert_eq!(found(unneeded).as_deref(), Some("1 of three to two"));
}

#[test]
fn its_members_move_only_if_the_settings_say_so() {
    let told = |on: Option<bool>| {
        let scene = world().with(|snapshot| snapshot.settings.consolidate = on).read();
        let grouping = scene.grouping();
        let leaves = grouping.placements.iter().filter_map(|it| it.stand()?.leaves.map(|owned| owned.id));
        leaves.collect::<Vec<_>>()
    };
    assert!(told(None).is_empty() && told(Some(false)).is_empty());
    assert_eq!(told(Some(true)), ["three"]);
}
