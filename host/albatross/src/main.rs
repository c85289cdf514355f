//! The entry point of `albatross`.

use std::{env, process::ExitCode};

fn main() -> ExitCode {
    albatross::cli::run(env::args_os())
}
