//! Paused Ingresses: everything of them stays as it is, and they stay served.

use albatross_contract::{DiagnosticCode, HostedZone, Ingress, OutcomeState, Route53Settings, Service};
use albatross_stories::{
    Controller, actions, annotated, certificate, certificates_on, ingress, of_nginx, route_group, service,
    take_something_away, world,
};

use crate::{
    one_shop::one_shop,
    routes::{rules, story, with_paths},
};

const PAUSED: &str = "albatross/paused";
const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const ATTRIBUTES: &str = "alb.ingress.kubernetes.io/load-balancer-attributes";

fn paused(ingress: Ingress) -> Ingress {
    annotated(ingress, PAUSED, "true")
}

fn member(name: &str, host: &str, service: &str) -> Ingress {
    annotated(with_paths(ingress(name, &[host]), &[("/", service)]), GROUP, "shop")
}

/// `cart` and `pay` in a group of route mode, each with a Service of its own.
fn group() -> Controller {
    let members = vec![member("cart", "cart.example.org", "web"), member("pay", "pay.example.org", "other")];
    let mut story = story(members, services());
    story.converge();
    story
}

fn services() -> Vec<Service> {
    vec![service("web", 30_080), service("other", 30_081), service("third", 30_082)]
}

#[test]
fn a_paused_ingress_keeps_its_rules_whatever_it_asks_for_and_catches_up_afterwards() {
    let mut story = group();
    let before = rules(&mut story, "cart");

    story.edit("cart", |_| {
        annotated(
            paused(member("cart", "basket.example.org", "third")),
            ATTRIBUTES,
            "idle_timeout.timeout_seconds=7",
        )
    });

    assert!(actions(&story.converge()).next().is_none());
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(rules(&mut story, "cart"), before);
    let pass = story.pass();
    assert_eq!(pass.outcome("cart").unwrap().state, OutcomeState::Held);
    assert!(pass.tells("cart", DiagnosticCode::Paused));

    story.remove_annotation("cart", PAUSED);
    story.converge();
    let after = rules(&mut story, "cart");
    assert!(after.iter().any(|(host, _)| host == "basket.example.org"), "{after:?}");
}

#[test]
fn its_neighbours_are_served_as_they_ask() {
    let mut story = group();
    story.edit("cart", paused);
    story.converge();

    story.edit("pay", |_| member("pay", "checkout.example.org", "third"));
    story.converge();
    story.wait_for_the_grace();
    story.converge();

    let mut hosts: Vec<String> = rules(&mut story, "cart").into_iter().map(|(host, _)| host).collect();
    hosts.sort();
    assert_eq!(hosts, ["cart.example.org", "checkout.example.org"]);
}

#[test]
fn targets_follow_the_nodes_although_the_ingress_is_paused() {
    let mut story = group();
    story.edit("cart", paused);
    story.converge();
    let registered = |story: &mut Controller| {
        let load_balancer = story.serving("cart");
        let groups = story.target_groups_of(&load_balancer);
        groups.iter().map(|group| group.targets.len()).collect::<Vec<_>>()
    };
    let before = registered(&mut story);

    story.start_node_group("more-workers", &["eu-central-1a"]);
    story.converge();

    let after = registered(&mut story);
    assert_eq!(after.len(), before.len());
    assert!(after.iter().zip(&before).all(|(after, before)| after > before), "{before:?} {after:?}");
}

#[test]
fn in_proxy_mode_certificates_stay_and_none_is_added() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["new.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("other", &["shop.example.org"])],
    );
    story.converge();
    let before = certificates_on(&story.serving("checkout"));

    story.edit("checkout", |_| paused(ingress("checkout", &["new.example.org"])));
    story.delete("other");

    assert!(!take_something_away(&story.converge()));
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(certificates_on(&story.serving("checkout")), before);

    story.remove_annotation("checkout", PAUSED);
    story.converge();
    assert!(certificates_on(&story.serving("checkout")).len() > before.len());
}

#[test]
fn a_paused_ingress_does_not_move_when_it_asks_for_another_scheme() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout");
    story.edit("checkout", |ingress| paused(albatross_stories::internal(ingress)));
    assert!(actions(&story.converge()).next().is_none());
    assert_eq!(story.hostname("checkout"), name);
    story.remove_annotation("checkout", PAUSED);
    story.converge();
    assert_ne!(story.hostname("checkout"), name);
}

#[test]
fn a_paused_newcomer_is_not_placed_until_the_annotation_goes() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![paused(ingress("checkout", &["shop.example.org"]))],
    );
    assert!(actions(&story.converge()).next().is_none());
    assert_eq!(story.hostname("checkout"), None);
    assert_eq!(story.pass().outcome("checkout").unwrap().diagnostics[0].code, DiagnosticCode::Paused);
    story.remove_annotation("checkout", PAUSED);
    story.converge();
    assert!(story.hostname("checkout").is_some());
}

#[test]
fn a_paused_ingress_whose_class_changes_is_not_released_and_a_deleted_one_is_gone() {
    let mut story = one_shop("*.example.org");
    let name = story.hostname("checkout");
    story.edit("checkout", |ingress| of_nginx(paused(ingress)));
    story.converge();
    assert_eq!(story.hostname("checkout"), name);
    story.delete("checkout");
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    assert!(story.load_balancers().is_empty());
}

#[test]
fn records_of_a_paused_ingress_stay_although_it_no_longer_names_their_host() {
    let mut story = story(
        vec![annotated(
            member("cart", "cart.example.org", "web"),
            "alb.ingress.kubernetes.io/scheme",
            "internet-facing",
        )],
        services(),
    );
    story.settings.route53 = Some(Route53Settings { zones: Vec::new(), domains: Vec::new(), role: None });
    story.cloud.inventory_mut().hosted_zones =
        Some(vec![HostedZone { id: "ZPUBLIC".into(), name: "example.org".into(), ..HostedZone::default() }]);
    story.converge();
    let records = |story: &mut Controller| {
        let zones = story.cloud.inventory().hosted_zones.as_ref().unwrap();
        zones[0].record_sets.iter().map(|record| record.name.clone()).collect::<Vec<_>>()
    };
    let before = records(&mut story);
    assert!(before.contains(&"cart.example.org".to_owned()), "{before:?}");

    story.edit("cart", |cart| Ingress {
        rules: member("cart", "basket.example.org", "web").rules,
        ..paused(cart)
    });
    story.converge();
    story.wait_for_the_grace();
    story.converge();

    assert_eq!(records(&mut story), before);
}

#[test]
fn a_value_that_is_neither_true_nor_false_pauses_and_is_reported() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", |_| annotated(ingress("checkout", &["other.example.org"]), PAUSED, "yes"));
    assert!(actions(&story.converge()).next().is_none());
    let pass = story.pass();
    let outcome = pass.outcome("checkout").unwrap();
    assert_eq!(outcome.state, OutcomeState::Held);
    assert_eq!(
        outcome.diagnostics[0].message,
        "annotation albatross/paused is \"yes\", expected true or false"
    );
}

#[test]
fn a_route_group_can_be_paused_too() {
    let mut story = Controller::new(world(), vec![certificate(1, &["*.example.org"])], Vec::new());
    let mut group = route_group("checkout", &["shop.example.org"]);
    group.metadata.annotations.push(albatross_contract::Tag { key: PAUSED.into(), value: "true".into() });
    story.apply_route_groups(Some(vec![group]));
    assert!(actions(&story.converge()).next().is_none());
    let plan = story.plan();
    assert_eq!(plan.outcomes[0].diagnostics[0].code, DiagnosticCode::Paused);
}
