//! `albatross support-bundle`: an archive for a report of a problem.

use std::{collections::BTreeMap, fs, io::Read, process::Command};

use albatross_contract::{Bundle, file};
use serde_json::Value;

use crate::program::{
    Answer, run,
    world::{World, ingress},
};

/// The largest archive that a test reads.
const MOST: usize = 64 << 20;

fn world(name: &str) -> World {
    let mut world = World::new(name, vec![ingress("checkout-team/basket", &["secret-shop.example.com"])]);
    world.add_certificate(7, "secret-shop.example.com");
    world.come_to_rest();
    world.ingresses.push(ingress("checkout-team/legacy", &["legacy.example.net"]));
    world
}

/// A new archive, and what the program says about it.
fn archive(world: &World, more: &[&str]) -> (String, Answer) {
    let path = world.path("problem.tar.zst");
    let _ = fs::remove_file(&path);
    let answer = world.run(&["support-bundle", &path], more);
    (path, answer)
}

/// The files of an archive, as tar reads them.
fn files(world: &World, path: &str) -> BTreeMap<String, String> {
    let mut archive = Vec::with_capacity(MOST);
    zstd_safe::decompress(&mut archive, &fs::read(path).unwrap()).expect("it is a whole frame of zstd");
    let tar = world.file("problem.tar", archive);
    let listed = Command::new("tar").args(["-tf", &tar]).output().expect("there is tar");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let names = String::from_utf8(listed.stdout).unwrap();
    let content = |name: &str| {
        let read = Command::new("tar").args(["-xOf", &tar, name]).output().unwrap();
        String::from_utf8(read.stdout).expect("all files are texts")
    };
    names.lines().map(|name| (name.replace("albatross-support/", ""), content(name))).collect()
}

#[test]
fn with_pseudonyms_it_shows_the_problem_and_no_name() {
    let world = world("support-redacted");
    let (path, answer) = archive(&world, &[]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    let files = files(&world, &path);
    assert_eq!(Vec::from_iter(files.keys()), ["about.json", "bundle.json", "plan.txt", "status.txt"]);
    for (name, content) in &files {
        for secret in ["checkout-team", "basket", "secret-shop", "123456789012", "legacy.example.net"] {
            assert!(!content.contains(secret), "{name} contains {secret}: {content}");
        }
        assert!(answer.stdout.contains(name.as_str()), "{name} is not told: {}", answer.stdout);
    }
    assert!(answer.stdout.contains("are replaced by pseudonyms"), "{}", answer.stdout);
    assert!(answer.stdout.contains("Not in it: the log and Events"), "{}", answer.stdout);

    // Somebody else sees the same problem.
    let bundle = world.file("bundle.json", &files["bundle.json"]);
    let planned = run(&["plan", "--snapshot", &bundle]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    assert!(planned.stdout.contains("1 Ingress rejected."), "{}", planned.stdout);
    assert!(files["plan.txt"].contains("1 Ingress rejected."), "{}", files["plan.txt"]);
    assert!(files["status.txt"].contains("1 placed, 1 rejected"), "{}", files["status.txt"]);
    let about: Value = serde_json::from_str(&files["about.json"]).unwrap();
    assert_eq!(about["about"]["redacted"], true);
    let recorded: Bundle = file::read(files["bundle.json"].as_bytes()).unwrap();
    assert_eq!(about["about"]["planner"], recorded.planner.sha256.as_str());
}

#[test]
fn with_names_it_contains_everything_and_the_last_lines_of_the_log() {
    let world = world("support-with-names");
    let lines: String = (0..3_000).map(|number| format!("line {number}\n")).collect();
    let log = world.file("albatross.log", lines);
    let (path, answer) = archive(&world, &["--with-names", "--log-file", &log]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
    assert!(answer.stdout.contains("are in it as they are, and so are annotations"), "{}", answer.stdout);
    let files = files(&world, &path);
    assert!(files["bundle.json"].contains("secret-shop.example.com"));
    assert!(files["log.txt"].starts_with("line 2000\n") && files["log.txt"].ends_with("line 2999\n"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn an_archive_is_never_replaced_and_a_log_never_sent_with_pseudonyms() {
    let world = world("support-refusals");
    let (path, first) = archive(&world, &[]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    let mut before = Vec::new();
    fs::File::open(&path).unwrap().read_to_end(&mut before).unwrap();
    let second = world.run(&["support-bundle", &path], &[]);
    assert_eq!(second.code, 1);
    assert!(second.stderr.contains("problem.tar.zst: cannot be written"), "{}", second.stderr);
    assert_eq!(fs::read(&path).unwrap(), before);
    let refused = world.run(&["support-bundle", &path], &["--log-file", "albatross.log"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("--with-names"), "{}", refused.stderr);
}

#[test]
fn without_a_plan_it_contains_the_snapshot_and_the_error_but_only_with_names() {
    let mut world = world("support-without-plan");
    // The planner refuses a timeout that AWS does not have.
    let settings = world.file(
        "wrong.json",
        r#"{ "identity": { "cluster-id": "a", "cluster-uid": "b" }, "idle-timeout": 0 }"#,
    );
    world.flags = vec!["--settings".to_owned(), settings];
    let (_, refused) = archive(&world, &[]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.stderr.contains("there is no plan, so the snapshot cannot be redacted"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("idle-timeout"), "{}", refused.stderr);
    let (path, answer) = archive(&world, &["--with-names"]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    let files = files(&world, &path);
    assert_eq!(Vec::from_iter(files.keys()), ["about.json", "error.txt", "snapshot.json"]);
    assert!(files["error.txt"].contains("idle-timeout"));
}
