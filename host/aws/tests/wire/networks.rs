//! Network Load Balancers.

use std::sync::LazyLock;

use albatross_contract::{
    Inventory, LoadBalancer, LoadBalancerKind, NetworkSettings, Protocol, TargetHealth, ZoneAffinity,
};
use albatross_stories::{annotated, attribute, ingress};
use albatross_test_servers::Moto;

use crate::{
    controller::{Controller, owned},
    world::World,
};

/// The regions of the shared one are taken.
static MOTO: LazyLock<Moto> = LazyLock::new(|| Moto::start().expect("moto starts"));

const TYPE: &str = "zalando.org/aws-load-balancer-type";

/// The only load balancer of ours.
fn only(inventory: &Inventory) -> LoadBalancer {
    let balancers = owned(inventory);
    let [found] = balancers.as_slice() else { panic!("one load balancer: {balancers:#?}") };
    (*found).clone()
}

fn listens(found: &LoadBalancer) -> Vec<(u16, Protocol)> {
    let mut listeners: Vec<_> = found.listeners.iter().map(|it| (it.port, it.protocol)).collect();
    listeners.sort_unstable();
    listeners
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_load_balancer_is_created_changed_in_place_and_left_alone() {
    let world = World::on(&MOTO, "ap-south-1").await;
    let certificate = world.make_certificate(&["shop.example.org"]).await;
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await; // Certificates are issued by then.
    let shop = annotated(ingress("shop", &["shop.example.org"]), TYPE, "nlb");
    let mut controller = Controller::new(&world, world.settings(), vec![shop]);
    for pass in controller.converge().await {
        assert_eq!(pass.failures(), []);
    }

    let inventory = controller.observe().await;
    let found = only(&inventory);
    assert_eq!((found.kind, found.security_groups.len()), (LoadBalancerKind::Network, 0));
    assert_eq!(listens(&found), [(443, Protocol::Tls)]);
    assert_eq!(found.listeners[0].default_certificate, Some(certificate));
    let group = inventory.target_groups.iter().find(|group| group.load_balancer_arns == [found.arn.clone()]);
    let group = group.expect("its target group");
    assert_eq!((group.protocol, group.health_check.protocol), (Protocol::Tcp, Protocol::Http));
    assert_eq!((group.health_check.healthy_threshold, group.health_check.unhealthy_threshold), (3, 3));
    assert!(group.targets.iter().all(|target| target.health == TargetHealth::Healthy));
    assert_eq!(controller.hostname("shop").as_deref(), Some(found.dns_name.as_str()));
    let before = world.recorder.calls().len();
    assert_eq!(controller.pass().await.plan.actions, []);
    assert_eq!(world.writes_since(before), [""; 0]);

    let mut settings = world.settings();
    settings.proxy.network = Some(NetworkSettings {
        http: Some(true),
        cross_zone: Some(true),
        zone_affinity: Some(ZoneAffinity::AvailabilityZoneAffinity),
        ..NetworkSettings::default()
    });
    controller.restart(settings);
    for pass in controller.converge().await {
        assert_eq!(pass.failures(), []);
    }
    let changed = only(&controller.observe().await);
    assert_eq!(changed.arn, found.arn);
    assert_eq!(listens(&changed), [(80, Protocol::Tcp), (443, Protocol::Tls)]);
    assert_eq!(attribute(&changed.attributes, "load_balancing.cross_zone.enabled"), Some("true"));
    let affinity = attribute(&changed.attributes, "dns_record.client_routing_policy");
    assert_eq!(affinity, Some("availability_zone_affinity"));

    controller.restart(world.settings());
    controller.converge().await;
    assert_eq!(listens(&only(&controller.observe().await)), [(443, Protocol::Tls)]);
}
