//! How much of a folder is kept: whole groups, without the oldest.

use std::io;

use crate::{Folder, Group, Name, PassId, Store, Stored};

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

/// A pass that is about to be recorded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Incoming {
    pub time: u64,
    pub bytes: u64,
    /// The whole pass that it builds upon.
    pub base: Option<PassId>,
}

/// What a group takes.
#[derive(Clone, Debug)]
pub(crate) struct Usage {
    /// Its whole pass: the oldest. `None`: a pass that an older version recorded, in a file of its own.
    pub whole: Option<PassId>,
    /// The time of its oldest pass.
    time: u64,
    pub bytes: u64,
    files: Vec<Stored>,
}

impl Usage {
    fn new(group: &Group) -> Option<Usage> {
        let whole = group.whole();
        let time = whole.map(|whole| whole.time).or_else(|| group.time_of_older_version())?;
        let files = group.files();
        Some(Usage { whole, time, bytes: files.iter().map(|file| file.bytes).sum(), files })
    }

    pub(crate) fn passes(&self) -> usize {
        self.files.len()
    }

    /// The size of its whole pass.
    pub(crate) fn bytes_of_whole(&self) -> u64 {
        let name = self.whole.map(|whole| Name::Whole(whole).to_string());
        self.files.iter().find(|file| Some(&file.name) == name.as_ref()).map_or(0, |file| file.bytes)
    }

    fn add(&mut self, file: Stored) {
        self.bytes = self.bytes.saturating_add(file.bytes);
        self.files.push(file);
    }

    fn remove(&self, store: &dyn Store) -> io::Result<()> {
        let whole = self.whole.map(|whole| Name::Whole(whole).to_string());
        let names = self.files.iter().map(|file| file.name.clone());
        let (last, first): (Vec<String>, Vec<String>) = names.partition(|name| Some(name) == whole.as_ref());
        // The whole pass goes last: after a crash in between, no difference lacks it.
        store.remove(&first)?;
        store.remove(&last)
    }
}

/// The groups of a folder that a recorder may remove, oldest first.
#[derive(Debug)]
pub(crate) struct Kept(Vec<Usage>);

impl Kept {
    /// What there is in a folder. Files of others do not count.
    pub(crate) fn of(folder: &Folder) -> Kept {
        let mut groups: Vec<Usage> = folder.groups().iter().filter_map(Usage::new).collect();
        // A clock that was set back does not change the order in which passes were recorded. Those of older versions came first.
        groups.sort_by_key(|group| (group.whole.map(|whole| whole.number), group.time));
        Kept(groups)
    }

    /// A pass was recorded.
    pub(crate) fn add(&mut self, name: Name, bytes: u64) {
        let file = Stored { name: name.to_string(), bytes };
        let whole = name.whole();
        match self.0.iter_mut().find(|group| group.whole == Some(whole)) {
            Some(group) => group.add(file),
            None => self.0.push(Usage { whole: Some(whole), time: whole.time, bytes, files: vec![file] }),
        }
    }

    /// The group of a whole pass.
    pub(crate) fn group(&self, whole: PassId) -> Option<&Usage> {
        self.0.iter().find(|group| group.whole == Some(whole))
    }

    /// Whether groups must be removed before a pass is recorded.
    pub(crate) fn lacks_room(&self, bounds: Bounds, incoming: &Incoming) -> bool {
        let passes = self.0.iter().map(Usage::passes).sum::<usize>() + 1;
        let bytes = self.0.iter().map(|group| group.bytes).sum::<u64>().saturating_add(incoming.bytes);
        let is_old = |group: &Usage| incoming.time.saturating_sub(group.time) > bounds.age;
        passes > bounds.passes || bytes > bounds.bytes || self.0.iter().any(is_old)
    }

    /// Removes the oldest groups until a pass of this size has room. The group that the pass builds upon stays.
    pub(crate) fn make_room(
        &mut self,
        store: &dyn Store,
        bounds: Bounds,
        incoming: &Incoming,
    ) -> io::Result<()> {
        let Incoming { time: now, bytes, base: stays } = *incoming;
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
            group.remove(store)?;
            passes -= group.passes();
            total = total.saturating_sub(group.bytes);
            self.0.remove(at);
        }
        Ok(())
    }

    /// Removes the oldest group. Returns how many bytes it had; `None`: there is no group but the group that stays.
    pub(crate) fn remove_oldest(
        &mut self,
        store: &dyn Store,
        stays: Option<PassId>,
    ) -> io::Result<Option<u64>> {
        let Some(at) = self.0.iter().position(|group| !is_the_one(group, stays)) else { return Ok(None) };
        self.0[at].remove(store)?;
        Ok(Some(self.0.remove(at).bytes))
    }
}

fn is_the_one(group: &Usage, whole: Option<PassId>) -> bool {
    whole.is_some() && group.whole == whole
}
