//! Replays a folder.

use std::path::{Path, PathBuf};

use albatross_contract::{ComponentIdentity, Plan, Timestamp};
use albatross_recordings::Folder;

use super::{
    Keep, Point, Replayed, Report, Trial, UnusableFile,
    changes::Changes,
    groups::{Taken, each_group},
    kept::Digest,
    months::Tried,
    report::Gathering,
    trial::component,
};
use crate::{
    comparison::{Extent, NameChanges, first_difference},
    error::Error,
    inputs::Recorded,
};

/// Is told how many passes are done.
pub type Progress<'a> = dyn FnMut(usize) + 'a;

/// A pass that was planned again.
pub(super) struct Judged {
    pub file: PathBuf,
    pub time: Timestamp,
    /// The planner of the recording, if it is another one.
    pub other_planner: Option<ComponentIdentity>,
    pub remarks: Vec<String>,
    /// The policies that failed.
    pub failures: Vec<String>,
    pub finding: Finding,
    /// Its figures, if they are kept.
    pub point: Option<Point>,
}

/// What came of it.
pub(super) enum Finding {
    /// The plan is the recorded one, byte for byte.
    Identical,
    /// The plan equals the recorded one, which something else wrote: with other spaces, for example.
    Equal,
    /// The plan is another one, although it should be the same.
    Differs { difference: String, reasons: Vec<String> },
    /// Other policies, settings or allowances were tried.
    Tried { tried: Box<Tried>, recorded: NameChanges, replayed: NameChanges, changes: Changes },
}

/// Replays all passes of a folder. `keep`: what the report has beyond numbers, which takes memory.
///
/// # Errors
/// The components cannot be loaded. What is wrong with single passes is part of the report.
pub fn replay_folder(
    folder: &Folder,
    trial: &Trial,
    keep: Keep,
    progress: &mut Progress<'_>,
) -> Result<Report, Error> {
    let makers = trial.makers()?;
    let mut gathering = Gathering::new(&makers, trial.words(), keep);
    let mut done = 0;
    each_group(
        folder,
        &|_, group, give| {
            for pass in group.read() {
                let judged = match pass {
                    Ok((file, text)) => {
                        judge(trial, keep, &file, text).map_err(|error| UnusableFile::new(&file, &error))
                    }
                    Err(unusable) => Err(UnusableFile::new(&unusable.path, &unusable.fault)),
                };
                if give(judged) == Taken::NotAnyMore {
                    return;
                }
            }
        },
        &mut |judged| {
            gathering.add(judged);
            done += 1;
            progress(done);
            Ok::<(), Error>(())
        },
    )?;
    Ok(gathering.finish())
}

/// Plans a pass again, and compares the plan with the recorded one.
fn judge(trial: &Trial, keep: Keep, file: &Path, text: Vec<u8>) -> Result<Judged, Error> {
    let name = file.display().to_string();
    let unreadable = |source| Error::File { name: name.clone(), source };
    let recorded = Recorded::read(text).map_err(|(_, source)| unreadable(source))?;
    let replayed = trial.replay(&recorded, &name)?;
    let (snapshot, now) = (&recorded.snapshot, &replayed.pass.plan);
    let point = |plan: &Plan| keep.timeline.then(|| Point::new(snapshot, plan, now));
    let (finding, point) = if !replayed.is_trial && recorded.has_bytes_of(now)? {
        (Finding::Identical, point(now))
    } else {
        let plan = recorded.plan().map_err(unreadable)?;
        (finding(&recorded, &plan, &replayed), point(&plan))
    };
    Ok(Judged {
        file: file.to_owned(),
        time: recorded.snapshot.time,
        other_planner: is_other(&recorded, &replayed).then_some(recorded.planner),
        failures: replayed.pass.failures.iter().map(ToString::to_string).collect(),
        remarks: replayed.remarks,
        finding,
        point,
    })
}

fn finding(recorded: &Recorded, plan: &Plan, replayed: &Replayed) -> Finding {
    let (snapshot, now) = (&recorded.snapshot, &replayed.pass.plan);
    match first_difference(plan, now) {
        difference if replayed.is_trial => {
            let (before, after) = (NameChanges::new(snapshot, plan), NameChanges::new(snapshot, now));
            let changes = Changes::new(snapshot, plan, now, &after.done);
            Finding::Tried {
                tried: Box::new(Tried {
                    region: snapshot.inventory.region.clone(),
                    recorded: Extent::new(snapshot, plan, &before),
                    replayed: Extent::new(snapshot, now, &after),
                    difference,
                    changes: Digest::of(&changes),
                }),
                changes,
                recorded: before,
                replayed: after,
            }
        }
        None => Finding::Equal,
        Some(difference) => Finding::Differs { difference, reasons: reasons(recorded, replayed) },
    }
}

fn is_other(recorded: &Recorded, replayed: &Replayed) -> bool {
    replayed.makers.planner().sha256 != recorded.planner.sha256
}

/// Why a plan may differ from the recorded one.
fn reasons(recorded: &Recorded, replayed: &Replayed) -> Vec<String> {
    let mut reasons = Vec::new();
    if is_other(recorded, replayed) {
        let (before, now) = (component(&recorded.planner), component(replayed.makers.planner()));
        reasons
            .push(format!("it was recorded with planner {before}, and planned with another planner, {now}"));
    }
    reasons.extend(replayed.pass.failures.iter().map(ToString::to_string));
    if reasons.is_empty() {
        let reason = "planner, policies, settings and limits are those of the recording: somebody changed the recording, or \
                      the planner has a defect";
        reasons.push(reason.to_owned());
    }
    reasons
}
