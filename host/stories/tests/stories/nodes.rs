//! Nodes: Auto Scaling Groups that are replaced, single instances that come and go, filters that find nothing.

use std::collections::BTreeSet;

use albatross_contract::{
    Budget, Diagnostic, DiagnosticCode, Direction, Disruption, InstanceState, Operation, Plan, SecurityGroup,
    SecurityGroupPeer, SecurityGroupRule, Target, TargetHealth,
};
use albatross_stories::{
    Controller, actions, alone, certificate, ingress, instance, take_something_away, warns, withheld, world,
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

#[test]
fn nodes_in_a_zone_without_a_subnet_of_the_load_balancer_are_told_of_once() {
    let mut story = one_shop("*.example.org");
    story.apply(alone(ingress("wiki", &["wiki.example.org"])));
    story.converge();
    assert!(!warns(&story.plan(), DiagnosticCode::NodesUnreachable));
    story.settings.subnets = vec!["subnet-public-a".into(), "subnet-public-b".into()];

    let passes = story.converge();

    let told = |plan: &Plan| unreachable(plan).into_iter().map(|it| it.message.clone()).collect::<Vec<_>>();
    let names: BTreeSet<String> = story.load_balancers().into_iter().map(|found| found.name).collect();
    let names = names.into_iter().collect::<Vec<_>>().join(", ");
    let message = format!(
        "{names} have no subnet in eu-central-1c: 2 of 7 nodes are in these zones and get no requests; in eu-central-1c no load \
         balancer can use subnet-private-c (not in the list of the settings), subnet-public-c (not in the list of the settings)"
    );
    assert_eq!(told(&passes[0].plan).as_slice(), std::slice::from_ref(&message));
    assert_eq!(told(&story.plan()), [message], "the same words in each pass");
    let plan = story.plan();
    let remedy = "add a subnet of eu-central-1c to subnets in the settings";
    assert_eq!(unreachable(&plan)[0].remedy.as_deref(), Some(remedy));
}

#[test]
fn a_node_group_whose_rules_do_not_admit_the_load_balancer_is_told_of_until_they_do() {
    let mut story = one_shop("*.example.org");
    let peer = |id: &str| SecurityGroupPeer::SecurityGroup(id.to_owned());
    let rule = |port: u16, peer: SecurityGroupPeer| SecurityGroupRule {
        id: None,
        direction: Direction::Inbound,
        protocol: "tcp".into(),
        from_port: Some(port),
        to_port: Some(port),
        peer,
        description: None,
    };
    let inventory = story.cloud.inventory_mut();
    let nodes = SecurityGroup {
        id: "sg-nodes".into(),
        name: "nodes".into(),
        rules: vec![rule(9999, peer("sg-nodes")), rule(443, peer("sg-1"))],
        tags: Vec::new(),
        ..inventory.security_groups[0].clone()
    };
    inventory.security_groups.push(nodes);
    for instance in &mut inventory.instances {
        instance.security_groups = vec!["sg-nodes".into()];
    }

    let plan = story.plan();

    assert!(plan.actions.is_empty(), "{:#?}", plan.actions);
    let told = unreachable(&plan);
    assert_eq!(told.len(), 1, "{told:#?}");
    let name = story.serving("checkout").name;
    assert_eq!(
        told[0].message,
        format!(
            "the nodes of i-single, nodes-1, nodes-2 get no requests from {name}: no inbound rule of sg-nodes admits sg-1 on \
             TCP port 9999"
        )
    );
    story.cloud.inventory_mut().security_groups[1].rules.push(rule(9999, peer("sg-1")));
    assert!(!warns(&story.plan(), DiagnosticCode::NodesUnreachable));
}

fn unreachable(plan: &Plan) -> Vec<&Diagnostic> {
    plan.diagnostics.iter().filter(|it| it.code == DiagnosticCode::NodesUnreachable).collect()
}
