//! Objects of an API server become the same objects of the contract as manifests.

use albatross_contract::{
    Endpoint, EndpointPort, IngressBackend, PathType, ServiceKind, ServicePortReference, Tag, TrafficPolicy,
    TransportProtocol,
};
use albatross_manifests::{
    Source, endpoint_slice_from_json, ingress_class_from_json, ingress_from_json, node_from_json, read,
    service_from_json,
};
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

#[test]
fn a_service_has_its_defaults_filled_in_by_the_api_server() {
    let service = service_from_json(json!({
        "metadata": {"namespace": "shop", "name": "cart", "uid": "51f3"},
        "spec": {
            "type": "NodePort", "clusterIP": "172.20.11.4", "clusterIPs": ["172.20.11.4"], "ipFamilies": ["IPv4"],
            "externalTrafficPolicy": "Local", "internalTrafficPolicy": "Cluster", "sessionAffinity": "None",
            "selector": {"app": "cart"},
            "ports": [{"name": "http", "protocol": "TCP", "port": 80, "targetPort": "web", "nodePort": 31080}]
        },
        "status": {"loadBalancer": {}}
    }))
    .unwrap();
    assert_eq!((service.kind, service.cluster_ip.as_deref()), (ServiceKind::NodePort, Some("172.20.11.4")));
    assert_eq!(service.external_traffic_policy, Some(TrafficPolicy::Local));
    let [port] = &service.ports[..] else { panic!("one port: {:?}", service.ports) };
    assert_eq!((port.port, port.node_port, port.protocol), (80, Some(31_080), TransportProtocol::Tcp));
    assert_eq!(port.target_port, Some(ServicePortReference::Name("web".to_owned())));

    let error = service_from_json(json!({
        "metadata": {"namespace": "shop", "name": "cart"}, "spec": {"ports": [{"port": 80, "nodePort": 80_000}]}
    }));
    assert_eq!(error.unwrap_err().message, "spec.ports[0].nodePort: 80000 is not a port: 1 to 65535");
}

#[test]
fn an_endpoint_slice_may_lack_whatever_the_api_server_does_not_require() {
    let slice = |endpoints: Value, ports: Value| {
        endpoint_slice_from_json(json!({
            "metadata": {"namespace": "shop", "name": "cart-x7k2p"},
            "addressType": "IPv4", "endpoints": endpoints, "ports": ports
        }))
    };
    let empty = slice(Value::Null, Value::Null).unwrap();
    assert!(empty.endpoints.is_empty() && empty.ports.is_empty());

    let addresses = vec!["10.0.64.20".to_owned()];
    let read =
        slice(json!([{"addresses": addresses, "conditions": {}, "targetRef": {"kind": "Pod"}}]), json!([{}]));
    let read = read.unwrap();
    let endpoint = Endpoint { addresses, ..Endpoint::default() };
    assert_eq!(read.endpoints, [endpoint], "a reference without a name names no object");
    let any_port =
        EndpointPort { name: None, port: None, protocol: TransportProtocol::Tcp, app_protocol: None };
    assert_eq!(read.ports, [any_port]);

    let error = slice(json!([]), json!([{"port": 70_000}])).unwrap_err();
    assert_eq!(error.message, "ports[0].port: 70000 is not a port: 1 to 65535");
}
