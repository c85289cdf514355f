//! Pods of the proxy as targets: a rollout, a switch from the nodes and back, selectors that select nothing or something else.

use std::collections::BTreeSet;

use albatross_contract::{Budget, DiagnosticCode, Pod, PodTargets, Settings, TargetType};
use albatross_stories::{Controller, certificate, ingress, pod, warns, withheld, world};

use crate::one_shop::one_shop;

fn select(settings: &mut Settings, label_selector: &str) {
    let namespace = "kube-system".into();
    settings.proxy.pods = Some(PodTargets { namespace, label_selector: label_selector.into() });
}

fn pods(story: &mut Controller) -> &mut Vec<Pod> {
    story.cluster.cluster_mut().pods.get_or_insert_default()
}

fn addresses<const N: usize>(addresses: [&str; N]) -> BTreeSet<String> {
    addresses.map(str::to_owned).into()
}

/// A shop behind three pods, converged.
fn shop_behind_pods() -> Controller {
    let (mut settings, inventory) = world();
    select(&mut settings, "application in (skipper, skipper-canary)");
    let mut story = Controller::new(
        (settings, inventory),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    pods(&mut story).extend(["10.0.10.1", "10.0.10.2", "10.0.10.3"].map(pod));
    story.converge();
    story
}

#[test]
fn the_pods_are_the_targets_and_no_auto_scaling_group_is_attached() {
    let mut story = shop_behind_pods();
    let groups = story.serving_target_groups();
    let [group] = groups.as_slice() else { panic!("{groups:#?}") };
    assert_eq!((group.target_type, group.port), (TargetType::Ip, Some(9999)));
    assert_eq!(story.serving_targets(), addresses(["10.0.10.1", "10.0.10.2", "10.0.10.3"]));
    assert!(story.cloud.inventory().auto_scaling_groups.iter().all(|group| group.target_groups.is_empty()));
    assert!(story.hostname("checkout").is_some());
}

/// The rollout of a Deployment that adds a pod, ends one when the new one is ready, and so on: without a pause, and with pauses
/// that are shorter and longer than AWS takes to call a target healthy (50 s).
#[test]
fn a_rollout_never_takes_the_last_healthy_target_and_a_pod_leaves_as_soon_as_it_is_to_end() {
    for pause in [0, 5, 20, 60] {
        let mut story = shop_behind_pods();
        for number in 1..=3 {
            let (old, new) = (format!("10.0.10.{number}"), format!("10.0.11.{number}"));
            pods(&mut story).push(pod(&new));
            story.watched_pass();
            assert!(story.serving_targets().contains(&new), "{new} joins at once");
            story.wait(pause);
            for it in pods(&mut story).iter_mut().filter(|it| it.addresses[0] == old) {
                (it.metadata.deleted_at, it.ready) = (Some(1), false);
            }
            let is_last = story.healthy_targets() == BTreeSet::from([old.clone()]);
            story.watched_pass();
            assert_eq!(story.serving_targets().contains(&old), is_last, "{old}, pause {pause}");
        }
        story.wait(30);
        story.watched_pass();
        pods(&mut story).retain(|it| it.metadata.deleted_at.is_none());
        (1..=3).for_each(|number| story.cloud.faults_mut().unhealthy_target(format!("10.0.10.{number}")));
        for _ in 0..6 {
            story.watched_pass();
            story.wait(20);
        }
        assert_eq!(
            story.serving_targets(),
            addresses(["10.0.11.1", "10.0.11.2", "10.0.11.3"]),
            "pause {pause}"
        );
        assert!(story.plan().actions.is_empty());
    }
}

#[test]
fn pods_that_end_all_at_once_stay_until_a_new_one_is_healthy() {
    let mut story = shop_behind_pods();
    pods(&mut story).iter_mut().for_each(|it| it.metadata.deleted_at = Some(1));
    pods(&mut story).extend(["10.0.11.1", "10.0.11.2"].map(pod));
    story.watched_pass();
    assert_eq!(story.serving_targets().len(), 5);
    assert!(
        warns(&story.plan(), DiagnosticCode::TargetsUnhealthy)
            || withheld(&story.plan(), Budget::Targets).is_some()
    );
    story.wait(60);
    story.watched_pass();
    assert_eq!(story.serving_targets(), addresses(["10.0.11.1", "10.0.11.2"]));
}

#[test]
fn a_pod_that_is_not_ready_does_not_join_and_a_target_that_is_no_longer_ready_stays() {
    let mut story = shop_behind_pods();
    pods(&mut story).push(Pod { ready: false, ..pod("10.0.10.4") });
    assert!(story.plan().actions.is_empty());
    pods(&mut story).iter_mut().for_each(|it| it.ready = false); // such as with kubelets that are cut off
    assert!(story.plan().actions.is_empty());
    assert!(warns(&story.plan(), DiagnosticCode::PodsNone));
}

#[test]
fn a_selector_that_selects_nothing_empties_no_target_group() {
    let mut story = shop_behind_pods();
    select(&mut story.settings, "application=skiper");
    assert!(story.plan().actions.is_empty());
    assert!(warns(&story.plan(), DiagnosticCode::PodsNone));

    select(&mut story.settings, "application=skipper");
    pods(&mut story).clear();
    assert!(story.plan().actions.is_empty());
    story.cluster.cluster_mut().pods = None;
    assert!(story.plan().actions.is_empty());
    assert!(warns(&story.plan(), DiagnosticCode::ViewIncomplete));
}

#[test]
fn pods_of_another_selector_take_over_when_they_are_healthy() {
    let mut story = shop_behind_pods();
    select(&mut story.settings, "application=other");
    let others = ["10.0.12.1", "10.0.12.2", "10.0.12.3"].map(|address| {
        let mut other = pod(address);
        other.metadata.labels[0].value = "other".into();
        other
    });
    pods(&mut story).extend(others);
    ["10.0.12.1", "10.0.12.2", "10.0.12.3"]
        .iter()
        .for_each(|it| story.cloud.faults_mut().unhealthy_target(*it));
    for _ in 0..4 {
        story.watched_pass();
        story.wait(60);
    }
    assert_eq!(story.serving_targets().len(), 6, "the wrong pods answer no health check");
    assert_eq!(story.healthy_targets().len(), 3);

    story.cloud.faults_mut().clear();
    for _ in 0..3 {
        story.wait(60);
        story.watched_pass();
    }
    assert_eq!(story.serving_targets(), addresses(["10.0.12.1", "10.0.12.2", "10.0.12.3"]));
}

#[test]
fn the_targets_change_from_nodes_to_pods_and_back_without_a_moment_without_a_healthy_target() {
    let mut story = one_shop("*.example.org");
    let hostname = story.hostname("checkout");
    pods(&mut story).extend(["10.0.10.1", "10.0.10.2"].map(pod));
    let types = |story: &mut Controller| -> Vec<TargetType> {
        story.serving_target_groups().iter().map(|group| group.target_type).collect()
    };
    select(&mut story.settings, "application=skipper");
    story.watched_pass();
    story.watched_pass();
    assert_eq!(types(&mut story), [TargetType::Instance], "no pod is healthy yet");
    for _ in 0..4 {
        story.wait(60);
        story.watched_pass();
    }
    assert_eq!(types(&mut story), [TargetType::Ip]);
    assert_eq!(story.serving_targets(), addresses(["10.0.10.1", "10.0.10.2"]));
    story.wait_for_the_grace();
    story.converge();
    let inventory = story.cloud.inventory();
    assert_eq!(inventory.target_groups.len(), 1, "the target group of the nodes is deleted");
    assert!(inventory.auto_scaling_groups.iter().all(|group| group.target_groups.is_empty()));

    story.settings.proxy.pods = None;
    for _ in 0..5 {
        story.watched_pass();
        story.wait(60);
    }
    assert_eq!(types(&mut story), [TargetType::Instance]);
    assert_eq!(story.serving_targets().len(), 7);
    assert_eq!(story.hostname("checkout"), hostname, "the load balancer is the same");
}

#[test]
fn settings_that_would_select_every_pod_or_cannot_be_read_are_refused() {
    let mut story = shop_behind_pods();
    for (selector, expected) in [
        ("", "is blank, which would select everything"),
        ("application in skipper", "must be in parentheses"),
    ] {
        select(&mut story.settings, selector);
        let error = story.try_plan().unwrap_err();
        assert_eq!(error.code, DiagnosticCode::SettingInvalid);
        assert!(
            error.message.contains("proxy.pods.label-selector") && error.message.contains(expected),
            "{error:?}"
        );
    }
}
