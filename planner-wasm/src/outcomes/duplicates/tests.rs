use albatross_contract::{ANNOTATION_SHARED, Diagnostic};

use super::Duplicates;
use crate::testing::World;

/// The diagnostics for each member about hosts that others have on other load balancers.
fn told(world: World) -> Vec<Vec<Diagnostic>> {
    let scene = world.read();
    let grouping = scene.grouping();
    let duplicates = Duplicates::new(&grouping, scene.observed);
    let tell = |(member, placement): (&crate::grouping::Member<'_>, &crate::grouping::Placement<'_>)| {
        let mut diagnostics = Vec::new();
        if let Some(on) = placement.group() {
            duplicates.tell(member.claim, on, scene.observed, &mut diagnostics);
        }
        diagnostics
    };
    grouping.members.iter().zip(&grouping.placements).map(tell).collect()
}

fn own(world: World) -> World {
    world.annotated(ANNOTATION_SHARED, "false")
}

fn world() -> World {
    World::new().certificate("all", &["a.org", "b.org"])
}

#[test]
fn hosts_on_one_load_balancer_are_no_duplicates() {
    let world = world().ingress("x", &["a.org"]).ingress("y", &["a.org"]);
    assert_eq!(told(world), [vec![], vec![]]);
}

#[test]
fn each_ingress_is_told_which_others_have_its_host_on_another_load_balancer() {
    let world =
        own(own(world().ingress("x", &["a.org", "b.org"]).ingress("y", &["a.org"])).ingress("z", &["a.org"]));
    let told = told(world);
    let others = |index: usize| told[index].iter().map(|it| it.message.as_str()).collect::<Vec<_>>();
    for (index, expected) in [["y", "z"], ["x", "z"], ["x", "y"]].into_iter().enumerate() {
        let [message] = others(index)[..] else { panic!("{:?}", told[index]) };
        assert!(message.starts_with("a.org is also a host of shop/"), "{message}");
        assert!(expected.iter().all(|name| message.contains(&format!("shop/{name}"))), "{message}");
        assert!(!message.contains(&format!("shop/{}", ["x", "y", "z"][index])), "{message}");
    }
}

#[test]
fn an_unplaced_ingress_duplicates_nothing() {
    let rejected = own(world().ingress("x", &["a.org"])).ingress("y", &["a.org"]);
    let rejected = rejected.annotated(albatross_contract::ANNOTATION_SCHEME, "secret");
    assert_eq!(told(rejected), [vec![], vec![]]);
}
