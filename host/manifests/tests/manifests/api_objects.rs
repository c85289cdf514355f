//! Objects of an API server become the same objects of the contract as manifests.

use albatross_contract::{IngressBackend, PathType, ServicePortReference, Tag};
use albatross_manifests::{Source, ingress_class_from_json, ingress_from_json, node_from_json, read};
use serde_json::{Value, json};

fn ingress() -> Value {
    json!({
        "metadata": {
            "namespace": "shop", "name": "checkout", "uid": "7a0c", "resourceVersion": "812", "generation": 3,
            "creationTimestamp": "2026-11-21T09:30:00Z",
            "annotations": {"zalando.org/aws-load-balancer-scheme": "internal"},
            "managedFields": [{"manager": "kubectl", "operation": "Update"}]
        },
        "spec": {
            "ingressClassName": "albatross",
            "tls": [{"hosts": ["shop.example.org"], "secretName": "unused"}],
            "rules": [{
                "host": "shop.example.org",
                "http": {"paths": [{
                    "path": "/", "pathType": "Prefix",
                    "backend": {"service": {"name": "checkout", "port": {"number": 80}}}
                }]}
            }]
        },
        "status": {"loadBalancer": {"ingress": [{"hostname": "albatross-1.eu-central-1.elb.amazonaws.com"}]}}
    })
}

#[test]
fn an_item_of_a_list_needs_no_kind() {
    let read = ingress_from_json(ingress()).unwrap();
    assert_eq!(read.metadata.namespace.as_deref(), Some("shop"));
    assert_eq!(read.metadata.created_at, Some(1_795_253_400));
    assert_eq!(read.status[0].hostname.as_deref(), Some("albatross-1.eu-central-1.elb.amazonaws.com"));
    let path = &read.rules[0].paths[0];
    assert_eq!(path.path_type, PathType::Prefix);
    let IngressBackend::Service(service) = &path.backend else { panic!("{path:?}") };
    assert_eq!(service.port, ServicePortReference::Number(80));
}

#[test]
fn an_object_of_an_api_server_equals_the_object_of_the_same_manifest() {
    let mut document = ingress();
    document["apiVersion"] = json!("networking.k8s.io/v1");
    document["kind"] = json!("Ingress");
    let source = Source::Text { name: "manifest".to_owned(), bytes: document.to_string().into_bytes() };
    let manifests = read(&[source]).unwrap();
    assert_eq!(manifests.problems, []);
    assert_eq!(manifests.cluster.ingresses, [ingress_from_json(ingress()).unwrap()]);
}

#[test]
fn an_error_is_named_by_its_field() {
    let mut object = ingress();
    object["spec"]["rules"][0]["http"]["paths"][0]["pathType"] = json!("prefix");
    let error = ingress_from_json(object).unwrap_err();
    assert_eq!(
        error.to_string(),
        "spec.rules[0].http.paths[0].pathType: \"prefix\" is not one of Prefix, Exact, ImplementationSpecific"
    );
}

#[test]
fn classes_and_nodes_are_read_too() {
    let class = ingress_class_from_json(json!({
        "metadata": {"name": "albatross"}, "spec": {"controller": "example.org/albatross"}
    }));
    assert_eq!(class.unwrap().controller, "example.org/albatross");
    let node = node_from_json(json!({
        "metadata": {"name": "ip-10-0-0-1"},
        "spec": {"providerID": "aws:///eu-central-1a/i-0123"},
        "status": {
            "conditions": [{"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-11-21T09:30:00Z"}],
            "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}],
            "capacity": {"cpu": "2", "memory": "8Gi"}
        }
    }))
    .unwrap();
    assert!(node.ready);
    assert_eq!(node.addresses, [Tag { key: "InternalIP".to_owned(), value: "10.0.0.1".to_owned() }]);
}
