use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_CLASS, ANNOTATION_SCHEME, LoadBalancerState, TAG_GROUP, TAG_UNNEEDED,
    ViewPart,
};

use super::State;
use crate::testing::{NOW, World, certificate_arn};

/// Two members on `one`, and one on each of `two` and `three`, each with a certificate of its own.
fn world() -> World {
    let names = ["a", "b", "c", "d"];
    let world = names.iter().fold(World::new(), |world, name| world.certificate(name, &[name]));
    let world = world.published("a", &["a"], "one").published("b", &["b"], "one");
    let world = world.published("c", &["c"], "two").published("d", &["d"], "three");
    world.load_balancer("one", &["a", "b"]).load_balancer("two", &["c"]).load_balancer("three", &["d"])
}

/// The world with the setting, where it is known that no load balancer has a web ACL.
fn emptying(world: World) -> World {
    world.with(|snapshot| {
        snapshot.settings.consolidate = Some(true);
        for found in &mut snapshot.inventory.load_balancers {
            found.web_acl = Some(String::new());
        }
    })
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
    assert_eq!(found(limited(world(), 5)).as_deref(), Some("1 of three to one"));
}

#[test]
fn one_place_for_a_renewal_and_a_quarter_for_new_ingresses_stay_free() {
    assert_eq!(
        found(limited(world(), 4)).as_deref(),
        Some("1 of three to two"),
        "on one there are two of two"
    );
    assert_eq!(found(limited(world(), 3)).as_deref(), Some("1 of three to two"));
    assert_eq!(found(limited(world(), 2)), None);
}

#[test]
fn certificates_in_their_grace_period_take_their_places_and_keep_their_load_balancer() {
    let most = |most| world().with(|snapshot| snapshot.settings.certificates_per_load_balancer = Some(most));
    assert_eq!(found(most(2)).as_deref(), Some("1 of three to two"));
    assert_eq!(found(most(1)), None);
    let in_grace = |place: usize| {
        world().certificate("x", &["x"]).with(|snapshot| {
            snapshot.inventory.load_balancers[place].listeners[1].certificates.push(certificate_arn("x"));
        })
    };
    assert_eq!(
        found(limited(in_grace(0), 5)).as_deref(),
        Some("1 of three to two"),
        "three of three are taken"
    );
    assert_eq!(
        found(in_grace(2)).as_deref(),
        Some("1 of two to one"),
        "the Ingress for x may come back to three"
    );
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
    assert_eq!(found(moves).as_deref(), Some("1 of three to two"), "one is left by a member");
    let unasked = world().published("e", &["a"], "two").with(|snapshot| {
        snapshot.inventory.load_balancers[1].state = LoadBalancerState::Failed;
    });
    assert_eq!(found(unasked), None, "all members of two move");
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
}

#[test]
fn its_members_move_only_if_the_settings_say_so() {
    let told = |on: Option<bool>| {
        let scene = emptying(world()).with(|snapshot| snapshot.settings.consolidate = on).read();
        let grouping = scene.grouping();
        let leaves = grouping.placements.iter().filter_map(|it| it.stand()?.leaves.map(|owned| owned.id));
        leaves.collect::<Vec<_>>()
    };
    assert!(told(None).is_empty() && told(Some(false)).is_empty());
    assert_eq!(told(Some(true)), ["three"]);
}

#[test]
fn as_long_as_the_web_acls_are_not_known_nobody_moves() {
    let grouping = world().with(|snapshot| snapshot.settings.consolidate = Some(true)).read().grouping();
    assert_eq!(grouping.consolidation.unwrap().state, State::Unknown);
    assert!(grouping.placements.iter().all(|it| it.stand().is_some_and(|stand| stand.leaves.is_none())));
}

#[test]
fn a_certificate_that_only_the_old_load_balancer_has_keeps_its_members() {
    // The certificate of `d` must not be chosen any more, but serves its host until another one does.
    let excluded =
        world().with(|snapshot| snapshot.settings.excluded_certificates = vec![certificate_arn("d")]);
    assert_eq!(found(excluded).as_deref(), Some("1 of two to one"));
    // A renewed certificate is not there yet.
    let renewed = world().certificate("e", &["d"]).with(|snapshot| {
        let renewed = snapshot.inventory.certificates.last_mut().unwrap();
        renewed.not_before = Some(NOW - 60);
    });
    assert_eq!(found(renewed).as_deref(), Some("1 of two to one"));
}

#[test]
fn load_balancers_that_people_changed_by_hand_are_not_alike() {
    let policy = world().with(|snapshot| {
        let https = &mut snapshot.inventory.load_balancers[2].listeners[1];
        https.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-Res-2021-06".to_owned());
    });
    assert_eq!(found(policy).as_deref(), Some("1 of two to one"));
    let firewall = world().which(|found| found.web_acl = Some("arn:web-acl".to_owned()));
    assert_eq!(found(firewall).as_deref(), Some("1 of two to one"));
}

#[test]
fn nobody_moves_where_targets_are_not_healthy() {
    let unhealthy = world().with(|snapshot| {
        snapshot.inventory.target_groups[0].targets[0].health = albatross_contract::TargetHealth::Unhealthy;
    });
    assert_eq!(found(unhealthy).as_deref(), Some("1 of three to two"));
}

#[test]
fn one_load_balancer_at_a_time_and_nobody_comes_meanwhile() {
    let newcomer = world().certificate("e", &["e"]).ingress("e", &["e"]);
    assert_eq!(found(newcomer), None);
    let rejected = world().ingress("e", &["e"]);
    assert_eq!(
        found(rejected).as_deref(),
        Some("1 of three to one"),
        "without a certificate it goes nowhere"
    );
    let unneeded = world().load_balancer("four", &["d"]).tagged(TAG_UNNEEDED, "1999999000");
    assert_eq!(found(unneeded), None);
}

#[test]
fn all_members_move_or_none() {
    let seven = |allowed: &[&str]| {
        let mut world = World::new().certificate("a", &["*.a"]).certificate("b", &["*.b"]);
        for number in 0..7 {
            world = world.published(&format!("a{number}"), &[&format!("{number}.a")], "one");
            world = world.published(&format!("b{number}"), &[&format!("{number}.b")], "two");
        }
        let world = emptying(world.load_balancer("one", &["a"]).load_balancer("two", &["b"]));
        let allowed = allowed.iter().map(|name| (*name).to_owned()).collect();
        world.with(|snapshot| snapshot.settings.allowances.name_change = allowed).read().grouping()
    };
    let states = [&[][..], &["shop/a0"], &["shop/a0", "shop/a1"]].map(|allowed| {
        let grouping = seven(allowed);
        let moving = grouping.placements.iter().filter(|it| it.stand().is_some_and(|it| it.leaves.is_some()));
        (grouping.consolidation.unwrap().state, moving.count(), grouping.withheld.len())
    });
    assert_eq!(states, [(State::Withheld, 0, 1), (State::Withheld, 0, 1), (State::Begun, 7, 0)]);
}
