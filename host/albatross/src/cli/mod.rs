//! The commands: arguments in, output on standard output, messages on standard error, an exit code.

#[cfg(feature = "live")]
mod ancestor;
mod arguments;
mod bisect;
mod completions;
mod console;
mod diff;
mod diff_arguments;
mod example;
mod explain;
mod handover;
#[cfg(feature = "live")]
mod live;
#[cfg(feature = "live")]
mod log;
mod man;
mod messages;
mod plan;
mod planning;
mod policy;
mod policy_arguments;
mod policy_check;
mod policy_test;
#[cfg(feature = "live")]
mod record_arguments;
mod redact;
mod redact_arguments;
mod replay;
mod replay_arguments;
mod replay_folder;
mod replay_report;
mod report_file;
#[cfg(feature = "live")]
mod run;
mod schema;
mod serve;
mod signals;
mod simulate;
mod simulation_json;
mod simulation_text;
#[cfg(feature = "live")]
mod snapshot;
mod status;
mod support;
mod support_arguments;
mod uninstall;
mod what_if;
mod what_if_arguments;

use std::{ffi::OsString, io, process::ExitCode};

use clap::Parser;
#[cfg(feature = "live")]
use clap::error::ErrorKind;

use crate::{error::Error, handover::Direction};
use arguments::{Arguments, Command, ExplainSubject};
use console::Console;

/// How a command ended that produced its output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// All is well.
    Fine,
    /// Something changes or is withheld; only with `--detailed-exitcode`.
    Changes,
    /// There is output, but a part of the input was not usable.
    Problems,
}

/// Runs the program with these arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut console = Console::standard();
    let verdict = match parse(arguments) {
        Err(error) => Err(error),
        Ok(Ok(arguments)) => answer(arguments.command, &mut console),
        Ok(Err(error)) if error.use_stderr() => {
            // clap's own text begins with `error:`. clap's exit code, 2, means changes in this program.
            console.usage(&error.to_string());
            return ExitCode::from(1);
        }
        Ok(Err(help)) => {
            console.write(&help.to_string());
            Ok(Verdict::Fine)
        }
    };
    match verdict.and_then(|verdict| console.finish().map(|()| verdict)) {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Changes) => ExitCode::from(2),
        Ok(Verdict::Problems) => ExitCode::from(1),
        Err(error) => {
            console.error(&error.to_string());
            ExitCode::from(1)
        }
    }
}

/// Reads the command line; that of `run` may have flags of kube-ingress-aws-controller.
#[cfg(feature = "live")]
fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Result<Arguments, clap::Error>, Error> {
    let (arguments, ancestor) = ancestor::take(arguments, |name| std::env::var(name).ok())?;
    let mut parsed = Arguments::try_parse_from(&arguments);
    match &mut parsed {
        Ok(Arguments { command: Command::Run(run) }) => run.ancestor = ancestor,
        Err(error) if error.kind() == ErrorKind::UnknownArgument => {
            if let Some(flag) = ancestor::misplaced(&arguments) {
                return Err(Error::AncestorsFlagElsewhere { flag });
            }
        }
        _ => {}
    }
    Ok(parsed)
}

/// Reads the command line.
#[cfg(not(feature = "live"))]
fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Result<Arguments, clap::Error>, Error> {
    Ok(Arguments::try_parse_from(arguments))
}

fn answer(command: Command, console: &mut Console) -> Result<Verdict, Error> {
    let standard_input = &mut io::stdin();
    match command {
        Command::Simulate(arguments) => simulate::run(&arguments, standard_input, console),
        Command::Plan(arguments) => plan::run(&arguments, standard_input, console),
        Command::Status(arguments) => status::run(&arguments, standard_input, console),
        Command::Explain(arguments) => match arguments.subject {
            ExplainSubject::Ingress(arguments) => explain::ingress(&arguments, standard_input, console),
            ExplainSubject::Request(arguments) => explain::request(&arguments, standard_input, console),
        },
        Command::SupportBundle(arguments) => support::run(&arguments, standard_input, console),
        Command::Replay(arguments) => replay::run(&arguments, console),
        Command::Redact(arguments) => redact::run(&arguments, standard_input, console),
        Command::Diff(arguments) => diff::run(&arguments, console),
        Command::WhatIf(arguments) => what_if::run(&arguments, standard_input, console),
        Command::Policy(arguments) => policy::run(&arguments.command, console),
        Command::Schema(arguments) => schema::run(&arguments, console),
        Command::Completions(arguments) => Ok(completions::run(&arguments, console)),
        Command::Man(arguments) => man::run(&arguments, console),
        Command::Example(arguments) => {
            example::run(&arguments, console);
            Ok(Verdict::Fine)
        }
        Command::Adopt(arguments) => handover::run(Direction::Adopt, arguments, standard_input, console),
        Command::Forget(arguments) => handover::run(Direction::Forget, arguments, standard_input, console),
        Command::Uninstall(arguments) => uninstall::run(arguments, standard_input, console),
        #[cfg(feature = "live")]
        Command::Run(arguments) => run::run(&arguments, standard_input, console),
        #[cfg(feature = "live")]
        Command::Snapshot(arguments) => snapshot::run(&arguments, console),
        #[cfg(not(feature = "live"))]
        Command::Run(_) => Err(Error::LeftOut { command: "run" }),
        #[cfg(not(feature = "live"))]
        Command::Snapshot(_) => Err(Error::LeftOut { command: "snapshot" }),
    }
}
