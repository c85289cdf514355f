use albatross_contract::{
    ClassSetting, DiagnosticCode, IngressBackend, ListenerAction, Mode, RuleCondition, Scheme,
    ServiceBackend, ServicePortReference, TAG_GROUP, TAG_MODE, TargetHealth,
};
use serde_json::{Value, from_value, json};

use super::{Answer, RuleEnd};
use crate::{
    identity::{ownership_tags, tag},
    testing::{Decided, World, id_of, settings},
    wanted::{Destination, Listener, LoadBalancer},
};

const GROUP: &str = "alb.ingress.kubernetes.io/group.name";

/// Services `web` and `other` with node ports; Ingresses without a class are in route mode.
fn world() -> World {
    World::new().with(|snapshot| {
        snapshot.settings.classes = vec![ClassSetting { name: String::new(), mode: Mode::Route }];
        let service = |name: &str, port: u16| {
            let port = json!({"port": 80, "protocol": "tcp", "node-port": port});
            let metadata = json!({"namespace": "shop", "name": name});
            from_value(json!({"metadata": metadata, "kind": "node-port", "ports": [port]})).unwrap()
        };
        snapshot.cluster.services = vec![service("web", 30_080), service("other", 30_081)];
    })
}

/// An Ingress with paths of the type Prefix, each with its Service.
fn routed(world: World, name: &str, host: &str, paths: &[(&str, &str)]) -> World {
    let path = |(path, service): &(&str, &str)| {
        let backend = json!({"service": {"name": service, "port": {"number": 80}}});
        from_value(json!({"path": path, "path-type": "prefix", "backend": backend})).unwrap()
    };
    world.ingress(name, &[host]).with(|snapshot| {
        let ingress = snapshot.cluster.ingresses.last_mut().unwrap();
        ingress.rules[0].paths = paths.iter().map(path).collect();
    })
}

fn grouped(world: World) -> World {
    world.annotated(GROUP, "shop")
}

/// Makes the last Ingress a member of the load balancer `one`.
fn served(world: World) -> World {
    grouped(world).status(&crate::testing::dns_name("one"))
}

/// The load balancer of the group `shop` with the id `one`, without rules.
fn existing(world: World) -> World {
    world
        .load_balancer("one", &[])
        .tagged(TAG_GROUP, "shop")
        .tagged(TAG_MODE, "route")
        .which(|found| {
            found.scheme = Scheme::Internal;
            found.listeners[0].default_actions = vec![
                from_value(json!({"fixed-response": {"status-code": 404, "content-type": "text/plain"}}))
                    .unwrap(),
            ];
        })
        .with(|snapshot| snapshot.inventory.target_groups.clear())
}

/// Adds a rule of an Ingress to the listener of the load balancer.
fn rule(world: World, priority: u32, paths: &[&str], object: &str, actions: &Value) -> World {
    world.which(|found| {
        let mut tags = ownership_tags(&settings().identity, "one");
        tags.push(tag("albatross/ingress", object));
        let conditions = json!([{"host-header": {"values": ["a.org"]}}, {"path-pattern": {"values": paths}}]);
        let rule = json!({
            "arn": format!("arn:rule/{priority}"), "priority": priority, "conditions": conditions,
            "actions": actions, "tags": tags,
        });
        found.listeners[0].rules.push(from_value(rule).unwrap());
    })
}

fn unavailable() -> Value {
    json!([{"fixed-response": {"status-code": 503, "content-type": "text/plain"}}])
}

fn internal(decided: &Decided) -> &LoadBalancer<'static> {
    let id = id_of(Scheme::Internal, 0);
    let found = decided.wanted.load_balancers.iter().find(|it| it.id == id || it.id == "one");
    found.unwrap()
}

/// For each rule its priority, its values, and the status code or the target groups with their weights.
fn told(listener: &Listener<'_>) -> Vec<(u32, String, String)> {
    let rules = &listener.rules.as_ref().unwrap().wanted;
    let told = rules.iter().map(|rule| {
        let values = rule.conditions.iter().flat_map(|condition| match condition {
            RuleCondition::HostHeader(text) | RuleCondition::PathPattern(text) => text.values.clone(),
            _ => Vec::new(),
        });
        let answer = match &rule.answer {
            Answer::Forward { groups: forwards, .. } => {
                let name = |to: &Destination<'_>| match to {
                    Destination::Existing(arn) => (*arn).to_owned(),
                    Destination::Made(_) => "new".to_owned(),
                };
                let all: Vec<String> =
                    forwards.iter().map(|it| format!("{} {}", name(&it.to), it.weight)).collect();
                all.join(", ")
            }
            Answer::Redirect(redirect) => format!("redirect to port {}", redirect.port),
            Answer::Respond(response) => response.status_code.to_string(),
            Answer::Unavailable => "503".to_owned(),
        };
        (rule.priority, values.collect::<Vec<_>>().join(" "), answer)
    });
    told.collect()
}

fn row(priority: u32, values: &str, answer: &str) -> (u32, String, String) {
    (priority, values.to_owned(), answer.to_owned())
}

#[test]
fn a_new_load_balancer_has_a_listener_a_rule_for_each_path_and_a_target_group_for_each_service() {
    let decided =
        routed(world(), "x", "a.org", &[("/", "web"), ("/cart", "other"), ("/pay", "web")]).read().decide();
    let wanted = internal(&decided);
    assert_eq!((wanted.mode, wanted.scheme, wanted.listeners.len()), (Mode::Route, Scheme::Internal, 1));
    let listener = &wanted.listeners[0];
    assert_eq!((listener.port, listener.there.is_none()), (80, true));
    assert!(matches!(&listener.answer, Some(Answer::Respond(response)) if response.status_code == 404));
    assert_eq!(
        told(listener),
        [
            row(100, "a.org /cart /cart/*", "new 1"),
            row(200, "a.org /pay /pay/*", "new 1"),
            row(300, "a.org", "new 1"),
        ]
    );
    let ports: Vec<u16> = wanted.target_groups.iter().map(|it| it.form.unwrap().port).collect();
    assert_eq!(ports.len(), 2);
    assert!(wanted.target_groups.iter().all(|it| it.targets.register[0].id == "i-1"));
}

#[test]
fn requests_of_a_backend_that_does_not_exist_are_answered_with_503_and_other_rules_are_not_affected() {
    let decided = routed(world(), "x", "a.org", &[("/", "web"), ("/gone", "gone")]).read().decide();
    let wanted = internal(&decided);
    assert_eq!(
        told(&wanted.listeners[0]),
        [row(100, "a.org /gone /gone/*", "503"), row(200, "a.org", "new 1")]
    );
    let said = decided.wanted.of_objects.values().next().unwrap();
    assert_eq!(said[0].code, DiagnosticCode::BackendInvalid);
    assert_eq!(
        said[0].message,
        "a.org /gone or /gone/*: Service shop/gone does not exist; the rule answers with 503"
    );
}

#[test]
fn of_two_members_with_the_same_host_and_path_the_older_member_is_served() {
    let world = grouped(routed(world(), "young", "a.org", &[("/", "web")]))
        .with(|it| it.cluster.ingresses[0].metadata.created_at = Some(20));
    let world = grouped(routed(world, "old", "A.org", &[("/", "other")]))
        .with(|it| it.cluster.ingresses[1].metadata.created_at = Some(10));
    let decided = world.read().decide();
    let rules = internal(&decided).listeners[0].rules.as_ref().unwrap();
    assert_eq!(rules.wanted.iter().map(|it| it.object.unwrap().name).collect::<Vec<_>>(), ["old"]);
    let (object, said) = decided.wanted.of_objects.first_key_value().unwrap();
    assert_eq!((object.name, said[0].code), ("young", DiagnosticCode::RouteDuplicate));
    assert_eq!(
        said[0].message,
        "a.org is also a rule of shop/old, which is older and takes precedence, so this rule does nothing"
    );
}

#[test]
fn existing_rules_are_recognized_by_their_conditions_and_keep_their_priorities() {
    let world = served(routed(existing(world()), "x", "a.org", &[("/b", "gone"), ("/c", "gone")]));
    let world = rule(world, 7, &["/b/*", "/b"], "shop/x", &unavailable());
    let decided = rule(world, 9, &["/c", "/c/*"], "shop/x", &unavailable()).read().decide();
    let rules = internal(&decided).listeners[0].rules.as_ref().unwrap();
    assert_eq!(rules.wanted.iter().map(|it| it.priority).collect::<Vec<_>>(), [7, 9]);
    assert!(rules.wanted.iter().all(|it| it.there.is_some()) && rules.unneeded.is_empty());
}

#[test]
fn an_unneeded_rule_is_deleted_at_once_if_its_ingress_is_gone_and_otherwise_after_a_grace_period() {
    let there = served(routed(existing(world()), "x", "a.org", &[("/", "web")]));
    let there = rule(there, 5, &["/old"], "shop/gone", &unavailable());
    // The rule for all paths matches all requests of this rule.
    let there = rule(there, 6, &["/below"], "shop/x", &unavailable());
    let decided = there.read().decide();
    let unneeded = &internal(&decided).listeners[0].rules.as_ref().unwrap().unneeded;
    let ends: Vec<(u32, bool)> =
        unneeded.iter().map(|(rule, end)| (rule.priority, matches!(end, RuleEnd::Goes { .. }))).collect();
    assert_eq!(ends, [(5, true), (6, true)]);

    let there = served(routed(existing(world()), "x", "a.org", &[("/new", "web")]));
    let decided = rule(there, 6, &["/old", "/old/*"], "shop/x", &unavailable()).read().decide();
    let unneeded = &internal(&decided).listeners[0].rules.as_ref().unwrap().unneeded;
    assert_eq!(unneeded[0].1, RuleEnd::Marked { priority: 6 });
}

#[test]
fn the_present_target_group_gets_the_requests_until_the_new_target_group_is_healthy() {
    let target_group = |there: World, name: &str, port: u16, health: &str| {
        let wanted = routed(world(), "x", "a.org", &[("/", name)]);
        let wanted = served(existing(wanted)).read().decide();
        let described = &internal(&wanted).target_groups[0];
        let mut found = crate::testing::target_group("one");
        found.arn = format!("arn:target-group/{name}");
        found.name.clone_from(&described.name);
        found.port = Some(port);
        found.targets[0].port = Some(port);
        found.targets[0].health = match health {
            "healthy" => TargetHealth::Healthy,
            _ => TargetHealth::Initial,
        };
        there.with(|snapshot| snapshot.inventory.target_groups.push(found))
    };
    let forward = json!([crate::testing::forward(&[("arn:target-group/web", 1)])]);
    let answers = |health: &str| {
        let there = existing(served(routed(world(), "x", "a.org", &[("/", "other")])));
        let there = target_group(there, "web", 30_080, "healthy");
        let there = target_group(there, "other", 30_081, health).which(|found| {
            let mut tags = ownership_tags(&settings().identity, "one");
            tags.push(tag("albatross/ingress", "shop/x"));
            let actions: Vec<ListenerAction> = from_value(forward.clone()).unwrap();
            let conditions = json!([{"host-header": {"values": ["a.org"]}}]);
            found.listeners[0].rules = vec![
                from_value(json!({"arn": "arn:rule/1", "priority": 1, "conditions": conditions, "actions": actions, "tags": tags}))
                    .unwrap(),
            ];
        });
        let decided = there.read().decide();
        told(&internal(&decided).listeners[0])[0].2.clone()
    };
    assert_eq!(answers("initial"), "arn:target-group/web 1, arn:target-group/other 0");
    assert_eq!(answers("healthy"), "arn:target-group/other 1");
}

#[test]
fn the_reason_for_a_new_load_balancer_names_the_group() {
    let decided = grouped(routed(world(), "x", "a.org", &[("/", "web")])).read().decide();
    let reason = &internal(&decided).creation.as_ref().unwrap().reason;
    assert_eq!(reason, "shop/x belongs to group shop, which has no internal load balancer");
}

#[test]
fn an_unneeded_rule_stands_behind_the_wanted_rules() {
    let there = served(routed(existing(world()), "x", "a.org", &[("/api", "web"), ("/web", "web")]));
    let there = rule(there, 100, &["/*"], "shop/x", &unavailable());
    let decided = there.read().decide();
    let rules = internal(&decided).listeners[0].rules.as_ref().unwrap();
    let wanted: Vec<u32> = rules.wanted.iter().map(|rule| rule.priority).collect();
    let RuleEnd::Marked { priority } = rules.unneeded[0].1 else { panic!("{:?}", rules.unneeded[0].1) };
    assert!(wanted.iter().all(|it| *it < priority), "{wanted:?} {priority}");
}

#[test]
fn the_rules_of_a_held_member_stay_as_they_are() {
    let there = served(routed(existing(world()), "x", "a.org", &[("/new", "web")]))
        .annotated("alb.ingress.kubernetes.io/listen-ports", "80");
    let decided = rule(there, 6, &["/old"], "shop/x", &unavailable()).read().decide();
    let wanted = internal(&decided);
    assert!(wanted.listeners.is_empty() && wanted.target_groups.is_empty());

    let there = served(routed(existing(world()), "x", "a.org", &[("/new", "web")]));
    let there = served(routed(there, "held", "b.org", &[("/", "web")]))
        .annotated("alb.ingress.kubernetes.io/target-type", "pod");
    let decided = rule(there, 6, &["/old"], "shop/held", &unavailable()).read().decide();
    let rules = internal(&decided).listeners[0].rules.as_ref().unwrap();
    assert!(rules.unneeded.is_empty());
    assert_eq!(rules.wanted.iter().map(|it| it.object.unwrap().name).collect::<Vec<_>>(), ["x"]);
}

#[test]
fn no_namespace_takes_a_host_and_path_from_another_by_its_order() {
    let order = "alb.ingress.kubernetes.io/group.order";
    let old = grouped(routed(world(), "old", "a.org", &[("/", "web")]))
        .with(|it| it.cluster.ingresses[0].metadata.created_at = Some(10));
    let young = grouped(routed(old, "young", "a.org", &[("/", "web")])).annotated(order, "-5").with(|it| {
        it.cluster.ingresses[1].metadata.namespace = Some("other".into());
        it.cluster.ingresses[1].metadata.created_at = Some(20);
    });
    let decided = young.read().decide();
    let rules = internal(&decided).listeners[0].rules.as_ref().unwrap();
    assert_eq!(rules.wanted.iter().map(|it| it.object.unwrap().name).collect::<Vec<_>>(), ["old"]);
}

#[test]
fn the_same_host_and_path_has_a_rule_on_each_listener() {
    let ports = "alb.ingress.kubernetes.io/listen-ports";
    let one = grouped(routed(world(), "one", "a.org", &[("/", "web")]));
    let two = grouped(routed(one, "two", "a.org", &[("/", "other")])).annotated(ports, r#"[{"HTTP":8080}]"#);
    let decided = two.read().decide();
    let listeners = &internal(&decided).listeners;
    let rules = listeners.iter().map(|it| (it.port, it.rules.as_ref().unwrap().wanted.len()));
    assert_eq!(rules.collect::<Vec<_>>(), [(80, 1), (8080, 1)]);
    assert!(decided.wanted.of_objects.is_empty());
}

#[test]
fn a_route_that_another_member_covers_by_its_order_gets_no_rule_and_both_members_are_named() {
    let key = "alb.ingress.kubernetes.io/conditions.web";
    let blocks =
        |block: &str| format!(r#"[{{"field":"source-ip","sourceIPConfig":{{"values":["{block}"]}}}}]"#);
    let narrow =
        grouped(routed(world(), "narrow", "a.org", &[("/", "web")])).annotated(key, &blocks("10.1.0.0/16"));
    let wide = grouped(routed(narrow, "wide", "a.org", &[("/", "web")]))
        .annotated(key, &blocks("10.0.0.0/8"))
        .annotated("alb.ingress.kubernetes.io/group.order", "-1");
    let decided = wide.read().decide();
    let (object, said) = decided.wanted.of_objects.first_key_value().unwrap();
    assert_eq!((object.name, said[0].code), ("narrow", DiagnosticCode::RouteDuplicate));
    assert!(
        said[0].message.starts_with(
            "a.org, source 10.1.0.0/16: a rule of shop/wide (a.org, source 10.0.0.0/8) matches all these requests"
        ),
        "{}",
        said[0].message
    );
    let rules = decided.wanted.load_balancers[0].listeners[0].rules.as_ref().unwrap();
    let objects: Vec<&str> = rules.wanted.iter().map(|rule| rule.object.unwrap().name).collect();
    assert_eq!(objects, ["wide"]);
}

#[test]
fn the_target_group_that_two_backends_share_gets_both_weights() {
    let world = routed(world(), "x", "a.org", &[("/", "split")]).annotated(
        "alb.ingress.kubernetes.io/actions.split",
        r#"{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"web","servicePort":80,"weight":2},
            {"serviceName":"other","servicePort":80,"weight":1},{"serviceName":"web","servicePort":80,"weight":3}]}}"#,
    );
    let world = world.with(|it| {
        let port = ServicePortReference::Name("use-annotation".into());
        let backend = ServiceBackend { name: "split".into(), port };
        it.cluster.ingresses[0].rules[0].paths[0].backend = IngressBackend::Service(backend);
    });
    let decided = world.read().decide();
    let rules = internal(&decided).listeners[0].rules.as_ref().unwrap();
    let weights: Vec<u16> = rules.wanted[0].answer.forwards().iter().map(|it| it.weight).collect();
    assert_eq!(weights, [5, 1]);
}
