//! Folders of recorded passes: they are replayed byte for byte, and other policies and settings are tried on them.

use std::fs;

use albatross_test_guests::guests;
use serde_json::json;

use crate::program::{
    history::{History, json as part},
    run,
    world::{World, ingress},
};

/// Four passes: at rest, with a new Ingress, with two, and without the first one.
pub fn history(name: &str) -> History {
    let mut history = History::new(World::at_rest(
        name,
        vec![ingress("shop/checkout", &["shop.example.org"]), ingress("tools/wiki", &["wiki.example.org"])],
    ));
    history.pass();
    history.world.ingresses.push(ingress("shop/returns", &["returns.example.org"]));
    history.pass();
    history.world.ingresses.push(ingress("tools/chat", &["chat.example.org"]));
    history.pass();
    history.world.delete("shop/returns");
    history.pass();
    history
}

pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn all_passes_of_a_folder_are_planned_again_byte_for_byte() {
    let history = history("history");
    let answer = run(&["replay", &history.folder]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let begin = "4 passes, 2026-11-21: all plans byte-identical (albatross ";
    assert!(answer.stdout.starts_with(begin) && answer.stdout.lines().count() == 1, "{}", answer.stdout);
    let answer = run(&["replay", &history.folder, "--output", "json"]);
    let report = part(&answer.stdout, "history");
    assert_eq!(
        (&report["passes"], &report["identical"], &report["differing"]),
        (&json!(4), &json!(4), &json!([]))
    );
    assert_eq!(report["last"].as_u64().unwrap() - report["first"].as_u64().unwrap(), 180);
}

#[test]
fn one_pass_of_a_folder_can_be_replayed_and_planned_alone() {
    let mut history = history("history-one");
    let last = history.pass();
    let file = last.to_str().unwrap();
    assert!(file.contains("-upon-"), "{file} builds upon another pass");
    let answer = run(&["replay", file]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(
        answer.stdout.starts_with("The plan of 2026-11-21 09:34 UTC is byte-identical"),
        "{}",
        answer.stdout
    );
    let answer = run(&["plan", "--snapshot", file]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains("3 Ingresses"), "{}", answer.stdout);
}

#[test]
fn a_plan_that_somebody_changed_is_named_with_what_differs() {
    let mut history = history("history-changed");
    let file = history.pass_of(|text| {
        let plan = text.split_off(text.find("\"plan\": {").unwrap());
        text.push_str(&plan.replacen("\"state\": \"placed\"", "\"state\": \"held\"", 1));
    });
    let answer = run(&["replay", &history.folder]);
    assert_eq!((answer.code, answer.stderr.as_str()), (1, ""));
    let told = one_line(&answer.stdout);
    assert!(told.contains("5 passes, 2026-11-21: 4 plans byte-identical, 1 differs (albatross "), "{told}");
    assert!(told.contains(&format!("2026-11-21 09:34 UTC, {}", file.display())), "{told}");
    assert!(told.contains("outcome of shop/checkout differs in state: \"held\" → \"placed\""), "{told}");
    assert!(told.contains("somebody changed the recording, or the planner has a defect"), "{told}");
}

#[test]
fn another_planner_is_told_once_for_all_its_passes() {
    let mut history = history("history-other-planner");
    for _ in 0..2 {
        history.pass_of(|text| {
            let begin = text.find("\"planner\": {").unwrap();
            let planner =
                text[begin..].replacen("\"name\": \"albatross ", "\"name\": \"albatross before ", 1);
            let digest = planner.find("\"sha256\": \"").unwrap() + 11;
            *text =
                format!("{}{}{}{}", &text[..begin], &planner[..digest], "01234567", &planner[digest + 8..]);
        });
    }
    let answer = run(&["replay", &history.folder]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("6 passes, 2026-11-21: all plans byte-identical"), "{}", answer.stdout);
    let expected = "warning: 2 passes were recorded with planner albatross before ";
    assert!(answer.stderr.starts_with(expected) && answer.stderr.lines().count() == 1, "{}", answer.stderr);
}

#[test]
fn what_cannot_be_replayed_is_named_and_the_rest_is_replayed() {
    let history = history("history-damaged");
    let names = history.files();
    let cut = fs::read(&names[2]).unwrap();
    fs::write(&names[2], &cut[..cut.len() - 20]).unwrap();
    let notes = format!("{}/notes.txt", history.folder);
    fs::write(&notes, "mine").unwrap();
    fs::write(format!("{}/settings.json", history.folder), "{}").unwrap();
    let answer = run(&["replay", &history.folder]);
    assert_eq!(answer.code, 1);
    let begin = "3 passes, 2026-11-21: all plans byte-identical, 2 files cannot be replayed (albatross ";
    assert!(answer.stdout.starts_with(begin), "{}", answer.stdout);
    for expected in [
        format!("warning: {notes}: this is not a recorded pass\n"),
        format!("error: {}: it is damaged or cut off: ", names[2].display()),
        format!("error: {}/settings.json: the file has no format-version", history.folder),
    ] {
        assert!(answer.stderr.contains(&expected), "{expected:?} is not in {}", answer.stderr);
    }

    fs::remove_file(&names[0]).unwrap();
    let answer = run(&["replay", &history.folder]);
    assert_eq!(answer.code, 1);
    let missing =
        format!("it builds upon {}, which is not there", names[0].file_name().unwrap().to_str().unwrap());
    let told = format!("error: {} and 2 more files: {missing}\n", names[1].display());
    assert!(answer.stderr.contains(&told), "equal faults are told once: {}", answer.stderr);
    assert!(
        answer
            .stdout
            .starts_with("0 passes: no pass could be replayed, 4 files cannot be replayed (albatross "),
        "{}",
        answer.stdout
    );
}

#[test]
fn a_folder_without_passes_is_an_error() {
    let history = History::new(World::new("history-empty", Vec::new()));
    assert_eq!(history.passes(), 0);
    let answer = run(&["replay", &history.folder]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(answer.stderr.contains("no recorded passes are there"), "{}", answer.stderr);
}

#[test]
fn another_policy_is_compared_month_by_month_with_every_ingress_that_moves() {
    let history = history("history-policy");
    let policy = one_per_namespace_of(&history.world);
    let answer = run(&["replay", &history.folder, "--policy", &policy, "--details"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let told = one_line(&answer.stdout);
    assert!(told.contains("2026-11, eu-central-1 as recorded one-per-namespace.wasm"), "{told}");
    assert!(told.contains("load balancers in use, at most 1 2 +1"), "{told}");
    assert!(told.contains("of 4 passes differ; first difference: 2026-11-21 09:3"), "{told}");
    let brief = run(&["replay", &history.folder, "--policy", &policy]);
    assert!(
        brief
            .stdout
            .ends_with("\n--details lists every Ingress that moves, and what the budgets withhold.\n")
    );
    let answer = run(&["replay", &history.folder, "--policy", &policy, "--output", "json"]);
    let report = part(&answer.stdout, "history");
    assert_eq!(report["months"][0]["passes"], 4);
    let spans = report["changes"].as_array().unwrap();
    let told_moves = spans.iter().flat_map(|span| span["moves"].as_array().unwrap());
    let places: Vec<_> =
        told_moves.filter(|it| it["object"] == "tools/chat" || it["object"] == "tools/wiki").collect();
    assert!(!places.is_empty() && places.iter().all(|it| it["from"] != it["to"]), "{spans:?}");
}

#[test]
fn each_month_has_its_cost_where_the_price_is_known() {
    let mut history = history("history-cost");
    history.pause(20);
    history.pass_of(|text| *text = text.replace("eu-central-1", "mars-north-1"));
    let policy = one_per_namespace_of(&history.world);
    let answer = run(&["replay", &history.folder, "--policy", &policy]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let told = one_line(&answer.stdout);
    // 730 h at $0.027.
    assert!(told.contains("cost a month, about $20 $39 +$19"), "{told}");
    assert_eq!(told.matches("cost a month, about").count(), 1, "{told}");
    for expected in [
        "Cost: load balancer hours only, the most load balancers in use at a time × 730 h, at an hourly price of $0.027 in eu-central-1.",
        "The cost in mars-north-1 is left out, since the price is not known: pass --price REGION=DOLLARS",
    ] {
        assert!(told.contains(expected), "{expected:?} is not in {told}");
    }
    let replay =
        ["replay", &history.folder, "--policy", &policy, "--price", "mars-north-1=1.5", "--output", "json"];
    let report = part(&run(&replay).stdout, "history");
    let costs: Vec<_> = report["months"].as_array().unwrap().iter().map(|month| &month["cost"]).collect();
    assert_eq!(
        *costs[0],
        json!({"hour": 27_000, "recorded": 19_710_000, "replayed": 39_420_000}),
        "{report}"
    );
    assert_eq!(
        (costs[1]["hour"].as_u64(), costs[1]["recorded"].as_u64()),
        (Some(1_500_000), Some(1_095_000_000))
    );
    let answer = run(&["replay", &history.folder, "--price", "mars-north-1=cheap"]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("such as eu-central-1=0.027"), "{}", answer.stderr);
}

#[test]
fn load_balancers_that_a_trial_empties_cost_nothing() {
    let teams: Vec<String> = (0..10).map(|number| format!("team-{number}/app")).collect();
    let ingresses =
        teams.iter().map(|team| ingress(team, &[&team.replace("/app", ".example.org")])).collect();
    let mut world = World::new("history-merged", ingresses);
    world.flags.extend(["--policy".to_owned(), one_per_namespace_of(&world)]);
    world.come_to_rest();
    let mut history = History::new(world);
    history.pass();
    let policy = history.world.file("merges.wasm", guests::one_group("all", &Vec::from_iter(0..10)));
    let allowed = teams.join(",");
    // All move to new load balancers, and the policy wants one for all of them.
    let settings = history.world.file("internal.json", r#"{"default-scheme": "internal"}"#);
    let change = ["--policy", &policy, "--settings", &settings, "--allow-name-change", &allowed];
    let trial = [&["replay", history.folder.as_str()][..], &change].concat();
    let answer = run(&[&trial[..], &["--output", "json"]].concat());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let report = part(&answer.stdout, "history");
    let month = &report["months"][0];
    assert_eq!(
        (&month["recorded"]["in-use"], &month["replayed"]["in-use"]),
        (&json!(10), &json!(1)),
        "{month}"
    );
    assert_eq!(
        (&month["cost"]["recorded"], &month["cost"]["replayed"]),
        (&json!(197_100_000), &json!(19_710_000))
    );
    let told = one_line(&run(&trial).stdout);
    for expected in ["load balancers in use, at most 10 1 -9", "cost a month, about $197 $20 -$177"] {
        assert!(told.contains(expected), "{expected:?} is not in {told}");
    }
}

#[test]
fn a_price_that_has_no_effect_is_named() {
    let history = history("history-prices");
    let policy = one_per_namespace_of(&history.world);
    let pass = history.files()[0].display().to_string();
    let price = ["--price", "eu-centrl-1=1"];
    for (arguments, expected) in [
        (vec!["replay", &pass], "warning: --price has no effect on a single file"),
        (vec!["replay", &history.folder], "warning: --price has no effect without a trial"),
        (
            vec!["replay", &history.folder, "--policy", &policy],
            "warning: --price eu-centrl-1=… has no effect: the passes are of eu-central-1",
        ),
    ] {
        let answer = run(&[&arguments[..], &price].concat());
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        assert!(answer.stderr.starts_with(expected), "{}", answer.stderr);
        assert_eq!(answer.stderr.lines().count(), 1, "{}", answer.stderr);
    }
    let answer = run(&["replay", &history.folder, "--policy", &policy, "--price", "eu-central-1=1"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}

#[test]
fn moves_that_budgets_withhold_are_shown_as_withheld() {
    let of = |namespace: &'static str| {
        (0..12).map(move |number| {
            ingress(&format!("{namespace}/{number}"), &[&format!("{namespace}-{number}.example.org")])
        })
    };
    let mut history =
        History::new(World::at_rest("history-withheld", of("shop").chain(of("tools")).collect()));
    history.pass();
    history.pass();
    let policy = one_per_namespace_of(&history.world);
    let answer = run(&["replay", &history.folder, "--policy", &policy, "--details", "--output", "json"]);
    let report = part(&answer.stdout, "history");
    let figures = &report["months"][0]["replayed"];
    let (moves, withheld) = (figures["moves"].as_u64().unwrap(), figures["moves-withheld"].as_u64().unwrap());
    assert!(withheld > 0 && moves + withheld >= 12, "{moves} moves and {withheld} withheld: {report}");
    let ids = report["changes"][0]["withheld"][0]["ids"].as_array().unwrap();
    assert_eq!(ids.len() as u64, withheld, "each of them is named");
    assert_eq!(report["changes"].as_array().unwrap().len(), 1, "both passes have the same changes");
    let answer = run(&["replay", &history.folder, "--policy", &policy, "--details"]);
    let told = one_line(&answer.stdout);
    assert!(told.contains(&format!("Ingresses that budgets withhold 0 {withheld} +{withheld}")), "{told}");
    assert!(told.contains("! withheld"), "{told}");
    let allowed = ids.iter().map(|id| id.as_str().unwrap()).collect::<Vec<_>>().join(",");
    let answer = run(&[
        "replay",
        &history.folder,
        "--policy",
        &policy,
        "--allow-name-change",
        &allowed,
        "--output",
        "json",
    ]);
    let report = part(&answer.stdout, "history");
    assert_eq!(report["months"][0]["replayed"]["moves-withheld"], 0, "{report}");
}

#[test]
fn a_policy_that_makes_no_difference_is_named_as_such() {
    let mut history = History::new(World::at_rest(
        "history-no-difference",
        vec![ingress("shop/checkout", &["shop.example.org"])],
    ));
    history.world.flags.extend(["--policy".to_owned(), one_per_namespace_of(&history.world)]);
    history.pass();
    let policy = one_per_namespace_of(&history.world);
    let answer = run(&["replay", &history.folder]);
    assert_eq!(answer.code, 1);
    let file = history.files()[0].display().to_string();
    let told = format!("error: {file}: was recorded with policy one-per-namespace.wasm ");
    assert!(answer.stderr.starts_with(&told), "{}", answer.stderr);
    assert_eq!(answer.stderr.matches(&file).count(), 1, "{}", answer.stderr);
    assert!(answer.stdout.starts_with("0 passes: no pass could be replayed, 1 file"), "{}", answer.stdout);
    let answer = run(&["replay", &history.folder, "--policy", &policy]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains("1 pass, 2026-11-21: the plan is byte-identical"), "{}", answer.stdout);
}

#[test]
fn a_point_that_was_frozen_stays_frozen_with_the_policy_that_failed() {
    let mut history =
        History::new(World::at_rest("history-frozen", vec![ingress("shop/checkout", &["shop.example.org"])]));
    history.world.ingresses.push(ingress("shop/returns", &["returns.example.org"]));
    let policy = history.world.file("traps.wasm", guests::crashes("grouping-policy"));
    history.world.flags.extend(["--policy".to_owned(), policy.clone()]);
    history.frozen_pass();
    history.frozen_pass();
    for more in [&["--policy", policy.as_str()][..], &[]] {
        let answer = run(&[&["replay", history.folder.as_str()], more].concat());
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{more:?}");
        let begin = "2 passes, 2026-11-21: all plans byte-identical (";
        assert!(answer.stdout.starts_with(begin), "{more:?}: {}", answer.stdout);
    }
    // Another policy decides.
    let other = one_per_namespace_of(&history.world);
    let answer = run(&["replay", &history.folder, "--policy", &other]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains(": 2 differ with one-per-namespace.wasm ("), "{}", answer.stdout);
}

#[test]
fn frozen_points_can_be_set_anew() {
    let mut history = History::new(World::at_rest(
        "history-frozen-anew",
        vec![ingress("shop/checkout", &["shop.example.org"])],
    ));
    let policy = one_per_namespace_of(&history.world);
    history.world.flags.extend(["--policy".to_owned(), policy.clone()]);
    history.pass();
    history.world.ingresses.push(ingress("tools/wiki", &["wiki.example.org"]));
    history.pass();
    let replay = |frozen: &str| run(&["replay", &history.folder, "--policy", &policy, "--frozen", frozen]);
    let answer = replay("none");
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(
        answer.stdout.starts_with("2 passes, 2026-11-21: all plans byte-identical ("),
        "{}",
        answer.stdout
    );
    let answer = replay("grouping");
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stdout.contains("frozen: grouping"), "{}", answer.stdout);
    // The new Ingress waits.
    let in_use = "load balancers in use, at most 2 1 -1";
    assert!(one_line(&answer.stdout).contains(in_use), "{}", answer.stdout);
    let wrong = replay("groups");
    assert!(wrong.code != 0 && wrong.stderr.contains("write grouping, subnets, certificates or none"));
}

#[test]
fn a_policy_that_was_never_asked_is_the_same_policy() {
    let mut world = World::new("history-unasked", vec![ingress("shop/checkout", &["shop.example.org"])]);
    let subnets = ["subnet-0a100000000000001", "subnet-0b100000000000001"];
    let identity = json!({"cluster-id": "quickstart", "cluster-uid": "6f1d9c1e-6a0b-4b52-9d0e-3c8f5a7b2d41"});
    let settings = world.file("listed.json", json!({"identity": identity, "subnets": subnets}).to_string());
    let policy = world.file("subnets.wasm", guests::first_and_last_subnet());
    world.flags = ["--settings", &settings, "--policy", &policy].map(str::to_owned).to_vec();
    let mut history = History::new(world);
    let file = history.pass();
    let recorded = run(&["replay", file.to_str().unwrap(), "--policy", &policy, "--output", "json"]);
    assert_eq!(part(&recorded.stdout, "replay")["identical"], true, "{}", recorded.stderr);
    let answer = run(&["replay", &history.folder, "--policy", &policy]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(
        answer.stdout.starts_with("1 pass, 2026-11-21: the plan is byte-identical ("),
        "{}",
        answer.stdout
    );
}

#[test]
fn each_month_and_region_has_a_table() {
    let mut history = history("history-months");
    history.pause(20);
    history.pass();
    history.pass_of(|text| *text = text.replace("eu-central-1", "eu-west-1"));
    let answer = run(&["replay", &history.folder]);
    assert_eq!(answer.code, 0, "{}", answer.stdout);
    let settings = history.world.file("try.json", r#"{"default-scheme": "internal"}"#);
    let answer = run(&["replay", &history.folder, "--settings", &settings]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let headings: Vec<&str> =
        answer.stdout.lines().filter(|line| line.starts_with("2026-1")).map(|line| &line[..17]).collect();
    assert_eq!(
        headings,
        ["2026-11, eu-centr", "2026-12, eu-centr", "2026-12, eu-west-"],
        "{}",
        answer.stdout
    );
    let answer = run(&["replay", &history.folder, "--settings", &settings, "--output", "json"]);
    let report = part(&answer.stdout, "history");
    let passes: Vec<_> =
        report["months"].as_array().unwrap().iter().map(|month| month["passes"].as_u64().unwrap()).collect();
    assert_eq!(passes, [4, 1, 1]);
}

#[test]
fn passes_that_are_checked_and_passes_on_which_something_is_tried_are_told_apart() {
    let mut history = history("history-mixed");
    let policy = one_per_namespace_of(&history.world);
    history.world.flags.extend(["--policy".to_owned(), policy.clone()]);
    history.pass();
    history.pass_of(|text| {
        let plan = text.split_off(text.find("\"plan\": {").unwrap());
        text.push_str(&plan.replacen("\"state\": \"placed\"", "\"state\": \"held\"", 1));
    });
    let answer = run(&["replay", &history.folder, "--policy", &policy]);
    assert_eq!(answer.code, 1, "{}", answer.stderr);
    let told = one_line(&answer.stdout);
    let begin = "6 passes, 2026-11-21: 1 plan byte-identical, 1 differs, ";
    assert!(told.starts_with(begin) && told.contains(" of 4 differ with one-per-namespace.wasm ("), "{told}");
}

#[test]
fn a_bundle_that_something_else_wrote_is_equal_and_not_byte_identical() {
    let mut history = history("history-rewritten");
    let file = history.pass_of(|text| {
        let bundle: serde_json::Value = serde_json::from_str(text).unwrap();
        *text = bundle.to_string();
    });
    let answer = run(&["replay", &history.folder]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let begin = "5 passes, 2026-11-21: 4 plans byte-identical, 1 equal, but written differently (";
    assert!(answer.stdout.starts_with(begin), "{}", answer.stdout);
    let answer = run(&["replay", file.to_str().unwrap()]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let begin = "The plan of 2026-11-21 09:34 UTC is equal, but written differently (";
    assert!(answer.stdout.starts_with(begin), "{}", answer.stdout);
}

#[test]
fn allowances_that_no_pass_knows_are_an_error() {
    let history = history("history-allowances");
    // The second and third pass have it.
    let answer = run(&["replay", &history.folder, "--allow-name-change", "shop/returns"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains(": no difference with other allowances ("), "{}", answer.stdout);
    let last = history.files().pop().unwrap();
    for path in [history.folder.as_str(), last.to_str().unwrap()] {
        let answer = run(&["replay", path, "--allow-name-change", "shop/nothing"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{path}");
        assert!(answer.stderr.contains("'shop/nothing' is not an Ingress"), "{}", answer.stderr);
    }
}

#[test]
fn policies_of_a_settings_file_must_fit_to_those_that_are_passed() {
    let history = history("history-policy-settings");
    let policy = one_per_namespace_of(&history.world);
    let refused = |settings: &str, policy: &[&str], expected: &str| {
        let settings = history.world.file("try.json", settings);
        let answer = run(&[&["replay", &history.folder, "--settings", &settings], policy].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{expected}");
        assert!(answer.stderr.contains(expected) && answer.stderr.lines().count() == 1, "{}", answer.stderr);
    };
    let given = ["--policy", policy.as_str()];
    refused(r#"{"policies": []}"#, &given, "is missing, although a policy for it is passed: add it");
    refused(
        r#"{"policies": [{"point": "grouping", "settings": "nonsense"}]}"#,
        &given,
        "settings of the policy for",
    );
    refused(
        r#"{"policies": [{"point": "grouping", "settings": ""}]}"#,
        &[],
        "needs a policy: pass it with --policy",
    );
}

pub fn one_per_namespace_of(world: &World) -> String {
    world.file("one-per-namespace.wasm", albatross_components::ONE_PER_NAMESPACE)
}

#[test]
fn other_settings_are_put_over_the_recorded_ones() {
    let history = history("history-settings");
    let settings = history.world.file("try.json", r#"{"default-scheme": "internal"}"#);
    let answer = run(&["replay", &history.folder, "--settings", &settings]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains("4 differ with other settings"), "{}", answer.stdout);
    let wrong = history.world.file("wrong.json", r#"{"default-schema": "internal"}"#);
    let answer = run(&["replay", &history.folder, "--settings", &wrong]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert_eq!(answer.stderr.matches("default-schema").count(), 1, "it is said once: {}", answer.stderr);
}

#[cfg(not(feature = "live"))]
#[test]
fn a_program_without_aws_says_so_of_a_bucket() {
    for command in [
        &["replay", "s3://passes/production"][..],
        &["replay", "s3://passes/production/pass-1795253400-00000001.json.zst"],
        &["replay", "bisect", "s3://passes/production", "--host", "shop.example.org"],
        &["plan", "--snapshot", "s3://passes/production/pass-1795253400-00000001.json.zst"],
    ] {
        let refused = run(command);
        assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{command:?}");
        let told = "s3://passes/production: this program was built without AWS, so it cannot read a bucket";
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
}
