//! The built-in example of `albatross simulate`: its manifests can be read, and in its second state one Ingress is removed
//! and one is added.

use std::path::Path;

use albatross_contract::{Cluster, Ingress};
use albatross_manifests::{Source, read};

fn state(name: &str) -> Cluster {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/quickstart").join(name);
    let manifests = read(&[Source::Path(folder)]).unwrap();
    assert_eq!(manifests.problems, []);
    manifests.cluster
}

fn only_in<'a>(here: &'a Cluster, there: &Cluster) -> Vec<&'a str> {
    let other = |ingress: &&Ingress| !there.ingresses.contains(ingress);
    here.ingresses.iter().filter(other).map(|ingress| ingress.metadata.name.as_str()).collect()
}

#[test]
fn the_second_state_lacks_checkout_has_returns_and_is_the_same_otherwise() {
    let (first, then) = (state("first"), state("then"));
    assert_eq!(only_in(&first, &then), ["checkout"]);
    assert_eq!(only_in(&then, &first), ["returns"]);
}

#[test]
fn the_first_state_has_the_ancestors_examples_and_newer_ones() {
    let names: Vec<_> = state("first")
        .ingresses
        .into_iter()
        .map(|ingress| {
            format!("{}/{}", ingress.metadata.namespace.unwrap_or_default(), ingress.metadata.name)
        })
        .collect();
    assert_eq!(
        names,
        ["default/myingress", "default/test-app", "shop/checkout", "shop/legacy", "tools/wiki"]
    );
}
