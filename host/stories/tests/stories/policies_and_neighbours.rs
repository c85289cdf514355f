//! With each grouping policy of this repository, what becomes of one Ingress moves none of its neighbours.

use albatross_contract::{Budget, OutcomeState, PolicyPoint, TAG_GROUP, Tag};
use albatross_policy_blast_radius::BlastRadius;
use albatross_policy_by_team::ByTeam;
use albatross_policy_dedicated_hosts::DedicatedHosts;
use albatross_policy_one_per_namespace::OnePerNamespace;
use albatross_stories::{
    Controller, certificate, ingress, make_a_load_balancer, service, tag, withheld, world,
};

use crate::route_settings::routed;

/// Lets a policy decide, with settings under which the Ingresses of `shop` share a load balancer.
type Adopt = fn(&mut Controller);

const POLICIES: [(&str, Adopt); 4] = [
    ("one-per-namespace", |story| story.group_by::<OnePerNamespace>("")),
    ("by-team", |story| story.group_by::<ByTeam>("")),
    ("blast-radius", |story| story.group_by::<BlastRadius>(r#"{"most": 3}"#)),
    ("dedicated-hosts", |story| story.group_by::<DedicatedHosts>(r#"{"hosts": [".example.org"]}"#)),
];

/// What happens to `shop/z`.
type Spoil = fn(&mut Controller);

const SPOILED: [(&str, Spoil); 4] = [
    ("another annotation is misspelt", |story| {
        story.annotate("shop/z", "zalando.org/aws-load-balancer-http2", "maybe");
    }),
    ("the scheme is misspelt", |story| {
        story.annotate("shop/z", "zalando.org/aws-load-balancer-scheme", "secret");
    }),
    ("whether it is shared is misspelt", |story| {
        story.annotate("shop/z", "zalando.org/aws-load-balancer-shared", "maybe");
    }),
    ("it is being deleted, and a finalizer keeps it", |story| {
        let now = story.cloud.now();
        story.edit("shop/z", |mut ingress| {
            ingress.metadata.deleted_at = Some(now);
            ingress
        });
    }),
];

/// `shop/a`, `shop/b` and `shop/z` of the team `web`, all on one load balancer.
fn shop() -> Controller {
    let shop = ["a", "b", "z"].map(|name| {
        let mut ingress = ingress(name, &[&format!("{name}.example.org")]);
        ingress.metadata.labels.push(Tag { key: "team".into(), value: "web".into() });
        ingress
    });
    Controller::new(world(), vec![certificate(1, &["*.example.org"])], shop.into())
}

/// Where the neighbours are served, and the key of their load balancer.
fn neighbours(story: &mut Controller) -> [(Option<String>, Option<String>); 2] {
    ["shop/a", "shop/b"].map(|name| {
        let key = tag(&story.serving(name).tags, TAG_GROUP).map(str::to_owned);
        (story.hostname(name), key)
    })
}

#[test]
fn an_ingress_that_can_no_longer_be_read_or_is_being_deleted_changes_nothing_for_its_neighbours() {
    for (policy, adopt) in POLICIES {
        for (what, spoil) in SPOILED {
            let mut story = shop();
            adopt(&mut story);
            story.converge();
            let before = neighbours(&mut story);
            assert_eq!(before[0], before[1], "{policy}");

            spoil(&mut story);

            let passes = story.converge();
            assert!(!make_a_load_balancer(&passes), "{policy}: {what}");
            assert_eq!(neighbours(&mut story), before, "{policy}: {what}");
            assert!(story.plan().withheld.is_empty(), "{policy}: {what}");
        }
    }
}

#[test]
fn such_an_ingress_does_not_keep_its_neighbours_from_a_new_policy() {
    for (policy, adopt) in POLICIES {
        for (what, spoil) in SPOILED {
            let mut story = shop();
            story.converge();
            let before = story.hostname("shop/a");
            spoil(&mut story);
            story.converge();

            adopt(&mut story);

            let passes = story.converge();
            assert!(!make_a_load_balancer(&passes), "{policy}: {what}");
            let after = neighbours(&mut story);
            assert_eq!(after[0], after[1], "{policy}: {what}");
            assert_eq!(after[0].0, before, "{policy}: {what}");
            assert!(
                after[0].1.is_some(),
                "{policy}: {what}: the load balancer has the key of the neighbours"
            );
        }
    }
}

#[test]
fn such_an_ingress_comes_back_to_its_place_when_it_is_corrected() {
    for (policy, adopt) in POLICIES {
        let mut story = shop();
        adopt(&mut story);
        story.converge();
        let before = story.whereabouts();
        story.annotate("shop/z", "zalando.org/aws-load-balancer-http2", "maybe");
        story.converge();
        story.remove_annotation("shop/z", "zalando.org/aws-load-balancer-http2");
        story.converge();
        assert_eq!(story.whereabouts(), before, "{policy}");
    }
}

#[test]
fn misspelt_schemes_do_not_use_up_the_budget_of_name_changes() {
    let names: Vec<String> = (0..14).map(|number| format!("i{number:02}")).collect();
    let ingresses = names.iter().map(|name| ingress(name, &[&format!("{name}.example.org")])).collect();
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], ingresses);
    story.group_by::<OnePerNamespace>("");
    story.converge();
    for name in &names[..6] {
        story.annotate(&format!("shop/{name}"), "zalando.org/aws-load-balancer-scheme", "secret");
    }
    story.converge();
    assert_eq!(withheld(&story.plan(), Budget::NameChanges), None);
}

#[test]
fn if_annotations_name_its_group_neither_the_answer_of_a_policy_nor_its_failure_counts_for_an_ingress() {
    let shop = routed("shop", &[("group.name", "tools")]);
    let mut story = crate::routes::story(vec![shop], vec![service("web", 30_080)]);
    let policies = crate::policies::take_over(&mut story, PolicyPoint::Grouping);
    policies.broken.set(true);
    story.frozen = vec![PolicyPoint::Grouping];
    story.converge();
    assert_eq!(story.pass().outcome("shop/shop").unwrap().state, OutcomeState::Placed);
}
