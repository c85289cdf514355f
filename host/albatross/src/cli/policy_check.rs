//! `albatross policy check` and `albatross policy inspect`: is a component fit to run, and what is it?

use std::path::PathBuf;

use albatross_contract::PolicyPoint;
use albatross_engine::{Engine, Limits, Policy, UnfitComponent};
use serde::Serialize;

use super::{
    Verdict,
    arguments::{OutputFormat, PolicyCacheArguments},
    console::Console,
    messages::remark,
    policy_arguments::{PolicyCheckArguments, PolicyInspectArguments},
};
use crate::{
    error::Error,
    example,
    inputs::{self, PolicyComponent, PolicySource, read_recording},
    json,
    pass::planner,
    policies::{
        calls::Call,
        examination::{Examination, Examined, Recording, examine},
        fixture,
        inspection::{Inspected, inspected},
    },
    render::{component::component, policy_check::findings, words::count},
};

/// What an examination showed, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report {
    component: Inspected,
    snapshots: Vec<Asked>,
    /// Points that nothing could be asked about.
    untried: Vec<&'static str>,
    /// Whether the policy was asked about each of its points, and there is no fault.
    fit: bool,
}

/// What the questions about a snapshot showed.
#[derive(Serialize)]
struct Asked {
    name: String,
    questions: Vec<Examined>,
}

/// Says what a component is.
///
/// # Errors
/// A file that cannot be read, or is no component.
pub fn inspect(arguments: &PolicyInspectArguments, console: &mut Console) -> Result<Verdict, Error> {
    let engine = Engine::new(Limits::default());
    let (inspected, _) = read(&arguments.component, &arguments.cache, &engine, console)?;
    match arguments.output.output {
        OutputFormat::Text => console.write(&component(&inspected, console.style())),
        OutputFormat::Json => console.write_json(&json::write("policy-inspection", &inspected)?),
    }
    Ok(Verdict::Fine)
}

fn read(
    source: &PolicySource,
    cache: &PolicyCacheArguments,
    engine: &Engine,
    console: &mut Console,
) -> Result<(Inspected, Result<Policy, UnfitComponent>), Error> {
    let PolicyComponent { name, bytes } =
        cache.reader().read(source, &mut |message| console.warning(message))?;
    inspected(engine, &name, &bytes)
}

/// Says whether a component is fit to run.
///
/// # Errors
/// A file that cannot be read or written, or a component that is not fit.
pub fn check(arguments: &PolicyCheckArguments, console: &mut Console) -> Result<Verdict, Error> {
    let limits = Limits::default();
    let engine = Engine::new(limits.clone());
    let (inspected, policy) = read(&arguments.component, &arguments.cache, &engine, console)?;
    let policy = policy?;
    policy.describe()?;
    let is_text = arguments.output.output == OutputFormat::Text;
    if is_text {
        console.write(&component(&inspected, console.style()));
    }
    let planner = planner(None, &engine)?;
    let mut untried: Vec<PolicyPoint> = policy.points().collect();
    let (mut snapshots, mut calls): (Vec<Asked>, Vec<Call>) = (Vec::new(), Vec::new());
    for (name, recorded) in recordings(&arguments.snapshot)? {
        let settings = arguments.settings.as_deref();
        let Examination { examined, remarks, calls: of_snapshot } =
            examine(&planner, &policy, recorded, settings)?;
        remark(&remarks, console);
        untried.retain(|point| !examined.iter().any(|it| it.subjects > 0 && *point == it.point));
        if is_text {
            console.write(&findings(&name, &examined, &limits));
        }
        calls.extend(of_snapshot);
        snapshots.push(Asked { name, questions: examined });
    }
    if let Some(folder) = &arguments.record_questions {
        fixture::write(folder, &calls)?;
    }
    let (verdict, text) = verdict(&snapshots, &untried);
    match arguments.output.output {
        OutputFormat::Text => console.write(&format!("\n{text}\n")),
        OutputFormat::Json => {
            let untried = untried.into_iter().map(PolicyPoint::as_str).collect();
            let fit = verdict == Verdict::Fine;
            let report = Report { component: inspected, snapshots, untried, fit };
            console.write_json(&json::write("policy-check", &report)?);
        }
    }
    Ok(verdict)
}

/// Whether a policy is fit to run, in words.
fn verdict(snapshots: &[Asked], untried: &[PolicyPoint]) -> (Verdict, String) {
    let sum = |part: fn(&Examined) -> usize| snapshots.iter().flat_map(|it| &it.questions).map(part).sum();
    let (faults, warnings): (usize, usize) = (sum(|it| it.faults.len()), sum(|it| it.warnings.len()));
    if faults > 0 {
        return (Verdict::Problems, format!("not fit to run: {}", count(faults, "fault")));
    }
    if !untried.is_empty() {
        let points: Vec<&str> = untried.iter().map(|point| point.as_str()).collect();
        let points = points.join(" and ");
        return (
            Verdict::Problems,
            format!("not tried: there was nothing to ask about {points}; name a snapshot with --snapshot"),
        );
    }
    match warnings {
        0 => (Verdict::Fine, "fit to run".to_owned()),
        _ => (Verdict::Fine, format!("fit to run, with {}", count(warnings, "warning"))),
    }
}

/// The snapshots to ask about, by name; without any, the built-in example.
fn recordings(paths: &[PathBuf]) -> Result<Vec<(String, Recording)>, Error> {
    if paths.is_empty() {
        let snapshot =
            inputs::snapshot(example::first()?.cluster, example::cloud()?, example::settings()?, None);
        return Ok(vec![("the built-in example".to_owned(), (snapshot, Vec::new()))]);
    }
    paths.iter().map(|path| Ok((path.display().to_string(), read_recording(path)?))).collect()
}
