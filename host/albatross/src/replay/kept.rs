//! What moves in the passes of a folder, each once and as much as there is room for: passes one after another often have the same
//! changes, but a policy can want others in each of ten thousand passes.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use albatross_contract::Timestamp;
use sha2::{Digest as _, Sha256};

use super::changes::Changes;

/// Identifies changes by what they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Digest([u8; 32]);

/// The changes that are kept.
pub(super) struct Kept {
    /// The most moves and ids of all of them together.
    most: usize,
    count: usize,
    changes: BTreeMap<Digest, (Timestamp, Arc<Changes>)>,
    /// By the first pass that has them.
    order: BTreeSet<(Timestamp, Digest)>,
}

impl Digest {
    /// Of these changes.
    pub fn of(changes: &Changes) -> Digest {
        Digest(Sha256::digest(format!("{changes:?}")).into())
    }
}

impl Kept {
    /// `most`: how many moves and ids, of the oldest passes. 0: none.
    pub fn new(most: usize) -> Kept {
        Kept { most, count: 0, changes: BTreeMap::new(), order: BTreeSet::new() }
    }

    /// Whether any are to be kept.
    pub fn is_wanted(&self) -> bool {
        self.most > 0
    }

    /// Takes the changes of a pass. Passes come in any order: what is kept in the end depends only on what they are.
    pub fn add(&mut self, time: Timestamp, digest: Digest, changes: Changes) {
        if !self.is_wanted() {
            return;
        }
        match self.changes.get_mut(&digest) {
            Some((first, _)) if *first <= time => return,
            Some((first, _)) => {
                self.order.remove(&(*first, digest));
                *first = time;
            }
            None => {
                self.count += changes.count();
                self.changes.insert(digest, (time, Arc::new(changes)));
            }
        }
        self.order.insert((time, digest));
        while self.count > self.most
            && let Some((_, last)) = self.order.pop_last()
        {
            self.count -= self.changes.remove(&last).map_or(0, |(_, changes)| changes.count());
        }
    }

    /// The changes, if they are kept.
    pub fn get(&self, digest: &Digest) -> Option<&Arc<Changes>> {
        self.changes.get(digest).map(|(_, changes)| changes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::Move;

    fn changes(pass: usize) -> Changes {
        let found = |number| Move {
            object: format!("shop/{pass}-{number}"),
            from: "albatross-1".to_owned(),
            to: "albatross-2".to_owned(),
            name_changes: true,
        };
        Changes { moves: (0..10).map(found).collect(), withheld: Vec::new() }
    }

    fn kept(passes: impl Iterator<Item = usize>) -> Vec<usize> {
        let mut kept = Kept::new(100);
        for pass in passes {
            let changes = changes(pass % 50);
            kept.add(pass as u64, Digest::of(&changes), changes);
            assert!(kept.count <= 100 && kept.changes.len() == kept.order.len());
        }
        (0..50).filter(|pass| kept.get(&Digest::of(&changes(*pass))).is_some()).collect()
    }

    #[test]
    fn the_changes_of_the_oldest_passes_are_kept_in_whatever_order_they_come() {
        let oldest: Vec<usize> = (0..10).collect();
        assert_eq!(kept(0..1_000), oldest);
        assert_eq!(kept((0..1_000).rev()), oldest);
        assert_eq!(kept((0..1_000).map(|pass| pass * 7 % 1_000)), oldest);
    }

    #[test]
    fn nothing_is_kept_for_those_who_want_nothing() {
        let mut kept = Kept::new(0);
        kept.add(1, Digest::of(&changes(1)), changes(1));
        assert!(!kept.is_wanted() && kept.changes.is_empty());
    }
}
