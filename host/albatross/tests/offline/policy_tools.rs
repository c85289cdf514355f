//! What helps the author of a policy: `policy test`, `policy inspect`, recorded questions, and the text of a panic.

use std::fs;

use albatross_contract::{CertificateInput, GroupingInput};
use albatross_policy::fixture;
use albatross_test_guests::{guests, worlds};
use serde_json::{Value, json};

use crate::program::{Folder, on_quickstart, one_per_namespace, run};

/// What the program writes for programs.
fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// Cases for the policy of this repository, of which the second is wrong.
const CASES: &str = r#"
policy: one-per-namespace.wasm
cases:
- name: namespaces are apart
  expect:
    apart: [[shop/checkout, tools/wiki]]
    load-balancers: 4
- name: all are together
  expect:
    together: [[shop/checkout, tools/wiki]]
"#;

#[test]
fn cases_are_tried_and_a_failed_one_says_what_the_policy_decided() {
    let folder = Folder::new("policy-test");
    one_per_namespace(&folder);
    let file = folder.file("policy-test.yaml", CASES);
    let answer = run(&["policy", "test", &file]);
    assert_eq!((answer.code, answer.stderr.as_str()), (1, ""), "{}", answer.stdout);
    let expected = format!(
        "{file}  one-per-namespace.wasm\n  \
         pass  namespaces are apart\n  \
         FAIL  all are together\n        \
         together[0]\n          \
         expected  shop/checkout, tools/wiki in one group\n          \
         actual    shop/checkout in group \"shop\", tools/wiki in group \"tools\"\n        \
         the policy decided\n          \
         group \"default\": default/myingress, default/test-app\n          \
         group \"shop\": shop/checkout, shop/legacy\n          \
         group \"tools\": tools/wiki\n\n\
         1 of 2 cases failed\n"
    );
    assert_eq!(answer.stdout, expected);

    let answer = run(&["policy", "test", &folder.path("."), "--output", "json"]);
    assert_eq!(answer.code, 1);
    let report = &document(&answer.stdout)["policy-test"];
    assert_eq!((&report["passed"], &report["failed"]), (&json!(1), &json!(1)));
    let cases = &report["files"][0]["cases"];
    assert_eq!((&cases[0]["passed"], &cases[1]["passed"]), (&json!(true), &json!(false)));
    assert_eq!(cases[1]["mismatches"][0]["field"], "together[0]");
    assert_eq!(cases[0]["decisions"][2], "group \"tools\": tools/wiki");
    assert_eq!(report["files"][0]["policy"]["name"], "one-per-namespace.wasm");
}

#[test]
fn a_case_may_expect_that_a_policy_fails_or_refuses_its_settings() {
    let folder = Folder::new("policy-test-fails");
    let policy = one_per_namespace(&folder);
    let panics = folder.file("panics.wasm", guests::panics(b"src/lib.rs:12:9: no team"));
    let file = folder.file(
        "policy-test.yaml",
        "cases:\n- {name: a, settings: {most: 1}, expect: {fails: unknown field `most`}}\n\
         - {name: b, expect: {fails: 'lib.rs:12:9: no team'}}\n",
    );
    let names = |component: &str| {
        let answer = run(&["policy", "test", &file, "--policy", component]);
        assert_eq!(answer.code, 1);
        answer.stdout
    };
    let text = names(&policy);
    assert!(text.contains("  pass  a\n  FAIL  b\n"), "{text}");
    assert!(text.contains("actual    it does not fail\n"), "{text}");
    let text = names(&panics);
    assert!(text.contains("  FAIL  a\n") && text.contains("  pass  b\n"), "{text}");
}

#[test]
fn what_makes_a_case_impossible_is_named_and_the_others_are_tried() {
    let folder = Folder::new("policy-test-impossible");
    one_per_namespace(&folder);
    let file = folder.file(
        "policy-test.yaml",
        "policy: one-per-namespace.wasm\ncases:\n\
         - {name: a, snapshot: none.json, expect: {load-balancers: 1}}\n\
         - {name: b, question: policy-test.yaml, expect: {by-default: [a/b]}}\n\
         - {name: c, manifests: [{kind: Ingress, apiVersion: networking.k8s.io/v1, metadata: {name: 7}}], expect: {fails: x}}\n\
         - {name: d, expect: {together: [[shop/checkout, shop/legacy]]}}\n",
    );
    let answer = run(&["policy", "test", &file]);
    assert_eq!((answer.code, answer.stderr.as_str()), (1, ""));
    // Lines are as long as a screen is wide.
    let text = answer.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "none.json: cannot be read: ",
        "not usable as a question to a policy, as --record-questions writes it",
        "manifests[0], document 1, line 1: metadata.name: 7 is a number",
        "pass d 3 of 4 cases failed",
    ] {
        assert!(text.contains(expected), "{expected:?} is not in {}", answer.stdout);
    }
}

#[test]
fn a_file_of_cases_that_cannot_be_used_is_an_error_that_names_it() {
    let folder = Folder::new("policy-test-errors");
    let case = "cases:\n- {name: a, expect: {fails: x}}\n";
    let without = folder.file("a-policy-test.yaml", case);
    let missing = folder.file("b-policy-test.yaml", format!("policy: none.wasm\n{case}"));
    let misspelt = folder.file("c-policy-test.yaml", "cases:\n- name: a\n  expekt: {}\n");
    let no_component = folder.file("d-policy-test.yaml", format!("policy: a-policy-test.yaml\n{case}"));
    let empty = Folder::new("policy-test-empty").path(".");
    for (path, expected) in [
        (
            &without,
            "a-policy-test.yaml: `policy` is missing: write the path of the component, or name it with --policy",
        ),
        (&missing, "b-policy-test.yaml: policy: none.wasm cannot be read: "),
        (&misspelt, "c-policy-test.yaml: "),
        (&misspelt, "unknown field `expekt`"),
        (&no_component, "policy a-policy-test.yaml is not WebAssembly"),
        (
            &empty,
            "no test cases are there: name a file, or a folder with a file whose name ends in policy-test.yaml",
        ),
    ] {
        let answer = run(&["policy", "test", path]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{path}");
        assert!(answer.stderr.contains(expected), "{expected:?} is not in {}", answer.stderr);
    }
}

#[test]
fn a_recorded_question_is_an_input_for_tests_of_the_policy() {
    let folder = Folder::new("record-questions");
    let policy = one_per_namespace(&folder);
    let (questions, bundle) = (folder.path("questions"), folder.path("pass.json"));
    let planned = on_quickstart(
        &["plan"],
        &["--policy", &policy, "--record-questions", &questions, "--record", &bundle],
    );
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let recorded = folder.path("questions/grouping-1.json");
    let call = document(&fs::read_to_string(&recorded).unwrap())["policy-call"].clone();
    assert_eq!(call["answer"]["grouping"]["groups"][1]["key"], "shop");

    let natively: GroupingInput = fixture(&recorded).unwrap();
    assert_eq!(natively.members.len(), 5);
    assert!(
        fixture::<CertificateInput>(&recorded)
            .unwrap_err()
            .contains("not a question of the point certificates")
    );

    let file = folder.file(
        "policy-test.yaml",
        "policy: one-per-namespace.wasm\ncases:\n- name: the recorded question\n  question: questions/grouping-1.json\n  \
         expect: {groups: {shop: {members: [shop/checkout, shop/legacy]}}}\n",
    );
    let answer = run(&["policy", "test", &file]);
    assert_eq!(answer.code, 0, "{}", answer.stdout);
    assert!(answer.stdout.ends_with("\n1 case passed\n"), "{}", answer.stdout);

    let file = folder.file(
        "snapshot-policy-test.yaml",
        "policy: one-per-namespace.wasm\ncases:\n- {name: the recorded snapshot, snapshot: pass.json, expect: {load-balancers: 4}}\n",
    );
    let answer = run(&["policy", "test", &file]);
    assert_eq!(answer.code, 0, "{}", answer.stdout);

    for (command, folder_of_command) in [("replay", "replayed"), ("check", "checked")] {
        let questions = folder.path(folder_of_command);
        let arguments = match command {
            "replay" => vec!["replay", &bundle, "--policy", &policy],
            _ => vec!["policy", "check", &policy, "--snapshot", &bundle],
        };
        let answer = run(&[arguments.as_slice(), &["--record-questions", &questions]].concat());
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        let again = fs::read_to_string(format!("{questions}/grouping-1.json")).unwrap();
        assert_eq!(again, fs::read_to_string(&recorded).unwrap(), "{command}");
    }
}

#[test]
fn the_question_of_a_policy_that_fails_is_recorded_with_the_failure_and_other_policies_are_asked_too() {
    let folder = Folder::new("record-failing-questions");
    let certificates = folder.file("certificates.wasm", guests::crashes("certificate-policy"));
    let policy = one_per_namespace(&folder);
    let questions = folder.path("questions");
    let answer = on_quickstart(
        &["plan"],
        &["--policy", &certificates, "--policy", &policy, "--record-questions", &questions],
    );
    assert_eq!(answer.code, 1);
    let call = |name: &str| {
        document(&fs::read_to_string(format!("{questions}/{name}")).unwrap())["policy-call"].clone()
    };
    let failed = call("certificates-1.json");
    assert!(failed["failure"].as_str().unwrap().contains("unreachable"), "{failed}");
    assert!(failed.get("answer").is_none() && failed["question"]["certificates"]["hosts"].is_array());
    assert!(call("grouping-1.json").get("failure").is_none());
}

#[test]
fn a_component_is_described_whether_it_is_fit_or_not() {
    let folder = Folder::new("policy-inspect");
    let answer = run(&["policy", "inspect", &one_per_namespace(&folder)]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    for expected in [
        "albatross-policy-one-per-namespace 0.1.0: One load balancer for each namespace.\n",
        "\n  decides   grouping\n",
        "\n  contract  albatross:planner@0.1.0\n",
        "\n  imports   none\n",
        "\n  exports   albatross:planner/policy@0.1.0 (describe, validate-settings)\n            \
         albatross:planner/grouping@0.1.0 (group)\n",
        "rustc 1.",
        "\n  settings  none\n",
    ] {
        assert!(answer.stdout.contains(expected), "{expected:?} is not in {}", answer.stdout);
    }

    let clock = r#"(import "wasi:clocks/wall-clock@0.2.0" "now" (func (result i64)))"#;
    let component = worlds::component("policy-with-a-clock", &guests::grouping_text(clock));
    let unfit = folder.file("clock.wasm", component);
    let answer = run(&["policy", "inspect", &unfit]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    for expected in [
        "clock.wasm\n  decides   grouping\n",
        "\n  imports   wasi:clocks/wall-clock@0.2.0 (now)\n",
        "\n  unfit     policy clock.wasm imports wasi:clocks/wall-clock@0.2.0; a policy may import nothing",
    ] {
        assert!(answer.stdout.contains(expected), "{expected:?} is not in {}", answer.stdout);
    }
    let inspection =
        &document(&run(&["policy", "inspect", &unfit, "--output", "json"]).stdout)["policy-inspection"];
    assert_eq!(inspection["imports"][0]["functions"], json!(["now"]));
    assert!(inspection["unfit"].is_string() && inspection.get("description").is_none(), "{inspection}");

    let answer = run(&["policy", "inspect", &folder.file("script", "#!/bin/sh\n")]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    assert!(answer.stderr.contains("script is not WebAssembly"), "{}", answer.stderr);
}

#[test]
fn a_program_reads_what_a_check_found() {
    let folder = Folder::new("policy-check-json");
    let answer = run(&["policy", "check", &one_per_namespace(&folder), "--output", "json"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    let check = &document(&answer.stdout)["policy-check"];
    assert_eq!((&check["fit"], &check["untried"]), (&json!(true), &json!([])));
    assert_eq!(check["component"]["decides"], json!(["grouping"]));
    assert_eq!(check["component"]["description"]["settings-schema"]["title"], "NoSettings");
    let question = &check["snapshots"][0]["questions"][0];
    assert_eq!((&question["point"], &question["subjects"]), (&json!("grouping"), &json!(5)));
    assert_eq!(question["decisions"]["tools/wiki"], "group \"tools\"");
    assert!(question["fuel"].as_u64().unwrap() > 0 && question["faults"] == json!([]), "{question}");

    let failing = folder.file("places.wasm", guests::one_group("a", &[0]));
    let answer = run(&["policy", "check", &failing, "--output", "json"]);
    assert_eq!(answer.code, 1);
    let check = &document(&answer.stdout)["policy-check"];
    assert_eq!(check["fit"], false);
    let fault = check["snapshots"][0]["questions"][0]["faults"][0].as_str().unwrap();
    assert!(fault.contains("is in no group"), "{fault}");
}

#[test]
fn the_text_of_a_panic_is_in_every_message_about_it_and_in_no_control_of_the_terminal() {
    let folder = Folder::new("panic-text");
    let hostile = "src/lib.rs:12:9: no team\u{1b}[2J\nfit to run\u{202e}";
    let policy = folder.file("panics.wasm", guests::panics(hostile.as_bytes()));
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    let text = "it panicked: src/lib.rs:12:9: no team [2J fit to run\u{fffd}";
    for answer in [
        on_quickstart(&["plan"], &["--policy", &policy]),
        on_quickstart(&["explain", "ingress", "shop/checkout"], &["--policy", &policy]),
        run(&["replay", &bundle, "--policy", &policy]),
        run(&["simulate", "--policy", &policy]),
    ] {
        assert_eq!(answer.code, 1);
        let line = format!("error: policy panics.wasm failed in grouping: {text}\n");
        assert!(answer.stderr.contains(&line), "{line:?} is not in {:?}", answer.stderr);
    }
    let answer = run(&["policy", "check", &policy]);
    assert_eq!(answer.code, 1);
    assert!(answer.stdout.contains(&format!("    fault: {text}\n")), "{:?}", answer.stdout);
    let long = folder.file("long.wasm", guests::panics(&b"no ".repeat(100_000)));
    let answer = run(&["policy", "check", &long]);
    let fault = answer.stdout.lines().find(|line| line.contains("fault: it panicked: no no")).unwrap();
    assert!(fault.chars().count() < 1_100, "{fault}");
}
