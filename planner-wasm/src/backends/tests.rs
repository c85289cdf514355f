use albatross_contract::{DiagnosticCode, InstanceState, LoadBalancerKind, Mode, Protocol, ViewPart};

use crate::{
    grouping::Use,
    testing::{Scene, World, auto_scaling_group, instance, target_group},
};

/// Application Load Balancers in proxy mode.
const OF_PROXY: Use = Use { mode: Mode::Proxy, family: LoadBalancerKind::Application, http_only: false };

fn nodes(change: impl FnOnce(&mut Vec<albatross_contract::Instance>)) -> World {
    World::new().with(|snapshot| {
        snapshot.inventory.auto_scaling_groups.push(auto_scaling_group("nodes", &["i-1"], &[]));
        change(&mut snapshot.inventory.instances);
    })
}

/// Single nodes, Auto Scaling Groups of nodes, and how many nodes run.
fn told(scene: Scene) -> (Vec<&'static str>, Vec<&'static str>, u32) {
    let nodes = &scene.backends().nodes;
    (
        nodes.singles.iter().copied().collect(),
        nodes.auto_scaling_groups.iter().copied().collect(),
        nodes.count,
    )
}

#[test]
fn a_node_is_registered_by_us_or_by_its_auto_scaling_group() {
    let world = nodes(|instances| {
        instances.push(instance("i-2", "zone-b", Some("nodes")));
        instances.push(instance("i-3", "zone-b", Some("unknown")));
    });
    assert_eq!(told(world.read()), (vec!["i-1"], vec!["nodes"], 3));
}

#[test]
fn only_running_instances_of_the_vpc_are_nodes_but_any_keeps_its_group() {
    let stopped = |name, group| {
        let mut stopped = instance(name, "zone-a", group);
        stopped.state = InstanceState::Stopped;
        stopped
    };
    let world = nodes(|instances| {
        let mut elsewhere = instance("i-9", "zone-a", None);
        elsewhere.vpc_id = Some("vpc-2".into());
        instances.extend([stopped("i-2", None), stopped("i-3", Some("nodes")), elsewhere]);
    });
    let scene = world.read();
    assert_eq!(told(scene), (vec!["i-1"], vec!["nodes"], 1));
    assert_eq!(scene.backends().nodes.zones.iter().collect::<Vec<_>>(), [&"zone-a"]);
}

#[test]
fn missing_nodes_are_reported_only_if_all_instances_are_known() {
    let told = |world: World| world.read().backends().nodes.diagnostics.clone();
    let none = || nodes(Vec::clear);
    assert_eq!(told(none())[0].code, DiagnosticCode::NodesNone);
    assert!(told(none())[0].message.starts_with("no instance matches the node filters"));
    assert_eq!(told(none().missing(ViewPart::Instances)), []);
    let stopped = nodes(|instances| instances[0].state = InstanceState::Stopped);
    assert!(told(stopped)[0].message.starts_with("the instance that matches"));
}

#[test]
fn filters_that_cannot_be_understood_make_the_nodes_unusable() {
    let scene = World::new().with(|it| it.settings.proxy.node_filters = Some("nonsense".into())).read();
    let nodes = &scene.backends().nodes;
    assert_eq!((nodes.usable, nodes.count), (false, 0));
    assert_eq!(nodes.diagnostics[0].code, DiagnosticCode::NodeFiltersInvalid);
    let demands = scene.backends().demands(scene.observed);
    let obstacle = demands[&OF_PROXY].obstacle.clone().unwrap();
    assert_eq!((obstacle.code, obstacle.waits), (DiagnosticCode::NodeFiltersInvalid, true));
}

#[test]
fn a_new_load_balancer_needs_a_target_group_that_holds_all_nodes() {
    let scene = nodes(|instances| instances.push(instance("i-2", "zone-a", Some("nodes")))).read();
    let demands = scene.backends().demands(scene.observed);
    let demand = &demands[&OF_PROXY];
    assert!(demand.obstacle.is_none());
    assert_eq!(demand.auto_scaling_groups, ["nodes"]);
    assert!(target_group("one").name.ends_with(demand.target_group_suffix.as_deref().unwrap()));
    let full = nodes(|_| ()).with(|it| it.inventory.quotas.targets_per_load_balancer = 0).read();
    let demands = full.backends().demands(full.observed);
    let obstacle = demands[&OF_PROXY].obstacle.clone().unwrap();
    assert_eq!((obstacle.code, obstacle.waits), (DiagnosticCode::QuotaExhausted, false));
}

#[test]
fn a_target_group_that_differs_only_in_changeable_properties_fits() {
    type Change = fn(&mut albatross_contract::TargetGroup);
    let cases: [(Change, bool); 6] = [
        (|_| (), true),
        (|group| group.health_check.path = Some("/other".into()), true),
        (|group| group.protocol = Protocol::Https, false),
        (|group| group.port = Some(80), false),
        (|group| group.target_type = albatross_contract::TargetType::Ip, false),
        (|group| group.vpc_id = Some("vpc-2".into()), false),
    ];
    for (number, (change, fits)) in cases.into_iter().enumerate() {
        let scene = World::new().load_balancer("one", &[]).targets(change).read();
        let found = scene.backends().form(LoadBalancerKind::Application).fitting(scene.owned("one"));
        assert_eq!(found.is_some(), fits, "{number}");
    }
}

#[test]
fn of_several_fitting_target_groups_one_without_another_user_is_chosen() {
    let scene = World::new().load_balancer("one", &[]).targets(|group| {
        group.arn = "arn:0".into();
        group.load_balancer_arns = vec!["arn:other".into()];
    });
    let scene = scene.with(|snapshot| snapshot.inventory.target_groups.push(target_group("one"))).read();
    let found = scene.backends().form(LoadBalancerKind::Application).fitting(scene.owned("one")).unwrap();
    assert_eq!(found.arn, target_group("one").arn);
}
