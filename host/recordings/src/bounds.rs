//! How much of a folder is kept: whole groups, without the oldest.

use std::{fs, io, path::PathBuf};

use crate::{Folder, PassId};

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
        group.passes >= (self.passes / 4).max(1)
            || group.bytes > self.bytes / 4
            || now.saturating_sub(group.whole.time) > self.age / 4
    }
}

/// What a group takes.
#[derive(Clone, Debug)]
pub(crate) struct Usage {
    /// Its whole pass: the oldest.
    pub whole: PassId,
    pub passes: usize,
    pub bytes: u64,
    files: Vec<PathBuf>,
}

/// What the groups of a folder take, oldest first.
pub(crate) fn usage(folder: &Folder) -> Vec<Usage> {
    let mut usages: Vec<Usage> = Vec::new();
    for group in folder.groups() {
        let Some(whole) = group.whole() else { continue };
        let files: Vec<PathBuf> = group.files().collect();
        // A file that somebody has removed meanwhile takes nothing.
        let bytes = files.iter().map(|file| fs::metadata(file).map_or(0, |found| found.len())).sum();
        usages.push(Usage { whole, passes: files.len(), bytes, files });
    }
    usages
}

/// Removes the oldest groups until another pass has room. `last`: the group that the pass will build upon stays.
pub(crate) fn make_room(
    folder: &Folder,
    bounds: Bounds,
    now: u64,
    bytes: u64,
    last: Option<PassId>,
) -> Result<(), (PathBuf, io::Error)> {
    let usages = usage(folder);
    let mut passes = usages.iter().map(|group| group.passes).sum::<usize>() + 1;
    let mut total = usages.iter().map(|group| group.bytes).sum::<u64>().saturating_add(bytes);
    for group in usages {
        if Some(group.whole) == last {
            continue;
        }
        let is_old = now.saturating_sub(group.whole.time) > bounds.age;
        if passes <= bounds.passes && total <= bounds.bytes && !is_old {
            continue;
        }
        // The whole pass goes last: after a crash in between, no difference lacks it.
        for file in group.files.iter().rev() {
            match fs::remove_file(file) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => {
                    return Err((file.clone(), source));
                }
                _ => {}
            }
        }
        passes -= group.passes;
        total = total.saturating_sub(group.bytes);
    }
    Ok(())
}
