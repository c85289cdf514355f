use albatross_contract::{DenySettings, LoadBalancerKind, Snapshot};

use super::that_forward_everything;
use crate::testing::World;

/// The fields of the settings that are told of, for load balancers of a kind.
fn told(kind: LoadBalancerKind, settings: impl FnOnce(&mut Snapshot)) -> Vec<String> {
    let world = World::new().certificate("a", &["a.org"]).published("x", &["a.org"], "one");
    let world = world.load_balancer("one", &["a"]).which(move |found| found.kind = kind).with(settings);
    let world = world.with(|snapshot| snapshot.settings.proxy.default_kind = Some(kind));
    let scene = world.read();
    let told = that_forward_everything(&scene.decide().wanted, scene.observed.settings);
    assert!(told.iter().all(|it| it.message.contains("albatross-one")), "{told:?}");
    told.into_iter().filter_map(|it| it.field).collect()
}

#[test]
fn a_network_load_balancer_has_no_web_acl_and_denies_nothing() {
    let protected = |snapshot: &mut Snapshot| {
        snapshot.settings.web_acl = Some("arn:web-acl".into());
        snapshot.settings.proxy.deny =
            Some(DenySettings { domains: Vec::new(), response: None, content_type: None, status_code: None });
    };
    assert_eq!(told(LoadBalancerKind::Network, protected), ["web-acl", "proxy.deny"]);
    assert_eq!(told(LoadBalancerKind::Application, protected), [""; 0]);
    assert_eq!(told(LoadBalancerKind::Network, |_| ()), [""; 0]);
}
