//! `albatross policy`: a new project for a policy, and its tests and examination.

use std::path::{Path, PathBuf};

use super::{
    Verdict,
    console::Console,
    policy_arguments::{PolicyCommand, PolicyNewArguments},
    policy_check, policy_test,
};
use crate::{error::Error, policies::project};

/// Runs the command.
///
/// # Errors
/// A file that cannot be read or written, or a component that is not fit.
pub fn run(command: &PolicyCommand, console: &mut Console) -> Result<Verdict, Error> {
    match command {
        PolicyCommand::New(arguments) => new(arguments, console),
        PolicyCommand::Test(arguments) => policy_test::run(arguments, console),
        PolicyCommand::Check(arguments) => policy_check::check(arguments, console),
        PolicyCommand::Inspect(arguments) => policy_check::inspect(arguments, console),
    }
}

fn new(arguments: &PolicyNewArguments, console: &mut Console) -> Result<Verdict, Error> {
    let folder = arguments.folder.clone().unwrap_or_else(|| PathBuf::from(&arguments.name));
    project::write(&folder, &arguments.name, arguments.example())?;
    let file = arguments.name.replace('-', "_");
    console.write(&format!(
        "{} is a policy that works. Next:\n  cd {}\n  cargo test\n  cargo build --release --target wasm32-unknown-unknown\n  \
         albatross policy test\n  albatross policy check target/wasm32-unknown-unknown/release/{file}.wasm\n",
        arguments.name,
        in_a_shell(&folder)
    ));
    Ok(Verdict::Fine)
}

/// A path as a shell reads it.
fn in_a_shell(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    match text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}
