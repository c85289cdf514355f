//! The setting `watch-namespace`: objects of other namespaces do not exist.

use albatross_contract::{GateVerdict, Ingress};
use albatross_stories::{Controller, certificate, ingress, outcome, world};

use crate::{
    gaps,
    readiness::{change, pod, shop, verdict},
};

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
fn pods_of_other_namespaces_keep_their_gates() {
    let mut story = shop(&[1]);
    change(&mut story, |pods| pods.push(pod(2)));
    let plan = story.plan();
    assert_eq!(verdict(&plan, 2), Some(GateVerdict::NotRegistered));
    let namespace = story.cluster.cluster().pods.as_ref().unwrap()[0].metadata.namespace.clone();
    let mut snapshot = story.snapshot().unwrap();
    let mut elsewhere = pod(3);
    elsewhere.metadata.namespace = Some("elsewhere".to_owned());
    snapshot.cluster.pods.as_mut().unwrap().push(elsewhere);
    assert!(verdict(&gaps::plan(&snapshot), 3).is_some(), "without the setting it is judged");
    snapshot.settings.watch_namespace = namespace;
    let plan = gaps::plan(&snapshot);
    assert_eq!((verdict(&plan, 2), verdict(&plan, 3)), (Some(GateVerdict::NotRegistered), None));
}

#[test]
fn a_namespace_that_nobody_uses_gives_an_empty_plan() {
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new(world(), certificates, vec![in_namespace("blog", "posts")]);
    story.settings.watch_namespace = Some("nowhere".to_owned());
    assert!(story.plan().actions.is_empty());
}
