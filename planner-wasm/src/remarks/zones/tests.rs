use albatross_contract::{Diagnostic, DiagnosticCode, ViewPart};

use super::without_a_subnet;
use crate::testing::{World, instance};

/// Nodes in three zones; load balancers `one` and `two` stand in the first two of them.
fn world() -> World {
    let world = World::new().certificate("a", &["a.org"]);
    let one = world.published("x", &["a.org"], "one").load_balancer("one", &["a"]);
    one.published("y", &["a.org"], "two").load_balancer("two", &["a"]).with(|snapshot| {
        snapshot.inventory.instances.push(instance("i-2", "zone-c", None));
        snapshot.inventory.instances.push(instance("i-3", "zone-c", None));
    })
}

fn told(world: World) -> Vec<Diagnostic> {
    let scene = world.read();
    without_a_subnet(&scene.decide().wanted, &scene.backends().nodes, scene.choices(), scene.observed)
}

fn subnet(world: World, change: impl FnOnce(&mut albatross_contract::Subnet)) -> World {
    world.with(|snapshot| {
        let mut subnet = snapshot.inventory.subnets[0].clone();
        (subnet.id, subnet.zone) = ("subnet-c".into(), "zone-c".into());
        change(&mut subnet);
        snapshot.inventory.subnets.push(subnet);
    })
}

#[test]
fn nodes_in_a_zone_without_a_subnet_are_told_of_once_for_all_load_balancers() {
    let told = told(world());
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].code, DiagnosticCode::NodesUnreachable);
    assert_eq!(
        told[0].message,
        "albatross-one, albatross-two have no subnet in zone-c: 2 of 3 nodes are in these zones and get no requests; the VPC has no \
         subnet in zone-c"
    );
    let remedy = "create a subnet in zone-c, or tag one there with kubernetes.io/role/elb";
    assert_eq!(told[0].remedy.as_deref(), Some(remedy));
}

#[test]
fn a_subnet_that_cannot_be_used_is_told_of_with_the_reason() {
    let told = told(subnet(world(), |subnet| subnet.free_addresses = 3));
    let end = "; in zone-c no load balancer can use subnet-c (3 free addresses, 8 are needed)";
    assert!(told[0].message.ends_with(end), "{}", told[0].message);
}

#[test]
fn settings_that_name_too_few_subnets_are_what_to_change() {
    let named = |snapshot: &mut albatross_contract::Snapshot| {
        snapshot.settings.subnets = vec!["subnet-a".into(), "subnet-b".into()];
    };
    let told = told(subnet(world(), |_| ()).with(named));
    assert_eq!(told[0].remedy.as_deref(), Some("add a subnet of zone-c to subnets in the settings"));
}

#[test]
fn nothing_is_told_where_load_balancers_stand_or_where_something_is_not_known() {
    assert_eq!(told(subnet(world(), |_| ())), [], "the subnet is added");
    for part in [ViewPart::Subnets, ViewPart::Instances] {
        assert_eq!(told(world().missing(part)), [], "{part:?}");
    }
    let nobody = World::new().load_balancer("one", &["a"]);
    let nobody = nobody.with(|it| it.inventory.instances.push(instance("i-2", "zone-c", None)));
    assert_eq!(told(nobody), [], "no Ingress is there");
}
