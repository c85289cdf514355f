//! Policies from a registry.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::Stdio,
    thread,
};

use albatross_components::ONE_PER_NAMESPACE;
use albatross_test_servers::{Login, Registry, RegistrySettings};
use serde_json::Value;

use crate::program::{Answer, Folder, albatross, answer, quickstart};

/// Runs the program in the home of a user who has only what is in this folder.
fn run(home: &Folder, arguments: &[&str]) -> Answer {
    let mut command = albatross(arguments);
    command.env_remove("XDG_CACHE_HOME").env_remove("DOCKER_CONFIG").env("HOME", home.path(""));
    answer(command.stdin(Stdio::null()))
}

/// `command` on the quickstart, with this policy.
fn run_with_policy(home: &Folder, command: &[&str], policy: &str, more: &[&str]) -> Answer {
    let (manifests, cloud, settings) =
        (quickstart("first"), quickstart("cloud.json"), quickstart("settings.json"));
    let inputs = ["--manifests", &manifests, "--cloud", &cloud, "--settings", &settings, "--policy", policy];
    run(home, &[command, &inputs, more].concat())
}

fn reference(registry: &Registry, component: &[u8]) -> String {
    let digest = registry.publish("shop/one-per-namespace", component).unwrap();
    format!("oci://{}/shop/one-per-namespace:0.1.0@{digest}", registry.address())
}

#[test]
fn every_command_takes_a_policy_from_a_registry_and_later_from_the_cache() {
    let home = Folder::new("registry");
    let registry = Registry::start().unwrap();
    let policy = reference(&registry, ONE_PER_NAMESPACE);
    let bundle = home.path("pass.json");

    let planned = run_with_policy(&home, &["plan"], &policy, &["--record", &bundle]);
    assert_eq!((planned.code, planned.stderr.as_str()), (0, ""), "{}", planned.stdout);
    let (name, digest) = policy.trim_start_matches("oci://").split_once("@sha256:").unwrap();
    let words = planned.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = format!("grouping {name}@sha256:{}, sha256 ", &digest[..8]);
    assert!(words.contains(&expected), "{expected:?} is not in {}", planned.stdout);
    let recorded: Value = serde_json::from_slice(&fs::read(&bundle).unwrap()).unwrap();
    assert_eq!(recorded["bundle"]["policies"][0]["component"]["name"], policy.as_str());

    drop(registry);
    let without = run(&home, &["replay", &bundle]);
    assert!(without.stderr.contains(&policy), "it says what to pass: {}", without.stderr);
    let replayed = run(&home, &["replay", &bundle, "--policy", &policy]);
    assert!(replayed.stdout.contains("byte-identical"), "{}{}", replayed.stdout, replayed.stderr);
    for command in [&["simulate"][..], &["explain", "ingress", "shop/checkout"]] {
        let answer = run_with_policy(&home, command, &policy, &[]);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{command:?}: {}", answer.stdout);
    }
    let checked = run(&home, &["policy", "check", &policy]);
    assert!(checked.stdout.ends_with("\nfit to run\n"), "{}{}", checked.stdout, checked.stderr);
    // The file that `policy check` names is the component, and not its manifest.
    let sha256 = recorded["bundle"]["policies"][0]["component"]["sha256"].as_str().unwrap();
    assert!(checked.stdout.contains(sha256) && sha256 != digest, "{}", checked.stdout);
    assert!(fs::exists(home.path(&format!(".cache/albatross/policies/sha256/{sha256}"))).unwrap());
}

#[test]
fn the_folder_of_the_cache_can_be_chosen() {
    let home = Folder::new("registry-cache");
    let registry = Registry::start().unwrap();
    let policy = reference(&registry, ONE_PER_NAMESPACE);
    let cache = home.path("chosen");
    let planned = run_with_policy(&home, &["plan"], &policy, &["--policy-cache", &cache]);
    assert_eq!((planned.code, planned.stderr.as_str()), (0, ""));
    assert_eq!(fs::read_dir(home.path("chosen/sha256")).unwrap().count(), 2, "the manifest and the layer");
    assert!(!fs::exists(home.path(".cache")).unwrap());
    drop(registry);
    assert_eq!(run_with_policy(&home, &["plan"], &policy, &["--policy-cache", &cache]).code, 0);
}

#[test]
fn a_cache_that_cannot_be_written_is_a_warning() {
    let home = Folder::new("registry-no-cache");
    let registry = Registry::start().unwrap();
    let policy = reference(&registry, ONE_PER_NAMESPACE);
    home.file(".cache", "");
    let planned = run_with_policy(&home, &["plan"], &policy, &[]);
    assert_eq!(planned.code, 0, "{}", planned.stderr);
    let expected = format!("warning: {policy} is not kept for the next time: ");
    assert!(planned.stderr.starts_with(&expected), "{}", planned.stderr);
    assert_eq!(planned.stderr.lines().count(), 1, "{}", planned.stderr);
}

#[test]
fn credentials_are_those_that_docker_keeps() {
    let home = Folder::new("registry-login");
    let settings = RegistrySettings { login: Some(Login::ANN), ..RegistrySettings::default() };
    let registry = Registry::start_with(settings).unwrap();
    let policy = reference(&registry, ONE_PER_NAMESPACE);
    let refused = run(&home, &["policy", "check", &policy]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    let host = registry.address();
    let expected = format!("error: {policy}: {host} asks for credentials, and ");
    assert!(refused.stderr.starts_with(&expected), "{}", refused.stderr);
    fs::create_dir(home.path(".docker")).unwrap();
    home.file(
        ".docker/config.json",
        format!(r#"{{"auths": {{"{host}": {{"auth": "{}"}}}}}}"#, Login::ANN.auth),
    );
    assert_eq!(run(&home, &["policy", "check", &policy]).code, 0);
}

#[test]
fn a_controller_without_its_policy_does_not_start() {
    let home = Folder::new("registry-away");
    let policy = format!("oci://127.0.0.1:1/shop/by-team@sha256:{}", "0".repeat(64));
    let answer = run(&home, &["run", "--policy", &policy, "--kubeconfig", "nowhere"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
    let expected = format!("error: {policy}: 127.0.0.1:1 cannot be reached: ");
    let last = answer.stderr.lines().last().unwrap_or_default();
    assert!(last.starts_with(&expected), "{}", answer.stderr);
    let manifests = quickstart("first");
    let once =
        run(&home, &["run", "--once", "--manifests", &manifests, "--policy", &policy, "--cluster-uid", "1"]);
    assert!(once.code == 1 && once.stderr.contains(&expected), "{}", once.stderr);
}

/// As the kubelet ends a container: without this, it would wait for the end of the pull.
#[cfg(unix)]
#[test]
fn a_signal_ends_a_controller_that_waits_for_a_registry() {
    use rustix::process::{Pid, Signal, kill_process};
    let home = Folder::new("registry-signal");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let policy = format!("oci://{}/shop/by-team@sha256:{}", silent.local_addr().unwrap(), "0".repeat(64));
    let mut command = albatross(&["run", "--policy", &policy, "--policy-cache", &home.path("cache")]);
    let mut controller = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let connection = silent.accept().unwrap();
    kill_process(Pid::from_child(&controller), Signal::TERM).unwrap();
    let status = controller.wait().unwrap();
    let mut said = String::new();
    controller.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(status.success() && !said.contains("error"), "{said}");
    drop(connection);
}

#[test]
fn a_tag_alone_is_refused_with_the_way_to_the_digest() {
    let home = Folder::new("registry-tag");
    for command in [&["plan", "--policy"][..], &["run", "--policy"], &["policy", "check"]] {
        let answer = run(&home, &[command, &["oci://ghcr.io/shop/by-team:1.2.0"]].concat());
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{command:?}");
        assert!(answer.stderr.contains("has no digest"), "{}", answer.stderr);
        assert!(answer.stderr.contains("oras resolve ghcr.io/shop/by-team:1.2.0"), "{}", answer.stderr);
    }
}

#[test]
fn what_is_no_component_is_refused_by_its_reference() {
    let home = Folder::new("registry-unfit");
    let registry = Registry::start().unwrap();
    let policy = reference(&registry, b"hello");
    let answer = run(&home, &["policy", "check", &policy]);
    assert_eq!(answer.code, 1);
    assert!(answer.stderr.contains(&policy) && answer.stderr.contains("WebAssembly"), "{}", answer.stderr);
}

/// A registry on this machine is asked without TLS, so one that redirects to a server with TLS shows that TLS works.
#[test]
fn layers_are_pulled_over_https_from_servers_that_the_system_trusts() {
    let home = Folder::new("registry-https");
    let storage =
        Registry::start_with(RegistrySettings { encrypted: true, ..RegistrySettings::default() }).unwrap();
    let digest = storage.publish("shop/by-team", ONE_PER_NAMESPACE).unwrap();
    let policy = format!("oci://{}/shop/by-team@{digest}", redirecting_to(storage.url().to_owned()));
    let authority = storage.ca_certificate().unwrap();
    let mut command = albatross(&["policy", "check", &policy, "--policy-cache", &home.path("cache")]);
    let trusting = answer(command.env("SSL_CERT_FILE", authority).stdin(Stdio::null()));
    assert!(trusting.stdout.ends_with("\nfit to run\n"), "{}{}", trusting.stdout, trusting.stderr);

    let other = Folder::new("registry-https-untrusted");
    let untrusting = run(&other, &["policy", "check", &policy]);
    assert!(untrusting.stderr.contains("invalid peer certificate: UnknownIssuer"), "{}", untrusting.stderr);
}

/// A server that redirects every request to another one. Returns its address.
fn redirecting_to(url: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let line = lines.next().unwrap().unwrap();
            while lines.next().is_some_and(|line| !line.unwrap().is_empty()) {}
            let path = line.split(' ').nth(1).unwrap();
            let head = format!(
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: {url}{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).unwrap();
        }
    });
    address
}
