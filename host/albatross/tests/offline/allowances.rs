//! A change that a budget withholds is made with the flag that the plan names.

use albatross_contract::{Budget, Operation, OutcomeState, Plan, StatusChange};
use serde_json::json;

use crate::program::{
    Answer,
    world::{World, ingress},
};

/// Ingresses of the namespace `shop`, one for each letter.
fn shops(letters: &str) -> World {
    let ingresses = letters
        .chars()
        .map(|letter| ingress(&format!("shop/{letter}"), &[&format!("{letter}.example.org")]))
        .collect();
    World::at_rest(&format!("shops-{letters}"), ingresses)
}

/// The flag with its value, as a person would copy it from the screen. It is there exactly once.
fn printed(text: &str, flag: &str) -> String {
    let found: Vec<&str> = text.split_whitespace().filter(|word| word.starts_with(flag)).collect();
    let [word] = found[..] else { panic!("{flag} is there {} times: {text}", found.len()) };
    word.to_owned()
}

/// Whether the screen says where to find the ids, which are too many to be printed.
fn says_where(text: &str, flag: &str, count: usize) -> bool {
    assert_eq!(printed(text, flag), flag);
    let expected = format!("{flag} with the {count} ids that `albatross plan --output json` has");
    text.split_whitespace().collect::<Vec<_>>().join(" ").contains(&expected)
}

/// The ids that the only budget that withholds something names, in the form of its flag.
fn withheld(plan: &Plan, budget: Budget) -> String {
    let [withheld] = plan.withheld.as_slice() else { panic!("{:?}", plan.withheld) };
    assert_eq!(withheld.budget, budget);
    withheld.ids.join(",")
}

fn released(plan: &Plan) -> usize {
    plan.outcomes.iter().filter(|outcome| matches!(outcome.status, StatusChange::Withdraw)).count()
}

#[test]
fn ingresses_that_are_no_longer_ours_are_released_with_the_printed_flag() {
    let mut world = shops("abcd");
    for name in ["shop/a", "shop/b", "shop/c"] {
        world.ingress(name)["metadata"]["annotations"]["kubernetes.io/ingress.class"] =
            json!("somebody-else");
    }
    assert_eq!(released(&world.plan(&[])), 0);
    let text = world.plan_text(&[]);
    let flag = printed(&text, "--allow-release");
    assert_eq!(flag, "--allow-release=shop/a,shop/b,shop/c");
    let allowed = world.plan(&[&flag]);
    assert!(allowed.withheld.is_empty());
    assert_eq!(released(&allowed), 3);
}

#[test]
fn a_flag_can_be_given_once_for_each_name() {
    let mut world = shops("efgh");
    for name in ["shop/e", "shop/f", "shop/g"] {
        world.ingress(name)["metadata"]["annotations"]["kubernetes.io/ingress.class"] =
            json!("somebody-else");
    }
    let each: Vec<&str> =
        ["shop/e", "shop/f", "shop/g"].iter().flat_map(|name| ["--allow-release", *name]).collect();
    assert_eq!(released(&world.plan(&each)), 3);
}

#[test]
fn certificates_of_deleted_ingresses_become_unneeded_with_the_ids_of_the_plan() {
    let names: Vec<String> = ('a'..='g').map(|letter| format!("{letter}.example.net")).collect();
    let mut world = World::new("unneeded", vec![ingress("shop/stays", &["shop.example.org"])]);
    for (number, name) in (1..).zip(&names) {
        world.add_certificate(number, name);
        world.ingresses.push(ingress(&format!("shop/{}", &name[..1]), &[name]));
    }
    world.come_to_rest();
    for name in &names {
        world.delete(&format!("shop/{}", &name[..1]));
    }

    let plan = world.plan(&[]);
    assert!(plan.actions.is_empty(), "{:?}", plan.actions);
    let ids = withheld(&plan, Budget::UnneededCertificates);
    assert_eq!(ids.split(',').count(), names.len());
    let text = world.plan_text(&[]);
    assert!(says_where(&text, "--allow-unneeded", 7), "{text}");

    let allowed = world.plan(&["--allow-unneeded", &ids]);
    assert!(allowed.withheld.is_empty());
    let marked = allowed.load_balancers[0].certificates.iter().filter(|found| found.unneeded_since.is_some());
    assert_eq!(marked.count(), names.len());
}

#[test]
fn a_policy_may_change_names_with_the_ids_of_the_plan() {
    let ingresses = ('a'..='h')
        .map(|letter| ingress(&format!("{letter}/web"), &[&format!("{letter}.example.org")]))
        .collect();
    let world = World::at_rest("name-change", ingresses);
    let policy = world.file("one-per-namespace.wasm", albatross_components::ONE_PER_NAMESPACE);
    let with_policy = ["--policy", policy.as_str()];

    let plan = world.plan(&with_policy);
    assert!(plan.load_balancers.iter().all(|found| found.arn.is_some()), "nobody gets another one");
    let ids = withheld(&plan, Budget::NameChanges);
    assert!(ids.split(',').count() > 5, "{ids}");
    let text = world.plan_text(&with_policy);
    assert!(says_where(&text, "--allow-name-change", ids.split(',').count()), "{text}");
    assert!(text.contains("b/web, c/web, d/web and 4 more  held: "), "all in one line: {text}");

    let allowed = world.plan(&[&with_policy[..], &["--allow-name-change", &ids]].concat());
    assert!(allowed.withheld.is_empty());
    let made = allowed.load_balancers.iter().filter(|found| found.arn.is_none()).count();
    assert_eq!(made, ids.split(',').count(), "each of them gets its own");
}

#[test]
fn nodes_leave_a_target_group_with_the_printed_flag() {
    let mut world = shops("ijk");
    // The node filters no longer find the larger half of the nodes; all of them still run and serve.
    let instances = world.inventory["instances"].as_array_mut().unwrap();
    instances.retain(|instance| instance["auto-scaling-group"] != json!("quickstart-nodes-bc"));

    assert!(world.plan(&[]).actions.is_empty());
    let text = world.plan_text(&[]);
    let flag = printed(&text, "--allow-targets");
    let ids = "quickstart-nodes-bc";
    assert_eq!(flag, format!("--allow-targets={ids}"));
    let allowed = world.plan(&[&flag]);
    assert!(allowed.withheld.is_empty());
    let detached = |operation: &Operation| matches!(operation, Operation::DetachTargetGroup(change) if change.auto_scaling_group == ids);
    assert!(allowed.actions.iter().any(|action| detached(&action.operation)), "{:?}", allowed.actions);
}

#[test]
fn the_resources_of_another_cluster_are_not_touched_until_they_are_taken_over() {
    let mut world = shops("lmn");
    world.ingresses.push(ingress("shop/new", &["new.example.org"]));
    world.flags.extend(["--cluster-uid".to_owned(), "restored".to_owned()]);

    let plan = world.plan(&[]);
    assert!(plan.actions.is_empty());
    assert!(plan.outcomes.iter().all(|outcome| outcome.state == OutcomeState::Waiting));
    let text = world.plan_text(&[]);
    let flag = "--take-over-cluster=6f1d9c1e-6a0b-4b52-9d0e-3c8f5a7b2d41";
    assert!(text.contains(flag), "{flag} is not in {text}");

    let taken_over = world.plan(&[flag]);
    assert!(taken_over.diagnostics.is_empty(), "{:?}", taken_over.diagnostics);
    assert!(!taken_over.actions.is_empty());
    assert!(taken_over.outcomes.iter().all(|outcome| outcome.state == OutcomeState::Placed));
}

#[test]
fn a_simulation_keeps_the_budgets_and_takes_the_same_flags() {
    let world = World::new(
        "simulated-allowance",
        "opqr".chars().map(|c| ingress(&format!("shop/{c}"), &[&format!("{c}.example.org")])).collect(),
    );
    let mut later = world.ingresses.clone();
    for ingress in &mut later[..3] {
        ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"] = json!("somebody-else");
    }
    let list = json!({"apiVersion": "v1", "kind": "List", "items": later});
    let then = world.file("then.yaml", list.to_string());
    let published = |more: &[&str]| {
        let answer = world.run(&["simulate"], &[&["--then", &then, "--output", "json"], more].concat());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        let document: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
        let ingresses = document["simulation"]["cluster"]["ingresses"].as_array().unwrap().clone();
        ingresses.iter().filter(|ingress| ingress["status"].as_array().is_some_and(|s| !s.is_empty())).count()
    };
    assert_eq!(published(&[]), 4, "withheld: all are still published");
    assert_eq!(published(&["--allow-release", "shop/o,shop/p,shop/q"]), 1);
}

/// The answer refuses an allowance and names its flag and its id.
fn assert_refused(answer: &Answer, flag: &str, id: &str, why: &str) {
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{flag} {id}");
    let told = &answer.stderr;
    assert!(
        told.starts_with(&format!("error: {flag} ")) && told.contains(&format!("'{id}' {why}")),
        "{told}"
    );
}

#[test]
fn an_allowance_for_something_that_does_not_exist_is_refused_with_its_id() {
    let world = shops("rs");
    for (flag, id, why) in [
        ("--allow-release", "shop/nothing", "is not an Ingress in this cluster"),
        ("--allow-release", "HTTPRoute:shop/r", "is not an object that this version reads"),
        ("--allow-name-change", "shop/x", "is not an Ingress in this cluster"),
        ("--allow-name-change", "RouteGroup:shop/r", "is not a RouteGroup in this cluster"),
        (
            "--allow-unneeded",
            "arn:aws:acm:eu-central-1:123456789012:certificate/none",
            "is not a certificate, rule, load",
        ),
        ("--allow-targets", "i-0000", "is neither an instance nor an Auto Scaling Group"),
        ("--take-over-cluster", "some-uid", "is not the uid of a cluster"),
    ] {
        assert_refused(&world.run(&["plan"], &[flag, id]), flag, id, why);
        assert_refused(&world.run(&["explain", "ingress", "shop/r"], &[flag, id]), flag, id, why);
    }
    assert_refused(
        &world.run(&["simulate"], &["--allow-release", "shop/nothing"]),
        "--allow-release",
        "shop/nothing",
        "is not an Ingress in this cluster",
    );
}

#[test]
fn while_something_is_not_known_an_allowance_for_what_is_known_is_checked_and_any_other_remarked_upon() {
    let mut world = shops("k");
    world.lists_route_groups = false;
    for flag in ["--allow-release", "--allow-name-change"] {
        let answer = world.run(&["plan"], &[flag, "shop/kk"]);
        assert_refused(&answer, flag, "shop/kk", "is not an Ingress in this cluster");
        let answer = world.run(&["plan"], &[flag, "HTTPRoute:shop/k"]);
        assert_refused(&answer, flag, "HTTPRoute:shop/k", "is not an object that this version reads");

        let answer = world.run(&["plan"], &[flag, "shop/k,RouteGroup:shop/k"]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let remark = format!(
            "{flag}: 'RouteGroup:shop/k' is not among what could be read, so it may be misspelled: the manifests"
        );
        assert!(answer.stderr.contains(&remark), "{}", answer.stderr);
        assert!(!answer.stderr.contains("'shop/k'"), "{}", answer.stderr);
    }

    world.lists_route_groups = true;
    let missing = json!({"part": "certificates-acm", "reason": "AccessDenied"});
    world.inventory["incomplete"].as_array_mut().unwrap().push(missing);
    let answer =
        world.run(&["plan"], &["--allow-unneeded", "arn:aws:acm:eu-central-1:123456789012:certificate/x"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stderr.contains("may be misspelled: AccessDenied"), "{}", answer.stderr);
}

#[test]
fn an_allowance_without_a_namespace_says_how_it_is_written() {
    let world = shops("tu");
    for flag in ["--allow-release", "--allow-name-change"] {
        for id in ["t", "/t", "shop/"] {
            assert_refused(
                &world.run(&["plan"], &[flag, id]),
                flag,
                id,
                "lacks the namespace: write namespace/name",
            );
        }
    }
}

/// The allowance may have done its work: the Ingress that was released is gone, but the file still names it.
#[test]
fn an_allowance_in_the_settings_may_name_an_ingress_that_is_gone() {
    let mut world = shops("vw");
    let settings = std::fs::read(crate::program::quickstart("settings.json")).unwrap();
    let mut settings: serde_json::Value = serde_json::from_slice(&settings).unwrap();
    settings["allowances"] = json!({"release": ["shop/nothing"]});
    let path = world.file("settings.json", settings.to_string());
    world.flags = vec!["--settings".to_owned(), path];
    let answer = world.run(&["plan"], &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}

#[test]
fn ids_of_existing_load_balancers_nodes_and_clusters_are_accepted() {
    let world = shops("xy");
    let plan = world.plan(&[]);
    let id = plan.load_balancers[0].id.clone();
    let load_balancers = world.inventory["load-balancers"].as_array().unwrap().iter();
    let mut tags = load_balancers.flat_map(|found| found["tags"].as_array().unwrap());
    let uid = tags.find(|tag| tag["key"] == "albatross/cluster-uid").unwrap()["value"].as_str().unwrap();
    let group = world.inventory["auto-scaling-groups"][0]["name"].as_str().unwrap();
    let flags = [
        "--allow-unneeded",
        &id,
        "--allow-targets",
        group,
        "--take-over-cluster",
        uid,
        "--allow-release",
        "shop/x",
    ];
    let answer = world.run(&["plan"], &flags);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}
