//! Input that is skipped or refused: foreign kinds of the same name, endless input, hidden characters.

use std::{fs, process::Stdio};

use crate::program::{Folder, albatross, on_quickstart, quickstart, run, run_with_input};

const FOREIGN: &str = "apiVersion: config.openshift.io/v1\nkind: Ingress\nmetadata: {name: cluster}\nspec: {domain: apps.example.org}\n";

#[test]
fn a_foreign_ingress_in_a_folder_is_skipped_with_a_warning() {
    let folder = Folder::new("foreign");
    let foreign = folder.file("cluster.yaml", FOREIGN);
    fs::copy(quickstart("first/shop.yaml"), folder.path("shop.yaml")).unwrap();
    let cloud = quickstart("cloud.json");
    let settings = quickstart("settings.json");
    let answer = run(&["plan", "--manifests", &folder.path(""), "--cloud", &cloud, "--settings", &settings]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert!(
        answer
            .stderr
            .starts_with(&format!("warning: {foreign}, document 1, line 1: Ingress of config.openshift.io ")),
        "{}",
        answer.stderr
    );
    assert!(answer.stdout.contains("Plan: 1 to create"), "{}", answer.stdout);
}

#[cfg(unix)]
#[test]
fn a_pipe_in_a_folder_is_skipped_with_a_warning() {
    let folder = Folder::new("pipe-in-folder");
    fs::copy(quickstart("first/shop.yaml"), folder.path("shop.yaml")).unwrap();
    let pipe = folder.path("pipe.yaml");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for command in ["plan", "simulate"] {
        let (manifests, cloud) = (folder.path(""), quickstart("cloud.json"));
        let settings = quickstart("settings.json");
        let answer = run(&[command, "--manifests", &manifests, "--cloud", &cloud, "--settings", &settings]);
        assert_eq!(answer.code, 0, "{}", answer.stderr);
        assert!(answer.stderr.contains("pipe.yaml: is not a regular file"), "{}", answer.stderr);
    }
}

#[cfg(unix)]
#[test]
fn endless_input_is_refused_with_its_name() {
    let (manifests, cloud, settings) =
        (quickstart("first"), quickstart("cloud.json"), quickstart("settings.json"));
    for arguments in [
        ["plan", "--manifests", &manifests, "--cloud", &cloud, "--settings", "/dev/zero"],
        ["plan", "--manifests", "/dev/zero", "--cloud", &cloud, "--settings", &settings],
        ["plan", "--manifests", &manifests, "--cloud", &cloud, "--policy", "/dev/zero"],
        ["plan", "--manifests", &manifests, "--cloud", &cloud, "--planner", "/dev/zero"],
    ] {
        let answer = run(&arguments);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{arguments:?}");
        assert!(answer.stderr.starts_with("error: /dev/zero: "), "{}", answer.stderr);
        assert!(answer.stderr.contains(" MiB"), "{}", answer.stderr);
    }
    let arguments = ["plan", "--manifests", "-", "--cloud", &cloud, "--settings", &settings];
    let zero = fs::File::open("/dev/zero").unwrap();
    let output = albatross(&arguments).stdin(Stdio::from(zero)).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("error: standard input: larger than 64 MiB"), "{told}");
}

#[test]
fn a_file_with_a_byte_order_mark_is_read() {
    let folder = Folder::new("marks");
    let marked = |name: &str| {
        let text = fs::read_to_string(quickstart(name)).unwrap();
        folder.file(name.rsplit('/').next().unwrap(), format!("\u{feff}{text}"))
    };
    let (manifests, cloud, settings) =
        (marked("first/shop.yaml"), marked("cloud.json"), marked("settings.json"));
    let answer = run(&["plan", "--manifests", &manifests, "--cloud", &cloud, "--settings", &settings]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}

/// Characters that change the direction of text, end a line or move the cursor.
const HIDDEN: [char; 7] = ['\u{202e}', '\u{2066}', '\u{200f}', '\u{2028}', '\u{9b}', '\u{7f}', '\u{1b}'];

fn assert_nothing_hidden(text: &str) {
    for character in HIDDEN {
        assert!(!text.contains(character), "{character:?} is in {text:?}");
    }
}

#[test]
fn text_from_outside_reaches_the_terminal_without_hidden_characters() {
    let folder = Folder::new("hidden");
    let hidden: String = HIDDEN.iter().collect();
    let ingress = serde_json::json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "namespace": "shop", "name": "trick",
            "annotations": {"zalando.org/aws-load-balancer-scheme": format!("{hidden}internal")},
        },
        "spec": {"rules": [{"host": "shop.example.org"}]},
    });
    let manifests = folder.file("trick.yaml", ingress.to_string());
    let mut bad = ingress;
    bad["metadata"]["name"] = serde_json::json!(format!("trick{hidden}"));
    let bad = folder.file("bad.yaml", bad.to_string());
    for more in [&[][..], &["--output", "json"]] {
        let answer =
            on_quickstart(&["plan"], &[&["--manifests", manifests.as_str(), bad.as_str()], more].concat());
        assert!(answer.stdout.contains("internal"), "{}", answer.stdout);
        assert_nothing_hidden(&answer.stdout);
        assert_nothing_hidden(&answer.stderr);
    }
    let answer = run(&["plan", &format!("--no{hidden}")]);
    assert!(answer.stderr.contains("--no"), "{}", answer.stderr);
    assert_nothing_hidden(&answer.stderr);
    let answer = run(&["replay", &folder.path(&format!("none{hidden}.json"))]);
    assert_nothing_hidden(&answer.stderr);
}

#[test]
fn escapes_do_not_change_the_meaning_of_json() {
    let folder = Folder::new("hidden-json");
    let text = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  namespace: shop\n  name: a\n  annotations:\n    \
                zalando.org/aws-load-balancer-scheme: \"a\\u202Eb\"\nspec: {rules: [{host: shop.example.org}]}\n";
    let manifests = folder.file("a.yaml", text);
    let cloud = quickstart("cloud.json");
    let settings = quickstart("settings.json");
    let arguments =
        ["plan", "--manifests", &manifests, "--cloud", &cloud, "--settings", &settings, "--output", "json"];
    let answer = run(&arguments);
    assert!(answer.stdout.contains("\\u202e"), "{}", answer.stdout);
    let document: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    let told = document["plan"]["outcomes"][0]["diagnostics"].to_string();
    assert!(told.contains("\\u{202e}") || told.contains('\u{202e}'), "{told}");
}

#[test]
fn a_mistake_in_settings_names_file_field_and_what_was_expected() {
    let folder = Folder::new("settings-mistakes");
    for (text, said) in [
        (r#"{"classes": ["nginx"]}"#, &["classes[0]", "\"name\"", "\"mode\": \"proxy\" or \"route\""][..]),
        (r#"{"grace": []}"#, &["grace", "a length of time", "\"1h\""]),
        (r#"{"grace": 1, "grace": 2}"#, &["`grace`", "twice"]),
        (r#"{"proxy": {"target-port": "x"}}"#, &["proxy.target-port", "a whole number from 0 to 65535"]),
    ] {
        let path = folder.file("settings.json", text);
        let answer = on_quickstart(&["plan"], &[]).code;
        assert_eq!(answer, 0);
        let (manifests, cloud) = (quickstart("first"), quickstart("cloud.json"));
        let answer = run(&["plan", "--manifests", &manifests, "--cloud", &cloud, "--settings", &path]);
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""));
        assert!(
            answer.stderr.starts_with(&format!("error: {path}: not usable as settings: ")),
            "{}",
            answer.stderr
        );
        for words in said {
            assert!(answer.stderr.contains(words), "{words:?} is not in {}", answer.stderr);
        }
    }
}

#[test]
fn manifests_from_standard_input_have_the_limit_of_a_file() {
    let (cloud, settings) = (quickstart("cloud.json"), quickstart("settings.json"));
    let arguments = ["plan", "--manifests", "-", "--cloud", &cloud, "--settings", &settings];
    let answer = run_with_input(&arguments, &fs::read_to_string(quickstart("first/shop.yaml")).unwrap());
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
}
