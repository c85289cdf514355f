//! `albatross snapshot`: a cluster and its account in one file, for use on another machine.

use super::{
    Verdict, arguments::SnapshotArguments, console::Console, live::capture_all, messages::report, planning,
};
use albatross_contract::SourceObject;

use crate::{
    error::Error,
    recorder::record,
    render::words::{count, objects},
};

/// Runs the command: captures, plans, and writes both, so that `plan`, `explain` and `replay` can take the file.
///
/// # Errors
/// The cluster or AWS cannot be read, no plan can be made, or the file cannot be written.
pub fn run(arguments: &SnapshotArguments, console: &mut Console) -> Result<Verdict, Error> {
    let makers = planning::makers(&arguments.components, console)?;
    let settings = planning::settings(&arguments.settings, albatross_contract::Settings::default(), &makers)?;
    let pass = makers.pass(capture_all(&arguments.live, settings)?)?;
    record(&arguments.file, &makers, &pass, Vec::new())?;
    let (cluster, inventory) = (&pass.snapshot.cluster, &pass.snapshot.inventory);
    console.write(&format!(
        "{}: {}, {}, {}\n",
        arguments.file.display(),
        objects(cluster.sources().map(SourceObject::kind)),
        count(inventory.load_balancers.len(), "load balancer"),
        count(inventory.certificates.len(), "certificate")
    ));
    let unread = [cluster.incomplete.as_slice(), &inventory.incomplete].concat();
    Ok(report(&[], &unread, &pass.failures, console))
}
