//! `albatross replay DIR`: makes the plans of all recorded passes of a folder again.

use std::{collections::BTreeSet, path::Path, time::Instant};

use super::{
    Verdict, arguments::OutputFormat, console::Console, messages::remark, replay_arguments::ReplayArguments,
    replay_report,
};
use crate::{
    error::Error,
    inputs::places::open_folder,
    json,
    render::{
        history,
        replay::other_planner,
        words::{count, more_of},
    },
    replay::{Keep, Prices, RegionPrice, Report, Shard, UnusableFile, replay_folder},
};

/// How many Ingresses that move, and ids of withheld changes, are kept for a report, which shows fewer.
const IN_A_REPORT: usize = 20_000;

/// The most faults of files that are told in text.
const NAMED: usize = 10;

/// Runs the command on a folder.
///
/// # Errors
/// The folder cannot be read, or holds no passes; or the components cannot be loaded.
pub fn run(path: &Path, arguments: &ReplayArguments, console: &mut Console) -> Result<Verdict, Error> {
    let mut folder = open_folder(path)?;
    let report_file = arguments.report_file(path)?;
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
    let needs_all = arguments.details || arguments.output.output == OutputFormat::Json;
    let keep = Keep {
        changes: if needs_all { usize::MAX } else { report_file.as_ref().map_or(0, |_| IN_A_REPORT) },
        timeline: report_file.is_some(),
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
    warn_of_prices(arguments, &report, console);
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
    // Last: a report that cannot be written takes nothing away from the answer.
    if let Some(file) = &report_file {
        replay_report::write_folder(file, &path.display().to_string(), &report, &folder, &trial)?;
    }
    let is_fine = report.differing.is_empty() && report.unusable.is_empty() && report.failures.is_empty();
    Ok(if is_fine { Verdict::Fine } else { Verdict::Problems })
}

/// Says which prices have no effect.
fn warn_of_prices(arguments: &ReplayArguments, report: &Report, console: &mut Console) {
    if arguments.price.is_empty() {
        return;
    }
    if report.months.is_empty() {
        return console.warning(
            "--price has no effect without a trial: the tables of --policy, --settings and --allow-… have costs",
        );
    }
    for region in arguments.price.iter().map(RegionPrice::region) {
        // What no pass of a part has may be in another part.
        if report.shard.is_none() && report.months.iter().all(|month| month.region != region) {
            let regions: BTreeSet<&str> = report.months.iter().map(|month| month.region.as_str()).collect();
            let regions = regions.into_iter().collect::<Vec<_>>().join(", ");
            console.warning(&format!("--price {region}=… has no effect: the passes are of {regions}"));
        }
    }
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
            more => format!("{file} and {}: {message}", more_of(more, "file")),
        });
    }
    let named: usize = groups.iter().take(NAMED).map(|(_, files)| files).sum();
    if let Some(more @ 1..) = unusable.len().checked_sub(named) {
        console.error(&format!("{} cannot be used; --output json names all", more_of(more, "file")));
    }
}
