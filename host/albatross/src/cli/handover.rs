//! `albatross adopt` and `albatross forget`: load balancers become ours, or are ours no longer.

use std::io::Read;

use albatross_contract::Severity;

use super::{
    Verdict,
    arguments::HandoverArguments,
    console::Console,
    messages::{remark, report},
    planning,
};
use crate::{
    error::Error,
    handover::{Direction, Preview},
    render::handover::{preview, refused},
};

/// Runs the command.
///
/// # Errors
/// No plan can be made, the input cannot be used, or the tags cannot be written.
pub fn run(
    direction: Direction,
    mut arguments: HandoverArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let inputs = &arguments.inputs;
    let is_of_files = inputs.cloud.is_some() || inputs.snapshot.is_some() || !inputs.manifests.is_empty();
    if is_of_files && !arguments.dry_run {
        return Err(Error::OnlyPreview);
    }
    let names = std::mem::take(&mut arguments.names);
    match direction {
        Direction::Adopt => arguments.inputs.settings.adopt = names,
        Direction::Forget => arguments.inputs.settings.forget = names,
    }
    let planning = planning::read(&arguments.inputs, &arguments.components, standard_input, console)?;
    remark(&planning.remarks, console);
    let shown = Preview::new(direction, planning.snapshot, &planning.makers)?;
    console.write(&preview(&shown, console.style()));
    let mut verdict = report(&planning.problems, &planning.unread, &shown.then.failures, console);
    if refused(&shown).any(|found| found.severity != Severity::Info) {
        verdict = Verdict::Problems;
    }
    if arguments.dry_run || shown.load_balancers().is_empty() {
        return Ok(verdict);
    }
    execute(&arguments, shown, planning.makers, console)?;
    Ok(verdict)
}

/// Hands over, as the leader: no controller runs meanwhile.
#[cfg(feature = "live")]
fn execute(
    arguments: &HandoverArguments,
    shown: Preview,
    makers: crate::pass::Makers,
    console: &mut Console,
) -> Result<(), Error> {
    use super::live::{block_on, whereabouts};
    let settings = shown.now.snapshot.settings;
    let done = block_on(crate::live::handover::execute(
        &whereabouts(&arguments.inputs.live),
        &arguments.lease_namespace,
        makers,
        settings,
    ))?;
    console.write(&format!("\nDone: {}.\n", crate::render::words::count(done, "change")));
    Ok(())
}

#[cfg(not(feature = "live"))]
fn execute(_: &HandoverArguments, _: Preview, _: crate::pass::Makers, _: &mut Console) -> Result<(), Error> {
    Err(Error::OnlyPreview)
}
