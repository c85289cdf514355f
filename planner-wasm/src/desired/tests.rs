use albatross_contract::{
    ANNOTATION_SHARED, DesiredListener, DesiredLoadBalancer, ListenerAction, LoadBalancerFate, Protocol,
    TAG_UNNEEDED, ViewPart,
};

use super::describe;
use crate::{
    grouping::Keys,
    testing::{
        GRACE, NOW, World, auto_scaling_group, certificate_arn, dns_name, instance, load_balancer_arn,
    },
};

fn desired(world: World) -> Vec<DesiredLoadBalancer> {
    let scene = world.read();
    let decided = scene.decide();
    describe(&decided.wanted, &decided.grouping.groups, &Keys::Free, scene.observed)
}

fn world() -> World {
    let world = World::new().certificate("a", &["a.org"]).certificate("b", &["b.org"]);
    world.load_balancer("one", &["a", "b"]).published("y", &["a.org"], "one").published(
        "x",
        &["a.org"],
        "one",
    )
}

const BOTH_LISTENERS: [(u16, Protocol); 2] = [(80, Protocol::Http), (443, Protocol::Https)];

/// Listeners that forward to one target group.
fn ports(listeners: &[DesiredListener]) -> Vec<(u16, Protocol)> {
    for listener in listeners {
        assert!(matches!(listener.default_actions.as_slice(), [ListenerAction::Forward(_)]), "{listener:?}");
    }
    listeners.iter().map(|listener| (listener.port, listener.protocol)).collect()
}

#[test]
fn a_load_balancer_is_described_with_its_listeners_and_target_groups() {
    let told = desired(world().which(|found| found.subnets.reverse())).remove(0);
    assert_eq!((told.id.as_str(), told.fate, told.exclusive), ("one", LoadBalancerFate::Keep, false));
    assert_eq!((told.arn, told.dns_name), (Some(load_balancer_arn("one")), Some(dns_name("one"))));
    assert_eq!(told.members, ["shop/x", "shop/y"]);
    assert_eq!(
        (told.subnets, told.security_groups),
        (vec!["subnet-a".into(), "subnet-b".to_owned()], vec!["sg-1".to_owned()])
    );
    assert_eq!((ports(&told.listeners), told.certificate_limit), (BOTH_LISTENERS.to_vec(), 25));
    let certificates: Vec<_> = told
        .certificates
        .iter()
        .map(|it| (it.arn.clone(), it.hosts.len(), it.default, it.unneeded_since))
        .collect();
    assert_eq!(
        certificates,
        [(certificate_arn("a"), 1, true, None), (certificate_arn("b"), 0, false, Some(NOW))]
    );
    assert_eq!((told.target_groups.len(), told.target_groups[0].nodes), (1, 1));
    assert_eq!(told.target_groups[0].targets, ["i-1"]);
}

#[test]
fn a_new_load_balancer_is_described_as_it_will_be() {
    let new = World::new()
        .certificate("a", &["a.org"])
        .ingress("x", &["a.org"])
        .annotated(ANNOTATION_SHARED, "false");
    let grouped = new.with(|snapshot| {
        snapshot.inventory.instances.push(instance("i-2", "zone-a", Some("nodes")));
        snapshot.inventory.auto_scaling_groups.push(auto_scaling_group("nodes", &["i-2"], &[]));
    });
    let told = desired(grouped).remove(0);
    assert_eq!(
        (told.fate, told.arn, told.dns_name, told.exclusive),
        (LoadBalancerFate::Create, None, None, true)
    );
    assert_eq!(ports(&told.listeners), BOTH_LISTENERS);
    let group = &told.target_groups[0];
    assert_eq!((group.arn.as_deref(), group.port, group.nodes), (None, 9999, 2));
    assert_eq!(
        (&group.auto_scaling_groups, &group.targets),
        (&vec!["nodes".to_owned()], &vec!["i-1".to_owned()])
    );
}

#[test]
fn members_are_listed_in_the_order_of_their_names() {
    let both = World::new().certificate("a", &["a.org"]).ingress("x", &["a.org"]).ingress("y", &["a.org"]);
    let told = desired(both.with(|snapshot| snapshot.cluster.ingresses[1].metadata.created_at = Some(1)));
    assert_eq!(told[0].members, ["shop/x", "shop/y"]);
}

#[test]
fn a_deleted_load_balancer_is_described_unchanged() {
    let gone = World::new().load_balancer("one", &["a"]).tagged(TAG_UNNEEDED, &(NOW - GRACE).to_string());
    let told = desired(gone.which(|found| found.listeners.truncate(1))).remove(0);
    assert_eq!((told.fate, told.listeners.len(), told.members.len()), (LoadBalancerFate::Delete, 1, 0));
    assert_eq!((told.target_groups.len(), told.target_groups[0].nodes), (1, 1));
    assert_eq!(told.target_groups[0].targets, [""; 0]);
}

#[test]
fn while_nothing_may_be_written_everything_is_described_unchanged() {
    let told = desired(world().which(|found| found.subnets.reverse()).missing(ViewPart::Tags)).remove(0);
    assert_eq!(told.subnets, ["subnet-a", "subnet-b"]);
    assert_eq!(
        (told.certificates.len(), told.certificates[0].default, told.target_groups.len()),
        (2, false, 1)
    );
}
