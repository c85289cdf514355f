//! Manifests say what somebody wants, but are not complete: only with `--prune` is everything else removed.

use albatross_contract::{
    DiagnosticCode, LoadBalancerFate, Operation, OutcomeState, Plan, Severity, StatusChange,
};
use serde_json::json;

use crate::program::world::{World, ingress};

/// Two load balancers, one for each scheme; then the manifests of the internal one are gone, and the others have no
/// statuses, like all manifests that people write.
fn world(name: &str) -> World {
    let mut wiki = ingress("tools/wiki", &["wiki.example.org"]);
    wiki["metadata"]["annotations"] = json!({"zalando.org/aws-load-balancer-scheme": "internal"});
    let ingresses = vec![
        ingress("shop/checkout", &["shop.example.org"]),
        ingress("shop/cart", &["cart.example.org"]),
        wiki,
    ];
    let mut world = World::at_rest(name, ingresses);
    world.delete("tools/wiki");
    world.forget_statuses();
    world
}

fn fates(plan: &Plan) -> Vec<LoadBalancerFate> {
    let mut fates: Vec<_> = plan.load_balancers.iter().map(|found| found.fate).collect();
    fates.sort();
    fates
}

fn deletes(plan: &Plan) -> bool {
    plan.actions.iter().any(|action| matches!(action.operation, Operation::DeleteLoadBalancer(_)))
}

/// Marks a load balancer as unneeded, as the controller would.
fn mark(world: &mut World, name: &str) {
    let since = world.inventory["observed-at"].as_u64().unwrap();
    let there = world.inventory["load-balancers"].as_array_mut().unwrap();
    let there = there.iter_mut().find(|found| found["name"] == json!(name)).unwrap();
    let mark = json!({"key": albatross_contract::TAG_UNNEEDED, "value": since.to_string()});
    there["tags"].as_array_mut().unwrap().push(mark);
}

/// One hour after the world was observed, when a grace period that began then is over.
fn an_hour_later(world: &World) -> String {
    (world.inventory["observed-at"].as_u64().unwrap() + 3_600).to_string()
}

#[test]
fn without_prune_nothing_is_ever_removed() {
    let world = world("no-prune");
    for more in [vec![], vec!["--time".to_owned(), an_hour_later(&world)]] {
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let plan = world.plan(&more);
        assert_eq!(fates(&plan), [LoadBalancerFate::Keep, LoadBalancerFate::Keep]);
        assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    }
}

#[test]
fn with_prune_an_unneeded_load_balancer_is_marked_and_deleted_after_the_grace_period() {
    let mut world = world("prune");
    let plan = world.plan(&["--prune"]);
    assert_eq!(fates(&plan), [LoadBalancerFate::Keep, LoadBalancerFate::Unneeded]);
    assert!(!plan.actions.is_empty() && !deletes(&plan), "{:?}", plan.actions);

    let unneeded = plan.load_balancers.iter().find(|found| found.fate == LoadBalancerFate::Unneeded).unwrap();
    mark(&mut world, &unneeded.name);
    let later = an_hour_later(&world);
    assert!(!deletes(&world.plan(&["--time", &later])));
    assert!(deletes(&world.plan(&["--prune", "--time", &later])));
}

/// Only the attached certificates, and the tag of an exclusive load balancer, say which load balancer serves an Ingress.
#[test]
fn placed_ingresses_stay_when_the_ingress_with_an_exclusive_load_balancer_is_removed() {
    let mut alone = ingress("shop/alone", &["shop.example.org"]);
    alone["metadata"]["annotations"] = json!({"zalando.org/aws-load-balancer-shared": "false"});
    let mut world = World::at_rest("alone", vec![alone, ingress("shop/cart", &["cart.example.org"])]);
    let before = world.ingress("shop/cart")["status"]["loadBalancer"]["ingress"][0]["hostname"].clone();
    world.forget_statuses();
    let everything = world.plan(&["--prune"]);
    assert!(everything.actions.is_empty(), "{:?}", everything.actions);

    world.delete("shop/alone");
    assert!(world.plan(&[]).actions.is_empty(), "{:?}", world.plan(&[]).actions);
    let pruned = world.plan(&["--prune"]);
    let unneeded: Vec<_> =
        pruned.load_balancers.iter().filter(|found| found.fate == LoadBalancerFate::Unneeded).collect();
    let [unneeded] = unneeded.as_slice() else { panic!("{:?}", pruned.load_balancers) };
    assert_eq!(pruned.actions.len(), 1, "{:?}", pruned.actions);
    assert_ne!(json!(unneeded.dns_name), before);

    mark(&mut world, &unneeded.name);
    assert!(world.plan(&["--prune"]).actions.is_empty(), "{:?}", world.plan(&["--prune"]).actions);
}

/// Thirty Ingresses with a certificate each, on two shared load balancers of one scheme, since one load balancer cannot have
/// that many certificates. Returns the hosts and the ARNs of their certificates.
fn thirty_shops(name: &str) -> (World, Vec<String>, Vec<String>) {
    let hosts: Vec<String> = (0..30).map(|number| format!("shop-{number}.example.net")).collect();
    let ingresses = hosts.iter().enumerate();
    let ingresses =
        ingresses.map(|(number, host)| ingress(&format!("shop/shop-{number:02}"), &[host])).collect();
    let mut world = World::new(name, ingresses);
    let arns = (1..).zip(&hosts).map(|(number, host)| world.add_certificate(number, host)).collect();
    world.come_to_rest();
    world.forget_statuses();
    (world, hosts, arns)
}

#[test]
fn placed_ingresses_stay_when_another_one_leaves_room_elsewhere() {
    let (mut world, _, arns) = thirty_shops("room");
    world.delete("shop/shop-00");
    assert!(world.plan(&[]).actions.is_empty());
    let plan = world.plan(&["--prune"]);
    let [action] = plan.actions.as_slice() else { panic!("{:?}", plan.actions) };
    assert!(matches!(action.operation, Operation::AddTags(_)), "the grace of its certificate: {action:?}");
    let served_by = plan.load_balancers.iter().find(|found| found.id == action.load_balancer).unwrap();
    assert!(served_by.certificates.iter().any(|found| found.arn == arns[0]));
}

#[test]
fn a_renewed_certificate_is_attached_where_its_host_is_served() {
    let (mut world, hosts, arns) = thirty_shops("renewed");
    for more in [&[][..], &["--prune"]] {
        let plan = world.plan(more);
        assert!(plan.load_balancers.len() == 2 && plan.actions.is_empty(), "{:?}", plan.actions);
    }

    for served_by in world.plan(&[]).load_balancers {
        let is_on = |arn: &String| served_by.certificates.iter().any(|found| found.arn == *arn);
        let number = arns.iter().position(is_on).unwrap();
        let renewed = world.add_certificate(100 + u32::try_from(number).unwrap(), &hosts[number]);
        let certificate = world.inventory["certificates"].as_array_mut().unwrap().last_mut().unwrap();
        let start = certificate["not-before"].as_u64().unwrap();
        certificate["not-before"] = json!(start + 1);
        let plan = world.plan(&["--prune"]);
        assert!(!plan.actions.is_empty());
        assert!(plan.actions.iter().all(|action| action.load_balancer == served_by.id), "{:?}", plan.actions);
        let adds = |operation: &Operation| matches!(operation, Operation::AddListenerCertificate(added) if added.certificate == renewed);
        assert!(plan.actions.iter().any(|action| adds(&action.operation)), "{:?}", plan.actions);
        world.inventory["certificates"].as_array_mut().unwrap().pop();
    }
}

#[test]
fn a_mistake_in_the_only_member_of_a_load_balancer_does_not_remove_it() {
    let mut wiki = ingress("tools/wiki", &["wiki.example.org"]);
    wiki["metadata"]["annotations"] = json!({"zalando.org/aws-load-balancer-scheme": "internal"});
    let mut world = World::at_rest("mistake", vec![ingress("shop/cart", &["cart.example.org"]), wiki]);
    world.forget_statuses();
    world.ingress("tools/wiki")["metadata"]["annotations"]["zalando.org/aws-load-balancer-shared"] =
        json!("perhaps");
    let plan = world.plan(&["--prune"]);
    assert_eq!(fates(&plan), [LoadBalancerFate::Keep, LoadBalancerFate::Keep]);
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
}

/// Without statuses and certificates it is unknown which load balancer serves an Ingress.
#[test]
fn while_certificates_cannot_be_read_nothing_is_removed() {
    let mut world = world("unread-certificates");
    let missing = json!({"part": "certificates-acm", "reason": "AccessDenied"});
    world.inventory["incomplete"].as_array_mut().unwrap().push(missing);
    let plan = world.plan(&["--prune"]);
    assert_eq!(fates(&plan), [LoadBalancerFate::Keep, LoadBalancerFate::Keep]);
}

#[test]
fn manifests_with_statuses_count_as_complete() {
    let ingresses =
        vec![ingress("shop/checkout", &["shop.example.org"]), ingress("shop/cart", &["cart.example.org"])];
    let mut world = World::at_rest("statuses", ingresses);
    let extra = world.add_certificate(1, "extra.example.net");
    world.ingresses.push(ingress("shop/extra", &["extra.example.net"]));
    world.come_to_rest();
    world.delete("shop/extra");
    let becomes_unneeded = |plan: &Plan| {
        let mut certificates = plan.load_balancers[0].certificates.iter();
        certificates.find(|found| found.arn == extra).unwrap().unneeded_since.is_some()
    };
    assert!(becomes_unneeded(&world.plan(&[])));

    // `kubectl get ingress` exports no RouteGroups.
    world.lists_route_groups = false;
    let plan = world.plan(&[]);
    assert!(!becomes_unneeded(&plan), "a RouteGroup may need it");
    let told = &plan.diagnostics[0];
    assert_eq!((told.code, told.severity), (DiagnosticCode::ViewIncomplete, Severity::Info));
    assert!(told.message.contains("or say with --prune that the manifests are complete"), "{}", told.message);
    assert!(becomes_unneeded(&world.plan(&["--prune"])));
}

#[test]
fn an_exported_ingress_whose_class_changes_is_released_although_route_groups_are_not_exported() {
    let ingresses =
        vec![ingress("shop/checkout", &["shop.example.org"]), ingress("shop/cart", &["cart.example.org"])];
    let mut world = World::at_rest("release-of-exported", ingresses);
    world.lists_route_groups = false;
    world.ingress("shop/cart")["metadata"]["annotations"]["kubernetes.io/ingress.class"] = json!("other");

    let plan = world.plan(&[]);
    let cart = plan.outcomes.iter().find(|outcome| outcome.object.name == "cart").unwrap();
    assert_eq!((cart.state, &cart.status), (OutcomeState::Released, &StatusChange::Withdraw));
    assert!(plan.actions.is_empty(), "a RouteGroup may need its certificate: {:?}", plan.actions);
    let text = world.plan_text(&[]);
    assert!(!text.lines().last().unwrap().contains("held"), "nothing is left to be asked for: {text}");
}
