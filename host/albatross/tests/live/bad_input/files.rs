//! Files and addresses that cannot be used.

use std::{fs, net::TcpListener};

use super::assert_refused;
use crate::support::{World, answer::Answer};

#[tokio::test(flavor = "multi_thread")]
async fn a_file_or_an_address_that_cannot_be_used_is_named() {
    let world = World::new("files").await;
    let kubeconfig = world.kubeconfig();
    let kubeconfig = kubeconfig.to_str().unwrap();
    let run = |arguments: &[&str]| Answer::of(world.program("files").args(arguments));

    let garbage = world.file("settings.json", "{ \"grace\": 3600,\n  \"controler\": 1 }");
    let garbage = garbage.to_str().unwrap();
    let truncated = world.file("truncated.json", "{ \"grace\": ");
    let truncated = truncated.to_str().unwrap();
    let impossible = world.file("impossible.json", "{ \"idle-timeout\": 0 }");
    let impossible = impossible.to_str().unwrap();
    for command in [&["plan"][..], &["snapshot", "never-written.json"]] {
        let with =
            |settings: &str| run(&[command, &["--kubeconfig", kubeconfig, "--settings", settings]].concat());
        assert_refused("an unknown key", &with(garbage), &[garbage, "unknown field `controler`"]);
        assert_refused("a truncated file", &with(truncated), &[truncated, "the file is truncated", "line 1"]);
        assert_refused("no file", &with("nowhere.json"), &["nowhere.json: cannot be read"]);
    }
    let answer = run(&["plan", "--kubeconfig", kubeconfig, "--settings", impossible]);
    assert_refused("a value", &answer, &["idle-timeout is 0; it must be 1 to 4000"]);

    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let answer = run(&["run", "--kubeconfig", kubeconfig, "--listen", &address]);
    assert_refused("a taken port", &answer, &[&format!("{address} cannot be listened on"), "set --listen"]);

    let manifests = world.path("manifests");
    fs::create_dir(&manifests).unwrap();
    let manifests = manifests.to_str().unwrap();
    for command in [&["plan"][..], &["run", "--once"]] {
        let answer = run(&[command, &["--manifests", manifests]].concat());
        assert_refused(
            "no cluster uid",
            &answer,
            &["the uid of the cluster is not known", "set --cluster-uid"],
        );
    }
    let file = world.path("no-folder").join("captured.json");
    let file = file.to_str().unwrap();
    let answer = run(&["snapshot", file, "--kubeconfig", kubeconfig]);
    assert_refused("no folder", &answer, &[file, "cannot be written"]);
    let answer = run(&["run", "--listen=127.0.0.1:0", "--kubeconfig", kubeconfig, "--record", garbage]);
    assert_refused("no folder for bundles", &answer, &[garbage, "cannot be written"]);
    assert_eq!(world.writes_since(0), Vec::<String>::new());
}
