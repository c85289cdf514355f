//! Each refusal of AWS that the cloud knows, as data: a world, a sequence of operations, and the error code of the last
//! operation.
//!
//! The sequences are JSON files, so that they can also be run against another server (`host/aws/tests/wire/refusals.rs`).
//! `world` is a file of `tests/worlds`; `changes` is merged into its inventory (objects key by key); a step refers to the
//! resource of an earlier step with `created-by` and the id of that step. `documentation` is the AWS page.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests fail by panicking and print figures"
)]

#[path = "../worlds/mod.rs"]
mod worlds;

use std::{collections::BTreeMap, fs, path::Path};

use albatross_contract::{Operation, references::resolve};
use albatross_embedded_cloud::EmbeddedCloud;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Refusal {
    name: String,
    documentation: String,
    world: String,
    #[serde(default)]
    changes: serde_json::Value,
    steps: Vec<Step>,
    code: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Step {
    id: String,
    operation: Operation,
}

#[test]
fn the_last_operation_of_each_sequence_is_refused_with_its_code() {
    let mut failures = Vec::new();
    let refusals = all();
    for (file, refusal) in &refusals {
        match run(refusal) {
            Ok(()) => println!("{:<42} {} ({file})", refusal.code, refusal.name),
            Err(failure) => failures.push(format!("{file}: {failure}")),
        }
    }
    println!("{} refusals", refusals.len());
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_refusal_has_a_unique_name_and_an_aws_page() {
    let mut names = BTreeMap::new();
    for (file, refusal) in all() {
        assert!(refusal.documentation.starts_with("https://docs.aws.amazon.com/"), "{file}");
        if let Some(other) = names.insert(refusal.name, file.clone()) {
            panic!("{file} and {other} have the same name");
        }
    }
    assert!(names.len() > 80, "the folder was not read");
}

#[test]
fn a_refused_operation_changes_nothing() {
    for (file, refusal) in all() {
        let (mut cloud, operation) = up_to_the_last(&refusal).expect("the first steps succeed");
        let before = cloud.inventory().clone();
        assert!(cloud.execute(&operation).is_err(), "{file}");
        assert_eq!(*cloud.inventory(), before, "{file}");
    }
}

fn all() -> Vec<(String, Refusal)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/refusals");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|it| it == "json"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| {
            let name = path.file_stem().expect("it has a name").to_string_lossy().into_owned();
            let text = fs::read(path).expect("it can be read");
            let refusal = serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, refusal)
        })
        .collect()
}

fn run(refusal: &Refusal) -> Result<(), String> {
    let (mut cloud, operation) = up_to_the_last(refusal)?;
    match cloud.execute(&operation) {
        Ok(_) => Err(format!("the last step was not refused, expected {}", refusal.code)),
        Err(error) if error.code == refusal.code => Ok(()),
        Err(error) => Err(format!("expected {}, got {error}", refusal.code)),
    }
}

/// The cloud before the last step, and the operation of that step.
fn up_to_the_last(refusal: &Refusal) -> Result<(EmbeddedCloud, Operation), String> {
    let mut cloud = EmbeddedCloud::new(worlds::changed(&refusal.world, &refusal.changes));
    let mut made = BTreeMap::new();
    let (last, before) = refusal.steps.split_last().ok_or("no step")?;
    for step in before {
        let operation = resolve(&step.operation, &made).map_err(|error| format!("{}: {error}", step.id))?;
        let answer = cloud.execute(&operation).map_err(|error| format!("{}: {error}", step.id))?;
        made.extend(answer.map(|resource| (step.id.clone(), resource)));
    }
    let operation = resolve(&last.operation, &made).map_err(|error| format!("{}: {error}", last.id))?;
    Ok((cloud, operation))
}
