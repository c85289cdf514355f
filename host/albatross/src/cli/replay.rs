//! `albatross replay`: makes the plan of a recorded pass again, or shows the plan of another policy.

use albatross_contract::{ComponentIdentity, Plan};
use serde::Serialize;

use super::{
    Verdict,
    arguments::OutputFormat,
    bisect,
    console::Console,
    messages::{remark, report},
    replay_arguments::{ReplayArguments, ReplayQuestion},
    replay_folder,
    replay_report::{self, Planned},
};
use crate::{
    comparison::Comparison,
    error::Error,
    inputs::{Recorded, places::is_folder, read_recorded},
    json,
    policies::fixture,
    render::replay::{comparison, identical, other_planner},
    replay::{GivenPolicy, Replayed},
};

/// What a replay found, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Replay<'a> {
    /// Whether the plan equals the recorded plan, byte for byte.
    identical: bool,
    /// Whether the plans are equal. Not identical: something else wrote the bundle.
    equal: bool,
    /// The planner of the recording.
    recorded_planner: &'a ComponentIdentity,
    /// The planner that made the plan now.
    planner: &'a ComponentIdentity,
    /// The policies that were asked now.
    policies: Vec<GivenPolicy>,
    /// Both plans side by side.
    comparison: Comparison,
}

/// Runs the command.
///
/// # Errors
/// The bundle cannot be read, or no plan can be made from it.
pub fn run(arguments: &ReplayArguments, console: &mut Console) -> Result<Verdict, Error> {
    if let Some(ReplayQuestion::Bisect(arguments)) = &arguments.question {
        return bisect::run(arguments, console);
    }
    let path = arguments.path.clone().unwrap_or_default();
    if is_folder(&path) {
        if arguments.record_questions.is_some() {
            console.warning("--record-questions has no effect on a folder: name one of its files");
        }
        return replay_folder::run(&path, arguments, console);
    }
    if arguments.details {
        console.warning("--details has no effect on a single file: the first difference is shown");
    }
    if arguments.shard.is_some() {
        console.warning("--shard has no effect on a single file");
    }
    if !arguments.price.is_empty() {
        console.warning("--price has no effect on a single file: the tables of a folder have costs");
    }
    let report_file = arguments.report_file(&path)?;
    let name = path.display().to_string();
    let recorded = read_recorded(&path)?;
    let trial = arguments.trial.load(console)?;
    let replayed = trial.replay(&recorded, &name)?;
    trial.check_allowances()?;
    let Replayed { makers, pass, is_trial, remarks, .. } = &replayed;
    if let Some(folder) = &arguments.record_questions {
        fixture::write(folder, &makers.calls_of(pass)?)?;
    }
    remark(remarks, console);
    let plan = recorded.plan().map_err(|source| Error::File { name: name.clone(), source })?;
    let same = plan == pass.plan;
    let is_identical = same && recorded.has_bytes_of(&pass.plan)?;

    match arguments.output.output {
        OutputFormat::Json => {
            let replay = Replay {
                identical: is_identical,
                equal: same,
                recorded_planner: &recorded.planner,
                planner: makers.planner(),
                policies: GivenPolicy::of(makers),
                comparison: Comparison::new(&recorded.snapshot, &plan, &pass.plan),
            };
            console.write_json(&json::write("replay", &replay)?);
        }
        OutputFormat::Text if same => {
            console.write(&same_plan(&recorded, &replayed, is_identical));
        }
        OutputFormat::Text => console.write(&differing(&recorded, &plan, &replayed, console)),
    }

    let verdict = report(&[], &[], &pass.failures, console);
    if recorded.planner.sha256 != makers.planner().sha256 {
        console.warning(&other_planner(&format!("{name} was"), &recorded.planner, makers.planner()));
    }
    let is_expected = same || *is_trial;
    if !is_expected {
        console.error(&format!("{name}: the plan differs from the recorded plan"));
    }
    // Last: a report that cannot be written takes nothing away from the answer.
    if let Some(file) = &report_file {
        let verdict = same.then(|| same_plan(&recorded, &replayed, is_identical));
        let planned = Planned { file: &name, recorded: &recorded, plan: &plan, replayed: &replayed };
        replay_report::write_single(file, &planned, verdict, &trial.words())?;
    }
    Ok(if is_expected { verdict } else { Verdict::Problems })
}

/// The sentence about a plan that is the recorded one.
fn same_plan(recorded: &Recorded, replayed: &Replayed, is_identical: bool) -> String {
    let Replayed { makers, other_policies, .. } = replayed;
    let asked = if *other_policies { makers.policy_names() } else { Vec::new() };
    let verdict = if is_identical { "byte-identical" } else { "equal, but written differently" };
    identical(&recorded.snapshot, verdict, makers.planner(), &asked)
}

fn differing(recorded: &Recorded, plan: &Plan, replayed: &Replayed, console: &Console) -> String {
    let policies = replayed.makers.policy_names();
    let title = if policies.is_empty() { "replayed".to_owned() } else { policies.join(", ") };
    comparison(&Comparison::new(&recorded.snapshot, plan, &replayed.pass.plan), &title, console.style())
}
