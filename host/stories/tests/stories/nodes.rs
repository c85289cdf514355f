//! Nodes: Auto Scaling Groups that are replaced, single instances that come and go, filters that find nothing.

use albatross_contract::{
    Budget, DiagnosticCode, Disruption, InstanceState, Operation, Target, TargetHealth,
};
use albatross_stories::{
    Controller, actions, certificate, ingress, instance, take_something_away, warns, withheld, world,
};

use crate::{gaps, one_shop::one_shop};

#[test]
fn all_nodes_are_targets_and_the_plan_says_which_groups_may_terminate_instances() {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );

    let made = story.pass();

    let attached = |name: &str| {
        made.plan.actions.iter().find(|action| {
            matches!(&action.operation, Operation::AttachTargetGroup(input) if input.auto_scaling_group == name)
        })
    };
    assert_eq!(attached("nodes-1").unwrap().disruption, Disruption::None);
    assert_eq!(attached("nodes-2").unwrap().disruption, Disruption::Nodes, "its health check type is ELB");
    story.wait(600);
    assert_eq!(targets(&mut story), ["i-0", "i-1", "i-2", "i-3", "i-4", "i-5", "i-single"]);
}

#[test]
fn a_target_on_another_port_leaves_with_its_node() {
    for health in [TargetHealth::Healthy, TargetHealth::Unhealthy] {
        let mut story = one_shop("*.example.org");
        let inventory = story.cloud.inventory_mut();
        inventory.target_groups[0].targets.push(Target {
            id: "i-single".into(),
            port: Some(9000),
            health,
            ..Target::default()
        });
        inventory.instances.retain(|instance| instance.id != "i-single");

        story.converge();

        assert_eq!(targets(&mut story), ["i-0", "i-1", "i-2", "i-3", "i-4", "i-5"], "{health:?}");
    }
}

#[test]
fn a_target_on_another_port_leaves_with_the_node_group() {
    for health in [TargetHealth::Healthy, TargetHealth::Unhealthy] {
        let mut story = one_shop("*.example.org");
        let other = Target { id: "i-0".into(), port: Some(9000), health, ..Target::default() };
        story.cloud.inventory_mut().target_groups[0].targets.push(other);
        story.hide_node_group("nodes-1");

        story.converge();

        assert!(!is_attached(&mut story, "nodes-1"));
        assert_eq!(targets(&mut story), ["i-3", "i-4", "i-5", "i-single"], "{health:?}");
    }
}

#[test]
fn a_node_that_is_registered_only_on_another_port_is_registered_on_ours() {
    let mut story = one_shop("*.example.org");
    for target in &mut story.cloud.inventory_mut().target_groups[0].targets {
        if target.id == "i-single" {
            target.port = Some(9000);
        }
    }

    story.converge();

    let targets = &story.cloud.inventory().target_groups[0].targets;
    assert!(targets.iter().any(|target| target.id == "i-single" && target.port == Some(9999)));
}

#[test]
fn a_replaced_node_group_leaves_when_the_new_one_is_healthy() {
    let mut story = one_shop("*.example.org");

    story.start_node_group("nodes-3", &["a", "b", "c"]);
    story.cloud.faults_mut().unhealthy_target("i-nodes-3-1");
    story.converge();
    assert!(is_attached(&mut story, "nodes-3"), "the new one joins at once");
    story.hide_node_group("nodes-1");

    let passes = story.converge();
    assert!(!take_something_away(&passes), "the old one stays while a new node is not healthy");
    assert!(warns(&story.plan(), DiagnosticCode::TargetsUnhealthy));
    assert!(is_attached(&mut story, "nodes-1"));

    story.cloud.faults_mut().clear();
    story.wait(60);
    let passes = story.converge();
    assert!(!is_attached(&mut story, "nodes-1"), "now it goes");
    let detach = actions(&passes).find(|action| matches!(action.operation, Operation::DetachTargetGroup(_)));
    assert_eq!(detach.unwrap().disruption, Disruption::Drain);
    story.wait(600);
    assert_eq!(
        targets(&mut story),
        ["i-3", "i-4", "i-5", "i-nodes-3-0", "i-nodes-3-1", "i-nodes-3-2", "i-single"]
    );
}

#[test]
fn a_filter_that_finds_no_node_takes_no_target_out_of_service() {
    let mut story = one_shop("*.example.org");
    let before = targets(&mut story);

    story.cloud.inventory_mut().instances.clear();

    let passes = story.converge();
    assert!(!take_something_away(&passes));
    assert_eq!(targets(&mut story), before, "all nodes serve on");
    let plan = story.plan();
    let nobody = plan.diagnostics.iter().find(|found| found.code == DiagnosticCode::NodesNone).unwrap();
    assert_eq!(
        nobody.message,
        "no instance matches the node filters tag:kubernetes.io/cluster/harbour=owned tag-key=k8s.io/role/node"
    );
    assert!(nobody.remedy.as_ref().unwrap().starts_with("check the cluster id (harbour);"), "{nobody:?}");
    let held_back = withheld(&plan, Budget::Targets).expect("a budget holds back");
    assert_eq!((held_back.count, held_back.total), (7, 7));
    assert!(held_back.message.contains("--allow-targets=nodes-1,nodes-2,i-single"), "{}", held_back.message);
}

#[test]
fn filters_of_ones_own_are_named_when_no_node_that_they_find_runs() {
    let mut story = one_shop("*.example.org");
    story.settings.proxy.node_filters = Some("tag:Role=worker".into());
    for instance in &mut story.cloud.inventory_mut().instances {
        instance.state = InstanceState::Stopped;
    }

    let plan = story.plan();

    let nobody = plan.diagnostics.iter().find(|found| found.code == DiagnosticCode::NodesNone).unwrap();
    assert_eq!(
        nobody.message,
        "none of the 7 instances that match the node filters tag:Role=worker is running"
    );
    assert_eq!(nobody.remedy.as_deref(), Some("correct the filters, or tag the instances"));
}

#[test]
fn more_than_half_of_the_nodes_leave_only_when_a_person_allows_it() {
    let mut story = one_shop("*.example.org");
    story.hide_node_group("nodes-1");
    story.cloud.inventory_mut().instances.retain(|instance| instance.id != "i-single");
    let passes = story.converge();
    assert!(!take_something_away(&passes), "4 of 7 are more than half");
    assert_eq!(withheld(&story.plan(), Budget::Targets).unwrap().limit, 3);

    story.settings.allowances.targets = vec!["nodes-1".into()];

    story.converge();
    assert!(
        !is_attached(&mut story, "nodes-1"),
        "what is allowed goes, and so does the rest, which is little now"
    );
    story.wait(600);
    assert_eq!(targets(&mut story), ["i-3", "i-4", "i-5"]);
}

#[test]
fn a_filter_that_cannot_be_understood_changes_no_target() {
    let mut story = one_shop("*.example.org");
    let before = targets(&mut story);

    story.settings.proxy.node_filters = Some("worker".into());
    story.start_node_group("nodes-3", &["a"]);

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty());
    assert!(warns(&pass.plan, DiagnosticCode::NodeFiltersInvalid));
    assert_eq!(targets(&mut story), before);
}

#[test]
fn single_instances_come_and_go() {
    let mut story = one_shop("*.example.org");

    story.cloud.inventory_mut().instances.push(instance("i-late", "b", None));
    let passes = story.converge();
    let changes: Vec<_> = actions(&passes).map(|action| &action.operation).collect();
    let [Operation::RegisterTargets(joined)] = changes[..] else { panic!("one registration: {changes:#?}") };
    assert_eq!(joined.targets[0].id, "i-late");

    story.cloud.inventory_mut().instances.retain(|instance| instance.id != "i-single");
    let passes = story.converge();
    let changes: Vec<_> = actions(&passes).map(|action| &action.operation).collect();
    let [Operation::DeregisterTargets(left)] = changes[..] else {
        panic!("one deregistration: {changes:#?}")
    };
    assert_eq!(left.targets[0].id, "i-single");
}

#[test]
fn a_single_instance_that_is_terminated_needs_no_action() {
    let mut story = one_shop("*.example.org");
    let inventory = story.cloud.inventory_mut();
    let ended = inventory.instances.iter_mut().find(|instance| instance.id == "i-single").unwrap();
    ended.state = InstanceState::Terminated;
    story.wait(600);

    let passes = story.converge();

    assert!(actions(&passes).next().is_none(), "AWS takes it out itself");
    assert!(!targets(&mut story).contains(&"i-single".to_owned()));
}

#[test]
fn instances_of_an_attached_group_come_and_go_without_us() {
    let mut story = one_shop("*.example.org");
    let inventory = story.cloud.inventory_mut();
    inventory.instances.push(instance("i-scaled", "c", Some("nodes-1")));
    let group = inventory.auto_scaling_groups.iter_mut().find(|group| group.name == "nodes-1").unwrap();
    group.instances.push("i-scaled".into());

    let passes = story.converge();

    assert!(actions(&passes).next().is_none());
    story.wait(120);
    assert!(targets(&mut story).contains(&"i-scaled".to_owned()), "Auto Scaling registers it");
}

#[test]
fn a_group_that_is_scaled_to_zero_stays_attached() {
    let mut story = one_shop("*.example.org");
    let inventory = story.cloud.inventory_mut();
    inventory.instances.retain(|instance| instance.auto_scaling_group.as_deref() != Some("nodes-1"));
    let group = inventory.auto_scaling_groups.iter_mut().find(|group| group.name == "nodes-1").unwrap();
    group.instances.clear();
    story.wait(600);

    let passes = story.converge();

    assert!(actions(&passes).next().is_none());
    assert!(is_attached(&mut story, "nodes-1"), "it may be scaled up again in the evening");
}

#[test]
fn nodes_stay_when_one_list_lacks_their_group() {
    let mut story = one_shop("*.example.org");
    let mut snapshot = story.snapshot().unwrap();
    snapshot.inventory.auto_scaling_groups.retain(|group| group.name != "nodes-1");

    let plan = gaps::plan(&snapshot);

    assert!(plan.actions.is_empty(), "their tags name it: {:#?}", plan.actions);
}

#[test]
fn an_instance_of_another_vpc_is_no_node() {
    let mut story = one_shop("*.example.org");
    let mut stranger = instance("i-stranger", "a", None);
    stranger.vpc_id = Some("vpc-2".into());
    story.cloud.inventory_mut().instances.push(stranger);

    let passes = story.converge();

    assert!(actions(&passes).next().is_none(), "no target group of ours could take it");
}

#[test]
fn an_unneeded_load_balancer_keeps_its_targets_current_until_it_is_deleted() {
    let mut story = one_shop("*.example.org");
    story.edit("checkout", albatross_stories::internal);
    story.converge();
    assert_eq!(story.load_balancers().len(), 2, "the public one has its grace");

    story.start_node_group("nodes-3", &["a", "b", "c"]);

    story.converge();
    assert_eq!(
        story.auto_scaling_group("nodes-3").target_groups.len(),
        2,
        "whoever still comes there is served"
    );
}

/// The targets of the only target group that are in service, in order.
fn targets(story: &mut Controller) -> Vec<String> {
    let groups = &story.cloud.inventory().target_groups;
    let [group] = groups.as_slice() else { panic!("one target group: {groups:#?}") };
    let serving = group.targets.iter().filter(|target| target.health == TargetHealth::Healthy);
    serving.map(|target| target.id.clone()).collect()
}

fn is_attached(story: &mut Controller, name: &str) -> bool {
    let arn = story.cloud.inventory().target_groups[0].arn.clone();
    story.auto_scaling_group(name).target_groups.contains(&arn)
}
