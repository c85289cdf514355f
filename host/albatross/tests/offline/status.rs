//! `albatross status`: the fleet at a glance.

use serde_json::{Value, json};

use crate::program::{
    run,
    world::{World, ingress},
};

fn told(world: &World) -> String {
    let answer = world.run(&["status"], &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    answer.stdout
}

/// A screen without its line breaks and columns.
fn words(screen: &str) -> String {
    screen.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn json_of(world: &World) -> Value {
    let answer = world.run(&["status"], &["--output", "json"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let mut document: Value = serde_json::from_str(&answer.stdout).expect("it is JSON");
    assert_eq!(document["format-version"], 1);
    document["status"].take()
}

#[test]
fn a_fleet_at_rest_is_shown_with_members_certificates_targets_and_quotas() {
    let mut world = World::new("status-at-rest", vec![ingress("shop/a", &["a.example.org"])]);
    let short = world.add_certificate(7, "only.example.net");
    // 2027-01-05, before all others.
    world.inventory["certificates"].as_array_mut().unwrap().last_mut().unwrap()["not-after"] =
        json!(1_799_107_200);
    world.ingresses.push(ingress("shop/b", &["only.example.net"]));
    world.come_to_rest();

    let status = json_of(&world);
    let [load_balancer] = status["load-balancers"].as_array().unwrap().as_slice() else {
        panic!("one load balancer: {status:#}")
    };
    assert_eq!(load_balancer["state"], "active");
    assert_eq!(load_balancer["scheme"], "internet-facing");
    assert_eq!(load_balancer["members"], 2);
    assert_eq!(load_balancer["first-end"], json!({ "certificate": short, "time": 1_799_107_200 }));
    assert_eq!(load_balancer["targets"], json!({ "healthy": 9 }));
    assert_eq!(status["ingresses"], json!({ "placed": 2 }));
    assert_eq!(status["unserved"], json!([]));
    let shares: Vec<u64> = status["quotas"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["used"].as_u64().unwrap() * 1_000 / it["limit"].as_u64().unwrap())
        .collect();
    assert!(shares.len() > 4 && shares.is_sorted_by(|one, other| one >= other), "{shares:?}");

    let name = load_balancer["name"].as_str().unwrap();
    let screen = told(&world);
    assert!(screen.starts_with("Snapshot   2 Ingresses, 2 load balancers,"), "{screen}");
    let expected = format!("{name} active · internet-facing · 2 Ingresses · 2 of 25 certificates");
    assert!(words(&screen).contains(&expected), "{screen}");
    assert!(words(&screen).contains("only.example.net is the first to end, on 2027-01-05 (in "), "{screen}");
    assert!(words(&screen).contains("9 of 9 targets healthy"), "{screen}");
    assert!(words(&screen).contains(&format!("certificates on a load balancer 2 of 25, {name}")), "{screen}");
    assert!(words(&screen).contains("Ingresses and RouteGroups 2 placed"), "{screen}");
    assert!(screen.ends_with(".\n") && words(&screen).contains("Plan: nothing to do"), "{screen}");
    assert!(screen.lines().all(|line| line.chars().count() <= 100), "{screen}");
}

#[test]
fn what_is_not_served_and_why_is_shown() {
    let mut world = World::at_rest("status-problems", vec![ingress("shop/a", &["a.example.org"])]);
    world.ingresses.push(ingress("shop/legacy", &["legacy.example.com"]));
    let status = json_of(&world);
    let unserved = &status["unserved"][0];
    assert_eq!(unserved["object"]["name"], "legacy");
    assert_eq!(unserved["state"], "rejected");
    assert_eq!(unserved["reasons"], json!(["certificate-none"]));
    let screen = told(&world);
    assert!(words(&screen).contains("1 placed, 1 rejected"), "{screen}");
    assert!(words(&screen).contains("! shop/legacy rejected:"), "{screen}");
    assert!(screen.contains("1 Ingress rejected."), "{screen}");
}

#[test]
fn an_ended_certificate_and_an_unhealthy_target_are_named() {
    let mut world = World::at_rest("status-ended", vec![ingress("shop/a", &["a.example.org"])]);
    let groups = world.inventory["target-groups"].as_array_mut().unwrap();
    let ours = groups.iter_mut().find(|it| it["name"].as_str().unwrap().starts_with("albatross-")).unwrap();
    ours["targets"][0]["health"] = json!("unhealthy");
    for certificate in world.inventory["certificates"].as_array_mut().unwrap() {
        certificate["not-after"] = json!(1_700_000_000);
    }
    let screen = told(&world);
    assert!(words(&screen).contains("has ended on 2023-11-14"), "{screen}");
    assert!(words(&screen).contains("8 of 9 targets healthy"), "{screen}");
}

#[test]
fn a_load_balancer_that_is_planned_does_not_exist_yet() {
    let world = World::new("status-planned", vec![ingress("shop/a", &["a.example.org"])]);
    let screen = told(&world);
    assert!(words(&screen).contains("does not exist yet · internet-facing"), "{screen}");
    assert!(words(&screen).contains("Plan: 1 to create"), "{screen}");
    assert_eq!(json_of(&world)["load-balancers"][0].get("state"), None);
    let empty = World::new("status-empty", Vec::new());
    assert!(told(&empty).contains("no load balancer\n"));
}

#[test]
fn a_file_that_is_no_snapshot_is_named() {
    let world = World::new("status-bad", Vec::new());
    let file = world.file("notes.json", "{}");
    let answer = run(&["status", "--snapshot", &file]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("notes.json"), "{}", answer.stderr);
}
