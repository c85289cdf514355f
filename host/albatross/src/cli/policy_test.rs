//! `albatross policy test`: tries the cases of a policy.

use std::path::{Path, PathBuf};

use albatross_engine::{Engine, Limits, Planner, Policy};
use serde::Serialize;

use super::{Verdict, arguments::OutputFormat, console::Console, policy_arguments::PolicyTestArguments};
use crate::{
    error::Error,
    inputs::{MOST_OF_A_COMPONENT, file_name, read_bytes},
    json,
    pass::planner,
    policies::cases::{CaseFile, Tested, files, tried},
    render::policy_test::tested,
};

/// What came of all files, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    passed: usize,
    failed: usize,
    files: &'a [Tested],
}

/// Runs the command.
///
/// # Errors
/// A file of cases, a component, or no case at all.
pub fn run(arguments: &PolicyTestArguments, console: &mut Console) -> Result<Verdict, Error> {
    let engine = Engine::new(Limits::default());
    let planner = planner(None, &engine)?;
    let reader = arguments.cache.reader();
    let given = match &arguments.policy {
        Some(source) => {
            let component = reader.read(source, &mut |message| console.warning(message))?;
            Some(Policy::load(&engine, &component.name, &component.bytes)?)
        }
        None => None,
    };
    let mut all = Vec::new();
    for path in &arguments.paths {
        for file in files(path)? {
            all.push(test(&planner, given.clone(), file, &engine)?);
        }
    }
    let cases = || all.iter().flat_map(|file| &file.cases);
    let failed = cases().filter(|case| !case.passed).count();
    match arguments.output.output {
        OutputFormat::Text => console.write(&tested(&all, console.style())),
        OutputFormat::Json => {
            let report = Report { passed: cases().count() - failed, failed, files: &all };
            console.write_json(&json::write("policy-test", &report)?);
        }
    }
    Ok(if failed == 0 { Verdict::Fine } else { Verdict::Problems })
}

fn test(planner: &Planner, given: Option<Policy>, file: PathBuf, engine: &Engine) -> Result<Tested, Error> {
    let CaseFile { policy: named, cases } = CaseFile::read(&file)?;
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let problem = |problem: String| Error::CaseFile { path: file.clone(), problem };
    let policy = match (given, named) {
        (Some(given), _) => given,
        (None, Some(named)) => in_file(&folder.join(&named), engine).map_err(|error| match error {
            Error::Unreadable { source, .. } => problem(format!(
                "policy: {} cannot be read: {source}; build the policy, or name its component with --policy",
                named.display()
            )),
            other => other,
        })?,
        (None, None) => {
            return Err(problem(
                "`policy` is missing: write the path of the component, or name it with --policy".into(),
            ));
        }
    };
    let cases = cases.iter().map(|case| tried(planner, &policy, case, &folder)).collect();
    Ok(Tested { policy: policy.identity().clone(), cases, file })
}

fn in_file(path: &Path, engine: &Engine) -> Result<Policy, Error> {
    let bytes = read_bytes(path, MOST_OF_A_COMPONENT)?;
    Ok(Policy::load(engine, &file_name(path), &bytes)?)
}
