//! `albatross man`: manual pages, one for each command.

use std::{fs, path::Path};

use clap::CommandFactory;

use super::{
    Verdict,
    arguments::{Arguments, ManArguments},
    console::Console,
};
use crate::error::Error;

/// Runs the command.
///
/// # Errors
/// The folder cannot be written.
pub fn run(arguments: &ManArguments, console: &mut Console) -> Result<Verdict, Error> {
    let unwritable = |source| Error::Unwritable { path: arguments.to.clone(), source };
    fs::create_dir_all(&arguments.to).map_err(unwritable)?;
    let command = Arguments::command().disable_help_subcommand(true);
    clap_mangen::generate_to(command, &arguments.to).map_err(unwritable)?;
    console.write(&format!(
        "Manual pages are in {}. Read one with: man {}\n",
        arguments.to.display(),
        Path::new(&arguments.to).join("albatross.1").display()
    ));
    Ok(Verdict::Fine)
}
