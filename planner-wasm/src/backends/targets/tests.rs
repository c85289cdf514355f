use albatross_contract::{Budget, DiagnosticCode, HealthCheckType, Instance, Target, ViewPart};

use super::{Room, TargetChanges};
use crate::testing::{Scene, World, auto_scaling_group, instance, target};

/// The changes to the targets of the target group of the load balancer `one`.
fn changes(scene: Scene) -> TargetChanges<'static> {
    let group = scene.owned("one").target_groups[0];
    scene.backends().changes("group", Some(group), &mut Room::new(scene.observed), scene.observed)
}

fn told(world: World) -> (Vec<&'static str>, Vec<&'static str>) {
    let changes = changes(world.read());
    (
        changes.register.iter().map(|joiner| joiner.id).collect(),
        changes.leave.iter().map(|leaver| leaver.id).collect(),
    )
}

/// The load balancer `one` with these nodes and these targets in its target group.
fn world(nodes: Vec<Instance>, targets: Vec<Target>) -> World {
    World::new()
        .load_balancer("one", &[])
        .targets(|group| group.targets = targets)
        .with(|snapshot| snapshot.inventory.instances = nodes)
}

fn singles(ids: &[&str]) -> Vec<Instance> {
    ids.iter().map(|id| instance(id, "zone-a", None)).collect()
}

fn healthy(ids: &[&str]) -> Vec<Target> {
    ids.iter().map(|id| target(id, "healthy")).collect()
}

/// Adds an Auto Scaling Group that is attached to the target group, or not.
fn grouped(world: World, name: &str, instances: &[&str], attached: bool) -> World {
    let arn = crate::testing::target_group_arn("one");
    let target_groups: &[&str] = if attached { &[&arn] } else { &[] };
    world.with(|it| it.inventory.auto_scaling_groups.push(auto_scaling_group(name, instances, target_groups)))
}

const NOTHING: (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());

#[test]
fn a_target_group_that_has_its_nodes_needs_nothing() {
    assert_eq!(told(world(singles(&["i-1", "i-2"]), healthy(&["i-2", "i-1"]))), NOTHING);
}

#[test]
fn a_new_target_group_gets_all_nodes() {
    let scene = grouped(world(singles(&["i-2"]), Vec::new()), "nodes", &["i-1"], false).with(|snapshot| {
        snapshot.inventory.instances.push(instance("i-1", "zone-a", Some("nodes")));
    });
    let scene = scene.read();
    let changes = scene.backends().changes("group", None, &mut Room::new(scene.observed), scene.observed);
    assert_eq!((changes.register[0].id, changes.leave), ("i-2", vec![]));
    assert_eq!(changes.attach.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["nodes"]);
}

#[test]
fn missing_nodes_join_even_those_that_are_draining() {
    assert_eq!(told(world(singles(&["i-2", "i-1"]), Vec::new())).0, ["i-1", "i-2"]);
    assert_eq!(told(world(singles(&["i-1"]), vec![target("i-1", "draining")])).0, ["i-1"]);
}

#[test]
fn a_node_on_another_port_is_missing_on_the_right_one() {
    let mut other = target("i-1", "healthy");
    other.port = Some(8080);
    let right = target("i-1", "healthy");
    assert_eq!(told(world(singles(&["i-1"]), vec![other.clone()])).0, ["i-1"]);
    assert_eq!(told(world(singles(&["i-1"]), vec![other, right])), NOTHING);
}

#[test]
fn targets_that_are_no_longer_nodes_leave() {
    let (joins, leaves) = told(world(singles(&["i-1", "i-2"]), healthy(&["i-1", "i-2", "i-9"])));
    assert_eq!((joins, leaves), (vec![], vec!["i-9"]));
    let draining = vec![target("i-1", "healthy"), target("i-9", "draining")];
    assert_eq!(told(world(singles(&["i-1"]), draining)), NOTHING, "it leaves already");
}

#[test]
fn running_targets_leave_only_when_those_that_stay_are_healthy() {
    let mut targets = healthy(&["i-1", "i-2", "i-9"]);
    targets[1] = target("i-2", "unhealthy");
    let changes = changes(world(singles(&["i-1", "i-2"]), targets.clone()).read());
    assert_eq!(changes.leave, []);
    assert_eq!(changes.diagnostics[0].code, DiagnosticCode::TargetsUnhealthy);
    assert!(
        changes.diagnostics[0].message.contains("i-9 should leave"),
        "{}",
        changes.diagnostics[0].message
    );
    targets[2] = target("i-9", "unused");
    assert_eq!(told(world(singles(&["i-1", "i-2"]), targets)).1, ["i-9"], "it does not run");
}

#[test]
fn more_than_half_or_the_last_stay_until_a_person_allows_it() {
    for (nodes, targets, withheld) in [
        (&["i-1", "i-2"][..], &["i-1", "i-2", "i-8", "i-9"][..], None),
        (&["i-1"], &["i-1", "i-8", "i-9"], Some((2, 3))),
        (&[], &["i-9"], Some((1, 1))),
    ] {
        let changes = changes(world(singles(nodes), healthy(targets)).read());
        let told = changes.withheld.map(|it| (it.count, it.total));
        assert_eq!(told, withheld, "{targets:?}");
        assert_eq!(changes.leave.is_empty(), withheld.is_some(), "{targets:?}");
    }
    let last = world(Vec::new(), healthy(&["i-9"]));
    let allowed = last.with(|it| it.settings.allowances.targets = vec!["i-9".into()]);
    assert_eq!(told(allowed).1, ["i-9"]);
}

#[test]
fn allowed_targets_count_when_the_last_would_leave() {
    let both = world(Vec::new(), healthy(&["i-8", "i-9"]));
    let changes = changes(both.with(|it| it.settings.allowances.targets = vec!["i-8".into()]).read());
    assert_eq!(changes.leave.iter().map(|leaver| leaver.id).collect::<Vec<_>>(), ["i-8"]);
    assert_eq!(changes.withheld.map(|withheld| (withheld.count, withheld.total)), Some((1, 2)));
}

#[test]
fn a_withheld_change_names_the_target_group() {
    let changes = changes(world(Vec::new(), healthy(&["i-9"])).read());
    let withheld = changes.withheld.unwrap();
    assert_eq!((withheld.budget, withheld.subject.as_deref()), (Budget::Targets, Some("group")));
    assert_eq!(withheld.ids, ["i-9"]);
    assert!(withheld.message.contains("--allow-targets=i-9"), "{}", withheld.message);
}

#[test]
fn an_auto_scaling_group_of_nodes_is_attached_if_it_has_room() {
    let nodes = || vec![instance("i-1", "zone-a", Some("nodes"))];
    let missing = grouped(world(nodes(), Vec::new()), "nodes", &["i-1"], false);
    let found = changes(missing.read());
    assert_eq!((found.attach.len(), found.register.len()), (1, 0));
    let attached = grouped(world(nodes(), healthy(&["i-1"])), "nodes", &["i-1"], true);
    assert!(changes(attached.read()).attach.is_empty());
    let full = grouped(world(nodes(), Vec::new()), "nodes", &["i-1"], false);
    let full = full.with(|it| it.inventory.quotas.target_groups_per_auto_scaling_group = 0);
    let found = changes(full.read());
    assert_eq!((found.attach.len(), found.diagnostics[0].code), (0, DiagnosticCode::AutoScalingGroupFull));
}

#[test]
fn room_at_an_auto_scaling_group_is_used_up_within_a_plan() {
    let scene =
        grouped(world(vec![instance("i-1", "zone-a", Some("nodes"))], Vec::new()), "nodes", &["i-1"], false);
    let scene = scene.with(|it| it.inventory.quotas.target_groups_per_auto_scaling_group = 1).read();
    let mut room = Room::new(scene.observed);
    let mut attached = || scene.backends().changes("new", None, &mut room, scene.observed).attach.len();
    assert_eq!([attached(), attached()], [1, 0]);
}

#[test]
fn an_auto_scaling_group_whose_instances_are_no_nodes_leaves_with_them() {
    let left =
        grouped(world(singles(&["i-1", "i-2"]), healthy(&["i-1", "i-2", "i-8"])), "old", &["i-8"], true);
    let found = changes(left.read());
    assert_eq!(
        found.leave.iter().map(|it| (it.id, it.is_group, it.running)).collect::<Vec<_>>(),
        [("old", true, 1)]
    );
    let empty = grouped(world(singles(&["i-1"]), healthy(&["i-1"])), "old", &[], true);
    assert_eq!(told(empty), NOTHING, "a group that is scaled to zero may grow again");
}

#[test]
fn instances_that_a_group_has_terminated_leave_and_instances_that_it_just_started_stay() {
    let nodes = vec![instance("i-1", "zone-a", Some("nodes"))];
    let ended = grouped(world(nodes.clone(), healthy(&["i-1", "i-9"])), "nodes", &["i-1"], true);
    assert_eq!(told(ended).1, ["i-9"]);
    let mut started = nodes;
    started.push(instance("i-2", "zone-a", Some("nodes")));
    let started = grouped(world(started, healthy(&["i-1", "i-2"])), "nodes", &["i-1"], true);
    assert_eq!(told(started), NOTHING, "its tag says so before the list of its group does");
}

#[test]
fn while_not_all_is_known_nothing_leaves_and_nothing_joins() {
    let change = || world(singles(&["i-1", "i-2"]), healthy(&["i-1", "i-9"]));
    assert_eq!(told(change()), (vec!["i-2"], vec!["i-9"]));
    assert_eq!(told(change().missing(ViewPart::Instances)), (vec!["i-2"], vec![]));
    assert_eq!(told(change().missing(ViewPart::AutoScalingGroups)), NOTHING);
    let stopped = vec![target("i-1", "healthy"), target("i-9", "unused")];
    let filters = world(singles(&["i-1", "i-2"]), stopped)
        .with(|it| it.settings.proxy.node_filters = Some("nonsense".into()));
    assert_eq!(told(filters), NOTHING, "filters that cannot be understood select nothing and remove nothing");
}

#[test]
fn all_targets_may_leave_a_target_group_that_is_known_to_be_unused() {
    let unused = || {
        let targets = vec![target("i-9", "unused")];
        world(singles(&["i-1"]), targets).targets(|group| group.load_balancer_arns.clear())
    };
    assert_eq!(told(unused()).1, ["i-9"]);
    assert_eq!(told(unused().missing(ViewPart::Listeners)).1, [""; 0]);
}

#[test]
fn an_auto_scaling_group_that_would_end_unhealthy_nodes_is_attached_only_if_the_settings_say_so() {
    for (allowed, attached) in [(None, 0), (Some(false), 0), (Some(true), 1)] {
        let nodes = vec![instance("i-1", "zone-a", Some("nodes"))];
        let world = grouped(world(nodes, vec![]), "nodes", &["i-1"], false).with(|snapshot| {
            snapshot.inventory.auto_scaling_groups[0].health_check_type = HealthCheckType::Elb;
            snapshot.settings.proxy.attach_groups_with_elb_health_checks = allowed;
        });
        let found = changes(world.read());
        assert_eq!(found.attach.len(), attached, "{allowed:?}");
        let field = found.diagnostics.first().and_then(|it| it.field.as_deref());
        assert_eq!(field.is_some(), attached == 0, "{field:?}");
    }
    let nodes = vec![instance("i-1", "zone-a", Some("nodes"))];
    let world = grouped(world(nodes, healthy(&["i-1"])), "nodes", &["i-1"], true).with(|snapshot| {
        snapshot.inventory.auto_scaling_groups[0].health_check_type = HealthCheckType::Elb;
    });
    let found = changes(world.read());
    assert!(
        found.leave.is_empty() && found.diagnostics.is_empty(),
        "a group that is attached stays attached"
    );
}
