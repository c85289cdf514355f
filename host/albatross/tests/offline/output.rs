//! Output to files, terminals and closed pipes.

use std::{io, process::Stdio};

use crate::program::{Folder, albatross, on_quickstart, quickstart, run};

/// Every command on the quickstart, in both formats, with its exit code when the output is read.
fn commands(bundle: &str) -> Vec<(Vec<String>, i32)> {
    let (manifests, cloud, settings) =
        (quickstart("first"), quickstart("cloud.json"), quickstart("settings.json"));
    let inputs = ["--manifests", &manifests, "--cloud", &cloud, "--settings", &settings];
    let commands = [
        ([&["plan", "--detailed-exitcode"], &inputs[..]].concat(), 2),
        ([&["explain", "ingress", "shop/checkout"], &inputs[..]].concat(), 0),
        (vec!["replay", bundle], 0),
        (vec!["simulate"], 0),
    ];
    let formats = ["text", "json"];
    commands
        .iter()
        .flat_map(|(command, code)| {
            formats.map(|format| {
                let command = [&command[..], &["--output", format]].concat();
                (command.into_iter().map(str::to_owned).collect(), *code)
            })
        })
        .chain([(vec!["--help".to_owned()], 0)])
        .collect()
}

fn recorded(name: &str) -> String {
    let bundle = Folder::new(name).path("pass.json");
    assert_eq!(on_quickstart(&["plan"], &["--record", &bundle]).code, 0);
    bundle
}

fn words(command: &[String]) -> Vec<&str> {
    command.iter().map(String::as_str).collect()
}

#[test]
fn a_closed_pipe_is_not_an_error() {
    for (command, code) in commands(&recorded("closed-pipe")) {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output = albatross(&words(&command)).stdin(Stdio::null()).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{command:?}");
        assert_eq!(output.status.code(), Some(code), "{command:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    for (command, _) in commands(&recorded("full-disk")) {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = albatross(&words(&command)).stdin(Stdio::null()).stdout(full).output().unwrap();
        let messages = String::from_utf8(output.stderr).unwrap();
        assert!(messages.contains("error: standard output cannot be written"), "{command:?}: {messages}");
        assert_eq!(output.status.code(), Some(1), "{command:?}");
    }
}

#[test]
fn a_file_gets_no_colour() {
    for (command, _) in commands(&recorded("no-colour")) {
        assert!(!run(&words(&command)).stdout.contains('\u{1b}'), "{command:?}");
    }
}
