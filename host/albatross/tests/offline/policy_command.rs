//! `albatross policy`: a project for a new policy, and components that are fit or not fit to be one.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use albatross_test_guests::{guests, worlds};

use crate::program::{Answer, Folder, on_quickstart, one_per_namespace, run};

fn check(folder: &Folder, name: &str, component: &[u8]) -> Answer {
    let path = folder.file(name, component);
    run(&["policy", "check", &path])
}

#[test]
fn a_fit_policy_is_described_and_measured() {
    let folder = Folder::new("policy-check");
    let answer = run(&["policy", "check", &one_per_namespace(&folder)]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    for expected in [
        "albatross-policy-one-per-namespace 0.1.0: One load balancer for each namespace.",
        "  decides   grouping\n",
        "of at most 2048 KiB",
        "  imports   none\n",
        "  settings  none\n",
        "the built-in example\n  grouping      5 Ingresses, ",
        "units of fuel",
        "\n    group \"tools\": tools/wiki\n",
        "\nfit to run\n",
    ] {
        assert!(answer.stdout.contains(expected), "{expected:?} is not in {}", answer.stdout);
    }
}

#[test]
fn settings_of_the_command_line_are_refused_in_the_words_of_the_policy() {
    let folder = Folder::new("policy-check-settings");
    let policy = one_per_namespace(&folder);
    let answer = run(&["policy", "check", &policy, "--settings", r#"{"team": 1}"#]);
    assert_eq!(answer.code, 1);
    let expected = "settings of the policy for grouping: one-per-namespace.wasm refuses them: the settings are wrong: unknown \
                    field `team`";
    assert!(answer.stderr.contains(expected), "{}", answer.stderr);
    assert_eq!(run(&["policy", "check", &policy, "--settings", "{}"]).code, 0);
}

#[test]
fn a_recording_of_another_policy_can_be_asked_about_too() {
    let folder = Folder::new("policy-check-snapshot");
    let policy = one_per_namespace(&folder);
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--policy", &policy, "--record", &bundle]);
    let mut recorded: serde_json::Value = serde_json::from_slice(&fs::read(&bundle).unwrap()).unwrap();
    recorded["bundle"]["snapshot"]["settings"]["policies"][0]["settings"] =
        serde_json::json!("{\"most\": 3}");
    recorded["bundle"]["policies"][0]["component"]["sha256"] = serde_json::json!("0".repeat(64));
    let bundle = folder.file("another.json", recorded.to_string());
    let answer = run(&["policy", "check", &policy, "--snapshot", &bundle]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(answer.stderr.contains("does not understand the settings recorded for"), "{}", answer.stderr);
    assert!(answer.stdout.contains("another.json\n  grouping      5 Ingresses, "), "{}", answer.stdout);
}

#[test]
fn a_policy_that_is_asked_nothing_is_not_called_fit() {
    let folder = Folder::new("policy-check-untried");
    let policy = one_per_namespace(&folder);
    let bundle = folder.path("pass.json");
    on_quickstart(&["plan"], &["--record", &bundle]);
    let mut recorded: serde_json::Value = serde_json::from_slice(&fs::read(&bundle).unwrap()).unwrap();
    recorded["bundle"]["snapshot"]["cluster"]["ingresses"] = serde_json::json!([]);
    let bundle = folder.file("empty.json", recorded.to_string());
    let answer = run(&["policy", "check", &policy, "--snapshot", &bundle]);
    assert_eq!(answer.code, 1);
    assert!(
        answer.stdout.contains("\nnot tried: there was nothing to ask about grouping; name a snapshot"),
        "{}",
        answer.stdout
    );
    assert!(!answer.stdout.contains("fit to run"), "{}", answer.stdout);
}

#[test]
fn a_policy_with_two_points_decides_both_and_the_first_failure_is_told() {
    let folder = Folder::new("policy-check-two-points");
    let answer = check(&folder, "two.wasm", &guests::two_points());
    assert_eq!(answer.code, 1);
    for expected in
        ["  decides   subnets, grouping\n", "  subnets       internet-facing, 4 subnets, ", "it crashed"]
    {
        assert!(answer.stdout.contains(expected), "{}", answer.stdout);
    }
}

#[test]
fn a_policy_whose_groups_follow_places_in_the_list_is_found_out() {
    let folder = Folder::new("policy-check-places");
    // Read backwards, the list of five has the same Ingress in its middle.
    let component = guests::groups(&[("a", &[0, 2, 4]), ("b", &[1, 3])], &[]);
    let answer = check(&folder, "places.wasm", &component);
    assert_eq!(answer.code, 1);
    assert!(answer.stdout.contains("depends on the order of its input: for "), "{}", answer.stdout);
}

#[test]
fn each_fault_has_its_own_reason() {
    let folder = Folder::new("policy-check-faults");
    // The built-in example has five Ingresses.
    let faults: &[(&str, Vec<u8>, &str)] = &[
        (
            "by-index",
            guests::groups(&[("a", &[0]), ("b", &[1, 2, 3, 4])], &[]),
            "depends on the order of its input",
        ),
        (
            "missing",
            guests::one_group("a", &[0]),
            "is in no group, not left to the planner, and not rejected",
        ),
        ("twice", guests::groups(&[("a", &[0, 1, 2, 3, 4]), ("b", &[0])], &[]), "appears twice"),
        ("range", guests::one_group("a", &[9]), "member 9 does not exist"),
        ("trap", guests::runs("unreachable"), "it crashed"),
        ("refuses", guests::refuses("not on a Sunday"), "it refused: not on a Sunday"),
    ];
    for (name, component, expected) in faults {
        let answer = check(&folder, &format!("{name}.wasm"), component);
        assert_eq!(answer.code, 1, "{name}: {}", answer.stdout);
        assert!(answer.stdout.contains(expected), "{name}: {}", answer.stdout);
        assert!(answer.stdout.contains("\nnot fit to run: 1 fault\n"), "{name}: {}", answer.stdout);
    }
}

/// A policy that puts all members into one group, whose key depends on how many there are: `a` or `b`.
const BY_COUNT: &str = r#"
    (local $i i32)
    (block $done
        (loop $next
            (br_if $done (i32.eq (local.get $i) (local.get 3)))
            (i32.store (i32.add (i32.const 8192) (i32.mul (local.get $i) (i32.const 4))) (local.get $i))
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br $next)))
    (i32.store8 (i32.const 1024) (i32.add (i32.const 97) (i32.and (local.get 3) (i32.const 1))))
    ;; the group: its key, its members, and no reason
    (i32.store (i32.const 2048) (i32.const 1024))
    (i32.store (i32.const 2052) (i32.const 1))
    (i32.store (i32.const 2056) (i32.const 8192))
    (i32.store (i32.const 2060) (local.get 3))
    ;; the answer: one group
    (i32.store (i32.const 4100) (i32.const 2048))
    (i32.store (i32.const 4104) (i32.const 1))
    (i32.const 4096)"#;

#[test]
fn a_policy_that_moves_others_when_one_comes_or_goes_is_not_fit() {
    let folder = Folder::new("policy-check-moves");
    let answer = check(&folder, "by-count.wasm", &guests::runs(BY_COUNT));
    assert_eq!(answer.code, 1);
    for expected in [
        "\n    group \"b\": default/myingress, ",
        "is deleted, it would move 4 of 4 Ingresses: default/test-app from group \"b\" to group \"a\"",
        "is added, it would move 5 of 5 Ingresses: default/myingress from group \"b\" to group \"a\"",
        "\nnot fit to run: 4 faults\n",
    ] {
        assert!(answer.stdout.contains(expected), "{expected:?} is not in {}", answer.stdout);
    }
}

#[test]
fn what_is_no_policy_is_refused_with_the_reason() {
    let folder = Folder::new("policy-check-unfit");
    let fit = guests::one_group("a", &[0, 1, 2, 3, 4]);
    let unfit: &[(&str, Vec<u8>, &str)] = &[
        ("empty", Vec::new(), "is empty"),
        ("script", b"#!/bin/sh\n".to_vec(), "is not WebAssembly"),
        ("truncated", fit[..fit.len() / 2].to_vec(), "is truncated or broken"),
        ("module", worlds::core_module("(module)"), "core module"),
        ("large", [fit.as_slice(), &vec![0; 3 << 20]].concat(), "limit"),
        (
            "clock",
            worlds::component("policy-with-a-clock", &guests::grouping_text(CLOCK)),
            "wasi:clocks/wall-clock@0.2.0",
        ),
    ];
    for (name, component, expected) in unfit {
        let answer = check(&folder, &format!("{name}.wasm"), component);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{name}");
        assert!(answer.stderr.contains(expected), "{name}: {}", answer.stderr);
    }
}

/// A policy that asks for the time.
const CLOCK: &str = r#"(import "wasi:clocks/wall-clock@0.2.0" "now" (func (result i64)))"#;

#[test]
fn a_new_project_is_refused_a_bad_name_and_a_folder_that_exists() {
    let folder = Folder::new("policy-new-refused");
    for name in ["match", "async", "test", "std", "serde", "albatross-policy", "albatross-contract"] {
        let answer = run(&["policy", "new", name, "--point", "grouping"]);
        assert_eq!(answer.code, 1, "{name}");
        assert!(answer.stderr.contains("write another name"), "{name}: {}", answer.stderr);
    }
    for name in ["By-Team", "1st", "by team", ""] {
        let answer = run(&["policy", "new", name, "--point", "grouping"]);
        assert_eq!(answer.code, 1, "{name}");
        assert!(answer.stderr.contains("lower case letters"), "{name}: {}", answer.stderr);
    }
    let there = folder.path(".");
    let answer = run(&["policy", "new", "by-team", "--point", "grouping", "--folder", &there]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("exists already; name another folder with --folder"), "{}", answer.stderr);
}

/// All files below a folder, by their path in it.
fn files(folder: &Path, below: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(folder, &path, all),
            false => all.push(path.strip_prefix(folder).unwrap().to_owned()),
        }
    }
}

#[test]
fn a_new_project_contains_the_whole_contract_and_sdk() {
    let folder = Folder::new("policy-new-files");
    let project = folder.path("by-team");
    run(&["policy", "new", "by-team", "--point", "grouping", "--folder", &project]);
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for part in ["wit", "policies/sdk"] {
        let mut expected = Vec::new();
        files(&repository, &repository.join(part), &mut expected);
        let is_test = |path: &PathBuf| {
            path.components().any(|name| name.as_os_str() == "tests") || path.ends_with("tests.rs")
        };
        for path in expected.iter().filter(|path| !is_test(path)) {
            assert!(Path::new(&project).join("albatross").join(path).is_file(), "{}", path.display());
        }
    }
}

#[test]
fn the_next_steps_can_be_pasted_into_a_shell() {
    let folder = Folder::new("policy-new-space");
    let project = folder.path("with space");
    let answer = run(&["policy", "new", "by-team", "--point", "grouping", "--folder", &project]);
    assert!(answer.stdout.contains(&format!("\n  cd '{project}'\n")), "{}", answer.stdout);
}

/// A folder outside of this repository, whose cargo configuration does not apply there. It is deleted at the end.
struct Elsewhere(PathBuf);

impl Elsewhere {
    fn new(name: &str) -> Elsewhere {
        let folder = env::temp_dir().join(format!("albatross-new-policies-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        Elsewhere(folder)
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs cargo in a project as a person would: nothing of the build of this test is passed on.
fn cargo(project: &str, arguments: &[&str], target: &Path) {
    let is_of_this_build = |name: &str| {
        let places = ["CARGO_HOME", "RUSTUP_HOME"];
        let network = ["CARGO_HTTP_", "CARGO_NET_", "CARGO_REGISTR", "CARGO_SOURCE_"];
        ["CARGO", "RUST", "CLIPPY", "LLVM_"].iter().any(|prefix| name.starts_with(prefix))
            && !places.contains(&name)
            && !network.iter().any(|prefix| name.starts_with(prefix))
    };
    let mut cargo = Command::new("cargo");
    for (name, _) in env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_of_this_build)) {
        cargo.env_remove(name);
    }
    let built = cargo.args(arguments).arg("--target-dir").arg(target).current_dir(project).output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
}

#[test]
fn a_new_project_of_any_example_builds_passes_its_own_test_and_is_fit() {
    let elsewhere = Elsewhere::new("examples");
    // Kept between runs.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-policies");
    let by_default = on_quickstart(&["plan"], &["--output", "json"]).stdout;
    for (from, value, settings) in [
        ("--point", "grouping", "{}"),
        ("--point", "subnets", "{}"),
        ("--point", "certificates", "{}"),
        ("--example", "one-per-namespace", "{}"),
        ("--example", "blast-radius", r#"{"most": 2}"#),
        ("--example", "dedicated-hosts", r#"{"hosts": ["shop.example.org"]}"#),
    ] {
        let name = format!("new-{value}");
        let project = elsewhere.0.join(&name).display().to_string();
        let answer = run(&["policy", "new", &name, from, value, "--folder", &project]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        cargo(&project, &["test"], &target);
        cargo(&project, &["build", "--release", "--target", "wasm32-unknown-unknown"], &target);
        let component = format!("wasm32-unknown-unknown/release/{}.wasm", name.replace('-', "_"));
        let component = target.join(component).display().to_string();
        let answer = run(&["policy", "test", &project, "--policy", &component]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
        for settings in ["{}", settings] {
            let answer = run(&["policy", "check", &component, "--settings", settings]);
            assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
            assert!(answer.stdout.starts_with(&format!("{name} 0.1.0: ")), "{}", answer.stdout);
            assert!(answer.stdout.ends_with("\nfit to run\n"), "{}", answer.stdout);
        }
        let planned = on_quickstart(&["plan"], &["--policy", &component, "--output", "json"]);
        assert_eq!((planned.code, planned.stderr.as_str()), (0, ""));
        // Without hosts in its settings, this policy leaves all to the planner.
        let changes_something = value != "dedicated-hosts";
        assert_eq!(planned.stdout != by_default, changes_something, "{value}: {}", planned.stdout);
    }
}

#[test]
fn the_text_of_a_panic_in_rust_names_its_place_in_the_source() {
    let elsewhere = Elsewhere::new("panics");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-policies");
    let project = elsewhere.0.join("panics").display().to_string();
    run(&["policy", "new", "panics", "--example", "one-per-namespace", "--folder", &project]);
    let source = Path::new(&project).join("src/lib.rs");
    let text = fs::read_to_string(&source).unwrap();
    let place = text.lines().position(|line| line.contains("question.place(")).unwrap();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.insert(place, "        assert_eq!(question.members().count(), 0, \"équipe\");");
    fs::write(&source, lines.join("\n")).unwrap();
    cargo(&project, &["build", "--release", "--target", "wasm32-unknown-unknown"], &target);
    let component = target.join("wasm32-unknown-unknown/release/panics.wasm").display().to_string();
    let answer = run(&["policy", "check", &component]);
    assert_eq!(answer.code, 1);
    let expected = format!(
        "fault: it panicked: src/lib.rs:{}:9: assertion `left == right` failed: équipe   left: 5  right: 0\n",
        place + 1
    );
    assert!(answer.stdout.contains(&expected), "{expected:?} is not in {}", answer.stdout);
}
