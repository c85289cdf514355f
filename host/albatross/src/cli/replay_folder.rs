//! `albatross replay DIR`: makes the plans of all recorded passes of a folder again.

use std::{path::Path, time::Instant};

use albatross_recordings::Folder;

use super::{
    Verdict, arguments::OutputFormat, console::Console, messages::remark, replay_arguments::ReplayArguments,
};
use crate::{
    error::Error,
    json,
    render::{history, words::count},
    replay::{component, replay_folder},
};

/// The most files that are named in text.
const NAMED: usize = 10;

/// Runs the command on a folder.
///
/// # Errors
/// The folder cannot be read, or holds no passes; or the components cannot be loaded.
pub fn run(path: &Path, arguments: &ReplayArguments, console: &mut Console) -> Result<Verdict, Error> {
    let folder = Folder::open(path)?;
    for other in folder.others() {
        console.warning(&other.to_string());
    }
    let total = folder.passes();
    if total == 0 {
        return Err(Error::NoPasses { path: path.to_owned() });
    }
    let trial = arguments.trial.load()?;
    let begin = Instant::now();
    let report = replay_folder(&folder, &trial, &mut |done| {
        if let Some(style) = console.progress_style() {
            console.progress(&history::progress(done, total, begin.elapsed(), style));
        }
    });
    console.progress("");
    let report = report?;
    match arguments.output.output {
        OutputFormat::Json => console.write_json(&json::write("history", &report)?),
        OutputFormat::Text => console.write(&history::report(&report, arguments.details, console.style())),
    }
    remark(&report.remarks.iter().cloned().collect::<Vec<_>>(), console);
    for failure in &report.failures {
        console.error(&format!("{} (in {})", failure.message, count(failure.passes, "pass")));
    }
    for other in &report.other_planners {
        console.warning(&format!(
            "{} recorded with planner {}, and replayed with another planner, {}",
            if other.passes == 1 { "1 pass was".to_owned() } else { format!("{} passes were", other.passes) },
            component(&other.component),
            component(&report.planner)
        ));
    }
    for unusable in report.unusable.iter().take(NAMED) {
        console.error(&format!("{}: {}", unusable.file, unusable.message));
    }
    if let Some(more @ 1..) = report.unusable.len().checked_sub(NAMED) {
        console.error(&format!("{} more cannot be replayed; --output json names all", count(more, "pass")));
    }
    let is_fine = report.differing.is_empty() && report.unusable.is_empty() && report.failures.is_empty();
    Ok(if is_fine { Verdict::Fine } else { Verdict::Problems })
}
