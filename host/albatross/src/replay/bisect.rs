//! Finds the pass at which something began, with a binary search: it takes at most 14 plans for 10,000 passes, and one more, for
//! the last pass, if something is tried.

use std::{ops::Range, path::PathBuf};

use albatross_contract::Plan;
use albatross_recordings::Folder;

use super::{Asked, Replayed, Sought, Thing, Trial, UnusableFile};
use crate::{
    error::Error,
    inputs::{Recorded, read_recorded_of},
};

/// The pass at which a thing began, if it has stayed since.
pub struct Beginning {
    /// What it is.
    pub sought: Sought,
    /// The file of the pass.
    pub file: PathBuf,
    /// Its number in the folder, from 1.
    pub number: usize,
    /// How many plans were made.
    pub plans: usize,
    /// The plan of the pass.
    pub replayed: Replayed,
    /// Whether it was not there in any pass before.
    pub earlier: Earlier,
    /// Files that could not be used. The search went on with their neighbours.
    pub unusable: Vec<UnusableFile>,
}

/// What is known of the passes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Earlier {
    /// There is none: it may have begun before.
    None,
    /// It is not in the pass before.
    Absent,
    /// As many passes directly before cannot be used: it may have begun in one of them.
    Unknown(usize),
}

/// Finds the first pass that has a thing, if it stays once it is there.
///
/// # Errors
/// The thing is not there in the last pass, or no pass can be planned with what is tried.
pub fn bisect(folder: &Folder, trial: &Trial, thing: &Thing) -> Result<Beginning, Error> {
    let mut passes = Passes { folder, files: folder.files(), trial, plans: 0, unusable: Vec::new() };
    let (last, recorded) = passes.last()?;
    let name = passes.name(last);
    let question = trial.question(&recorded, &name)?;
    // What was recorded needs no other plan.
    let (sought, mut found) = if question.is_trial {
        let replayed = passes.plan(question)?;
        (thing.in_last_pass(&replayed.pass.snapshot, &replayed.pass.plan), Some(replayed))
    } else {
        let plan: Plan = recorded.plan().map_err(|source| Error::File { name, source })?;
        (thing.in_last_pass(&recorded.snapshot, &plan), None)
    };
    let Some(sought) = sought else { return Err(Error::NotInLastPass { what: thing.to_string() }) };
    let Range { start: begin, end } = search(0..last, |range| {
        let Some((at, replayed)) = passes.near_middle(range)? else { return Ok(None) };
        let is_there = sought.is_in(&replayed.pass.snapshot, &replayed.pass.plan);
        if is_there {
            found = Some(replayed);
        }
        Ok::<_, Error>(Some((at, is_there)))
    })?;
    let replayed = match found {
        Some(replayed) => replayed,
        None => passes.plan(trial.question(&recorded, &passes.name(last))?)?,
    };
    let earlier = match end - begin {
        0 if end == 0 => Earlier::None,
        0 => Earlier::Absent,
        unusable => Earlier::Unknown(unusable),
    };
    let unusable = passes.unusable.into_iter().map(|(_, file)| file).collect();
    let file = passes.files[end].clone();
    Ok(Beginning { sought, file, number: end + 1, plans: passes.plans, replayed, earlier, unusable })
}

/// Finds the first place that has something, if all later ones have it, too, and the end of the range has it. `ask` says for a
/// place near the middle of a range whether it has it; it answers nothing if no place of the range can be asked. Those remain
/// between start and end of the answer; the end is the first place that is known to have it.
fn search<E>(
    range: Range<usize>,
    mut ask: impl FnMut(Range<usize>) -> Result<Option<(usize, bool)>, E>,
) -> Result<Range<usize>, E> {
    let Range { mut start, mut end } = range;
    while let Some((at, is_there)) = ask(start..end)? {
        if is_there {
            end = at;
        } else {
            start = at + 1;
        }
    }
    Ok(start..end)
}

/// Where the first question about a range goes.
fn middle(range: &Range<usize>) -> usize {
    range.start + range.len() / 2
}

/// The passes of a folder, as far as they are looked at.
struct Passes<'a> {
    folder: &'a Folder,
    /// Oldest first.
    files: Vec<PathBuf>,
    trial: &'a Trial,
    plans: usize,
    /// Those that turned out to be of no use, by their place among the files.
    unusable: Vec<(usize, UnusableFile)>,
}

impl Passes<'_> {
    fn name(&self, at: usize) -> String {
        self.files[at].display().to_string()
    }

    fn plan(&mut self, question: Asked) -> Result<Replayed, Error> {
        self.plans += 1;
        question.plan()
    }

    /// The last pass that can be read.
    fn last(&mut self) -> Result<(usize, Recorded), Error> {
        let mut first_error = None;
        for at in (0..self.files.len()).rev() {
            match read_recorded_of(self.folder, &self.files[at]) {
                Ok(recorded) => return Ok((at, recorded)),
                Err(error) => {
                    self.unusable.push((at, UnusableFile::new(&self.files[at], &error)));
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or(Error::NotInLastPass { what: "nothing".to_owned() }))
    }

    /// Plans the usable pass that is nearest to the middle. `None`: there is none.
    fn near_middle(&mut self, range: Range<usize>) -> Result<Option<(usize, Replayed)>, Error> {
        let middle = middle(&range);
        let mut places: Vec<usize> = range.collect();
        places.sort_by_key(|at| at.abs_diff(middle));
        for at in places {
            if self.unusable.iter().any(|(unusable, _)| *unusable == at) {
                continue;
            }
            match self.replay(at) {
                Ok(replayed) => return Ok(Some((at, replayed))),
                Err(error) if error.is_about_a_file() => {
                    self.unusable.push((at, UnusableFile::new(&self.files[at], &error)));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn replay(&mut self, at: usize) -> Result<Replayed, Error> {
        let recorded = read_recorded_of(self.folder, &self.files[at])?;
        let question = self.trial.question(&recorded, &self.name(at))?;
        self.plan(question)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    #[test]
    fn any_of_ten_thousand_passes_is_found_with_fourteen_plans() {
        // That the last pass has it is known before the search. If no other one has it, the last pass is planned in the end.
        const LAST: usize = 9_999;
        let mut most = 0;
        for culprit in 0..=LAST {
            let mut plans = 0;
            let found = search(0..LAST, |range| {
                plans += usize::from(!range.is_empty());
                let at = middle(&range);
                Ok::<_, Infallible>((!range.is_empty()).then_some((at, at >= culprit)))
            });
            let Ok(found) = found;
            assert_eq!(found, culprit..culprit);
            most = most.max(plans + usize::from(culprit == LAST));
        }
        assert_eq!(most, 14);
    }
}
