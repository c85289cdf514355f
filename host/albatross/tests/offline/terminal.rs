//! The output on a terminal.

use std::{
    ffi::OsStr,
    fs::File,
    io::Read,
    os::{fd::OwnedFd, unix::ffi::OsStrExt},
    process::{Command, Stdio},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::program::{Folder, albatross, quickstart};

/// Both ends of a pseudo-terminal: that of the person, and that of the program.
fn pseudo_terminal() -> (File, OwnedFd) {
    let person = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&person).unwrap();
    unlockpt(&person).unwrap();
    let name = ptsname(&person, Vec::new()).unwrap();
    let path = OsStr::from_bytes(name.to_bytes());
    let program = File::options().read(true).write(true).open(path).unwrap();
    (File::from(person), program.into())
}

/// The quickstart with one bad manifest, which causes both output and messages.
fn plan_with_a_bad_manifest(folder: &Folder) -> Command {
    let bad = folder.file("bad.yaml", "{apiVersion: v1, kind: Service, metadata: {name: 7}}");
    let (manifests, cloud, settings) =
        (quickstart("first"), quickstart("cloud.json"), quickstart("settings.json"));
    let mut command =
        albatross(&["plan", "--manifests", &manifests, &bad, "--cloud", &cloud, "--settings", &settings]);
    command.stdin(Stdio::null());
    command
}

/// The output on a terminal, with these environment variables.
fn seen(name: &str, environment: &[(&str, &str)]) -> String {
    let (mut person, program) = pseudo_terminal();
    let mut command = plan_with_a_bad_manifest(&Folder::new(name));
    command.stdout(program.try_clone().unwrap()).stderr(program).envs(environment.iter().copied());
    let mut child = command.spawn().unwrap();
    // The command holds the program's end: reading does not end while that is open.
    drop(command);
    let mut seen = Vec::new();
    let mut part = [0; 4_096];
    // When the other end is closed, Linux answers with EIO, other systems with the end of the file.
    while let Ok(read @ 1..) = person.read(&mut part) {
        seen.extend(&part[..read]);
    }
    assert_eq!(child.wait().unwrap().code(), Some(1), "one manifest is bad");
    let seen = String::from_utf8(seen).unwrap();
    assert!(seen.contains("Plan: 2 to create") && seen.contains("metadata.name"), "{seen}");
    seen
}

const GREEN_PLUS: &str = "\u{1b}[32m+\u{1b}[0m";
const RED_ERROR: &str = "\u{1b}[31merror:\u{1b}[0m";

#[test]
fn a_terminal_gets_colour_for_answers_and_messages() {
    let seen = seen("terminal", &[]);
    assert!(seen.contains(GREEN_PLUS) && seen.contains(RED_ERROR), "{seen}");
}

/// <https://no-color.org>: any value except an empty one.
#[test]
fn no_color_turns_colour_off() {
    for value in ["1", "0", "false"] {
        let seen = seen(&format!("no-color-{value}"), &[("NO_COLOR", value)]);
        assert!(!seen.contains('\u{1b}'), "NO_COLOR={value}: {seen}");
    }
}

#[test]
fn an_empty_no_color_has_no_effect() {
    assert!(seen("empty-no-color", &[("NO_COLOR", "")]).contains(GREEN_PLUS));
}

#[test]
fn a_dumb_terminal_gets_no_colour() {
    let seen = seen("dumb", &[("TERM", "dumb")]);
    assert!(!seen.contains('\u{1b}'), "{seen}");
}

#[test]
fn the_output_on_a_terminal_differs_only_in_colour() {
    let mut at_a_terminal = String::new();
    for (number, part) in seen("same-text", &[]).split("\u{1b}[").enumerate() {
        at_a_terminal.push_str(if number == 0 { part } else { part.split_once('m').unwrap().1 });
    }
    let in_a_file = plan_with_a_bad_manifest(&Folder::new("same-text")).output().unwrap();
    let in_a_file = [in_a_file.stdout, in_a_file.stderr].concat();
    // The time that planning took differs each time.
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("Planner ")).map(str::to_owned).collect()
    };
    assert_eq!(lines(&at_a_terminal), lines(&String::from_utf8(in_a_file).unwrap()));
}
