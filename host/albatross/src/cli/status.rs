//! `albatross status`: the fleet at a glance.

use std::io::Read;

use super::{
    Verdict,
    arguments::{OutputFormat, StatusArguments},
    console::Console,
    messages::{remark, report},
    planning,
};
use crate::{
    error::Error,
    json,
    render::{plan::Origin, status::status},
    status::Status,
};

/// Runs the command.
///
/// # Errors
/// No plan can be made, or the input cannot be used.
pub fn run(
    arguments: &StatusArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let planning = planning::read(&arguments.inputs, &arguments.components, standard_input, console)?;
    remark(&planning.remarks, console);
    let makers = &planning.makers;
    // Input that could not be read is often the cause.
    let pass = makers.pass(planning.snapshot).inspect_err(|_| {
        report(&planning.problems, &planning.unread, &[], console);
    })?;
    let fleet = Status::new(&pass.snapshot, &pass.plan);
    match arguments.output.output {
        OutputFormat::Json => console.write_json(&json::write("status", &fleet)?),
        OutputFormat::Text => {
            let policies = makers.policy_identities();
            let origin = Origin { planner: makers.planner(), policies, took: Some(pass.took) };
            console.write(&status(&pass.snapshot, &pass.plan, &fleet, &origin, console.style()));
        }
    }
    Ok(report(&planning.problems, &planning.unread, &pass.failures, console))
}
