//! The setting `watch-namespace`: objects of other namespaces do not exist.

use albatross_contract::Ingress;
use albatross_stories::{Controller, certificate, ingress, outcome, world};

fn in_namespace(namespace: &str, name: &str) -> Ingress {
    let mut found = ingress(name, &[&format!("{name}.example.org")]);
    found.metadata.namespace = Some(namespace.to_owned());
    found
}

#[test]
fn objects_of_other_namespaces_are_not_planned_for() {
    let ingresses = vec![in_namespace("shop", "checkout"), in_namespace("blog", "posts")];
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new(world(), certificates, ingresses);
    story.settings.watch_namespace = Some("shop".to_owned());
    story.converge();
    let plan = story.plan();
    assert!(outcome(&plan, "posts").is_none());
    assert!(story.hostname("checkout").is_some());
    assert_eq!(story.hostname("posts"), None);
}

#[test]
fn a_namespace_that_nobody_uses_gives_an_empty_plan() {
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new(world(), certificates, vec![in_namespace("blog", "posts")]);
    story.settings.watch_namespace = Some("nowhere".to_owned());
    assert!(story.plan().actions.is_empty());
}
