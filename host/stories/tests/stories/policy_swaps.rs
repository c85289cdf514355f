//! A policy that is swapped while Ingresses are served: a few Ingresses move make-before-break, many wait for a person.

use albatross_contract::{Budget, DiagnosticCode, OutcomeState, PolicyPoint, TAG_GROUP};
use albatross_stories::{
    Controller, actions, certificate, ingress, make_a_load_balancer, tag, withheld, world,
};

use crate::policies::{take_over, two_teams};

#[test]
fn the_few_that_a_new_policy_moves_are_switched_when_their_new_load_balancer_serves() {
    let mut story = two_teams();
    story.converge();
    let shared = story.hostname("green/wiki");

    take_over(&mut story, PolicyPoint::Grouping);
    let made = story.pass();
    assert!(made.statuses.is_empty());
    assert_eq!(story.hostname("green/wiki"), shared, "make before break");
    story.converge();

    assert_eq!(story.hostname("blue/checkout"), shared, "the larger set stays");
    assert_eq!(story.hostname("blue/returns"), shared);
    assert_eq!(tag(&story.serving("blue/checkout").tags, TAG_GROUP), Some("blue"));
    assert_eq!(tag(&story.serving("green/wiki").tags, TAG_GROUP), Some("green"));
}

#[test]
fn back_without_a_policy_all_ingresses_stay() {
    let mut story = two_teams();
    take_over(&mut story, PolicyPoint::Grouping);
    story.converge();
    let before = story.whereabouts();

    story.settings.policies.clear();

    let passes = story.converge();
    assert!(!make_a_load_balancer(&passes));
    assert_eq!(story.whereabouts(), before, "two load balancers do as well as one");
}

#[test]
fn the_many_that_a_new_policy_would_move_are_withheld_as_one_set() {
    let mut story = many_teams();
    let before = story.whereabouts();

    take_over(&mut story, PolicyPoint::Grouping);
    let passes = story.converge();

    assert!(actions(&passes).next().is_none(), "{:#?}", passes[0].plan.actions);
    let pass = story.pass();
    let held_back = withheld(&pass.plan, Budget::NameChanges).unwrap();
    assert_eq!((held_back.count, held_back.total, held_back.limit), (8, 11, 5));
    assert!(held_back.message.contains("--allow-name-change with the 8 ids "), "{}", held_back.message);
    assert_eq!(pass.outcome("team-1/shop").unwrap().state, OutcomeState::Held);
    assert!(pass.tells("team-1/shop", DiagnosticCode::WithheldNameChange));
    assert_eq!(story.whereabouts(), before);
}

#[test]
fn while_a_swap_is_withheld_a_new_ingress_follows_the_new_policy() {
    let mut story = many_teams();
    take_over(&mut story, PolicyPoint::Grouping);
    story.converge();

    story.apply(ingress("team-9/shop", &["nine.example.org"]));

    story.converge();
    assert_eq!(tag(&story.serving("team-9/shop").tags, TAG_GROUP), Some("team-9"));
}

#[test]
fn of_a_partly_allowed_swap_only_the_allowed_ingresses_move() {
    let mut story = many_teams();
    let shared = story.hostname("team-1/shop");
    take_over(&mut story, PolicyPoint::Grouping);
    story.converge();

    story.settings.allowances.name_change = vec!["team-1/shop".into(), "team-2/shop".into()];

    story.converge();
    for number in 1..=8 {
        let name = format!("team-{number}/shop");
        assert_eq!(story.hostname(&name) != shared, number <= 2, "{name}");
    }
    assert_eq!(withheld(&story.plan(), Budget::NameChanges).unwrap().count, 6, "the others are held back");
}

#[test]
fn fully_allowed_all_ingresses_move_and_none_is_without_a_name_in_between() {
    let mut story = many_teams();
    take_over(&mut story, PolicyPoint::Grouping);
    story.converge();

    story.settings.allowances.name_change = (1..=8).map(|number| format!("team-{number}/shop")).collect();
    let passes = story.converge();

    for number in 1..=8 {
        let name = format!("team-{number}/shop");
        assert_eq!(
            tag(&story.serving(&name).tags, TAG_GROUP).map(str::to_owned),
            Some(format!("team-{number}"))
        );
    }
    assert!(passes.iter().flat_map(|pass| &pass.statuses).all(|write| write.after.is_some()));
}

/// Three Ingresses of the team `team-0` and one each of eight others, all on one load balancer.
fn many_teams() -> Controller {
    let first =
        ["a", "b", "c"].map(|name| ingress(&format!("team-0/{name}"), &[&format!("{name}.example.org")]));
    let others =
        (1..=8).map(|number| ingress(&format!("team-{number}/shop"), &[&format!("{number}.example.org")]));
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        first.into_iter().chain(others).collect(),
    );
    story.converge();
    story
}
