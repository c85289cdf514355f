//! `albatross replay bisect`: finds the pass at which something began.

use albatross_contract::{Action, Outcome, Timestamp};
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
    inputs::places::open_folder,
    json,
    render::history,
    replay::{Earlier, Thing, UnusableFile, bisect},
};

/// Where something began, if it has stayed since, for programs.
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
    /// How many passes directly before cannot be used: it may have begun in one of them.
    unknown: usize,
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
    let folder = open_folder(&arguments.folder)?;
    let passes = folder.passes();
    if passes == 0 {
        return Err(Error::NoPasses { path: arguments.folder.clone() });
    }
    let found = bisect(&folder, &arguments.trial.load(console)?, &thing(&arguments.thing))?;
    remark(&found.replayed.remarks, console);
    for UnusableFile { file, message } in &found.unusable {
        console.warning(&format!("{file}: {message}; the search went on with the passes beside it"));
    }
    let pass = &found.replayed.pass;
    match arguments.output.output {
        OutputFormat::Json => {
            let bisection = Bisection {
                file: found.file.display().to_string(),
                time: pass.snapshot.time,
                number: found.number,
                passes,
                plans: found.plans,
                unknown: match found.earlier {
                    Earlier::Unknown(passes) => passes,
                    Earlier::None | Earlier::Absent => 0,
                },
                actions: found.sought.actions(&pass.snapshot, &pass.plan),
                outcomes: found.sought.outcomes(&pass.snapshot, &pass.plan),
            };
            console.write_json(&json::write("bisect", &bisection)?);
        }
        OutputFormat::Text => console.write(&history::beginning(&found, passes, console.style())),
    }
    Ok(report(&[], &[], &pass.failures, console))
}

/// What is searched for. The command line has exactly one.
fn thing(arguments: &ThingArguments) -> Thing {
    let ThingArguments { load_balancer, certificate, host } = arguments.clone();
    match (load_balancer, certificate, host) {
        (Some(name), ..) => Thing::LoadBalancer(name),
        (_, Some(arn), _) => Thing::Certificate(arn),
        (.., host) => Thing::Host(host.unwrap_or_default()),
    }
}
