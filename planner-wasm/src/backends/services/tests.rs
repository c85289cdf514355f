use albatross_contract::{ClassSetting, Mode, Protocol, TargetType};
use serde_json::{Value, from_value, json};

use super::Services;
use crate::{identity::tag, testing::World};

const TYPE: &str = "alb.ingress.kubernetes.io/target-type";

/// An Ingress in route mode whose backend is port 80 of the Service `web`.
fn world(service: Value) -> World {
    World::new().ingress("x", &["a.org"]).with(|snapshot| {
        snapshot.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        let backend = json!({"service": {"name": "web", "port": {"number": 80}}});
        let path = json!({"path": "/", "path-type": "prefix", "backend": backend});
        snapshot.cluster.ingresses[0].rules[0].paths = vec![from_value(path).unwrap()];
        snapshot.cluster.services = vec![from_value(service).unwrap()];
    })
}

fn service(kind: &str, port: &Value) -> Value {
    json!({"metadata": {"namespace": "shop", "name": "web"}, "kind": kind, "ports": [port]})
}

fn node_port() -> Value {
    service("node-port", &json!({"port": 80, "protocol": "tcp", "node-port": 30_080}))
}

/// The targets of the only backend with their ports, or the reason why the backend is invalid.
fn resolved(world: World) -> Result<Vec<(String, Option<u16>)>, String> {
    let scene = world.read();
    let services = Services::new(scene.claims, &scene.snapshot.cluster, scene.observed);
    let place = services.of(scene.claim("x").object)[0][0].clone().map_err(|invalid| invalid.reason)?;
    let targets = services.all[place].targets.iter();
    Ok(targets.map(|target| (target.id.to_owned(), target.port)).collect())
}

#[test]
fn the_targets_of_a_node_port_are_the_nodes() {
    let scene = world(node_port()).read();
    let services = Services::new(scene.claims, &scene.snapshot.cluster, scene.observed);
    let form = &services.all[0].form;
    assert_eq!((form.port, form.target_type, form.protocol), (30_080, TargetType::Instance, Protocol::Http));
    assert_eq!((form.health_check.port.as_str(), form.health_check.interval), ("traffic-port", 15));
    assert_eq!(resolved(world(node_port())), Ok(vec![("i-1".into(), None)]));
}

#[test]
fn only_ready_nodes_that_are_not_excluded_are_targets() {
    let node = |name: &str, id: &str, ready: bool, label: Option<&str>| {
        let labels: Vec<_> = label.iter().map(|label| tag(label, "")).collect();
        json!({
            "metadata": {"name": name, "labels": labels}, "provider-id": format!("aws:///zone-a/{id}"),
            "unschedulable": false, "ready": ready, "taints": [], "addresses": [],
        })
    };
    let excluded = Some("node.kubernetes.io/exclude-from-external-load-balancers");
    let nodes =
        vec![node("a", "i-7", true, None), node("b", "i-8", false, None), node("c", "i-9", true, excluded)];
    let world = world(node_port()).with(|it| it.cluster.nodes = from_value(json!(nodes)).unwrap());
    assert_eq!(resolved(world), Ok(vec![("i-7".into(), None)]));
}

#[test]
fn address_targets_are_the_ready_endpoints_or_all_endpoints_if_none_is_ready() {
    let slice = |ready: [bool; 2]| {
        let endpoint =
            |number: usize, ready: bool| json!({"addresses": [format!("10.0.0.{number}")], "ready": ready});
        json!([{
            "metadata": {"namespace": "shop", "name": "web-1", "labels": [tag("kubernetes.io/service-name", "web")]},
            "address-type": "ipv4", "ports": [{"port": 8080, "protocol": "tcp"}],
            "endpoints": [endpoint(1, ready[0]), endpoint(2, ready[1])],
        }])
    };
    let of = |ready| {
        let port = json!({"port": 80, "protocol": "tcp", "target-port": {"number": 8080}});
        let world = world(service("cluster-ip", &port)).annotated(TYPE, "ip");
        resolved(world.with(|it| it.cluster.endpoint_slices = Some(from_value(slice(ready)).unwrap())))
    };
    let (one, two) = (("10.0.0.1".to_owned(), Some(8080)), ("10.0.0.2".to_owned(), Some(8080)));
    assert_eq!(of([true, false]), Ok(vec![one.clone()]));
    assert_eq!(of([false, false]), Ok(vec![one, two]));
}

#[test]
fn an_invalid_backend_has_a_reason() {
    let port = |protocol: &str| json!({"name": "web", "port": 81, "protocol": protocol});
    for (service, expected) in [
        (service("node-port", &port("tcp")), "Service shop/web has no port 80; its ports: web (81)"),
        (
            service("cluster-ip", &json!({"port": 80, "protocol": "tcp"})),
            "Service shop/web has no node port for port 80",
        ),
        (
            service("node-port", &json!({"port": 80, "protocol": "udp"})),
            "port 80 of Service shop/web does not use TCP",
        ),
        (
            service("external-name", &json!({"port": 80, "protocol": "tcp"})),
            "Service shop/web has the type ExternalName",
        ),
        (
            json!({"metadata": {"namespace": "other", "name": "web"}, "kind": "node-port", "ports": []}),
            "Service shop/web does not exist",
        ),
    ] {
        let told = resolved(world(service)).unwrap_err();
        assert!(told.starts_with(expected), "{told}");
    }
}

#[test]
fn annotations_of_the_service_take_precedence_over_annotations_of_the_ingress() {
    let mut service = node_port();
    service["metadata"]["annotations"] = json!([tag("alb.ingress.kubernetes.io/healthcheck-path", "/ready")]);
    let world = world(service)
        .annotated("alb.ingress.kubernetes.io/healthcheck-path", "/other")
        .annotated("alb.ingress.kubernetes.io/success-codes", "204");
    let scene = world.read();
    let services = Services::new(scene.claims, &scene.snapshot.cluster, scene.observed);
    let check = &services.all[0].form.health_check;
    assert_eq!((check.path.as_deref(), check.matcher.as_deref()), (Some("/ready"), Some("204")));
}

#[test]
fn target_group_attributes_come_from_the_service_or_else_from_the_ingress() {
    const ATTRIBUTES: &str = "alb.ingress.kubernetes.io/target-group-attributes";
    let attributes = |world: World| {
        let scene = world.read();
        let services = Services::new(scene.claims, &scene.snapshot.cluster, scene.observed);
        let told = services.all[0].form.attributes.iter().map(|it| format!("{}={}", it.key, it.value));
        told.collect::<Vec<_>>()
    };
    let asked = || world(node_port()).annotated(ATTRIBUTES, "deregistration_delay.timeout_seconds=30");
    assert_eq!(attributes(asked()), ["deregistration_delay.timeout_seconds=30"]);
    let of_service = asked().with(|it| {
        it.cluster.services[0].metadata.annotations = vec![tag(ATTRIBUTES, "stickiness.enabled=true")];
    });
    assert_eq!(attributes(of_service), ["stickiness.enabled=true"], "maps are not mixed");
}

#[test]
fn only_nodes_with_the_wanted_labels_are_targets() {
    let node = |name: &str, id: &str, pool: &str| {
        json!({
            "metadata": {"name": name, "labels": [tag("pool", pool)]},
            "provider-id": format!("aws:///zone-a/{id}"),
            "unschedulable": false, "ready": true, "taints": [], "addresses": [],
        })
    };
    let nodes = vec![node("a", "i-7", "web"), node("b", "i-8", "batch")];
    let world = || world(node_port()).with(|it| it.cluster.nodes = from_value(json!(nodes)).unwrap());
    let labels = "alb.ingress.kubernetes.io/target-node-labels";
    assert_eq!(resolved(world()).map(|it| it.len()), Ok(2));
    assert_eq!(resolved(world().annotated(labels, "pool=web")), Ok(vec![("i-7".into(), None)]));
    assert_eq!(resolved(world().annotated(labels, "pool=web,zone=a")), Ok(vec![]));
}

#[test]
fn with_a_local_traffic_policy_only_nodes_with_pods_are_targets() {
    let node = |name: &str, id: &str| {
        json!({
            "metadata": {"name": name}, "provider-id": format!("aws:///zone-a/{id}"),
            "unschedulable": false, "ready": true, "taints": [], "addresses": [],
        })
    };
    let nodes = vec![node("a", "i-7"), node("b", "i-8"), node("c", "i-9")];
    let slices = |ready: &[(&str, bool)]| {
        let endpoints: Vec<Value> = ready
            .iter()
            .map(|(node, ready)| json!({"addresses": ["10.0.0.1"], "ready": ready, "node-name": node}))
            .collect();
        json!([{
            "metadata": {"namespace": "shop", "name": "web-1", "labels": [tag("kubernetes.io/service-name", "web")]},
            "address-type": "ipv4", "ports": [{"port": 8080, "protocol": "tcp"}], "endpoints": endpoints,
        }])
    };
    let targets = |policy: &str, ready: &[(&str, bool)]| {
        let mut service = node_port();
        service["external-traffic-policy"] = json!(policy);
        let world = world(service).with(|it| {
            it.cluster.nodes = from_value(json!(nodes)).unwrap();
            it.cluster.endpoint_slices = Some(from_value(slices(ready)).unwrap());
        });
        resolved(world).unwrap().into_iter().map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(targets("cluster", &[("a", true)]), ["i-7", "i-8", "i-9"]);
    assert_eq!(targets("local", &[("a", true), ("b", false)]), ["i-7"]);
    assert_eq!(targets("local", &[("a", false), ("b", false)]), ["i-7", "i-8"]);
    assert_eq!(targets("local", &[]), ["i-7", "i-8", "i-9"], "no pod runs anywhere");
}

#[test]
fn the_target_of_a_pod_that_has_ended_leaves_whatever_the_budget_says() {
    let slice = json!([{
        "metadata": {"namespace": "shop", "name": "web-1", "labels": [tag("kubernetes.io/service-name", "web")]},
        "address-type": "ipv4", "ports": [{"port": 8080, "protocol": "tcp"}],
        "endpoints": [{"addresses": ["10.0.0.1"], "ready": true}],
    }]);
    let port = json!({"port": 80, "protocol": "tcp", "target-port": {"number": 8080}});
    let world = world(service("cluster-ip", &port)).annotated(TYPE, "ip");
    let scene = world.with(|it| it.cluster.endpoint_slices = Some(from_value(slice).unwrap())).read();
    let services = Services::new(scene.claims, &scene.snapshot.cluster, scene.observed);
    let mut group = crate::testing::target_group("one");
    group.port = Some(8080);
    let target = |id: &str| from_value(json!({"id": id, "port": 8080, "health": "healthy"})).unwrap();
    group.targets = vec![target("10.0.0.1"), target("10.0.0.2"), target("10.0.0.3")];
    let changes = services.all[0].changes("group", Some(crate::testing::leak(group)), scene.observed);
    let leaving: Vec<&str> = changes.leave.iter().map(|leaver| leaver.id).collect();
    assert_eq!((leaving, changes.withheld), (vec!["10.0.0.2", "10.0.0.3"], None));
}
