//! Changed settings: applied in place where AWS can, else make-before-break.

use albatross_contract::{
    Action, ListenerAction, LoadBalancer, Operation, ResourceReference, TargetGroup, TargetHealth,
};
use albatross_embedded_cloud::execution;
use albatross_stories::{
    Controller, actions, attribute, certificate, ingress, take_something_away, warns, world,
};

#[test]
fn tls_policy_idle_timeout_and_health_check_change_in_place() {
    let mut story = one_shop();
    let before = story.serving("checkout");

    story.settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".into());
    story.settings.idle_timeout = 120;
    story.settings.proxy.health_check_path = "/healthz".into();
    story.settings.proxy.deregistration_delay = 30;

    let passes = story.converge();
    assert_eq!(passes.len(), 1);
    assert_eq!(actions(&passes).count(), 4, "one change each: {:#?}", passes[0].plan.actions);
    let after = story.serving("checkout");
    assert_eq!(after.arn, before.arn);
    assert_eq!(after.listeners[1].ssl_policy.as_deref(), Some("ELBSecurityPolicy-TLS13-1-2-2021-06"));
    assert_eq!(attribute(&after.attributes, "idle_timeout.timeout_seconds"), Some("120"));
    let group = &story.target_groups_of(&after)[0];
    assert_eq!(group.health_check.path.as_deref(), Some("/healthz"));
    assert_eq!(attribute(&group.attributes, "deregistration_delay.timeout_seconds"), Some("30"));
}

#[test]
fn a_new_load_balancer_has_all_settings_from_the_start() {
    let mut story = one_shop_with(|settings| {
        settings.idle_timeout = 120;
        settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-06".into());
        settings.proxy.deregistration_delay = 30;
        settings.proxy.health_check_path = "/healthz".into();
    });

    let load_balancer = story.serving("checkout");

    assert_eq!(attribute(&load_balancer.attributes, "idle_timeout.timeout_seconds"), Some("120"));
    assert_eq!(load_balancer.listeners[1].ssl_policy.as_deref(), Some("ELBSecurityPolicy-TLS13-1-2-2021-06"));
    let group = &story.target_groups_of(&load_balancer)[0];
    assert_eq!(attribute(&group.attributes, "deregistration_delay.timeout_seconds"), Some("30"));
    assert_eq!(group.health_check.path.as_deref(), Some("/healthz"));
}

#[test]
fn a_target_port_that_is_changed_back_removes_the_mark_of_its_target_group() {
    let mut story = one_shop();
    story.settings.proxy.target_port = 8888;
    story.converge();
    story.settings.proxy.target_port = 9999;

    let passes = story.converge();

    let unmarks = |action: &&Action| matches!(action.operation, Operation::RemoveTags(_));
    let reason = &actions(&passes).find(unmarks).unwrap().reason;
    assert_eq!(reason, "the tags no longer record that no listener uses it");
}

#[test]
fn another_target_port_is_a_new_target_group_that_takes_over_when_it_is_healthy() {
    let mut story = one_shop();
    let name = story.hostname("checkout");
    story.settings.proxy.target_port = 8888;
    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.wait(60);

    story.converge();
    let load_balancer = story.serving("checkout");
    assert_eq!(
        weights(&mut story, &load_balancer),
        [(8888, 0), (9999, 1)],
        "no request before it is healthy"
    );

    story.cloud.faults_mut().all_targets_unhealthy(false);
    story.wait(120);
    let passes = story.converge();
    assert!(!take_something_away(&passes));
    let load_balancer = story.serving("checkout");
    assert_eq!(weights(&mut story, &load_balancer).iter().map(|(port, _)| *port).collect::<Vec<_>>(), [8888]);
    assert_eq!(story.target_groups_of(&load_balancer).len(), 2, "the old one has its grace");
    let end = story.plan().next_change_at;
    assert!(end.is_some(), "the plan says when the grace ends");

    story.wait(end.unwrap() - story.cloud.now());
    story.converge();
    let groups = story.target_groups_of(&load_balancer);
    assert_eq!(ports(&groups), [8888]);
    assert_eq!(story.auto_scaling_group("nodes-1").target_groups, [groups[0].arn.clone()]);
    assert_eq!(story.hostname("checkout"), name);
}

#[test]
fn targets_that_aws_does_not_check_do_not_hold_up_a_new_target_group() {
    let mut story = one_shop();
    story.start_node_group("far", &["z"; 9]); // no subnet of the load balancer is in that zone
    story.converge();
    story.settings.proxy.target_port = 8888;

    story.converge();

    let load_balancer = story.serving("checkout");
    let groups = story.target_groups_of(&load_balancer);
    let new = groups.iter().find(|group| group.port == Some(8888)).unwrap();
    let unused = new.targets.iter().filter(|target| target.health == TargetHealth::Unused).count();
    assert_eq!((unused, new.targets.len()), (9, 16));
    assert_eq!(weights(&mut story, &load_balancer).iter().map(|(port, _)| *port).collect::<Vec<_>>(), [8888]);
}

#[test]
fn after_a_crash_between_two_listeners_the_second_waits_for_health_and_the_first_stays() {
    let mut story = one_listener_switched();

    assert!(!story.plan().actions.iter().any(switches));

    assert_eq!(ports_when_healthy(&mut story), [8888]);
}

#[test]
fn the_old_port_again_after_a_crash_between_two_listeners_moves_neither_to_an_unhealthy_target_group() {
    let mut story = one_listener_switched();

    story.settings.proxy.target_port = 9999;
    story.converge();

    assert_eq!(answering(&mut story), [8888, 9999]);
    assert_eq!(ports_when_healthy(&mut story), [9999]);
}

#[test]
fn a_third_port_after_a_crash_between_two_listeners_moves_neither_before_it_is_healthy() {
    let mut story = one_listener_switched();

    story.settings.proxy.target_port = 7777;
    story.converge();

    assert_eq!(answering(&mut story), [8888, 9999]);
    let late = albatross_stories::instance("i-late", "b", None);
    story.cloud.inventory_mut().instances.push(late);
    story.converge();
    let groups = &story.cloud.inventory().target_groups;
    assert_eq!(groups.len(), 3);
    for group in groups {
        assert!(group.targets.iter().any(|target| target.id == "i-late"), "new nodes join all: {group:#?}");
    }
    assert_eq!(ports_when_healthy(&mut story), [7777]);
}

#[test]
fn while_a_new_target_group_is_not_healthy_the_old_one_keeps_its_targets_current() {
    let mut story = one_shop();
    story.settings.proxy.target_port = 8888;
    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.converge();

    story.start_node_group("nodes-3", &["a", "b", "c"]);
    story.cloud.inventory_mut().instances.push(albatross_stories::instance("i-late", "b", None));
    story.converge();

    let load_balancer = story.serving("checkout");
    assert_eq!(story.auto_scaling_group("nodes-3").target_groups.len(), 2, "the new nodes join both");
    for group in story.target_groups_of(&load_balancer) {
        assert!(group.targets.iter().any(|target| target.id == "i-late"), "port {:?}", group.port);
    }
}

#[test]
fn the_old_port_again_before_the_switch_costs_nothing() {
    let mut story = one_shop();
    story.settings.proxy.target_port = 8888;
    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.converge();

    story.settings.proxy.target_port = 9999;
    story.cloud.faults_mut().all_targets_unhealthy(false);
    story.wait(120);

    story.converge();
    let load_balancer = story.serving("checkout");
    assert_eq!(weights(&mut story, &load_balancer).iter().map(|(port, _)| *port).collect::<Vec<_>>(), [9999]);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(ports(&story.target_groups_of(&load_balancer)), [9999]);
}

#[test]
fn the_old_port_again_after_the_switch_uses_the_old_target_group() {
    let mut story = one_shop();
    story.settings.proxy.target_port = 8888;
    story.converge();
    story.wait(600);
    story.converge();

    story.settings.proxy.target_port = 9999;
    let passes = story.converge();

    assert!(actions(&passes).all(|action| !matches!(action.operation, Operation::CreateTargetGroup(_))));
    let load_balancer = story.serving("checkout");
    assert_eq!(weights(&mut story, &load_balancer).iter().map(|(port, _)| *port).collect::<Vec<_>>(), [9999]);
    story.wait_for_the_grace();
    story.converge();
    assert_eq!(ports(&story.target_groups_of(&load_balancer)), [9999]);
    let healthy = &story.target_groups_of(&load_balancer)[0];
    assert!(healthy.targets.iter().all(|target| target.health == TargetHealth::Healthy));
}

#[test]
fn named_security_groups_take_the_place_of_the_found_one() {
    let mut story = one_shop();
    let inventory = story.cloud.inventory_mut();
    let mut named = inventory.security_groups[0].clone();
    named.id = "sg-named".into();
    named.name = "named".into();
    named.tags.clear();
    inventory.security_groups.push(named);

    story.settings.security_groups = vec!["sg-named".into()];

    story.converge();
    assert_eq!(story.serving("checkout").security_groups, ["sg-named"]);
}

#[test]
fn settings_that_aws_would_refuse_give_no_plan_but_a_sentence() {
    let mut story = one_shop();
    story.settings.idle_timeout = 5_000;

    let error = story.try_plan().unwrap_err();

    assert_eq!(error.message, "settings: idle-timeout is 5000; it must be 1 to 4000");
    story.settings.idle_timeout = 60;
    assert!(!warns(&story.plan(), albatross_contract::DiagnosticCode::SettingInvalid));
}

fn one_shop() -> Controller {
    one_shop_with(|_| {})
}

fn one_shop_with(change: impl FnOnce(&mut albatross_contract::Settings)) -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    change(&mut story.settings);
    story.converge();
    story
}

/// The port changed from 9999 to 8888, and the controller crashed after one listener was switched. Now no target is healthy.
fn one_listener_switched() -> Controller {
    let mut story = one_shop();
    story.settings.proxy.target_port = 8888;
    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.converge();
    story.cloud.faults_mut().all_targets_unhealthy(false);
    story.wait(120);
    let mut plan = story.plan();
    plan.actions.retain(switches);
    assert_eq!(plan.actions.len(), 2);
    plan.actions.truncate(1);
    execution::execute(&mut story.cloud, &plan, &mut |_, _| {});
    story.cloud.faults_mut().all_targets_unhealthy(true);
    story.wait(120);
    assert_eq!(answering(&mut story), [8888, 9999]);
    story
}

fn switches(action: &Action) -> bool {
    matches!(action.operation, Operation::ModifyListener(_))
}

/// For each listener, the ports of the target groups that get requests, in order.
fn answering(story: &mut Controller) -> Vec<u16> {
    let groups = story.cloud.inventory().target_groups.clone();
    let mut ports = Vec::new();
    for listener in &story.serving("checkout").listeners {
        let [ListenerAction::Forward(forward)] = listener.default_actions.as_slice() else {
            panic!("no forward")
        };
        let single = forward.target_groups.len() == 1;
        for weighted in forward.target_groups.iter().filter(|group| single || group.weight > 0) {
            let is_it = |group: &&TargetGroup| {
                weighted.target_group == ResourceReference::Existing(group.arn.clone())
            };
            ports.extend(groups.iter().find(is_it).and_then(|group| group.port));
        }
    }
    ports.sort_unstable();
    ports
}

/// Ports of the target groups of both listeners when all targets have become healthy.
fn ports_when_healthy(story: &mut Controller) -> Vec<u16> {
    story.cloud.faults_mut().all_targets_unhealthy(false);
    story.wait(120);
    story.converge();
    let load_balancer = story.serving("checkout");
    weights(story, &load_balancer).iter().map(|(port, _)| *port).collect()
}

fn ports(groups: &[TargetGroup]) -> Vec<u16> {
    groups.iter().filter_map(|group| group.port).collect()
}

/// Ports of the target groups that both listeners forward to, with their weights, in order.
fn weights(story: &mut Controller, load_balancer: &LoadBalancer) -> Vec<(u16, u16)> {
    let groups = story.target_groups_of(load_balancer);
    let of = |reference: &ResourceReference| match reference {
        ResourceReference::Existing(arn) => {
            groups.iter().find(|group| group.arn == *arn).and_then(|group| group.port)
        }
        ResourceReference::CreatedBy(_) => None,
    };
    let mut all: Vec<Vec<(u16, u16)>> = Vec::new();
    for listener in &load_balancer.listeners {
        let [ListenerAction::Forward(forward)] = listener.default_actions.as_slice() else {
            panic!("no forward")
        };
        let mut weights: Vec<_> = forward
            .target_groups
            .iter()
            .map(|group| (of(&group.target_group).unwrap(), group.weight))
            .collect();
        weights.sort_unstable();
        all.push(weights);
    }
    assert_eq!(all[0], all[1], "both listeners do the same");
    all.swap_remove(0)
}

#[test]
fn with_an_unknown_tls_policy_listeners_keep_theirs_and_no_load_balancer_is_half_made() {
    let mut story = one_shop();
    story.settings.ssl_policy = Some("ELBSecurityPolicy-TLS13-1-2-2021-6".into());
    story.apply(albatross_stories::internal(ingress("wiki", &["wiki.example.org"])));

    let pass = story.pass();

    assert!(pass.plan.actions.is_empty(), "{:#?}", pass.plan.actions);
    assert!(warns(&pass.plan, albatross_contract::DiagnosticCode::SettingInvalid));
    assert!(pass.tells("wiki", albatross_contract::DiagnosticCode::SettingInvalid));
}
