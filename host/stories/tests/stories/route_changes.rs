//! Changes in route mode: at the quota of rules, of ports, and while one Service replaces another.

use std::collections::BTreeSet;

use albatross_contract::{
    DiagnosticCode, Endpoint, EndpointAddressType, EndpointPort, EndpointSlice, Ingress, Operation, Tag,
    TransportProtocol,
};
use albatross_stories::{Controller, actions, annotated, ingress, service, tells};

use crate::routes::{row, rules, story, with_paths};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";
const PORTS: &str = "alb.ingress.kubernetes.io/listen-ports";
const TARGET_TYPE: &str = "alb.ingress.kubernetes.io/target-type";

fn shop(paths: &[(&str, &str)]) -> Ingress {
    annotated(with_paths(ingress("shop", &["shop.example.org"]), paths), GROUP, "shop")
}

/// A shop with two paths on a load balancer that can have four rules.
fn nearly_full() -> Controller {
    let services = vec![service("web", 30_080), service("other", 30_081)];
    let mut story = story(vec![shop(&[("/", "web"), ("/cart", "other")])], services);
    story.cloud.inventory_mut().quotas.rules_per_load_balancer = 4;
    story.converge();
    story
}

#[test]
fn an_ingress_without_room_for_its_rules_is_left_out_and_all_others_are_served() {
    let mut story = nearly_full();
    let wiki = with_paths(ingress("wiki", &["wiki.example.org"]), &[("/a", "web"), ("/b", "other")]);
    story.apply(annotated(wiki, GROUP, "shop"));
    let blog = with_paths(ingress("blog", &["blog.example.org"]), &[("/", "other")]);
    story.apply(annotated(blog, GROUP, "shop"));
    story.converge();

    let plan = story.plan();
    let outcome = albatross_stories::outcome(&plan, "wiki").unwrap();
    assert!(tells(outcome, DiagnosticCode::QuotaExhausted), "{outcome:#?}");
    assert_eq!(story.hostname("wiki"), None);
    assert_eq!(story.hostname("blog"), story.hostname("shop"));
    assert_eq!(rules(&mut story, "shop").len(), 3);

    story.delete("blog");
    story.delete("shop");
    story.converge();
    assert_eq!(rules(&mut story, "wiki").len(), 2, "a deletion makes room");
}

#[test]
fn at_the_quota_a_path_is_replaced_by_another_one() {
    let mut story = nearly_full();
    story.edit("shop", |before| Ingress {
        rules: shop(&[("/", "web"), ("/basket", "other")]).rules,
        ..before
    });
    story.converge();
    story.edit("shop", |before| Ingress { rules: shop(&[("/", "web"), ("/bag", "other")]).rules, ..before });
    story.converge();
    let expected =
        [row("shop.example.org /bag /bag/*", "30081 with 1"), row("shop.example.org", "30080 with 1")];
    assert_eq!(rules(&mut story, "shop"), expected);
}

#[test]
fn a_listener_that_no_ingress_asks_for_is_deleted_after_its_rules() {
    let services = vec![service("web", 30_080)];
    let both = annotated(shop(&[("/", "web")]), PORTS, r#"[{"HTTP": 80}, {"HTTP": 8080}]"#);
    let mut story = story(vec![both], services);
    story.converge();
    let ports = |story: &mut Controller| -> Vec<u16> {
        story.serving("shop").listeners.iter().map(|listener| listener.port).collect()
    };

    story.remove_annotation("shop", PORTS);
    story.converge();
    assert_eq!(ports(&mut story), [80, 8080], "its rules have a grace period");

    story.wait_for_the_grace();
    story.converge();
    assert_eq!(ports(&mut story), [80]);
}

/// An EndpointSlice of a Service with these addresses.
fn slice(service: &str, addresses: &[&str]) -> EndpointSlice {
    let mut metadata = ingress(&format!("{service}-1"), &[]).metadata;
    metadata.labels = vec![Tag { key: "kubernetes.io/service-name".into(), value: service.into() }];
    let endpoint = |address: &&str| Endpoint {
        addresses: vec![(*address).to_owned()],
        ready: Some(true),
        serving: None,
        terminating: None,
        node_name: None,
        zone: None,
        target: None,
    };
    let port =
        EndpointPort { name: None, port: Some(8080), protocol: TransportProtocol::Tcp, app_protocol: None };
    EndpointSlice {
        metadata,
        address_type: EndpointAddressType::Ipv4,
        endpoints: addresses.iter().map(endpoint).collect(),
        ports: vec![port],
    }
}

#[test]
fn the_previous_target_group_follows_its_pods_until_the_new_one_takes_over() {
    let services = vec![service("web", 30_080), service("other", 30_081)];
    let mut story = story(vec![annotated(shop(&[("/", "web")]), TARGET_TYPE, "ip")], services);
    story.cluster.cluster_mut().endpoint_slices =
        Some(vec![slice("web", &["10.0.0.4", "10.0.0.5"]), slice("other", &["10.0.0.9"])]);
    story.converge();
    story.cloud.faults_mut().unhealthy_target("10.0.0.9");

    story.edit("shop", |before| Ingress { rules: shop(&[("/", "other")]).rules, ..before });
    story.pass();
    story.cluster.cluster_mut().endpoint_slices =
        Some(vec![slice("web", &["10.0.0.4", "10.0.0.5", "10.0.0.6"]), slice("other", &["10.0.0.9"])]);
    story.pass();

    let load_balancer = story.serving("shop");
    let groups = story.target_groups_of(&load_balancer);
    let previous = groups.iter().find(|group| group.targets.len() > 1).unwrap();
    let there: BTreeSet<&str> = previous.targets.iter().map(|target| target.id.as_str()).collect();
    assert!(there.contains("10.0.0.6"), "{there:?}");
}

#[test]
fn a_rule_whose_tags_are_not_visible_yet_is_not_created_again() {
    let mut story = story(vec![shop(&[("/", "web")])], vec![service("web", 30_080)]);
    story.converge();
    let name = story.hostname("shop").unwrap();
    story.in_the_console(&name, |found| found.listeners[0].rules[0].tags.clear());
    assert_eq!(story.plan().actions, []);
}

#[test]
fn rules_with_the_same_conditions_are_deleted_by_actions_of_their_own() {
    let mut story = story(vec![shop(&[("/", "web")])], vec![service("web", 30_080)]);
    story.converge();
    let name = story.hostname("shop").unwrap();
    story.in_the_console(&name, |found| {
        for number in 1..3 {
            let mut copy = found.listeners[0].rules[0].clone();
            copy.priority += number;
            copy.arn = format!("{}{number}", copy.arn);
            found.listeners[0].rules.push(copy);
        }
    });
    let passes = story.converge();
    let deleted = actions(&passes).filter(|action| matches!(action.operation, Operation::DeleteRule(_)));
    let ids: BTreeSet<&str> = deleted.map(|action| action.id.as_str()).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(rules(&mut story, "shop"), [row("shop.example.org", "30080 with 1")]);
}
