//! Manifests that people have in their clusters since 2017 must work unchanged, and mean the same in today's API version.

use std::path::{Path, PathBuf};

use albatross_contract::{IngressBackend, PathType, ServiceBackend, ServicePortReference, Tag};
use albatross_manifests::{Manifests, Source, read};

fn fixture(version: &str, name: &str) -> Manifests {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(version).join(name);
    read_path(path)
}

fn read_path(path: PathBuf) -> Manifests {
    let manifests = read(&[Source::Path(path)]).unwrap();
    assert_eq!(manifests.problems, []);
    manifests
}

#[test]
fn an_ingress_of_the_proxy_mode_means_the_same_in_both_api_versions() {
    for name in ["test-app.yaml", "myingress-with-certificate.yaml", "myingress-internal.yaml"] {
        let old = fixture("extensions-v1beta1", name);
        assert_eq!(old.cluster.ingresses.len(), 1, "{name}");
        assert_eq!(old, fixture("networking-v1", name), "{name}");
    }
}

#[test]
fn test_app_is_read_with_its_host_and_the_named_port_of_its_service() {
    let ingress = fixture("extensions-v1beta1", "test-app.yaml").cluster.ingresses.remove(0);
    assert_eq!(ingress.metadata.namespace.as_deref(), Some("default"));
    assert_eq!(ingress.ingress_class_name, None);
    assert_eq!(ingress.rules[0].host.as_deref(), Some("test-app.example.org"));
    let path = &ingress.rules[0].paths[0];
    assert_eq!((&path.path, path.path_type), (&None, PathType::ImplementationSpecific));
    let port = ServicePortReference::Name("main-port".to_owned());
    let backend = ServiceBackend { name: "test-app-service".to_owned(), port };
    assert_eq!(path.backend, IngressBackend::Service(backend));
}

#[test]
fn the_pinned_certificate_of_myingress_is_read() {
    let ingress =
        fixture("extensions-v1beta1", "myingress-with-certificate.yaml").cluster.ingresses.remove(0);
    let certificate =
        "arn:aws:acm:eu-central-1:123456789012:certificate/f4bd7ed6-bf23-11e6-8db1-ef7ba1500c61";
    let pinned =
        Tag { key: albatross_contract::ANNOTATION_CERTIFICATE.to_owned(), value: certificate.to_owned() };
    assert_eq!(ingress.metadata.annotations, [pinned]);
}

#[test]
fn the_2048_game_means_the_same_in_both_api_versions_and_its_deployment_is_skipped() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/route-mode");
    let old = read_path(examples.join("2048-game.yaml"));
    assert_eq!(old.cluster.services[0].ports[0].target_port, Some(ServicePortReference::Number(80)));
    assert_eq!(old.cluster.ingresses[0].metadata.name, "2048-alb-ingress");
    assert_eq!(old, fixture("networking-v1", "2048-game.yaml"));
}
