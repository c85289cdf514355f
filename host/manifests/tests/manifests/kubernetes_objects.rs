//! Every field of the contract, from a manifest as people write it or kubectl prints it.

use albatross_contract::{
    Endpoint, EndpointAddressType, EndpointPort, GateCondition, IngressAddress, IngressBackend, IngressPath,
    IngressRule, IngressTls, ObjectReference, PathType, PodPhase, ReadinessGate, ServiceBackend, ServiceKind,
    ServicePort, ServicePortReference, Tag, TrafficPolicy, TransportProtocol, ViewPart,
};

use crate::support::{self, names, read_good};

fn tag(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

fn service(name: &str, port: ServicePortReference) -> IngressBackend {
    IngressBackend::Service(ServiceBackend { name: name.to_owned(), port })
}

#[test]
fn an_ingress_is_read_with_all_its_fields() {
    let manifests = read_good(
        r#"
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: checkout
  namespace: shop
  uid: 0b0e5c0a-5c54-4f8e-9d3e-1f6f0f3c9a55
  creationTimestamp: 2026-11-21T09:30:00Z
  deletionTimestamp: "2026-11-21T10:30:00.5+01:00"
  generation: 3
  labels: {team: shop}
  annotations:
    zalando.org/aws-load-balancer-scheme: internal
    kubectl.kubernetes.io/last-applied-configuration: "{}"
    example.org/empty: ""
  managedFields: [{manager: kubectl}]
spec:
  ingressClassName: albatross
  unknownField: {is: pruned}
  defaultBackend:
    resource: {apiGroup: k8s.example.org, kind: StorageBucket, name: static}
  tls:
  - hosts: [shop.example.org, "*.shop.example.org"]
    secretName: shop-tls
  - {}
  rules:
  - host: shop.example.org
    http:
      paths:
      - {path: /, pathType: Prefix, backend: {service: {name: cart, port: {number: 8080}}}}
      - {path: /a, pathType: Exact, backend: {service: {name: cart, port: {name: http}}}}
  - host: "*.shop.example.org"
  - http:
      paths:
      - {pathType: ImplementationSpecific, backend: {service: {name: any, port: {number: 80}}}}
status:
  loadBalancer:
    ingress:
    - hostname: albatross-1.eu-central-1.elb.amazonaws.com
    - ip: 10.0.0.1
"#,
    );
    let ingress = &manifests.cluster.ingresses[0];
    let metadata = &ingress.metadata;
    assert_eq!((metadata.namespace.as_deref(), metadata.name.as_str()), (Some("shop"), "checkout"));
    assert_eq!(metadata.uid.as_deref(), Some("0b0e5c0a-5c54-4f8e-9d3e-1f6f0f3c9a55"));
    assert_eq!((metadata.created_at, metadata.deleted_at), (Some(1_795_253_400), Some(1_795_253_400)));
    assert_eq!(metadata.labels, [tag("team", "shop")]);
    assert_eq!(
        metadata.annotations,
        [tag("example.org/empty", ""), tag("zalando.org/aws-load-balancer-scheme", "internal")]
    );
    assert_eq!(ingress.ingress_class_name.as_deref(), Some("albatross"));
    let bucket = ObjectReference {
        api_group: Some("k8s.example.org".to_owned()),
        kind: "StorageBucket".to_owned(),
        name: "static".to_owned(),
        namespace: None,
    };
    assert_eq!(ingress.default_backend, Some(IngressBackend::Object(bucket)));
    assert_eq!(
        ingress.tls,
        [
            IngressTls {
                hosts: vec!["shop.example.org".to_owned(), "*.shop.example.org".to_owned()],
                secret_name: Some("shop-tls".to_owned()),
            },
            IngressTls { hosts: vec![], secret_name: None },
        ]
    );
    let path = |path: Option<&str>, path_type, backend| IngressPath {
        path: path.map(str::to_owned),
        path_type,
        backend,
    };
    let (number, name) = (ServicePortReference::Number, ServicePortReference::Name);
    assert_eq!(
        ingress.rules,
        [
            IngressRule {
                host: Some("shop.example.org".to_owned()),
                paths: vec![
                    path(Some("/"), PathType::Prefix, service("cart", number(8080))),
                    path(Some("/a"), PathType::Exact, service("cart", name("http".to_owned()))),
                ],
            },
            IngressRule { host: Some("*.shop.example.org".to_owned()), paths: vec![] },
            IngressRule {
                host: None,
                paths: vec![path(None, PathType::ImplementationSpecific, service("any", number(80)))],
            },
        ]
    );
    assert_eq!(
        ingress.status,
        [
            IngressAddress {
                hostname: Some("albatross-1.eu-central-1.elb.amazonaws.com".to_owned()),
                ip: None,
            },
            IngressAddress { hostname: None, ip: Some("10.0.0.1".to_owned()) },
        ]
    );
}

#[test]
fn an_ingress_of_the_old_api_has_a_backend_with_a_port_by_number_or_by_name() {
    for api_version in ["extensions/v1beta1", "networking.k8s.io/v1beta1"] {
        let manifests = read_good(&format!(
            "apiVersion: {api_version}
kind: Ingress
metadata: {{name: old}}
spec:
  backend: {{serviceName: fallback, servicePort: 80}}
  rules:
  - http:
      paths:
      - {{path: /a, backend: {{serviceName: a, servicePort: \"8080\"}}}}
      - {{path: /b, pathType: Exact, backend: {{serviceName: b, servicePort: http}}}}
"
        ));
        let ingress = &manifests.cluster.ingresses[0];
        let (number, name) = (ServicePortReference::Number, ServicePortReference::Name);
        assert_eq!(ingress.default_backend, Some(service("fallback", number(80))));
        let paths = &ingress.rules[0].paths;
        // The API keeps a port in quotes as a name, whatever it looks like.
        assert_eq!(paths[0].backend, service("a", name("8080".to_owned())));
        assert_eq!(paths[0].path_type, PathType::ImplementationSpecific);
        assert_eq!(paths[1].backend, service("b", name("http".to_owned())));
        assert_eq!(paths[1].path_type, PathType::Exact);
    }
}

#[test]
fn an_ingress_class_is_read_and_belongs_to_no_namespace() {
    for api_version in ["networking.k8s.io/v1", "networking.k8s.io/v1beta1"] {
        let manifests = read_good(&format!(
            "apiVersion: {api_version}
kind: IngressClass
metadata:
  name: albatross
  annotations: {{ingressclass.kubernetes.io/is-default-class: 'true'}}
spec:
  controller: albatross/ingress
  parameters: {{apiGroup: k8s.example.org, kind: Parameters, name: all, namespace: infra, scope: Namespace}}
"
        ));
        let class = &manifests.cluster.ingress_classes[0];
        assert_eq!((class.metadata.namespace.as_deref(), class.metadata.name.as_str()), (None, "albatross"));
        assert_eq!(class.metadata.annotations, [tag("ingressclass.kubernetes.io/is-default-class", "true")]);
        assert_eq!(class.controller, "albatross/ingress");
        let parameters = class.parameters.clone().unwrap();
        assert_eq!(
            (parameters.kind.as_str(), parameters.namespace.as_deref()),
            ("Parameters", Some("infra"))
        );
    }
}

#[test]
fn a_service_is_read_with_its_ports_and_the_defaults_of_the_api() {
    let manifests = read_good(
        "apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  type: NodePort
  selector: {app: cart, tier: web}
  ports:
  - {name: http, port: 80, targetPort: web, nodePort: 30080, appProtocol: http}
  - {name: dns, port: 53, protocol: UDP, targetPort: 5353}
---
apiVersion: v1
kind: Service
metadata: {name: plain}
spec: {ports: [{port: 80}]}
",
    );
    let [plain, cart] = &manifests.cluster.services[..] else { panic!("two Services") };
    assert_eq!((plain.kind, cart.kind), (ServiceKind::ClusterIp, ServiceKind::NodePort));
    assert_eq!(cart.selector, [tag("app", "cart"), tag("tier", "web")]);
    assert_eq!(
        cart.ports,
        [
            ServicePort {
                name: Some("http".to_owned()),
                port: 80,
                protocol: TransportProtocol::Tcp,
                target_port: Some(ServicePortReference::Name("web".to_owned())),
                node_port: Some(30080),
                app_protocol: Some("http".to_owned()),
            },
            ServicePort {
                name: Some("dns".to_owned()),
                port: 53,
                protocol: TransportProtocol::Udp,
                target_port: Some(ServicePortReference::Number(5353)),
                node_port: None,
                app_protocol: None,
            },
        ]
    );
    assert_eq!((plain.ports[0].protocol, &plain.ports[0].target_port), (TransportProtocol::Tcp, &None));
}

#[test]
fn a_service_is_read_with_the_fields_that_route_its_traffic() {
    let manifests = read_good(
        "apiVersion: v1
kind: Service
metadata: {name: edge, namespace: shop}
spec:
  type: LoadBalancer
  clusterIP: 172.20.0.10
  externalTrafficPolicy: Local
  internalTrafficPolicy: Cluster
  healthCheckNodePort: 32000
  ports: [{port: 80}]
---
apiVersion: v1
kind: Service
metadata: {name: headless, namespace: shop}
spec: {clusterIP: None, publishNotReadyAddresses: true, ports: [{port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: outside, namespace: shop}
spec: {type: ExternalName, externalName: shop.example.net}
",
    );
    let [edge, headless, outside] = &manifests.cluster.services[..] else { panic!("three Services") };
    assert_eq!(
        (edge.external_traffic_policy, edge.internal_traffic_policy),
        (Some(TrafficPolicy::Local), Some(TrafficPolicy::Cluster))
    );
    assert_eq!((edge.cluster_ip.as_deref(), edge.health_check_node_port), (Some("172.20.0.10"), Some(32000)));
    assert_eq!(
        (headless.cluster_ip.as_deref(), headless.publish_not_ready_addresses),
        (Some("None"), Some(true))
    );
    assert_eq!(
        (outside.kind, outside.external_name.as_deref()),
        (ServiceKind::ExternalName, Some("shop.example.net"))
    );
    assert_eq!((&outside.cluster_ip, outside.external_traffic_policy), (&None, None));
}

#[test]
fn an_endpoint_slice_is_read_with_its_endpoints_as_a_cluster_prints_it() {
    let manifests = read_good(
        "apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
addressType: IPv4
metadata:
  name: cart-x7k2p
  namespace: shop
  labels: {kubernetes.io/service-name: cart, endpointslice.kubernetes.io/managed-by: endpointslice-controller.k8s.io}
endpoints:
- addresses: [10.0.64.20]
  conditions: {ready: true, serving: true, terminating: false}
  nodeName: ip-10-0-64-11
  zone: eu-central-1a
  targetRef: {kind: Pod, name: cart-1, namespace: shop, uid: 7d5e4c7e-0b0e-4f8e-9d3e-1f6f0f3c9a55}
- addresses: [10.0.64.21]
ports:
- {name: http, port: 8080, protocol: TCP, appProtocol: http}
- {name: '', port: 53, protocol: UDP}
- {}
",
    );
    let slices = manifests.cluster.endpoint_slices.unwrap();
    let [slice] = &slices[..] else { panic!("one EndpointSlice") };
    assert!(slice.metadata.labels.contains(&tag("kubernetes.io/service-name", "cart")));
    assert_eq!(slice.address_type, EndpointAddressType::Ipv4);
    let pod = ObjectReference {
        api_group: None,
        kind: "Pod".to_owned(),
        name: "cart-1".to_owned(),
        namespace: Some("shop".to_owned()),
    };
    assert_eq!(
        slice.endpoints,
        [
            Endpoint {
                addresses: vec!["10.0.64.20".to_owned()],
                ready: Some(true),
                serving: Some(true),
                terminating: Some(false),
                node_name: Some("ip-10-0-64-11".to_owned()),
                zone: Some("eu-central-1a".to_owned()),
                target: Some(pod),
            },
            Endpoint { addresses: vec!["10.0.64.21".to_owned()], ..Endpoint::default() },
        ]
    );
    let port = |name: Option<&str>, port, protocol, app_protocol: Option<&str>| EndpointPort {
        name: name.map(str::to_owned),
        port,
        protocol,
        app_protocol: app_protocol.map(str::to_owned),
    };
    assert_eq!(
        slice.ports,
        [
            port(Some("http"), Some(8080), TransportProtocol::Tcp, Some("http")),
            port(None, Some(53), TransportProtocol::Udp, None),
            port(None, None, TransportProtocol::Tcp, None),
        ]
    );
}

#[test]
fn an_endpoint_slice_that_cannot_be_read_is_reported_and_the_list_is_incomplete() {
    let slice = |kind: &str, version: &str| {
        format!("apiVersion: {version}\nkind: EndpointSlice\nmetadata: {{name: a, namespace: shop}}\n{kind}")
    };
    for (text, expected) in [
        (slice("endpoints: []", "discovery.k8s.io/v1"), "addressType: is missing"),
        (
            slice("addressType: IPv5", "discovery.k8s.io/v1"),
            "addressType: \"IPv5\" is not one of IPv4, IPv6, FQDN",
        ),
        (
            slice("addressType: IPv4\nendpoints: [{addresses: [7]}]", "discovery.k8s.io/v1"),
            "endpoints[0].addresses[0]: 7 is a number, expected a string: put it in quotes",
        ),
        (
            slice("addressType: IPv4\nendpoints: [{conditions: {ready: maybe}}]", "discovery.k8s.io/v1"),
            "endpoints[0].conditions.ready: \"maybe\" is a string, expected true or false",
        ),
        (
            slice("addressType: IPv4", "discovery.k8s.io/v1beta1"),
            "apiVersion: \"discovery.k8s.io/v1beta1\" is not a known version of EndpointSlice: discovery.k8s.io/v1",
        ),
    ] {
        let manifests = support::read_files(&[("a.yaml", text.as_str())]);
        assert_eq!(support::incomplete(&manifests), [ViewPart::EndpointSlices], "{text}");
        let [problem] = &manifests.problems[..] else { panic!("one problem: {text}") };
        assert!(problem.message.contains(expected), "{problem}");
        assert_eq!(problem.object.as_deref(), Some("EndpointSlice shop/a"));
    }
}

#[test]
fn a_node_is_read_with_the_fields_that_decide_whether_it_can_be_a_target() {
    let manifests = read_good(
        "apiVersion: v1
kind: Node
metadata: {name: ip-10-0-64-11.eu-central-1.compute.internal, labels: {zone: a}}
spec:
  providerID: aws:///eu-central-1a/i-0a000000000000001
  unschedulable: true
  taints:
  - {key: node.kubernetes.io/unschedulable, effect: NoSchedule}
  - {key: dedicated, value: ingress, effect: NoExecute}
status:
  addresses:
  - {type: InternalIP, address: 10.0.64.11}
  - {type: Hostname, address: ip-10-0-64-11}
  conditions:
  - {type: MemoryPressure, status: 'False'}
  - {type: Ready, status: 'True'}
---
apiVersion: v1
kind: Node
metadata: {name: other}
status: {conditions: [{type: Ready, status: Unknown}]}
",
    );
    let [node, other] = &manifests.cluster.nodes[..] else { panic!("two Nodes") };
    assert_eq!(node.metadata.namespace, None);
    assert_eq!(node.provider_id.as_deref(), Some("aws:///eu-central-1a/i-0a000000000000001"));
    assert_eq!((node.unschedulable, node.ready), (true, true));
    assert_eq!((other.unschedulable, other.ready), (false, false));
    assert_eq!(
        node.taints,
        [tag("dedicated", "NoExecute"), tag("node.kubernetes.io/unschedulable", "NoSchedule")]
    );
    assert_eq!(node.addresses, [tag("Hostname", "ip-10-0-64-11"), tag("InternalIP", "10.0.64.11")]);
}

#[test]
fn other_kinds_are_skipped_in_any_version() {
    let manifests = read_good(
        "apiVersion: extensions/v1beta1
kind: Deployment
metadata: {name: [not, a, name]}
---
apiVersion: v1
kind: Secret
metadata: {name: tls}
data: {tls.key: c2VjcmV0}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: another-kind-of-service}
spec: {template: {}}
---
apiVersion: v1
kind: ConfigMapList
items: 7
",
    );
    assert_eq!(manifests.cluster, albatross_contract::Cluster::default());
}

#[test]
fn objects_come_in_the_order_of_namespace_and_name_whatever_the_order_of_files() {
    let texts =
        [("b", "z"), ("a", "m"), ("b", "a")].map(|(ns, name)| support::ingress(ns, name, "a.example.org"));
    let read = |order: [usize; 3]| support::read_files(&order.map(|index| ("file", texts[index].as_str())));
    let manifests = read([0, 1, 2]);
    assert_eq!(names(&manifests), ["a/m", "b/a", "b/z"]);
    assert_eq!(manifests, read([2, 0, 1]));
}

#[test]
fn a_pod_is_read_as_a_cluster_prints_it_and_has_no_address_in_a_manifest() {
    let manifests = read_good(
        "apiVersion: v1
kind: Pod
metadata:
  name: skipper-ingress-x7k2p
  namespace: kube-system
  deletionTimestamp: 2026-11-21T09:30:00Z
  labels: {application: skipper-ingress}
spec:
  hostNetwork: true
  nodeName: ip-10-0-64-11
  containers: [{name: skipper, image: skipper, ports: [{containerPort: 9999}]}]
status:
  phase: Running
  conditions:
  - {type: ContainersReady, status: 'True'}
  - {type: Ready, status: 'True'}
  podIP: 10.0.64.11
  podIPs: [{ip: 10.0.64.11}, {ip: '2001:db8::11'}]
---
apiVersion: v1
kind: Pod
metadata: {name: skipper-ingress-b, namespace: kube-system}
spec: {containers: [{name: skipper, image: skipper}]}
",
    );
    let pods = manifests.cluster.pods.unwrap();
    let [planned, running] = &pods[..] else { panic!("two Pods: {pods:?}") };
    assert_eq!((running.phase, running.ready), (PodPhase::Running, true));
    assert_eq!(running.addresses, ["10.0.64.11", "2001:db8::11"]);
    assert_eq!(running.metadata.labels, [tag("application", "skipper-ingress")]);
    assert!(running.metadata.deleted_at.is_some());
    assert_eq!((planned.phase, planned.ready, planned.addresses.len()), (PodPhase::Pending, false, 0));
}

#[test]
fn a_pod_with_our_readiness_gate_says_what_it_waits_for() {
    let gates = |conditions: &str| {
        let manifests = read_good(&format!(
            "apiVersion: v1
kind: Pod
metadata: {{name: cart-1, namespace: shop}}
spec:
  readinessGates: [{{conditionType: albatross/target-health}}, {{conditionType: example.org/warm}}]
status: {{conditions: [{conditions}]}}
---
apiVersion: v1
kind: Pod
metadata: {{name: cart-2, namespace: shop}}
spec: {{readinessGates: [{{conditionType: example.org/warm}}]}}
"
        ));
        let pods = manifests.cluster.pods.unwrap();
        assert_eq!(pods[1].gate, None, "it has another gate only");
        pods[0].gate.clone().unwrap()
    };
    assert_eq!(gates(""), ReadinessGate::default());
    let ready = "{type: ContainersReady, status: 'True', lastTransitionTime: 2026-11-21T09:30:00Z}";
    let warm = "{type: example.org/warm, status: 'True'}";
    let ours =
        "{type: albatross/target-health, status: 'False', reason: TargetNotHealthy, message: it is initial}";
    let expected = ReadinessGate {
        containers_ready: true,
        containers_ready_since: Some(1_795_253_400),
        others_ready: true,
        condition: Some(GateCondition {
            status: false,
            reason: Some("TargetNotHealthy".to_owned()),
            message: Some("it is initial".to_owned()),
        }),
    };
    assert_eq!(gates(&format!("{ready}, {warm}, {ours}")), expected);
    let cold = gates(&format!("{ready}, {{type: example.org/warm, status: Unknown}}"));
    assert_eq!((cold.containers_ready, cold.others_ready, cold.condition), (true, false, None));
}

#[test]
fn a_pod_that_cannot_be_read_is_reported_and_the_list_is_incomplete() {
    for (version, status, expected) in [
        (
            "v1",
            "{phase: running}",
            "status.phase: \"running\" is not one of Pending, Running, Succeeded, Failed, Unknown",
        ),
        (
            "v1",
            "{podIPs: [{ip: 7}]}",
            "status.podIPs[0].ip: 7 is a number, expected a string: put it in quotes",
        ),
        ("v1", "{podIPs: [{}]}", "status.podIPs[0].ip: is missing"),
        ("v1", "{conditions: [{type: Ready}]}", "status.conditions[0].status: is missing"),
        ("v2", "{}", "apiVersion: \"v2\" is not a known version of Pod: v1"),
    ] {
        let text = format!(
            "apiVersion: {version}\nkind: Pod\nmetadata: {{name: a, namespace: shop}}\nstatus: {status}"
        );
        let manifests = support::read_files(&[("a.yaml", text.as_str())]);
        assert_eq!(support::incomplete(&manifests), [ViewPart::Pods], "{text}");
        let [problem] = &manifests.problems[..] else { panic!("one problem: {text}") };
        assert!(problem.message.contains(expected), "{problem}");
        assert_eq!(problem.object.as_deref(), Some("Pod shop/a"));
    }
}
