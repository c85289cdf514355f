//! What a Pod with our readiness gate does not wait for.

use albatross_contract::{
    EndpointAddressType, GateVerdict, Operation, Plan, Pod, PodTargets, Snapshot, TargetHealth,
};
use albatross_stories::{Controller, certificate, ingress, pod as proxy_pod, world};

use crate::{
    gaps,
    readiness::{change, pod, shop, verdict},
};

/// A Pod whose containers became ready so many seconds before.
fn ready_since(pod: Pod, seconds: u64, now: u64) -> Pod {
    let mut pod = pod;
    pod.gate.as_mut().unwrap().containers_ready_since = Some(now - seconds);
    pod
}

/// A shop with a new Pod that is registered, and whose target AWS calls unused.
fn with_an_unused_target(seconds: u64) -> Snapshot {
    let mut story = shop(&[1]);
    let now = story.cloud.now();
    change(&mut story, |pods| pods.push(ready_since(pod(2), seconds, now)));
    story.pass();
    let mut snapshot = story.snapshot().unwrap();
    snapshot.time = now;
    let targets = snapshot.inventory.target_groups.iter_mut().flat_map(|group| &mut group.targets);
    targets.filter(|target| target.id == "10.0.10.2").for_each(|target| target.health = TargetHealth::Unused);
    snapshot
}

#[test]
fn a_pod_does_not_wait_for_long_for_a_target_group_that_no_load_balancer_uses() {
    assert_eq!(verdict(&gaps::plan(&with_an_unused_target(30)), 2), Some(GateVerdict::NotHealthy));
    assert_eq!(verdict(&gaps::plan(&with_an_unused_target(61)), 2), Some(GateVerdict::NotATarget));
}

#[test]
fn a_pod_does_not_wait_for_an_endpoint_of_a_service_without_ipv4_addresses() {
    let mut story = shop(&[1]);
    change(&mut story, |pods| pods.push(pod(2)));
    let slices = story.cluster.cluster_mut().endpoint_slices.as_mut().unwrap();
    slices[0].address_type = EndpointAddressType::Ipv6;
    for (number, endpoint) in slices[0].endpoints.iter_mut().enumerate() {
        endpoint.addresses = vec![format!("fd00::{number}")];
    }
    let plan = gaps::plan(&story.snapshot().unwrap());
    assert_eq!(verdict(&plan, 2), Some(GateVerdict::NotATarget));
}

#[test]
fn a_pod_does_not_wait_for_ever_for_an_endpoint() {
    let mut story = shop(&[1]);
    let now = story.cloud.now();
    for (seconds, expected) in [(60, GateVerdict::NoEndpoint), (121, GateVerdict::NotATarget)] {
        let mut snapshot = story.snapshot().unwrap();
        snapshot.time = now;
        snapshot.cluster.pods.as_mut().unwrap().push(ready_since(pod(2), seconds, now));
        assert_eq!(verdict(&gaps::plan(&snapshot), 2), Some(expected), "after {seconds} s");
    }
}

/// With `publishNotReadyAddresses`, Kubernetes calls an endpoint ready until its Pod is gone.
#[test]
fn an_endpoint_that_terminates_leaves_even_if_it_is_called_ready() {
    let mut story = shop(&[1, 2, 3]);
    let slices = story.cluster.cluster_mut().endpoint_slices.as_mut().unwrap();
    let endpoint = slices[0].endpoints.iter_mut().find(|it| it.addresses[0] == "10.0.10.3").unwrap();
    (endpoint.ready, endpoint.terminating) = (Some(true), Some(true));
    let plan = gaps::plan(&story.snapshot().unwrap());
    assert_eq!(leaving(&plan), ["10.0.10.3"]);
}

fn leaving(plan: &Plan) -> Vec<&str> {
    let targets = plan.actions.iter().flat_map(|action| match &action.operation {
        Operation::DeregisterTargets(change) => change.targets.as_slice(),
        _ => &[],
    });
    targets.map(|target| target.id.as_str()).collect()
}

#[test]
fn pods_of_the_proxy_roll_while_their_only_load_balancer_is_unneeded() {
    let (mut settings, inventory) = world();
    let label_selector = "application=skipper".to_owned();
    settings.proxy.pods = Some(PodTargets { namespace: "kube-system".to_owned(), label_selector });
    settings.readiness_gates = Some(true);
    let ingresses = vec![ingress("checkout", &["shop.example.org"])];
    let certificates = vec![certificate(1, &["*.example.org"])];
    let mut story = Controller::new((settings, inventory), certificates, ingresses);
    let add = |story: &mut Controller, pod: Pod| {
        story.cluster.cluster_mut().pods.get_or_insert_default().push(pod);
    };
    add(&mut story, proxy_pod("10.0.10.1"));
    story.converge();
    story.delete("checkout");
    story.pass();
    add(&mut story, Pod { ready: false, gate: pod(2).gate, ..proxy_pod("10.0.10.2") });
    let verdicts: Vec<Option<bool>> = (0..3)
        .map(|_| {
            let gates = story.pass().plan.gates.unwrap_or_default();
            gates.first().and_then(|gate| gate.verdict.status())
        })
        .collect();
    assert!(verdicts.contains(&Some(true)), "it becomes ready: {verdicts:?}");
}
