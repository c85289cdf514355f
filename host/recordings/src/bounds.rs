//! How much of a folder is kept: whole groups, without the oldest.

use std::{fs, io, path::PathBuf};

use crate::{Folder, Group, Name, PassId};

/// The most that a folder holds. Each bound is kept, except that the pass that was recorded last always stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Passes.
    pub passes: usize,
    /// Bytes of all files together.
    pub bytes: u64,
    /// Age of a pass in seconds, compared with the time of the pass that is recorded.
    pub age: u64,
}

impl Bounds {
    /// A group that is a quarter of the folder ends, so that never more than that is removed at once.
    pub(crate) fn are_filled_by(self, group: &Usage, now: u64) -> bool {
        group.passes() >= (self.passes / 4).max(1)
            || group.bytes > self.bytes / 4
            || now.saturating_sub(group.time) > self.age / 4
    }
}

/// What a group takes.
#[derive(Clone, Debug)]
pub(crate) struct Usage {
    /// Its whole pass: the oldest. `None`: a pass that an older version recorded, in a file of its own.
    pub whole: Option<PassId>,
    /// The time of its oldest pass.
    time: u64,
    pub bytes: u64,
    /// In the order in which they are removed.
    files: Vec<PathBuf>,
}

impl Usage {
    fn new(group: &Group) -> Option<Usage> {
        let whole = group.whole();
        let time = whole.map(|whole| whole.time).or_else(|| group.time_of_older_version())?;
        let mut files: Vec<PathBuf> = group.files().collect();
        if let Some(whole) = whole {
            // The whole pass goes last: after a crash in between, no difference lacks it.
            let name = Name::Whole(whole).to_string();
            files.sort_by_key(|file| file.ends_with(&name));
        }
        // A file that somebody has removed meanwhile takes nothing.
        let bytes = files.iter().map(|file| fs::metadata(file).map_or(0, |found| found.len())).sum();
        Some(Usage { whole, time, bytes, files })
    }

    pub(crate) fn passes(&self) -> usize {
        self.files.len()
    }

    fn remove(&self) -> Result<(), (PathBuf, io::Error)> {
        for file in &self.files {
            match fs::remove_file(file) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err((file.clone(), source));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// The groups of a folder that a recorder may remove, oldest first.
pub(crate) struct Kept(Vec<Usage>);

impl Kept {
    /// What there is in a folder. Files of others do not count.
    pub(crate) fn of(folder: &Folder) -> Kept {
        let mut groups: Vec<Usage> = folder.groups().iter().filter_map(Usage::new).collect();
        // A clock that was set back does not change the order in which passes were recorded. Those of older versions came first.
        groups.sort_by_key(|group| (group.whole.map(|whole| whole.number), group.time));
        Kept(groups)
    }

    /// The group of a whole pass.
    pub(crate) fn group(&self, whole: PassId) -> Option<&Usage> {
        self.0.iter().find(|group| group.whole == Some(whole))
    }

    /// Removes the oldest groups until a pass of this size has room. `stays`: the group that the pass builds upon.
    pub(crate) fn make_room(
        &mut self,
        bounds: Bounds,
        now: u64,
        bytes: u64,
        stays: Option<PassId>,
    ) -> Result<(), (PathBuf, io::Error)> {
        let mut passes = self.0.iter().map(Usage::passes).sum::<usize>() + 1;
        let mut total = self.0.iter().map(|group| group.bytes).sum::<u64>().saturating_add(bytes);
        let mut at = 0;
        while let Some(group) = self.0.get(at) {
            let is_old = now.saturating_sub(group.time) > bounds.age;
            let has_room = passes <= bounds.passes && total <= bounds.bytes && !is_old;
            if has_room || is_the_one(group, stays) {
                at += 1;
                continue;
            }
            group.remove()?;
            passes -= group.passes();
            total = total.saturating_sub(group.bytes);
            self.0.remove(at);
        }
        Ok(())
    }

    /// Removes the oldest group. Returns how many bytes it had; `None`: there is no group but the group that stays.
    pub(crate) fn remove_oldest(
        &mut self,
        stays: Option<PassId>,
    ) -> Result<Option<u64>, (PathBuf, io::Error)> {
        let Some(at) = self.0.iter().position(|group| !is_the_one(group, stays)) else { return Ok(None) };
        self.0[at].remove()?;
        Ok(Some(self.0.remove(at).bytes))
    }
}

fn is_the_one(group: &Usage, whole: Option<PassId>) -> bool {
    whole.is_some() && group.whole == whole
}
