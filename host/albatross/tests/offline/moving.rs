//! Load balancers that are adopted, forgotten or removed: what a person sees before.

use albatross::{pass::Makers, uninstall};
use albatross_contract::{
    Bundle, IncompletePart, Operation, Snapshot, TAG_APPLICATION, TAG_ID, TAG_STACK, ViewPart, file,
};
use albatross_embedded_cloud::{EmbeddedCloud, SimulatedCluster, execution};
use albatross_engine::{Engine, Limits};
use serde_json::{Value, json};

use crate::program::{
    run,
    world::{World, ingress},
};

/// A load balancer that serves two Ingresses, as if kube-ingress-aws-controller had made it.
fn world(name: &str) -> World {
    let ingresses =
        vec![ingress("shop/checkout", &["shop.example.org"]), ingress("shop/cart", &["cart.example.org"])];
    let mut world = World::at_rest(name, ingresses);
    for kind in ["load-balancers", "target-groups"] {
        for found in world.inventory[kind].as_array_mut().unwrap() {
            let tags = found["tags"].as_array_mut().unwrap();
            if tags.iter().all(|tag| tag["key"] != TAG_ID) {
                continue; // of somebody else
            }
            tags.retain(|tag| !tag["key"].as_str().unwrap().starts_with("albatross/"));
            for tag in tags.iter_mut().filter(|tag| tag["key"] == TAG_APPLICATION) {
                tag["value"] = json!("kube-ingress-aws-controller");
            }
            tags.push(json!({"key": TAG_STACK, "value": "kube-ingress-shop"}));
        }
    }
    world
}

fn name(world: &World) -> String {
    let all = world.inventory["load-balancers"].as_array().unwrap();
    let mut names = all.iter().map(|found| found["name"].as_str().unwrap());
    names.find(|name| name.starts_with("albatross-")).unwrap().to_owned()
}

#[test]
fn the_preview_of_an_adoption_names_members_later_changes_and_commands() {
    let world = world("adopt");
    let answer = world.run(&["adopt", "--dry-run", "kube-ingress-shop"], &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    for expected in [
        &format!("+ adopt {}", name(&world)),
        "keeps the name",
        "shop/cart, shop/checkout",
        "of the load balancer and 1 target group, nothing else",
        "Plan: nothing to do",
        "stacks=\"\n    kube-ingress-shop\n\"",
        "aws cloudformation update-stack",
        "UPDATE_ROLLBACK_FAILED",
    ] {
        assert!(answer.stdout.contains(expected), "{expected:?} is not in {}", answer.stdout);
    }
}

#[test]
fn an_adoption_with_the_controller_id_of_the_stacks_tells_what_would_happen_while_their_controller_runs() {
    let world = world("adopt-shared-id");
    let id = ["--controller-id", "kube-ingress-aws-controller"];
    let answer = world.run(&["adopt", "--dry-run", "kube-ingress-shop"], &id);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    let text = answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let said = "! settings the controller id kube-ingress-aws-controller is also that of 1 CloudFormation stack that is not ours \
                (kube-ingress-shop)";
    assert_eq!(text.matches(said).count(), 1, "once, since afterwards the stack is ours: {text}");
    let plan = world.plan_text(&id);
    assert!(plan.split_whitespace().collect::<Vec<_>>().join(" ").contains(said), "{plan}");
}

/// The world with one more setting.
fn with_setting(mut world: World, name: &str, value: Value) -> World {
    let settings = std::fs::read_to_string(crate::program::quickstart("settings.json")).unwrap();
    let mut settings: Value = serde_json::from_str(&settings).unwrap();
    settings[name] = value;
    world.flags = vec!["--settings".to_owned(), world.file("settings.json", settings.to_string())];
    world
}

#[test]
fn other_settings_are_shown_as_changes_that_follow() {
    let world = with_setting(world("adopt-other"), "idle-timeout", json!(120));
    let text = world.run(&["adopt", "--dry-run", "kube-ingress-shop"], &[]).stdout;
    assert!(text.contains("idle_timeout") || text.contains("idle timeout"), "{text}");
    assert!(text.contains("1 to change"), "{text}");
}

#[test]
fn a_refused_name_is_told_with_the_reason_and_ends_with_1() {
    let world = world("adopt-refused");
    let answer = world.run(&["adopt", "--dry-run", "no-such-stack"], &[]);
    assert_eq!(answer.code, 1, "{}", answer.stdout);
    assert!(
        answer.stdout.contains("! no-such-stack") && answer.stdout.contains("Nothing is adopted."),
        "{}",
        answer.stdout
    );
}

#[test]
fn files_are_only_for_previews() {
    let world = world("adopt-files");
    for command in [&["adopt", "kube-ingress-shop"][..], &["forget", "x"], &["uninstall", "--confirm"]] {
        let answer = world.run(command, &[]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{command:?}");
        assert!(answer.stderr.contains("only show what would change"), "{}", answer.stderr);
    }
}

#[test]
fn the_preview_of_forgetting_says_what_happens_to_the_members() {
    let world = World::at_rest("forget", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let answer = world.run(&["forget", "--dry-run", &name(&world)], &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    let text = answer.stdout;
    assert!(text.contains(&format!("- forget {}", name(&world))) && text.contains("shop/checkout"), "{text}");
    assert!(text.contains("until the controller has another load balancer"), "{text}");
    assert!(text.contains("1 to create"), "{text}");
}

#[test]
fn a_plan_whose_settings_adopt_or_forget_a_load_balancer_says_so() {
    let world = with_setting(world("plan-adopts"), "allowances", json!({"adopt": ["kube-ingress-shop"]}));
    let text = world.run(&["plan"], &[]).stdout;
    assert!(text.contains("becomes ours: only tags change"), "{text}");

    let world = World::at_rest("plan-forgets", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let forget = json!({"forget": [name(&world)]});
    let world = with_setting(world, "allowances", forget);
    let text = world.run(&["plan"], &[]).stdout;
    assert!(text.contains("is ours no longer: only tags change"), "{text}");
}

#[test]
fn the_preview_of_an_uninstallation_empties_statuses_first() {
    let world = World::at_rest("uninstall", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let answer = world.run(&["uninstall"], &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    assert!(answer.stdout.contains("records of these objects: shop/checkout"), "{}", answer.stdout);
    assert!(answer.stdout.contains("Nothing was changed."), "{}", answer.stdout);
}

#[test]
fn the_preview_of_an_uninstallation_says_which_statuses_are_not_known() {
    let mut world =
        World::at_rest("uninstall-statuses", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let first_step = |world: &World| {
        let answer = world.run(&["uninstall"], &[]);
        let step = answer.stdout.lines().find(|line| line.starts_with("  1. ")).map(str::to_owned);
        step.unwrap_or_else(|| panic!("{}{}", answer.stdout, answer.stderr))
    };
    world.lists_route_groups = false;
    let step = first_step(&world);
    let others = "of these objects: shop/checkout. There may be others: not all RouteGroups are known (the manifests contain none";
    assert!(step.contains(others), "{step}");

    world.ingresses.clear();
    world.ingresses.push(ingress("shop/new", &["shop.example.org"]));
    let step = first_step(&world);
    let none =
        "No status that is known is left to be emptied. There may be others: not all statuses are known";
    assert!(step.contains(none), "manifests without statuses: {step}");

    world.ingresses[0]["status"] =
        json!({"loadBalancer": {"ingress": [{"hostname": "elsewhere.example.org"}]}});
    let step = first_step(&world);
    let none =
        "No status that is known is left to be emptied. There may be others: not all RouteGroups are known";
    assert!(step.contains(none), "{step}");

    world.lists_route_groups = true;
    assert_eq!(first_step(&world), "  1. No status is left to be emptied.");
}

#[test]
fn what_uses_the_load_balancers_is_known_before_an_uninstallation() {
    let world = World::at_rest("uninstall-unseen", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let path = world.path("before.json");
    world.run(&["plan"], &["--record", &path]);
    let mut bundle: Bundle = file::read(&std::fs::read(&path).unwrap()).unwrap();
    let whole = bundle.snapshot.clone();
    assert!(uninstall::refusal(&whole).is_none());
    for (part, refuses) in
        [(ViewPart::Ingresses, true), (ViewPart::RouteGroups, true), (ViewPart::IngressStatuses, false)]
    {
        let mut snapshot = whole.clone();
        let reason = "forbidden".to_owned();
        snapshot.cluster.incomplete.push(IncompletePart { part, resource: None, reason, expected: None });
        let refusal = uninstall::refusal(&snapshot).map(|refusal| refusal.to_string()).unwrap_or_default();
        assert_eq!(refusal.contains("forbidden"), refuses, "{part:?}: {refusal}");

        bundle.snapshot = snapshot;
        std::fs::write(&path, file::write(&bundle).unwrap()).unwrap();
        let preview = run(&["uninstall", "--snapshot", &path]);
        assert_eq!(preview.code, 0, "{part:?}: {}", preview.stderr);
        let told = preview.stderr.contains("--confirm would be refused: forbidden");
        assert_eq!(told, refuses, "{part:?}: {}", preview.stderr);
    }
}

/// A snapshot that lacks a part of the view.
fn without(snapshot: &Snapshot, part: ViewPart) -> Snapshot {
    let mut snapshot = snapshot.clone();
    let reason = "AccessDenied".to_owned();
    snapshot.inventory.incomplete.push(IncompletePart { part, resource: None, reason, expected: None });
    snapshot
}

#[test]
fn an_uninstallation_ends_when_nothing_of_ours_is_left_and_other_things_stay() {
    let world = World::at_rest("uninstall-all", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let path = world.path("before.json");
    let answer = world.run(&["plan"], &["--record", &path]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let bundle: Bundle = file::read(&std::fs::read(path).unwrap()).unwrap();
    let before = bundle.snapshot;
    let settings = uninstall::settings(before.settings.clone(), &before);
    let makers = Makers::load(None, &[], &Engine::new(Limits::default())).unwrap();
    let mut cloud = EmbeddedCloud::new(before.inventory.clone());
    let mut cluster = SimulatedCluster::new(before.cluster.clone());
    for pass in 0..10 {
        let inventory = cloud.observe().unwrap();
        let snapshot = Snapshot {
            time: inventory.observed_at,
            frozen: Vec::new(),
            settings: settings.clone(),
            cluster: cluster.cluster().clone(),
            inventory,
        };
        let is_over = uninstall::is_over(&snapshot);
        assert_eq!(uninstall::is_over(&without(&snapshot, ViewPart::CertificatesIam)), is_over);
        assert!(!uninstall::is_over(&without(&snapshot, ViewPart::Tags)));
        let planned = makers.pass(snapshot).unwrap();
        let emptied = cluster.cluster().ingresses.iter().all(|ingress| ingress.status.is_empty());
        let deletes =
            planned.plan.actions.iter().any(|it| matches!(it.operation, Operation::DeleteLoadBalancer(_)));
        assert!(emptied || !deletes, "the status comes first");
        if is_over {
            assert!(pass > 1 && planned.plan.actions.is_empty());
            assert_eq!(cloud.inventory().security_groups, before.inventory.security_groups);
            return;
        }
        execution::execute(&mut cloud, &planned.plan, &mut |_, _| {});
        cluster.write_statuses(&planned.plan);
        cloud.advance(settings.grace);
    }
    panic!("something is left: {:#?}", cloud.inventory().load_balancers);
}
