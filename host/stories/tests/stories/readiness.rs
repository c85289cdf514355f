//! Readiness gates: rollouts of a Service in route mode whose Pods become ready when AWS calls their targets healthy, and what a
//! Pod does not wait for.

use std::collections::BTreeSet;

use albatross_contract::{
    DiagnosticCode, Endpoint, EndpointPort, EndpointSlice, GateVerdict, IncompletePart, ObjectReference,
    Plan, Pod, PodPhase, PodTargets, ReadinessGate, Service, ServiceKind, ServicePort, ServicePortReference,
    Tag, TargetHealth, TransportProtocol, ViewPart,
};
use albatross_stories::{
    Controller, annotated, certificate, ingress, pod as proxy_pod, service, warns, world,
};

use crate::{
    gaps,
    routes::{story, with_paths},
};

const TARGET_TYPE: &str = "alb.ingress.kubernetes.io/target-type";
/// As long as AWS takes to call a target healthy, and longer.
const CHECKS: u64 = 120;

pub fn label(key: &str, value: &str) -> Tag {
    Tag { key: key.to_owned(), value: value.to_owned() }
}

/// A Pod of the application `web` that waits only for our readiness gate.
pub fn pod(number: u32) -> Pod {
    let mut metadata = ingress(&format!("web-{number}"), &[]).metadata;
    metadata.labels.push(label("app", "web"));
    let gate = ReadinessGate { containers_ready: true, others_ready: true, ..ReadinessGate::default() };
    Pod {
        metadata,
        phase: PodPhase::Running,
        ready: false,
        addresses: vec![format!("10.0.10.{number}")],
        gate: Some(gate),
    }
}

fn service_web() -> Service {
    let port = ServicePort {
        port: 80,
        target_port: Some(ServicePortReference::Number(8080)),
        protocol: TransportProtocol::Tcp,
        name: None,
        node_port: None,
        app_protocol: None,
    };
    Service {
        kind: ServiceKind::ClusterIp,
        ports: vec![port],
        selector: vec![label("app", "web")],
        ..service("web", 30_080)
    }
}

/// The cluster changes the Pods, and Kubernetes the endpoints of those that have the label of the Service.
pub fn change(story: &mut Controller, change: impl FnOnce(&mut Vec<Pod>)) {
    let cluster = story.cluster.cluster_mut();
    let pods = cluster.pods.get_or_insert_default();
    change(pods);
    let endpoint = |pod: &Pod| Endpoint {
        addresses: pod.addresses.clone(),
        ready: Some(pod.ready && pod.metadata.deleted_at.is_none()),
        terminating: Some(pod.metadata.deleted_at.is_some()),
        target: Some(ObjectReference {
            api_group: None,
            kind: "Pod".to_owned(),
            name: pod.metadata.name.clone(),
            namespace: pod.metadata.namespace.clone(),
        }),
        ..Endpoint::default()
    };
    let of_service = pods.iter().filter(|pod| pod.metadata.labels.contains(&label("app", "web")));
    let mut metadata = ingress("web-slice", &[]).metadata;
    metadata.labels.push(label("kubernetes.io/service-name", "web"));
    let slice = EndpointSlice {
        metadata,
        endpoints: of_service.map(endpoint).collect(),
        ports: vec![EndpointPort { port: Some(8080), ..EndpointPort::default() }],
        ..EndpointSlice::default()
    };
    cluster.endpoint_slices = Some(vec![slice]);
}

/// An Ingress for the Service `web` with these Pods, converged, and all of them ready.
pub fn shop(pods: &[u32]) -> Controller {
    let shop = with_paths(ingress("shop", &["shop.example.org"]), &[("/", "web")]);
    let mut story = story(vec![annotated(shop, TARGET_TYPE, "ip")], vec![service_web()]);
    story.settings.readiness_gates = Some(true);
    change(&mut story, |all| all.extend(pods.iter().map(|number| pod(*number))));
    for _ in 0..4 {
        story.pass();
        story.wait(CHECKS);
    }
    assert_eq!(ready(&story).len(), pods.len());
    assert!(story.plan().actions.is_empty());
    story
}

/// Kubernetes is told to end a Pod.
fn end(story: &mut Controller, number: u32) {
    change(story, |pods| {
        for pod in pods.iter_mut().filter(|pod| pod.metadata.name == format!("web-{number}")) {
            pod.metadata.deleted_at = Some(1);
        }
    });
}

/// The addresses of Pods that are ready, by their last number.
fn ready(story: &Controller) -> BTreeSet<u32> {
    let pods = story.cluster.cluster().pods.iter().flatten();
    let ready = pods.filter(|pod| pod.ready && pod.metadata.deleted_at.is_none());
    ready.map(|pod| number(&pod.addresses[0])).collect()
}

/// The targets with one of these states, by the last number of their addresses.
fn targets(story: &mut Controller, states: &[TargetHealth]) -> BTreeSet<u32> {
    let groups = story.cloud.inventory().target_groups.iter();
    let targets = groups.flat_map(|group| &group.targets).filter(|target| states.contains(&target.health));
    targets.map(|target| number(&target.id)).collect()
}

fn registered(story: &mut Controller) -> BTreeSet<u32> {
    targets(story, &[TargetHealth::Healthy, TargetHealth::Initial, TargetHealth::Unhealthy])
}

fn number(address: &str) -> u32 {
    address.rsplit('.').next().unwrap().parse().unwrap()
}

/// The verdict about a Pod, if the plan has one.
pub fn verdict(plan: &Plan, number: u32) -> Option<GateVerdict> {
    let gates = plan.gates.as_ref().unwrap();
    gates.iter().find(|gate| gate.name == format!("web-{number}")).map(|gate| gate.verdict)
}

fn message(plan: &Plan, number: u32) -> &str {
    let gates = plan.gates.as_ref().unwrap();
    &gates.iter().find(|gate| gate.name == format!("web-{number}")).unwrap().message
}

#[test]
fn a_new_pod_is_registered_before_it_is_ready_and_becomes_ready_when_its_target_is_healthy() {
    let mut story = shop(&[1, 2]);
    change(&mut story, |pods| pods.push(pod(3)));

    let pass = story.pass();
    assert_eq!(verdict(&pass.plan, 3), Some(GateVerdict::NotRegistered), "{}", message(&pass.plan, 3));
    assert_eq!(registered(&mut story), BTreeSet::from([1, 2, 3]));

    let pass = story.pass();
    assert_eq!(verdict(&pass.plan, 3), Some(GateVerdict::NotHealthy));
    let told = message(&pass.plan, 3);
    assert!(
        told.starts_with("it is initial (Elb.") && told.contains(" in target group albatross-"),
        "{told}"
    );
    assert_eq!(ready(&story), BTreeSet::from([1, 2]));

    story.wait(CHECKS);
    let pass = story.pass();
    assert_eq!(verdict(&pass.plan, 3), Some(GateVerdict::Healthy), "{}", message(&pass.plan, 3));
    assert_eq!(ready(&story), BTreeSet::from([1, 2, 3]));
    assert_eq!(verdict(&story.plan(), 3), None, "it waits no longer");
}

/// A Deployment with three Pods, `maxSurge: 1` and `maxUnavailable: 0`: a new Pod, and when it is ready the end of an old one.
#[test]
fn a_rollout_always_has_as_many_healthy_targets_as_the_deployment_has_replicas() {
    for pause in [0, 3, 10, 40] {
        let mut story = shop(&[1, 2, 3]);
        for (old, new) in [(1, 11), (2, 12), (3, 13)] {
            change(&mut story, |pods| pods.push(pod(new)));
            let mut passes = 0;
            while !ready(&story).contains(&new) {
                story.pass();
                story.wait(pause.max(1));
                passes += 1;
                assert!(passes < 200, "{new} never becomes ready");
                assert!(targets(&mut story, &[TargetHealth::Healthy]).len() >= 3, "pause {pause}");
            }
            end(&mut story, old);
            story.pass();
            assert!(!registered(&mut story).contains(&old), "{old} leaves at once, pause {pause}");
            assert!(targets(&mut story, &[TargetHealth::Healthy]).len() >= 3, "pause {pause}");
            change(&mut story, |pods| pods.retain(|pod| pod.metadata.deleted_at.is_none()));
        }
        assert_eq!(ready(&story), BTreeSet::from([11, 12, 13]));
    }
}

#[test]
fn a_pod_that_kubernetes_ends_leaves_in_the_same_plan_unless_it_is_the_last_healthy_one() {
    let mut story = shop(&[1, 2]);
    change(&mut story, |pods| pods.push(pod(3)));
    story.pass();
    // The new target is not healthy yet, which keeps other targets that are to leave.
    end(&mut story, 1);
    story.pass();
    assert_eq!(registered(&mut story), BTreeSet::from([2, 3]));

    end(&mut story, 2);
    story.pass();
    assert_eq!(registered(&mut story), BTreeSet::from([2, 3]), "nobody else is healthy");
    story.wait(CHECKS);
    story.pass();
    assert_eq!(registered(&mut story), BTreeSet::from([3]));
}

#[test]
fn pods_that_end_leave_at_once_without_readiness_gates_too() {
    let mut story = shop(&[1, 2, 3]);
    story.settings.readiness_gates = None;
    change(&mut story, |pods| pods.clear());
    let endpoints = &mut story.cluster.cluster_mut().endpoint_slices.as_mut().unwrap()[0].endpoints;
    let endpoint = |number: u32, terminating: bool| Endpoint {
        addresses: vec![format!("10.0.10.{number}")],
        ready: Some(!terminating),
        terminating: Some(terminating),
        ..Endpoint::default()
    };
    *endpoints = vec![endpoint(1, true), endpoint(2, true), endpoint(3, false), endpoint(4, false)];
    let pass = story.pass();
    assert_eq!(pass.plan.gates, None);
    assert_eq!(registered(&mut story), BTreeSet::from([3, 4]), "two of three, and one is not healthy yet");
}

#[test]
fn a_pod_that_waits_for_more_than_our_gate_is_not_registered() {
    let changes: [fn(&mut ReadinessGate); 2] =
        [|gate| gate.containers_ready = false, |gate| gate.others_ready = false];
    for change_gate in changes {
        let mut story = shop(&[1]);
        let mut new = pod(2);
        change_gate(new.gate.as_mut().unwrap());
        change(&mut story, |pods| pods.push(new));
        let pass = story.pass();
        assert_eq!(verdict(&pass.plan, 2), None);
        assert_eq!(registered(&mut story), BTreeSet::from([1]));
    }
}

#[test]
fn a_target_does_not_leave_while_the_kubelet_has_not_seen_that_the_gate_is_open() {
    let mut story = shop(&[1]);
    change(&mut story, |pods| pods.push(pod(2)));
    story.pass();
    story.wait(CHECKS);
    story.pass();
    // Neither the Pod nor its endpoint are ready yet.
    change(&mut story, |pods| pods[1].ready = false);
    assert!(pods_of(&story)[1].gate.as_ref().unwrap().condition.as_ref().unwrap().status);
    assert!(story.plan().actions.is_empty());
    assert_eq!(registered(&mut story), BTreeSet::from([1, 2]));
}

fn pods_of(story: &Controller) -> &[Pod] {
    story.cluster.cluster().pods.as_deref().unwrap()
}

#[test]
fn a_pod_that_fails_later_stays_ready() {
    let mut story = shop(&[1, 2]);
    story.cloud.faults_mut().unhealthy_target("10.0.10.2");
    story.wait(CHECKS);
    assert_eq!(targets(&mut story, &[TargetHealth::Unhealthy]), BTreeSet::from([2]));
    let pass = story.pass();
    assert_eq!(pass.plan.gates, Some(Vec::new()));
    assert_eq!(ready(&story), BTreeSet::from([1, 2]));
}

#[test]
fn what_is_not_known_decides_nothing() {
    let mut story = shop(&[1]);
    change(&mut story, |pods| pods.push(pod(2)));
    story.pass();
    story.wait(CHECKS);
    let snapshot = story.snapshot().unwrap();
    assert_eq!(verdict(&gaps::plan(&snapshot), 2), Some(GateVerdict::Healthy));
    change(&mut story, |pods| pods.push(pod(3)));
    let with_a_new_one = story.snapshot().unwrap();
    let parts = [
        ViewPart::TargetHealth,
        ViewPart::TargetGroups,
        ViewPart::EndpointSlices,
        ViewPart::Ingresses,
        ViewPart::IngressClasses,
        ViewPart::Services,
        ViewPart::Nodes,
        ViewPart::AutoScalingGroups,
        ViewPart::Listeners,
        ViewPart::Rules,
        ViewPart::Tags,
    ];
    for part in parts {
        let plan = gaps::plan_without(&with_a_new_one, part, false);
        for number in [2, 3] {
            assert_eq!(verdict(&plan, number), Some(GateVerdict::Unknown), "{part:?}, {number}");
        }
    }
    // One target group alone.
    let mut of_one = snapshot;
    let group = &of_one.inventory.target_groups[0];
    of_one.inventory.incomplete.push(IncompletePart {
        part: ViewPart::TargetHealth,
        resource: Some(group.arn.clone()),
        reason: "throttled".into(),
        expected: None,
    });
    let plan = gaps::plan(&of_one);
    assert_eq!(verdict(&plan, 2), Some(GateVerdict::Unknown));
    assert!(message(&plan, 2).contains("(throttled)"), "{}", message(&plan, 2));
}

#[test]
fn targets_that_may_wait_for_the_gate_stay_while_the_pods_are_not_known() {
    let mut story = shop(&[1]);
    change(&mut story, |pods| pods.push(pod(2)));
    story.pass();
    let snapshot = story.snapshot().unwrap();
    for part in [ViewPart::Pods, ViewPart::GatedPods] {
        let mut unknown = snapshot.clone();
        unknown.cluster.pods = None;
        assert!(gaps::plan_without(&unknown, part, false).actions.is_empty(), "{part:?}");
    }
    let mut nobody = snapshot;
    nobody.cluster.pods = Some(Vec::new());
    assert_eq!(gaps::plan(&nobody).actions.len(), 1, "it is known that no Pod has the gate");
}

#[test]
fn a_pod_never_waits_for_what_does_not_exist() {
    // Nodes are the targets.
    let mut story = shop(&[1]);
    let by_nodes = with_paths(ingress("shop", &["shop.example.org"]), &[("/", "web")]);
    let node_port = Service { kind: ServiceKind::NodePort, ..service_web() };
    story.apply(by_nodes);
    story.cluster.cluster_mut().services = vec![node_port];
    story.cluster.cluster_mut().services[0].ports[0].node_port = Some(30_080);
    story.converge();
    story.wait_for_the_grace();
    story.converge();
    change(&mut story, |pods| pods.push(pod(2)));
    let pass = story.pass();
    assert_eq!(verdict(&pass.plan, 2), Some(GateVerdict::NotATarget));
    assert_eq!(ready(&story), BTreeSet::from([1, 2]));

    // Nobody forwards to it.
    let mut story = shop(&[1]);
    let mut other = pod(2);
    other.metadata.labels.clear();
    change(&mut story, |pods| pods.push(other));
    assert_eq!(verdict(&story.plan(), 2), Some(GateVerdict::NotATarget));
}

#[test]
fn a_pod_waits_for_the_endpoint_that_its_service_is_about_to_have() {
    let mut story = shop(&[1]);
    story.cluster.cluster_mut().pods.as_mut().unwrap().push(pod(2));
    let plan = story.plan();
    assert_eq!(verdict(&plan, 2), Some(GateVerdict::NoEndpoint));
    assert_eq!(message(&plan, 2), "no EndpointSlice of Service shop/web:80 has its address yet");
    assert_eq!(ready(&story), BTreeSet::from([1]));
}

#[test]
fn without_the_setting_nobody_touches_a_pod() {
    let mut story = shop(&[1]);
    story.settings.readiness_gates = None;
    change(&mut story, |pods| pods.push(pod(2)));
    let pass = story.pass();
    assert_eq!(pass.plan.gates, None);
    assert_eq!(registered(&mut story), BTreeSet::from([1]));
    assert_eq!(ready(&story), BTreeSet::from([1]));
}

#[test]
fn pods_that_wait_for_long_are_reported_by_target_group() {
    let mut story = shop(&[1]);
    let since = story.cloud.now();
    for number in [2, 3] {
        let mut new = pod(number);
        new.gate.as_mut().unwrap().containers_ready_since = Some(since);
        change(&mut story, |pods| pods.push(new));
        story.cloud.faults_mut().unhealthy_target(format!("10.0.10.{number}"));
    }
    story.pass();
    story.wait(CHECKS);
    let plan = story.plan();
    assert!(!warns(&plan, DiagnosticCode::PodsWaiting));
    assert_eq!(plan.next_change_at, Some(since + 300));
    story.wait(300 - CHECKS);
    let plan = story.plan();
    let late: Vec<&str> = plan
        .diagnostics
        .iter()
        .filter(|it| it.code == DiagnosticCode::PodsWaiting)
        .map(|it| it.message.as_str())
        .collect();
    let [late] = late.as_slice() else { panic!("{late:?}") };
    assert!(
        late.starts_with("2 Pods with our readiness gate have waited for more than 5 min: shop/web-2"),
        "{late}"
    );
    assert!(late.contains("of shop/web-2: it is unhealthy ("), "{late}");
}

#[test]
fn a_pod_of_two_services_waits_for_both_target_groups() {
    let mut story = shop(&[1]);
    // A second port of the application, which nobody answers.
    let mut admin = Service { metadata: ingress("admin", &[]).metadata, ..service_web() };
    admin.ports[0].target_port = Some(ServicePortReference::Number(9090));
    story.cluster.cluster_mut().services.push(admin);
    let paths = [("/", "web"), ("/admin", "admin")];
    story.apply(annotated(with_paths(ingress("shop", &["shop.example.org"]), &paths), TARGET_TYPE, "ip"));
    change(&mut story, |pods| pods.push(pod(2)));
    let plan = story.plan();
    assert_eq!(verdict(&plan, 2), Some(GateVerdict::NotRegistered));
    story.pass();
    story.wait(CHECKS);
    let plan = story.plan();
    assert_eq!(verdict(&plan, 2), Some(GateVerdict::NoEndpoint), "{}", message(&plan, 2));

    // The slice of the other Service comes later.
    let slices = story.cluster.cluster_mut().endpoint_slices.as_mut().unwrap();
    let mut of_admin = slices[0].clone();
    of_admin.metadata.name = "admin-slice".to_owned();
    of_admin.metadata.labels = vec![label("kubernetes.io/service-name", "admin")];
    of_admin.ports[0].port = Some(9090);
    slices.push(of_admin);
    let plan = story.plan();
    assert_eq!(verdict(&plan, 2), Some(GateVerdict::NotRegistered));
    story.pass();
    story.wait(CHECKS);
    let plan = story.plan();
    assert_eq!(verdict(&plan, 2), Some(GateVerdict::Healthy));
    assert!(
        message(&plan, 2).starts_with("it is healthy in target groups albatross-"),
        "{}",
        message(&plan, 2)
    );
}

#[test]
fn pods_of_the_proxy_can_have_the_gate_too() {
    let (mut settings, inventory) = world();
    let label_selector = "application=skipper".to_owned();
    settings.proxy.pods = Some(PodTargets { namespace: "kube-system".to_owned(), label_selector });
    settings.readiness_gates = Some(true);
    let mut story = Controller::new(
        (settings, inventory),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    let pods = |story: &mut Controller, pod: Pod| {
        story.cluster.cluster_mut().pods.get_or_insert_default().push(pod);
    };
    pods(&mut story, proxy_pod("10.0.10.1"));
    story.converge();
    pods(&mut story, Pod { ready: false, gate: pod(2).gate, ..proxy_pod("10.0.10.2") });
    let plan = story.pass().plan;
    assert_eq!(plan.gates.unwrap()[0].verdict, GateVerdict::NotRegistered);
    assert_eq!(registered(&mut story), BTreeSet::from([1, 2]));
    story.wait(CHECKS);
    let plan = story.pass().plan;
    assert_eq!(plan.gates.unwrap()[0].verdict, GateVerdict::Healthy);
    assert_eq!(ready(&story), BTreeSet::from([1, 2]));
}
