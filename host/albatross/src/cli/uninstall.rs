//! `albatross uninstall`: everything that is ours goes.

use std::io::Read;

use albatross_contract::{IncompletePart, Plan, Snapshot, StatusChange, ViewPart};

use super::{
    Verdict,
    arguments::UninstallArguments,
    console::Console,
    messages::{remark, report},
    planning,
};
use crate::{
    error::Error,
    render::{
        plan::{last_line, load_balancers},
        time::length,
        words::listed,
    },
    uninstall,
};

/// Runs the command.
///
/// # Errors
/// No plan can be made, the input cannot be used, or the controller cannot run.
pub fn run(
    arguments: UninstallArguments,
    standard_input: &mut dyn Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let inputs = &arguments.inputs;
    let is_of_files = inputs.cloud.is_some() || inputs.snapshot.is_some() || !inputs.manifests.is_empty();
    if is_of_files && arguments.confirm {
        return Err(Error::OnlyPreview);
    }
    let planning = planning::read(inputs, &arguments.components, standard_input, console)?;
    remark(&planning.remarks, console);
    let mut snapshot = planning.snapshot;
    match uninstall::refusal(&snapshot) {
        Some(refusal) if arguments.confirm => return Err(refusal),
        Some(refusal) => console.warning(&format!("--confirm would be refused: {refusal}")),
        None => {}
    }
    snapshot.settings = uninstall::settings(snapshot.settings.clone(), &snapshot);
    let (grace, retained) = (snapshot.settings.grace, uninstall::retained(&snapshot).join(", "));
    let is_over = uninstall::is_over(&snapshot);
    let pass = planning.makers.pass(snapshot)?;
    console.write(&load_balancers(&pass.snapshot, &pass.plan, console.style()));
    console.write(&format!("\n{}", last_line(&pass.snapshot, &pass.plan, console.style())));
    let verdict = report(&planning.problems, &planning.unread, &pass.failures, console);
    if is_over {
        console.write("Nothing is ours: there is nothing to uninstall.\n");
        return Ok(verdict);
    }
    let statuses = statuses(&pass.snapshot, &pass.plan);
    console.write(&format!(
        "\nWhat happens, in this order:\n  1. {statuses}\n  2. Load balancers are marked as unneeded. They serve for another \
         {}, since clients may still know their addresses.\n  3. Then they are deleted, with their target groups, security \
         groups and records in Route 53.\nTo move clients first, let another controller serve the Ingresses.\n",
        length(grace)
    ));
    if !retained.is_empty() {
        console.write(&format!(
            "These load balancers stay, since an Ingress or RouteGroup retains them: {retained}.\n"
        ));
    }
    if arguments.confirm {
        return execute(arguments, pass.snapshot, console).map(|()| verdict);
    }
    console.write(
        "Nothing was changed. To uninstall, scale the controller to zero replicas and add --confirm.\n",
    );
    Ok(verdict)
}

/// Which statuses are emptied, and of which objects that is not known.
fn statuses(snapshot: &Snapshot, plan: &Plan) -> String {
    let emptied = plan.outcomes.iter().filter(|outcome| outcome.status == StatusChange::Withdraw);
    let emptied: Vec<String> = emptied.map(|outcome| outcome.object.to_string()).collect();
    let unknown: Vec<String> = snapshot.cluster.incomplete.iter().filter_map(hidden_statuses).collect();
    let known = match emptied.as_slice() {
        [] if unknown.is_empty() => return "No status is left to be emptied.".to_owned(),
        [] => "No status that is known is left to be emptied.".to_owned(),
        emptied => format!(
            "Statuses are emptied, and external-dns deletes the records of these objects: {}.",
            listed(emptied)
        ),
    };
    match unknown.as_slice() {
        [] => known,
        unknown => format!("{known} There may be others: {}.", unknown.join("; ")),
    }
}

/// In words, the statuses that a gap in the view hides.
fn hidden_statuses(gap: &IncompletePart) -> Option<String> {
    let hidden = match gap.part {
        ViewPart::Ingresses => "not all Ingresses are known",
        ViewPart::RouteGroups => "not all RouteGroups are known",
        ViewPart::IngressStatuses => "not all statuses are known",
        _ => return None,
    };
    Some(format!("{hidden} ({})", gap.reason))
}

/// Runs the controller until nothing is left.
#[cfg(feature = "live")]
fn execute(arguments: UninstallArguments, snapshot: Snapshot, console: &mut Console) -> Result<(), Error> {
    use super::run::remove_everything;
    remove_everything(arguments, snapshot.settings)?;
    console.write("Done: nothing is left.\n");
    Ok(())
}

#[cfg(not(feature = "live"))]
fn execute(_: UninstallArguments, _: Snapshot, _: &mut Console) -> Result<(), Error> {
    Err(Error::OnlyPreview)
}
