//! `albatross replay bisect`: finds the pass at which something began.

use albatross_contract::{Action, Outcome, Timestamp};
use albatross_recordings::Folder;
use serde::Serialize;

use super::{
    Verdict,
    arguments::OutputFormat,
    console::Console,
    messages::{remark, report},
    replay_arguments::{BisectArguments, ThingArguments},
};
use crate::{
    error::Error,
    json,
    render::history,
    replay::{Thing, bisect},
};

/// Where something began, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Bisection<'a> {
    /// The file of the pass.
    file: String,
    /// The time of the pass.
    time: Timestamp,
    /// Its number in the folder, from 1. 1: it may have begun before.
    number: usize,
    /// How many passes there are.
    passes: usize,
    /// How many plans were made.
    plans: usize,
    /// The actions of the plan that are about it.
    actions: Vec<&'a Action>,
    /// The outcomes of the objects that it serves.
    outcomes: Vec<&'a Outcome>,
}

/// Runs the command.
///
/// # Errors
/// A pass cannot be read or planned, or the thing is not there in the last one.
pub fn run(arguments: &BisectArguments, console: &mut Console) -> Result<Verdict, Error> {
    let folder = Folder::open(&arguments.folder)?;
    let passes = folder.passes();
    if passes == 0 {
        return Err(Error::NoPasses { path: arguments.folder.clone() });
    }
    let thing = thing(&arguments.thing, &folder)?;
    let found = bisect(&folder, &arguments.trial.load()?, &thing)?;
    remark(&found.replayed.remarks, console);
    let pass = &found.replayed.pass;
    match arguments.output.output {
        OutputFormat::Json => {
            let bisection = Bisection {
                file: found.file.display().to_string(),
                time: pass.snapshot.time,
                number: found.number,
                passes,
                plans: found.plans,
                actions: thing.actions(&pass.snapshot, &pass.plan),
                outcomes: thing.outcomes(&pass.snapshot, &pass.plan),
            };
            console.write_json(&json::write("bisect", &bisection)?);
        }
        OutputFormat::Text => console.write(&history::beginning(&thing, &found, passes, console.style())),
    }
    Ok(report(&[], &[], &pass.failures, console))
}

/// What is searched. The command line has exactly one.
fn thing(arguments: &ThingArguments, folder: &Folder) -> Result<Thing, Error> {
    let ThingArguments { load_balancer, certificate, host } = arguments.clone();
    Ok(match (load_balancer, certificate, host) {
        (Some(name), ..) => Thing::LoadBalancer(name),
        (_, Some(arn), _) => Thing::Certificate(arn),
        (.., host) => Thing::host(&host.unwrap_or_default(), folder)?,
    })
}
