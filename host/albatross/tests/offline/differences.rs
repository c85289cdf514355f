//! `albatross diff`: what differs between two recorded passes, snapshots or plans.

use serde_json::{Value, json};

use crate::program::{
    Answer, on_quickstart, run,
    world::{World, ingress},
};

/// A cluster at rest, with a certificate that nobody needs.
fn world(name: &str) -> World {
    let ingresses = ["a", "b", "c"].map(|it| ingress(&format!("shop/{it}"), &[&format!("{it}.example.org")]));
    World::at_rest(name, ingresses.into())
}

/// The bundle of a pass.
fn pass(world: &World, name: &str) -> String {
    let bundle = world.path(name);
    let answer = world.run(&["plan"], &["--record", &bundle]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    bundle
}

fn document(path: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The snapshot of a bundle in a file of its own.
fn snapshot(world: &World, bundle: &str, name: &str) -> String {
    let snapshot = &document(bundle)["bundle"]["snapshot"];
    world.file(name, json!({"format-version": 1, "snapshot": snapshot}).to_string())
}

/// The plan of a bundle in a file of its own.
fn plan(world: &World, bundle: &str, name: &str) -> String {
    let plan = &document(bundle)["bundle"]["plan"];
    world.file(name, json!({"format-version": 1, "plan": plan}).to_string())
}

fn diff(one: &str, other: &str, more: &[&str]) -> Answer {
    run(&[&["diff", one, other], more].concat())
}

/// The answer in one line, so that line breaks do not matter.
fn told(answer: &Answer) -> String {
    answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn two_passes_without_a_difference_are_equal() {
    let world = world("diff-equal");
    let (one, other) = (pass(&world, "one.json"), pass(&world, "other.json"));
    for format in ["text", "markdown"] {
        let answer = diff(&one, &other, &["--detailed-exitcode", "--output", format]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
        assert!(answer.stdout.contains("No difference."), "{}", answer.stdout);
    }
    let answer = diff(&one, &other, &["--output", "json"]);
    let answer: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&answer["format-version"], &answer["difference"]["equal"]), (&json!(1), &json!(true)));
}

#[test]
fn what_differs_in_the_world_and_in_the_answer_is_named() {
    let mut world = world("diff-world");
    let one = pass(&world, "one.json");
    world.ingress("shop/a")["metadata"]["annotations"]["zalando.org/aws-load-balancer-scheme"] =
        json!("internal");
    world.ingress("shop/b")["spec"]["rules"][0]["http"] = json!({"paths": [{
        "path": "/cart", "pathType": "Prefix", "backend": {"service": {"name": "cart", "port": {"number": 80}}}
    }]});
    world.delete("shop/c");
    world.ingresses.push(ingress("shop/d", &["d.example.org"]));
    let arn = world.add_certificate(7, "d.example.org");
    world.inventory["instances"].as_array_mut().unwrap().pop();
    world.inventory["quotas"]["load-balancers"] = json!(60);
    world.flags.extend(["--cluster-id".to_owned(), "quickstart".to_owned()]);
    let other = pass(&world, "other.json");
    let answer = diff(&one, &other, &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let (shown, world_only) =
        (told(&answer), answer.stdout.split("In the answer").next().unwrap().to_owned());
    for expected in [
        "+ Ingress shop/d - Ingress shop/c",
        "~ Ingress shop/a annotation zalando.org/aws-load-balancer-scheme nothing → \"internal\"",
        "~ Ingress shop/b rules[b.example.org].paths[/cart] nothing → {",
        "+ certificate d.example.org (00000000)",
        "- instance i-0",
        "~ account account quotas.load-balancers 50 → 60",
        "+ load balancer albatross-",
        "~ Ingress shop/a load balancer \"albatross-",
        "+ action albatross-",
        "load balancers 1 2 +1",
    ] {
        assert!(shown.contains(expected), "{expected} is not in {}", answer.stdout);
    }
    assert!(!world_only.contains("target group"), "what is the same is not mentioned: {world_only}");
    assert!(shown.ends_with(" in the answer."), "{shown}");
    assert_eq!(diff(&one, &other, &["--detailed-exitcode"]).code, 2);
    let json: Value = serde_json::from_str(&diff(&one, &other, &["--output", "json"]).stdout).unwrap();
    let kinds = json["difference"]["world"].as_array().unwrap();
    let certificates = kinds.iter().find(|kind| kind["kind"] == "certificate").unwrap();
    assert_eq!(certificates["added"]["count"], 1, "{arn}: {certificates}");
}

#[test]
fn two_snapshots_are_planned_and_two_plans_are_compared_without_a_world() {
    let mut world = world("diff-kinds");
    let one = pass(&world, "one.json");
    world.delete("shop/c");
    let other = pass(&world, "other.json");
    let (s1, s2) = (snapshot(&world, &one, "s1.json"), snapshot(&world, &other, "s2.json"));
    let of_passes = diff(&one, &other, &[]);
    let of_snapshots = diff(&s1, &s2, &["--detailed-exitcode"]);
    assert_eq!((of_snapshots.code, of_snapshots.stderr.as_str()), (2, ""));
    let body = |answer: &Answer| answer.stdout.split_once("\n\n").unwrap().1.to_owned();
    assert_eq!(body(&of_snapshots), body(&of_passes), "the plans of the snapshots are the recorded ones");
    let (p1, p2) = (plan(&world, &one, "p1.json"), plan(&world, &other, "p2.json"));
    let of_plans = diff(&p1, &p2, &[]);
    assert!(!of_plans.stdout.contains("In the world"), "{}", of_plans.stdout);
    assert!(told(&of_plans).contains("- Ingress shop/c"), "{}", of_plans.stdout);
    assert!(of_plans.stdout.contains("in the plans."), "{}", of_plans.stdout);
}

#[test]
fn files_of_different_or_other_kinds_are_refused() {
    let world = world("diff-refused");
    let one = pass(&world, "one.json");
    let plan = plan(&world, &one, "plan.json");
    let answer = diff(&one, &plan, &[]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(answer.stderr.contains(&format!("{one} is a bundle and {plan} is a plan")), "{}", answer.stderr);
    let cloud = crate::program::quickstart("cloud.json");
    let answer = diff(&cloud, &one, &[]);
    assert!(answer.stderr.contains("this is an inventory, which --cloud takes"), "{}", answer.stderr);
    let answer = diff(&one, &world.path("nothing.json"), &[]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("nothing.json"), "{}", answer.stderr);
    let broken = world.file("broken.json", "{\"format-version\": 1, \"plan\": {\"actions\": 17}}");
    let answer = diff(&broken, &plan, &[]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("broken.json") && answer.stderr.contains("17"), "{}", answer.stderr);
    let policy = world.file("policy.wasm", albatross_components::ONE_PER_NAMESPACE);
    let answer = diff(&one, &one, &["--policy", &policy]);
    assert!(answer.stderr.starts_with("warning: --policy and --planner have no effect"), "{}", answer.stderr);
}

#[test]
fn a_fleet_of_ten_thousand_nodes_is_counted() {
    let world = world("diff-fleet");
    let one = pass(&world, "one.json");
    let node = |number: usize, ready: bool| json!({"metadata": {"name": format!("node-{number}")}, "unschedulable": false, "ready": ready});
    let with = |name: &str, nodes: Vec<Value>| {
        let mut bundle = document(&one);
        bundle["bundle"]["snapshot"]["cluster"]["nodes"] = json!(nodes);
        world.file(name, bundle.to_string())
    };
    let before = with("before.json", (0..10_000).map(|number| node(number, true)).collect());
    // Half of them go, half of the others are no longer ready, and each tenth gets a label of its own.
    let changed = (5_000..12_000).map(|number| {
        let mut node = node(number, number % 2 == 0);
        if number % 10 == 0 {
            node["metadata"]["labels"] = json!([{"key": "number", "value": number.to_string()}]);
        }
        node
    });
    let after = with("after.json", changed.collect());
    for format in ["text", "markdown", "json"] {
        let answer = diff(&before, &after, &["--output", format]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        assert!(answer.stdout.len() < 40_000, "{format}: {}", answer.stdout.len());
        let shown = told(&answer);
        let expected: &[&str] = match format {
            "json" => {
                &["\"kind\": \"Node\", \"added\": { \"count\": 2000", "\"count\": 5000", "\"changed\": 3000"]
            }
            _ => &[
                "2000 Nodes",
                "5000 Nodes",
                "2500 Nodes",
                "ready true → false",
                "and 481 more changes of Nodes",
            ],
        };
        for expected in expected {
            assert!(shown.contains(expected), "{expected} is not in {shown}");
        }
    }
}

#[test]
fn text_from_the_cluster_stays_text_in_a_comment() {
    let mut world = world("diff-hostile");
    let one = pass(&world, "one.json");
    let hostile = "```\n</details><script>@org/team</script>";
    world.ingress("shop/a")["metadata"]["annotations"] =
        json!({"zalando.org/aws-load-balancer-scheme": hostile});
    let other = pass(&world, "other.json");
    let comment = diff(&one, &other, &["--output", "markdown"]).stdout;
    assert_eq!(
        comment.matches("<details>").count(),
        comment.lines().filter(|line| *line == "</details>").count()
    );
    for line in comment.lines().filter(|line| line.contains("script")) {
        assert!(!line.starts_with('<') && !line.starts_with('`'), "{line}");
    }
}

#[test]
fn a_recorded_pass_of_the_quickstart_differs_from_the_next_one() {
    let folder = crate::program::Folder::new("diff-quickstart");
    let (one, other) = (folder.path("one.json"), folder.path("other.json"));
    assert_eq!(on_quickstart(&["plan"], &["--record", &one]).code, 0);
    assert_eq!(on_quickstart(&["plan"], &["--record", &other, "--time", "2026-11-27T00:00:00Z"]).code, 0);
    let answer = diff(&one, &other, &[]);
    assert!(
        !answer.stdout.contains("In the world"),
        "times are no difference of the world: {}",
        answer.stdout
    );
    assert!(answer.stdout.contains("In the answer"), "{}", answer.stdout);
}
