//! No server outlives the process that started it.

use std::{
    io::{BufRead, BufReader},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

/// A process that holds a server, and what it printed.
fn holder(server: &str) -> (Child, String) {
    let mut holder = Command::new(env!("CARGO_BIN_EXE_albatross-test-servers"))
        .arg(server)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
    (holder, line.trim_end().to_owned())
}

fn assert_soon(what: &str, holds: impl Fn() -> bool) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < Duration::from_secs(120), "not within 120 s: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn listens(address: &str) -> bool {
    TcpStream::connect(address).is_ok()
}

#[test]
fn moto_is_gone_when_its_holder_is_killed() {
    let (mut holder, line) = holder("moto");
    let address = line.strip_prefix("AWS_ENDPOINT_URL=http://").unwrap();
    assert!(listens(address));
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_soon("moto's port is closed", || !listens(address));
}

#[test]
fn the_registry_is_gone_when_its_holder_is_killed() {
    let (mut holder, line) = holder("registry");
    let address = line.strip_prefix("REGISTRY=").unwrap();
    assert!(listens(address));
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_soon("the registry's port is closed", || !listens(address));
}

#[test]
fn kubernetes_is_gone_when_its_holder_is_killed() {
    let (mut holder, line) = holder("kubernetes");
    let kubeconfig = PathBuf::from(line.strip_prefix("KUBECONFIG=").unwrap());
    let content: Value = serde_json::from_slice(&std::fs::read(&kubeconfig).unwrap()).unwrap();
    let url = content["clusters"][0]["cluster"]["server"].as_str().unwrap().to_owned();
    let address = url.strip_prefix("https://").unwrap();
    let folder = kubeconfig.parent().unwrap();
    assert!(listens(address));
    assert!(processes_with(folder) >= 2);
    holder.kill().unwrap();
    holder.wait().unwrap();
    assert_soon("the API server's port is closed", || !listens(address));
    assert_soon("no process is left", || processes_with(folder) == 0);
    assert_soon("the folder is gone", || !folder.exists());
}

/// How many processes have this folder in their arguments.
fn processes_with(folder: &Path) -> usize {
    let listed = Command::new("ps").args(["-e", "-o", "args"]).output().unwrap().stdout;
    String::from_utf8_lossy(&listed).matches(folder.to_str().unwrap()).count()
}

#[test]
fn a_missing_program_is_an_error_that_names_its_script() {
    let output = Command::new(env!("CARGO_BIN_EXE_albatross-test-servers"))
        .arg("kubernetes")
        .env("KUBEBUILDER_ASSETS", "/nowhere")
        .output()
        .unwrap();
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success());
    assert!(
        message.contains("/nowhere/etcd") && message.contains("scripts/test-servers/kubernetes.sh"),
        "{message}"
    );
}
