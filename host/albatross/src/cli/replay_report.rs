//! `replay --report`: makes the reports of replays.

use std::path::Path;

use albatross_contract::Plan;
use albatross_recordings::Folder;

use super::report_file::ReportFile;
use crate::{
    comparison::first_difference,
    error::Error,
    inputs::{Recorded, read_recorded},
    render::{replay::other_planner, time::moment},
    replay::{Replayed, Report, Trial, component},
    report::{
        folder as folders,
        replay::{self as reports, Single},
    },
};

/// A recorded pass with its plan, and the plan made now.
pub struct Planned<'a> {
    /// Its file.
    pub file: &'a str,
    /// The pass.
    pub recorded: &'a Recorded,
    /// The recorded plan.
    pub plan: &'a Plan,
    /// The plan made now.
    pub replayed: &'a Replayed,
}

/// Writes the report of one pass. `verdict`: the sentence about a plan that is the recorded one. `tried`: what is tried, in words.
///
/// # Errors
/// The file cannot be written.
pub fn write_single(
    file: &ReportFile<'_>,
    planned: &Planned<'_>,
    verdict: Option<String>,
    tried: &[String],
) -> Result<(), Error> {
    let Replayed { makers, pass, is_trial, .. } = planned.replayed;
    let is_problem = verdict.is_none() && !is_trial || !pass.failures.is_empty();
    let differs = || {
        let difference = first_difference(planned.plan, &pass.plan).unwrap_or_default();
        format!("The plan of {} differs; first difference: {difference}", moment(pass.snapshot.time))
    };
    let with = makers.policy_identities().into_iter().map(|(_, policy)| component(policy));
    let with: Vec<String> = [component(makers.planner())].into_iter().chain(with).collect();
    let single = Single {
        pass: planned.shown(),
        verdict: verdict.unwrap_or_else(differs),
        is_problem,
        messages: planned.messages(),
        planned_with: with.join(", "),
        tried: if *is_trial { tried.join(", ") } else { String::new() },
    };
    file.write(&reports::single(&single))
}

/// Writes the report of a folder.
///
/// # Errors
/// The file cannot be written.
pub fn write_folder(
    file: &ReportFile<'_>,
    name: &str,
    report: &Report,
    folder: &Folder,
    trial: &Trial,
) -> Result<(), Error> {
    let (mut shown, mut not_shown) = (Vec::new(), Vec::new());
    if let Some(first) = first_differing(report) {
        match Owned::read(Path::new(first), trial) {
            Ok(first) => shown.push(first),
            // Whoever records deletes old passes.
            Err(error) => {
                not_shown.push(format!("The first pass that differs, {first}, is not shown: {error}"));
            }
        }
    }
    let last = folder.files().into_iter().rev().find_map(|path| Owned::read(&path, trial).ok());
    shown.extend(last.filter(|last| shown.iter().all(|it| it.file != last.file)));
    let passes: Vec<_> = shown.iter().map(|it| it.shown()).collect();
    let shown = folders::Folder { name, report, passes: &passes, not_shown: &not_shown };
    file.write(&folders::folder(&shown))
}

/// The file of the first pass whose plan differs.
fn first_differing(report: &Report) -> Option<&str> {
    let tried = report.months.iter().filter_map(|month| month.first_difference.as_ref());
    let all = tried.chain(report.differing.iter().map(|it| &it.first));
    all.min_by_key(|it| it.time).map(|it| it.file.as_str())
}

impl<'a> Planned<'a> {
    fn shown(&self) -> reports::Replayed<'a> {
        reports::Replayed {
            file: self.file,
            snapshot: &self.recorded.snapshot,
            recorded: self.plan,
            plan: &self.replayed.pass.plan,
        }
    }

    /// What a person should know about it, the worst first.
    fn messages(&self) -> Vec<String> {
        let Replayed { makers, pass, remarks, .. } = self.replayed;
        let mut messages: Vec<String> = pass.failures.iter().map(ToString::to_string).collect();
        if self.recorded.planner.sha256 != makers.planner().sha256 {
            let what = format!("{} was", self.file);
            messages.push(other_planner(&what, &self.recorded.planner, makers.planner()));
        }
        messages.extend(remarks.iter().cloned());
        messages
    }
}

/// A pass that was planned once more for the report.
struct Owned {
    file: String,
    recorded: Recorded,
    plan: Plan,
    replayed: Replayed,
}

impl Owned {
    fn read(path: &Path, trial: &Trial) -> Result<Owned, Error> {
        let file = path.display().to_string();
        let recorded = read_recorded(path)?;
        let replayed = trial.replay(&recorded, &file)?;
        let plan = recorded.plan().map_err(|source| Error::File { name: file.clone(), source })?;
        Ok(Owned { file, recorded, plan, replayed })
    }

    fn shown(&self) -> reports::Replayed<'_> {
        let Owned { file, recorded, plan, replayed } = self;
        Planned { file, recorded, plan, replayed }.shown()
    }
}
