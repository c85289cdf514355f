//! Files and addresses that cannot be used. All of these errors are found before the first request to cluster or account.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
};

use super::assert_refused;
use crate::support::answer::Answer;

/// Runs the program with an empty environment.
fn run(arguments: &[&str]) -> Answer {
    Answer::of(Command::new(env!("CARGO_BIN_EXE_albatross")).env_clear().args(arguments))
}

fn file(name: &str, content: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("live/files");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, content).unwrap();
    path
}

#[test]
fn settings_that_cannot_be_read_are_named_with_the_place() {
    let garbage = file("settings.json", "{ \"grace\": 3600,\n  \"controler\": 1 }");
    let truncated = file("truncated.json", "{ \"grace\": ");
    let [garbage, truncated] = [&garbage, &truncated].map(|path| path.to_str().unwrap());
    for command in [&["plan"][..], &["snapshot", "never-written.json"], &["run"]] {
        let with = |settings: &str| run(&[command, &["--settings", settings]].concat());
        assert_refused("an unknown key", &with(garbage), &[garbage, "unknown field `controler`"]);
        let parts = [truncated, "the file is truncated", "line 1"];
        assert_refused("a truncated file", &with(truncated), &parts);
        assert_refused("no file", &with("nowhere.json"), &["nowhere.json: cannot be read"]);
    }
}

#[test]
fn manifests_need_the_uid_of_their_cluster() {
    let manifests =
        file("class.yaml", "apiVersion: networking.k8s.io/v1\nkind: IngressClass\nmetadata: { name: a }\n");
    let manifests = manifests.to_str().unwrap();
    for command in [&["plan"][..], &["run", "--once"]] {
        let answer = run(&[command, &["--manifests", manifests]].concat());
        let parts =
            ["part of the identity of the cluster is not known", "set --cluster-uid", "identity.cluster-uid"];
        assert_refused("no cluster uid", &answer, &parts);
    }
}

#[test]
fn a_port_that_is_taken_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let answer = run(&["run", "--listen", &address]);
    let named = format!("cannot listen on {address}");
    // The words of the error are those of the C library.
    assert_refused("a taken port", &answer, &[&named, "(os error 98)", "with --listen"]);
}
