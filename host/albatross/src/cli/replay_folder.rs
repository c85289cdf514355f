//! `albatross replay DIR`: makes the plans of all recorded passes of a folder again.

use std::{path::Path, time::Instant};

use super::{
    Verdict, arguments::OutputFormat, console::Console, messages::remark, replay_arguments::ReplayArguments,
    replay_report,
};
use crate::{
    error::Error,
    inputs::places::open_folder,
    json,
    render::{history, replay::other_planner, words::count},
    replay::{Keep, Prices, Report, Shard, UnusableFile, replay_folder},
};

/// The most faults of files that are told in text.
const NAMED: usize = 10;

/// Runs the command on a folder.
///
/// # Errors
/// The folder cannot be read, or holds no passes; or the components cannot be loaded.
pub fn run(path: &Path, arguments: &ReplayArguments, console: &mut Console) -> Result<Verdict, Error> {
    let mut folder = open_folder(path)?;
    let shard = arguments.shard;
    if shard.is_none_or(Shard::is_first) {
        for other in folder.others() {
            console.warning(&other.to_string());
        }
    }
    if folder.passes() == 0 {
        return Err(Error::NoPasses { path: path.to_owned() });
    }
    if let Some(shard) = shard {
        folder.retain(|group| shard.has(group));
    }
    let total = folder.passes();
    let trial = arguments.trial.load(console)?;
    let begin = Instant::now();
    let keep = Keep {
        changes: arguments.details
            || arguments.output.output == OutputFormat::Json
            || arguments.report.is_some(),
        timeline: arguments.report.is_some(),
    };
    let report = replay_folder(&folder, &trial, keep, &mut |done| {
        if let Some(style) = console.progress_style() {
            console.progress(&history::progress(done, total, begin.elapsed(), style));
        }
    });
    console.progress("");
    let mut report = Report { shard, ..report? };
    report.add_costs(&Prices::new(&arguments.price));
    if shard.is_none() {
        // What no pass of a part has may be in another part.
        trial.check_allowances()?;
    }
    if let Some(file) = &arguments.report {
        replay_report::write_folder(file, &path.display().to_string(), &report, &folder, &trial)?;
    }
    match arguments.output.output {
        OutputFormat::Json => console.write_json(&json::write("history", &report)?),
        OutputFormat::Text => console.write(&history::report(&report, arguments.details, console.style())),
    }
    remark(&report.remarks.iter().cloned().collect::<Vec<_>>(), console);
    for failure in &report.failures {
        console.error(&format!("{} (in {})", failure.message, count(failure.passes, "pass")));
    }
    for other in &report.other_planners {
        let what =
            if other.passes == 1 { "1 pass was".to_owned() } else { format!("{} passes were", other.passes) };
        console.warning(&other_planner(&what, &other.component, &report.planner));
    }
    write_unusable(&report.unusable, console);
    let is_fine = report.differing.is_empty() && report.unusable.is_empty() && report.failures.is_empty();
    Ok(if is_fine { Verdict::Fine } else { Verdict::Problems })
}

/// Names the files that cannot be used. Files with the same fault are one message.
pub(super) fn write_unusable(unusable: &[UnusableFile], console: &mut Console) {
    let mut groups: Vec<(&UnusableFile, usize)> = Vec::new();
    for file in unusable {
        match groups.iter_mut().find(|(first, _)| first.message == file.message) {
            Some((_, files)) => *files += 1,
            None => groups.push((file, 1)),
        }
    }
    for (UnusableFile { file, message }, files) in groups.iter().take(NAMED) {
        console.error(&match files - 1 {
            0 => format!("{file}: {message}"),
            more => format!("{file} and {}: {message}", history::more_of(more, "file")),
        });
    }
    let named: usize = groups.iter().take(NAMED).map(|(_, files)| files).sum();
    if let Some(more @ 1..) = unusable.len().checked_sub(named) {
        console.error(&format!("{} cannot be used; --output json names all", history::more_of(more, "file")));
    }
}
