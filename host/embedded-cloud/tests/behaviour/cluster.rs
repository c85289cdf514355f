//! The simulated cluster.

use albatross_contract::{
    Cluster, IncompletePart, Ingress, IngressAddress, Metadata, ObjectName, Outcome, OutcomeState, Plan,
    Service, ServiceKind, ServicePort, StatusChange, TrafficPolicy, TransportProtocol, ViewPart,
};
use albatross_embedded_cloud::{SimulatedCluster, StatusWrite};

const NAME: &str = "shop-1234567890.eu-central-1.elb.amazonaws.com";

fn ingress(name: &str) -> Ingress {
    Ingress {
        metadata: Metadata {
            namespace: Some("shop".to_owned()),
            name: name.to_owned(),
            uid: None,
            created_at: None,
            deleted_at: None,
            annotations: Vec::new(),
            labels: Vec::new(),
        },
        ingress_class_name: None,
        default_backend: None,
        tls: Vec::new(),
        rules: Vec::new(),
        status: Vec::new(),
    }
}

fn manifests(names: &[&str]) -> Cluster {
    let ingress_statuses = IncompletePart {
        part: ViewPart::IngressStatuses,
        resource: None,
        reason: "manifests have none".to_owned(),
        expected: None,
    };
    Cluster {
        incomplete: vec![ingress_statuses],
        ingresses: names.iter().map(|it| ingress(it)).collect(),
        ..Cluster::default()
    }
}

fn applied(names: &[&str]) -> SimulatedCluster {
    let mut cluster = SimulatedCluster::new(Cluster::default());
    cluster.apply(manifests(names), 1_000);
    cluster
}

fn plan(name: &str, status: StatusChange) -> Plan {
    Plan {
        outcomes: vec![Outcome {
            object: ObjectName::ingress("shop", name),
            state: OutcomeState::Placed,
            load_balancer: None,
            certificates: Vec::new(),
            hostname: None,
            status,
            diagnostics: Vec::new(),
        }],
        ..Plan::default()
    }
}

#[test]
fn new_objects_get_an_age_and_a_uid_and_nothing_is_incomplete() {
    let cluster = applied(&["checkout", "basket"]);
    let cluster = cluster.cluster();
    assert!(cluster.incomplete.is_empty());
    let names: Vec<_> = cluster.ingresses.iter().map(|it| it.metadata.name.as_str()).collect();
    assert_eq!(names, ["basket", "checkout"]);
    assert!(cluster.ingresses.iter().all(|it| it.metadata.created_at == Some(1_000)));
    let uids: Vec<_> = cluster.ingresses.iter().filter_map(|it| it.metadata.uid.clone()).collect();
    assert!(uids.len() == 2 && uids[0] != uids[1] && uids.iter().all(|it| it.len() == 36), "{uids:?}");
}

#[test]
fn applying_again_keeps_status_uid_and_age_and_takes_the_new_content() {
    let mut cluster = applied(&["checkout"]);
    cluster.write_statuses(&plan("checkout", StatusChange::Publish(NAME.to_owned())));
    let before = cluster.cluster().ingresses[0].clone();
    let mut again = manifests(&["checkout"]);
    again.ingresses[0].ingress_class_name = Some("albatross".to_owned());
    cluster.apply(again, 2_000);
    let expected = Ingress { ingress_class_name: Some("albatross".to_owned()), ..before };
    assert_eq!(cluster.cluster().ingresses, [expected]);
}

#[test]
fn an_object_that_the_manifests_lack_is_deleted_and_when_created_again_it_is_another_object() {
    let mut cluster = applied(&["checkout"]);
    let uid = cluster.cluster().ingresses[0].metadata.uid.clone();
    cluster.apply(manifests(&[]), 1_000);
    assert!(cluster.cluster().ingresses.is_empty());
    cluster.apply(manifests(&["checkout"]), 1_000);
    assert_ne!(cluster.cluster().ingresses[0].metadata.uid, uid);
}

#[test]
fn nothing_is_deleted_when_a_manifest_could_not_be_read() {
    let mut cluster = applied(&["checkout"]);
    let mut incomplete = manifests(&["basket"]);
    incomplete.incomplete.push(IncompletePart {
        part: ViewPart::Ingresses,
        resource: None,
        reason: "shop.yaml, document 2 is no YAML".to_owned(),
        expected: None,
    });
    cluster.apply(incomplete, 2_000);
    assert_eq!(cluster.cluster().ingresses.len(), 2);
    assert!(cluster.cluster().incomplete.is_empty());
}

#[test]
fn node_ports_are_allocated_and_kept() {
    let service = |name: &str, kind, node_port| Service {
        metadata: ingress(name).metadata,
        kind,
        ports: vec![ServicePort {
            name: None,
            port: 80,
            protocol: TransportProtocol::Tcp,
            target_port: None,
            node_port,
            app_protocol: None,
        }],
        selector: Vec::new(),
        cluster_ip: None,
        external_name: None,
        external_traffic_policy: None,
        internal_traffic_policy: None,
        health_check_node_port: None,
        publish_not_ready_addresses: None,
    };
    let mut cluster = SimulatedCluster::new(Cluster::default());
    let mut apply = |services: Vec<Service>| {
        cluster.apply(Cluster { services, ..Cluster::default() }, 1_000);
        let services = &cluster.cluster().services;
        services.iter().map(|it| (it.metadata.name.clone(), it.ports[0].node_port)).collect::<Vec<_>>()
    };
    let all = vec![
        service("fixed", ServiceKind::NodePort, Some(30_000)),
        service("inside", ServiceKind::ClusterIp, None),
        service("web", ServiceKind::NodePort, None),
    ];
    let row = |name: &str, port| (name.to_owned(), port);
    assert_eq!(apply(all), [row("fixed", Some(30_000)), row("inside", None), row("web", Some(30_001))]);
    let rest =
        vec![service("a", ServiceKind::LoadBalancer, None), service("web", ServiceKind::NodePort, None)];
    assert_eq!(apply(rest), [row("a", Some(30_000)), row("web", Some(30_001))]);
}

#[test]
fn a_service_keeps_what_was_allocated_as_long_as_it_needs_it() {
    let port = |node_port| ServicePort {
        name: None,
        port: 80,
        protocol: TransportProtocol::Tcp,
        target_port: None,
        node_port,
        app_protocol: None,
    };
    let allocated = Service {
        metadata: ingress("web").metadata,
        kind: ServiceKind::LoadBalancer,
        ports: vec![port(Some(30_007))],
        cluster_ip: Some("10.3.0.9".to_owned()),
        external_traffic_policy: Some(TrafficPolicy::Local),
        health_check_node_port: Some(30_008),
        ..Service::default()
    };
    let manifest = Service {
        ports: vec![port(None)],
        cluster_ip: None,
        health_check_node_port: None,
        ..allocated.clone()
    };
    let after = |manifest: Service| {
        let there = Cluster { services: vec![allocated.clone()], ..Cluster::default() };
        let mut cluster = SimulatedCluster::new(there);
        cluster.apply(Cluster { services: vec![manifest], ..Cluster::default() }, 1_000);
        cluster.cluster().services[0].clone()
    };
    assert_eq!(after(manifest.clone()), allocated);
    let other_policy = Service { external_traffic_policy: None, ..manifest.clone() };
    assert_eq!(after(other_policy).health_check_node_port, None);
    let inside = after(Service { kind: ServiceKind::ClusterIp, ..manifest.clone() });
    assert_eq!((inside.ports[0].node_port, inside.cluster_ip.as_deref()), (None, Some("10.3.0.9")));
    let elsewhere = after(Service { kind: ServiceKind::ExternalName, ..manifest });
    assert_eq!((elsewhere.ports[0].node_port, elsewhere.cluster_ip), (None, None));
}

#[test]
fn a_status_in_a_manifest_is_ignored() {
    let mut cluster = SimulatedCluster::new(Cluster::default());
    let mut with_status = manifests(&["checkout"]);
    with_status.ingresses[0].status =
        vec![IngressAddress { hostname: Some("foreign.example.org".to_owned()), ip: None }];
    cluster.apply(with_status, 1_000);
    assert!(cluster.cluster().ingresses[0].status.is_empty());
}

#[test]
fn statuses_are_written_as_the_outcomes_say_and_changes_are_returned() {
    let mut cluster = applied(&["checkout"]);
    let write = |before: Option<&str>, after: Option<&str>| StatusWrite {
        object: ObjectName::ingress("shop", "checkout"),
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    };
    let publish = plan("checkout", StatusChange::Publish(NAME.to_owned()));
    assert_eq!(cluster.write_statuses(&publish), [write(None, Some(NAME))]);
    assert_eq!(cluster.write_statuses(&publish), []);
    assert_eq!(cluster.write_statuses(&plan("checkout", StatusChange::Keep)), []);
    assert_eq!(cluster.cluster().ingresses[0].status[0].hostname.as_deref(), Some(NAME));
    let withdraw = plan("checkout", StatusChange::Withdraw);
    assert_eq!(cluster.write_statuses(&withdraw), [write(Some(NAME), None)]);
    assert!(cluster.cluster().ingresses[0].status.is_empty());
}

#[test]
fn a_status_of_an_ingress_that_is_gone_is_not_written() {
    let mut cluster = applied(&[]);
    assert_eq!(cluster.write_statuses(&plan("checkout", StatusChange::Publish(NAME.to_owned()))), []);
}
