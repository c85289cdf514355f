use albatross_contract::{
    Budget, DiagnosticCode, LoadBalancerKind, Metadata, Mode, Pod, PodPhase, PodTargets, Tag, Target,
    TargetType, ViewPart,
};

use super::super::{Backends, Room, TargetChanges};
use crate::{
    grouping::Use,
    testing::{Scene, World, target},
};

/// Load balancers in proxy mode.
const OF_PROXY: Use = Use { mode: Mode::Proxy, family: LoadBalancerKind::Application, http_only: false };

/// A pod of the proxy that runs and is ready.
fn pod(address: &str) -> Pod {
    let label = |key: &str, value: &str| Tag { key: key.into(), value: value.into() };
    Pod {
        metadata: Metadata {
            namespace: Some("kube-system".into()),
            name: format!("skipper-{address}"),
            labels: vec![label("application", "skipper")],
            ..Metadata::default()
        },
        phase: PodPhase::Running,
        ready: true,
        addresses: vec![address.into()],
        gate: None,
    }
}

fn pods(addresses: &[&str]) -> Vec<Pod> {
    addresses.iter().map(|address| pod(address)).collect()
}

fn which(mut pod: Pod, change: impl FnOnce(&mut Pod)) -> Pod {
    change(&mut pod);
    pod
}

fn unready(address: &str) -> Pod {
    which(pod(address), |pod| pod.ready = false)
}

fn terminating(address: &str) -> Pod {
    which(pod(address), |pod| pod.metadata.deleted_at = Some(1))
}

/// The load balancer `one`, whose target group has these targets, in a cluster with these pods.
fn world(pods: Vec<Pod>, targets: &[(&str, &str)]) -> World {
    let targets: Vec<Target> = targets.iter().map(|(address, health)| target(address, health)).collect();
    let world = World::new().load_balancer("one", &[]).targets(|group| {
        group.target_type = TargetType::Ip;
        group.targets = targets;
    });
    world.with(|snapshot| {
        let (namespace, label_selector) = ("kube-system".into(), "application=skipper".into());
        snapshot.settings.proxy.pods = Some(PodTargets { namespace, label_selector });
        snapshot.cluster.pods = Some(pods);
        snapshot.inventory.vpc.cidr_blocks = vec!["10.0.0.0/8".into()];
    })
}

fn changes(scene: Scene) -> TargetChanges<'static> {
    let group = scene.owned("one").target_groups[0];
    scene.backends().changes("group", Some(group), &mut Room::new(scene.observed), scene.observed)
}

/// Which addresses join, and which leave.
fn told(world: World) -> (Vec<&'static str>, Vec<&'static str>) {
    let changes = changes(world.read());
    assert!(changes.attach.is_empty(), "no Auto Scaling Group has the addresses of pods");
    (
        changes.register.iter().map(|joiner| joiner.id).collect(),
        changes.leave.iter().map(|leaver| leaver.id).collect(),
    )
}

/// The codes of the diagnostics about the pods, with the beginnings of their messages.
fn problems(world: World) -> Vec<(DiagnosticCode, String)> {
    let found = world.read().backends().diagnostics().cloned().collect::<Vec<_>>();
    found.into_iter().map(|it| (it.code, it.message)).collect()
}

const HEALTHY: &str = "healthy";
const NOTHING: (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());

#[test]
fn a_target_group_that_has_the_pods_needs_nothing() {
    assert_eq!(
        told(world(pods(&["10.0.0.1", "10.0.0.2"]), &[("10.0.0.2", HEALTHY), ("10.0.0.1", HEALTHY)])),
        NOTHING
    );
}

#[test]
fn a_new_target_group_has_the_type_ip_and_gets_the_ready_pods() {
    let scene = world(vec![pod("10.0.0.1"), unready("10.0.0.2"), terminating("10.0.0.3")], &[]).read();
    let backends = scene.backends();
    assert_eq!(backends.form(LoadBalancerKind::Application).target_type, TargetType::Ip);
    let changes = backends.changes("group", None, &mut Room::new(scene.observed), scene.observed);
    assert_eq!(changes.register.iter().map(|it| (it.id, it.port)).collect::<Vec<_>>(), [("10.0.0.1", None)]);
    let demands = backends.demands(scene.observed);
    assert!(demands[&OF_PROXY].obstacle.is_none() && demands[&OF_PROXY].auto_scaling_groups.is_empty());
    let of_nodes = World::new().read();
    let suffix = |backends: &Backends<'_>| backends.form(LoadBalancerKind::Application).suffix.clone();
    assert_ne!(suffix(backends), suffix(of_nodes.backends()), "the name says what AWS cannot change");
}

#[test]
fn a_pod_joins_when_it_is_ready_and_stays_while_it_runs() {
    for (change, joins) in [
        ((|_| ()) as fn(&mut Pod), true),
        (|pod| pod.ready = false, false),
        (|pod| pod.phase = PodPhase::Pending, false),
        (|pod| pod.phase = PodPhase::Failed, false),
        (|pod| pod.metadata.deleted_at = Some(1), false),
        (|pod| pod.metadata.namespace = Some("shop".into()), false),
        (|pod| pod.metadata.labels[0].value = "redis".into(), false),
        (|pod| pod.addresses.clear(), false),
        (|pod| pod.addresses = vec!["2001:db8::1".into()], false),
        (|pod| pod.addresses = vec!["2001:db8::1".into(), "10.0.0.2".into()], true),
        (|pod| pod.addresses = vec!["192.168.0.2".into()], false),
    ] {
        let all = vec![pod("10.0.0.1"), which(pod("10.0.0.2"), change)];
        let (joined, left) = told(world(all.clone(), &[("10.0.0.1", HEALTHY)]));
        assert_eq!(joined, if joins { vec!["10.0.0.2"] } else { vec![] }, "{:?}", all[1]);
        assert!(left.is_empty());
    }
    let there = [("10.0.0.1", HEALTHY), ("10.0.0.2", "unhealthy")];
    assert_eq!(told(world(vec![pod("10.0.0.1"), unready("10.0.0.2")], &there)), NOTHING);
}

#[test]
fn a_pod_that_is_being_terminated_leaves_at_once_as_long_as_a_healthy_target_stays() {
    let rollout = || vec![pod("10.0.0.1"), terminating("10.0.0.2"), terminating("10.0.0.3"), pod("10.0.0.4")];
    let targets =
        |first, new| [("10.0.0.1", first), ("10.0.0.2", HEALTHY), ("10.0.0.3", HEALTHY), ("10.0.0.4", new)];
    assert_eq!(told(world(rollout(), &targets(HEALTHY, "initial"))), (vec![], vec!["10.0.0.2", "10.0.0.3"]));
    assert_eq!(
        told(world(rollout(), &targets("unhealthy", "initial"))),
        NOTHING,
        "they are the last healthy ones"
    );
    let dead = [("10.0.0.1", "initial"), ("10.0.0.2", "unhealthy"), ("10.0.0.3", HEALTHY)];
    assert_eq!(told(world(rollout(), &dead)), (vec!["10.0.0.4"], vec!["10.0.0.2"]), "10.0.0.3 still serves");
    let mut broken = rollout();
    broken[0].ready = false;
    assert_eq!(
        told(world(broken, &targets(HEALTHY, "initial"))),
        NOTHING,
        "10.0.0.1 may have failed since AWS was asked"
    );
    let only = vec![terminating("10.0.0.2"), terminating("10.0.0.3")];
    assert_eq!(told(world(only, &targets(HEALTHY, HEALTHY)[1..3])), NOTHING, "no other pod is there");
}

#[test]
fn a_pod_in_the_network_of_its_node_takes_over_the_address_of_the_pod_before_it() {
    for old in [terminating("10.0.0.1"), which(pod("10.0.0.1"), |pod| pod.phase = PodPhase::Failed)] {
        let both =
            vec![which(old, |pod| pod.metadata.name = "old".into()), unready("10.0.0.1"), pod("10.0.0.2")];
        assert_eq!(told(world(both, &[("10.0.0.1", HEALTHY), ("10.0.0.2", HEALTHY)])), NOTHING);
    }
}

#[test]
fn an_address_without_a_pod_leaves_at_once_unless_aws_calls_it_healthy() {
    let there = |health| [("10.0.0.1", "initial"), ("10.0.0.2", health), ("10.0.0.3", health)];
    assert_eq!(told(world(pods(&["10.0.0.1"]), &there("unhealthy"))), (vec![], vec!["10.0.0.2", "10.0.0.3"]));
    let changed = changes(world(pods(&["10.0.0.1"]), &there(HEALTHY)).read());
    assert!(changed.leave.is_empty());
    let withheld = changed.withheld.unwrap();
    assert_eq!((withheld.budget, withheld.count, withheld.total), (Budget::Targets, 2, 3));
    let mut other = pods(&["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
    other[1..].iter_mut().for_each(|pod| pod.metadata.labels[0].value = "other".into());
    let changed = changes(world(other, &there("unhealthy")).read());
    assert!(
        changed.leave.is_empty() && changed.withheld.is_some(),
        "pods that are not selected have the addresses"
    );
    let few = [("10.0.0.1", HEALTHY), ("10.0.0.2", HEALTHY), ("10.0.0.3", HEALTHY)];
    assert_eq!(told(world(pods(&["10.0.0.1", "10.0.0.2"]), &few)), (vec![], vec!["10.0.0.3"]));
}

#[test]
fn a_target_that_drains_joins_again_when_a_ready_pod_has_its_address() {
    let there = [("10.0.0.1", "draining")];
    assert_eq!(told(world(pods(&["10.0.0.1"]), &there)), (vec!["10.0.0.1"], vec![]));
    assert_eq!(told(world(vec![unready("10.0.0.1")], &there)), NOTHING);
}

#[test]
fn without_pods_and_while_they_are_not_known_targets_stay() {
    let there = [("10.0.0.1", "unhealthy"), ("10.0.0.2", HEALTHY)];
    assert_eq!(told(world(Vec::new(), &there)), NOTHING);
    assert_eq!(told(world(vec![unready("10.0.0.3")], &there)), (vec![], vec!["10.0.0.1"]));
    assert_eq!(told(world(pods(&["10.0.0.1"]), &there).missing(ViewPart::Pods)), NOTHING);
    let unread = || world(Vec::new(), &there).with(|it| it.cluster.pods = None);
    assert_eq!(told(unread()), NOTHING);
    let obstacle = |world: World| {
        let scene = world.read();
        scene.backends().demands(scene.observed)[&OF_PROXY].obstacle.clone().unwrap()
    };
    for world in [unread(), world(Vec::new(), &there).missing(ViewPart::Pods)] {
        let obstacle = obstacle(world);
        assert_eq!((obstacle.code, obstacle.waits), (DiagnosticCode::ViewIncomplete, true));
    }
}

#[test]
fn more_pods_than_a_load_balancer_may_have_targets_are_an_obstacle() {
    let world = world(pods(&["10.0.0.1", "10.0.0.2"]), &[]);
    let scene = world.with(|it| it.inventory.quotas.targets_per_load_balancer = 1).read();
    let obstacle = scene.backends().demands(scene.observed)[&OF_PROXY].obstacle.clone().unwrap();
    assert_eq!(obstacle.code, DiagnosticCode::QuotaExhausted);
    assert!(obstacle.message.contains("2 ready pods of the proxy"), "{}", obstacle.message);
}

#[test]
fn a_person_is_told_why_no_pod_joins() {
    for (pods, expected) in [
        (vec![pod("10.0.0.1")], None),
        (
            Vec::new(),
            Some("no pod in namespace kube-system matches application=skipper; targets stay as they are"),
        ),
        (vec![unready("10.0.0.1")], Some("the pod in namespace kube-system that matches")),
        (
            vec![unready("10.0.0.1"), terminating("10.0.0.2")],
            Some("none of the 2 pods in namespace kube-system that match"),
        ),
    ] {
        let told = problems(world(pods, &[]));
        let expected: Vec<_> = expected.map(|text| (DiagnosticCode::PodsNone, text)).into_iter().collect();
        assert_eq!(told.len(), expected.len(), "{told:?}");
        for ((code, message), (expected, text)) in told.iter().zip(expected) {
            assert!(*code == expected && message.starts_with(text), "{message}");
        }
    }
    let (code, message) = &problems(world(pods(&["192.168.0.1"]), &[]))[0];
    assert_eq!(*code, DiagnosticCode::SettingInvalid);
    assert!(message.ends_with("which cannot be registered as targets: 192.168.0.1"), "{message}");
    let unread = problems(world(Vec::new(), &[]).with(|it| it.cluster.pods = None));
    assert_eq!(unread[0].1, "the pods of the proxy were not read; targets stay as they are");
}

#[test]
fn a_target_group_of_the_other_type_stays_as_it_is_or_follows_the_nodes() {
    let of_nodes = |world: World| world.targets(|group| group.target_type = TargetType::Instance);
    let (joins, leaves) = told(of_nodes(world(pods(&["10.0.0.1"]), &[])));
    assert_eq!(
        (joins, leaves),
        (vec!["i-1"], vec![]),
        "it serves until the target group of the pods is healthy"
    );
    let without =
        world(pods(&["10.0.0.1"]), &[("10.0.0.9", HEALTHY)]).with(|it| it.settings.proxy.pods = None);
    assert_eq!(told(without), NOTHING, "it serves until the target group of the nodes is healthy");
}
