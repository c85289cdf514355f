//! `albatross policy`: a project for a new policy, and components that are fit or not fit to be one.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use albatross_test_guests::{guests, worlds};

use crate::program::{Answer, Folder, one_per_namespace, run};

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
        "\"title\":\"NoSettings\"",
        "the built-in example\n  grouping      5 Ingresses, ",
        "units of fuel",
        "\nfit to run\n",
    ] {
        assert!(answer.stdout.contains(expected), "{expected:?} is not in {}", answer.stdout);
    }
}

#[test]
fn a_policy_that_is_asked_about_a_snapshot_gets_its_settings_from_the_command_line() {
    let folder = Folder::new("policy-check-settings");
    let policy = one_per_namespace(&folder);
    let answer = run(&["policy", "check", &policy, "--settings", r#"{"team": 1}"#]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains("unknown field `team`"), "{}", answer.stderr);
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

/// The folder in which cargo builds new projects, kept between runs.
fn builds() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-policies")
}

#[test]
fn a_new_project_for_any_point_builds_passes_its_own_test_and_is_fit() {
    for point in ["grouping", "subnets", "certificates"] {
        let folder = Folder::new(&format!("policy-new-{point}"));
        let (project, name) = (folder.path("project"), format!("new-{point}"));
        let answer = run(&["policy", "new", &name, "--point", point, "--folder", &project]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        for arguments in [&["test"][..], &["build", "--release", "--target", "wasm32-unknown-unknown"]] {
            let mut cargo = Command::new(env!("CARGO"));
            let built = cargo
                .args(arguments)
                .arg("--target-dir")
                .arg(builds())
                .current_dir(&project)
                .output()
                .unwrap();
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
        }
        let component = format!("wasm32-unknown-unknown/release/{}.wasm", name.replace('-', "_"));
        let component = builds().join(component);
        let answer = run(&["policy", "check", component.to_str().unwrap()]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
        assert!(answer.stdout.starts_with(&format!("{name} 0.1.0: ")), "{}", answer.stdout);
        assert!(answer.stdout.contains(&format!("decides   {point}\n")), "{}", answer.stdout);
    }
}
