//! `albatross completions`: what a shell reads to complete commands and flags.

use clap::CommandFactory;

use super::{
    Verdict,
    arguments::{Arguments, CompletionsArguments},
    console::Console,
};

/// The name of the program, as its users type it.
const NAME: &str = "albatross";

/// Runs the command.
pub fn run(arguments: &CompletionsArguments, console: &mut Console) -> Verdict {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), NAME, &mut script);
    console.write(&String::from_utf8_lossy(&script));
    Verdict::Fine
}
