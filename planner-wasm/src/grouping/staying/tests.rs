use albatross_contract::{
    ANNOTATION_HTTP_ONLY, ANNOTATION_SCHEME, ANNOTATION_SHARED, LoadBalancerState, TAG_GROUP, TAG_HTTP_ONLY,
    TAG_INGRESS,
};

use super::{Staying, is_served_elsewhere, judge, withhold};
use crate::{
    grouping::{Key, Member},
    testing::{Scene, World},
};

/// In words, what happens to each member: for a move the reason, with `!` if its own annotations ask for it.
fn told(judged: &[Staying<'_>]) -> Vec<String> {
    let tell = |staying: &Staying<'_>| match staying {
        Staying::Newcomer => "newcomer".to_owned(),
        Staying::Stays(owned) => format!("stays on {}", owned.id),
        Staying::StaysWithheld(owned) => format!("is held on {}", owned.id),
        Staying::Moves(it) => format!("leaves {}{}", it.from.id, if it.is_own { "!" } else { "" }),
        Staying::Waits => "waits".to_owned(),
    };
    judged.iter().map(tell).collect()
}

fn judged_with(scene: Scene, members: &[Member<'static>]) -> Vec<Staying<'static>> {
    judge(members, &scene.standings(), &scene.groups())
}

fn judged(world: World) -> Vec<String> {
    let scene = world.load_balancer("one", &[]).read();
    told(&judged_with(scene, &scene.members()))
}

fn on_one(world: World, name: &str) -> World {
    world.published(name, &[], "one")
}

fn own(world: World) -> World {
    world.annotated(ANNOTATION_SHARED, "false")
}

#[test]
fn a_member_that_agrees_with_the_others_stays_and_one_without_a_load_balancer_is_new() {
    let world = on_one(on_one(World::new(), "a"), "b").ingress("c", &[]);
    assert_eq!(judged(world), ["stays on one", "stays on one", "newcomer"]);
}

#[test]
fn a_member_that_asks_for_another_scheme_moves() {
    let asks = on_one(World::new(), "a").annotated(ANNOTATION_SCHEME, "internal");
    assert_eq!(judged(asks), ["leaves one!"]);
    let by_default = on_one(World::new(), "a").with(|snapshot| {
        snapshot.settings.default_scheme = albatross_contract::Scheme::Internal;
    });
    assert_eq!(judged(by_default), ["leaves one"], "it did not ask for it itself");
    let unreadable = on_one(World::new(), "a").annotated(ANNOTATION_SCHEME, "secret");
    assert_eq!(judged(unreadable), ["stays on one"]);
}

#[test]
fn a_member_that_asks_for_http_only_leaves_https_and_comes_back_when_it_no_longer_asks() {
    let asks = |value: &str| on_one(World::new(), "a").annotated(ANNOTATION_HTTP_ONLY, value);
    let on_https = |world: World| {
        let scene = world.certificate("a", &["a.org"]).load_balancer("one", &["a"]).read();
        told(&judged_with(scene, &scene.members()))
    };
    assert_eq!(on_https(asks("true")), ["leaves one!"]);
    assert_eq!(judged(asks("true")), ["leaves one"], "somebody may have removed the tag by hand");
    assert_eq!(judged(asks("false")), ["stays on one"]);
    assert_eq!(judged(asks("yes")), ["stays on one"]);
    let on_plain = |world: World| {
        let scene = world.load_balancer("one", &[]).tagged(TAG_HTTP_ONLY, "true").read();
        told(&judged_with(scene, &scene.members()))
    };
    assert_eq!(on_plain(asks("true")), ["stays on one"]);
    assert_eq!(on_plain(asks("false")), ["leaves one!"]);
    assert_eq!(on_plain(on_one(World::new(), "a")), ["leaves one"], "somebody may have set the tag by hand");
    assert_eq!(on_plain(asks("yes")), ["stays on one"]);
}

#[test]
fn all_leave_a_load_balancer_that_aws_could_not_make() {
    let scene = on_one(on_one(World::new(), "a"), "b").load_balancer("one", &[]);
    let scene = scene.which(|found| found.state = LoadBalancerState::Failed).read();
    assert_eq!(told(&judged_with(scene, &scene.members())), ["leaves one", "leaves one"]);
}

#[test]
fn a_single_member_may_change_its_terms() {
    assert_eq!(judged(own(on_one(World::new(), "a"))), ["stays on one"]);
}

#[test]
fn where_members_disagree_the_larger_set_stays() {
    // Neither set matches the tags, which name an Ingress that does not exist.
    let world = on_one(on_one(own(on_one(World::new(), "a")), "b"), "c").load_balancer("one", &[]);
    let scene = world.tagged(TAG_INGRESS, "shop/gone").read();
    assert_eq!(told(&judged_with(scene, &scene.members())), ["leaves one!", "stays on one", "stays on one"]);
}

#[test]
fn of_sets_of_one_size_the_older_stays() {
    let aged = |oldest: usize| {
        own(on_one(on_one(World::new(), "a"), "b")).with(|snapshot| {
            for (index, ingress) in snapshot.cluster.ingresses.iter_mut().enumerate() {
                ingress.metadata.created_at = Some(if index == oldest { 1 } else { 2 });
            }
        })
    };
    // Neither member matches the tags, which name an Ingress that does not exist.
    let judged = |oldest| {
        let scene = aged(oldest).load_balancer("one", &[]).tagged(TAG_INGRESS, "shop/gone").read();
        told(&judged_with(scene, &scene.members()))
    };
    assert_eq!(judged(0), ["stays on one", "leaves one!"]);
    assert_eq!(judged(1), ["leaves one", "stays on one"]);
}

#[test]
fn members_that_match_the_tags_stay_rather_than_a_larger_set() {
    let world = on_one(on_one(own(on_one(World::new(), "a")), "b"), "c").load_balancer("one", &[]);
    let scene = world.tagged(TAG_INGRESS, "shop/a").read();
    assert_eq!(told(&judged_with(scene, &scene.members())), ["stays on one", "leaves one", "leaves one"]);
}

#[test]
fn a_policy_can_part_members() {
    let judged = |keys: [Key<'static>; 3]| {
        let world = on_one(on_one(on_one(World::new(), "a"), "b"), "c").load_balancer("one", &[]);
        let scene = world.tagged(TAG_GROUP, "red").read();
        let mut members = scene.members();
        members.iter_mut().zip(keys).for_each(|(member, key)| member.key = key);
        told(&judged_with(scene, &members))
    };
    let (red, blue) = (Key::Given("red"), Key::Given("blue"));
    assert_eq!(judged([blue, blue, red]), ["leaves one", "leaves one", "stays on one"]);
    assert_eq!(judged([blue, blue, blue]), ["stays on one"; 3], "all of them agree");
    assert_eq!(
        judged([Key::Frozen, Key::Rejected("no"), red]),
        ["stays on one"; 3],
        "nothing is said of two"
    );
    for undecided in [Key::Stays, Key::Rejected("no")] {
        assert_eq!(judged([blue, undecided, blue]), ["stays on one"; 3], "it follows the others");
        assert_eq!(judged([blue, undecided, red]), ["leaves one", "stays on one", "stays on one"]);
    }
}

#[test]
fn a_member_that_cannot_be_read_does_not_part_the_others() {
    let with_key = |key: Option<&'static str>| {
        let world = on_one(on_one(on_one(World::new(), "a"), "b"), "c");
        let world = world.annotated("zalando.org/aws-load-balancer-http2", "maybe").load_balancer("one", &[]);
        let scene = match key {
            Some(key) => world.tagged(TAG_GROUP, key).read(),
            None => world.read(),
        };
        let mut members = scene.members();
        members[..2].iter_mut().for_each(|member| member.key = Key::Given("red"));
        members[2].key = Key::Stays;
        told(&judged_with(scene, &members))
    };
    for key in [None, Some("red"), Some("blue")] {
        assert_eq!(with_key(key), ["stays on one"; 3], "{key:?}");
    }
}

/// This many Ingresses that move because a load balancer failed, or (`elsewhere`) whose status names a load balancer
/// that is not ours.
fn changing(count: usize, elsewhere: bool) -> World {
    let world = (0..count).fold(World::new(), |world, number| {
        let name = format!("i{number}");
        if elsewhere {
            world.ingress(&name, &[]).status("elsewhere.example.com")
        } else {
            on_one(world, &name)
        }
    });
    world.load_balancer("one", &[]).which(|found| found.state = LoadBalancerState::Failed)
}

fn withheld(world: World) -> (Vec<String>, Option<u32>) {
    let scene = world.read();
    let members = scene.members();
    let mut judged = judged_with(scene, &members);
    let withheld = withhold(&mut judged, &members, scene.claims, scene.observed);
    (told(&judged), withheld.map(|withheld| withheld.count))
}

#[test]
fn few_names_may_change_unasked_and_many_are_held_back_as_one_set() {
    assert_eq!(withheld(changing(5, false)), (vec!["leaves one".to_owned(); 5], None));
    assert_eq!(withheld(changing(6, false)), (vec!["is held on one".to_owned(); 6], Some(6)));
    assert_eq!(withheld(changing(5, true)), (vec!["newcomer".to_owned(); 5], None));
    assert_eq!(withheld(changing(6, true)), (vec!["waits".to_owned(); 6], Some(6)));
}

#[test]
fn allowed_name_changes_do_not_count() {
    let allowed = changing(6, false).with(|snapshot| {
        snapshot.settings.allowances.name_change = vec!["shop/i3".into()];
    });
    assert_eq!(withheld(allowed), (vec!["leaves one".to_owned(); 6], None));
}

#[test]
fn a_member_that_asks_to_move_is_not_held_back() {
    let asking = (0..6).fold(World::new(), |world, number| {
        on_one(world, &format!("i{number}")).annotated(ANNOTATION_SCHEME, "internal")
    });
    assert_eq!(withheld(asking.load_balancer("one", &[])), (vec!["leaves one!".to_owned(); 6], None));
}

#[test]
fn a_name_of_a_deleted_load_balancer_of_ours_belongs_to_nobody() {
    let foreign = |world: World| {
        world.with(|snapshot| {
            let mut foreign = crate::testing::load_balancer("foreign");
            foreign.tags.clear();
            snapshot.inventory.load_balancers.push(foreign);
        })
    };
    let scene = foreign(World::new().load_balancer("one", &[])).read();
    for (name, expected) in [
        ("elsewhere.example.com", true),
        ("albatross-foreign.elb.example.com", true),
        ("albatross-one.elb.example.com", false),
        ("albatross-gone.elb.example.com", false),
        ("internal-albatross-gone.elb.example.com", false),
    ] {
        assert_eq!(is_served_elsewhere(name, scene.observed), expected, "{name}");
    }
}
