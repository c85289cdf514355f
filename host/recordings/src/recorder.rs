//! Writes passes into a folder.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Bounds, Directory, Folder, LARGEST_PASS, Lock, Name, PassId, Store,
    bounds::{Incoming, Kept, Usage},
    error::{Fault, FolderError},
    group::read_whole,
    packed::pack,
};

/// The most passes of a group. More would save nothing: a whole pass then is a small part of the group. It bounds what one
/// damaged file makes unreadable, and gives readers groups for all their threads.
const GROUP: usize = 200;

/// Writes passes into a folder. One process at a time does: it holds a lock, where the folder has one.
#[derive(Debug)]
pub struct Recorder {
    store: Arc<dyn Store>,
    bounds: Bounds,
    next: u32,
    /// The whole pass that the next pass may build upon: one of this process.
    last: Option<PassId>,
    /// What is in the folder, as far as this process knows. `None`: it is listed before the next pass. It is listed anew when a
    /// group begins or groups are removed, and not with each pass: in a bucket a list of many passes costs time and money.
    kept: Option<Kept>,
    _lock: Lock,
}

impl Recorder {
    /// Opens a folder of this machine, as [`Recorder::of`].
    ///
    /// # Errors
    /// Those of [`Recorder::of`].
    pub fn open(folder: &Path, bounds: Bounds) -> Result<Recorder, FolderError> {
        Recorder::of(Arc::new(Directory::new(folder)), bounds)
    }

    /// Opens a folder, and creates it if it does not exist. What an interrupted process has left half written is removed.
    ///
    /// # Errors
    /// The folder cannot be created or read, or another process records into it.
    pub fn of(store: Arc<dyn Store>, bounds: Bounds) -> Result<Recorder, FolderError> {
        let lock = store.take()?;
        let folder = Folder::of(Arc::clone(&store))?;
        let numbers = folder.groups().iter().filter_map(|group| group.last_number());
        let next = numbers.max().map_or(0, |number| number.saturating_add(1));
        let kept = Some(Kept::of(&folder));
        Ok(Recorder { store, bounds, next, last: None, kept, _lock: lock })
    }

    /// Records a pass. The oldest groups are removed first, so that the bounds are kept; if the disk is full nevertheless, the
    /// oldest group makes room. Returns the path of the file.
    ///
    /// # Errors
    /// The folder cannot be written to, or the pass is larger than any that is read again.
    pub fn record(&mut self, time: u64, pass: &[u8]) -> Result<PathBuf, FolderError> {
        if pass.len() > LARGEST_PASS {
            return Err(Fault::TooLarge { mebibytes: LARGEST_PASS >> 20 }.into());
        }
        let mut kept = match self.kept.take() {
            Some(kept) => kept,
            None => Kept::of(&Folder::of(Arc::clone(&self.store))?),
        };
        let id = PassId { time, number: self.next };
        let (name, packed) = match self.difference(&kept, id, pass)? {
            Some(difference) => difference,
            None => (Name::Whole(id), pack(pass, None)?),
        };
        let incoming = Incoming { time, bytes: packed.len() as u64, base: base(name) };
        if incoming.base.is_none() || kept.lacks_room(self.bounds, &incoming) {
            // Where nothing is locked, others may have removed passes since this process listed them, or have added some to a
            // group that is removed now.
            kept = Kept::of(&Folder::of(Arc::clone(&self.store))?);
        }
        kept.make_room(self.store.as_ref(), self.bounds, &incoming)
            .map_err(|source| self.unwritable(source))?;
        let (name, bytes) = self.write(&mut kept, pass, (name, packed))?;
        self.next = self.next.saturating_add(1);
        self.last = Some(name.whole());
        kept.add(name, bytes);
        self.kept = Some(kept);
        Ok(self.store.place().join(name.to_string()))
    }

    /// Writes a packed pass. Returns what it was written as, with its size.
    fn write(
        &self,
        kept: &mut Kept,
        pass: &[u8],
        (mut name, mut packed): (Name, Vec<u8>),
    ) -> Result<(Name, u64), FolderError> {
        let store = self.store.as_ref();
        let mut freed = 0;
        loop {
            let bytes = packed.len() as u64;
            let Err(source) = store.write(&name.to_string(), &packed) else { return Ok((name, bytes)) };
            // If more was freed than the pass takes, others fill the disk: removing more would help nobody.
            if !is_full(&source) || freed > bytes {
                return Err(self.unwritable(source));
            }
            if let Some(bytes) =
                kept.remove_oldest(store, base(name)).map_err(|source| self.unwritable(source))?
            {
                freed += bytes;
            } else if base(name).is_some() {
                // Only the group is left that the pass builds upon. A new group takes its place.
                (name, packed) = (Name::Whole(name.pass()), pack(pass, None)?);
            } else {
                return Err(self.unwritable(source));
            }
        }
    }

    fn unwritable(&self, source: io::Error) -> FolderError {
        FolderError::Unwritable { path: self.store.place().to_owned(), source }
    }

    /// The pass as a difference. `None`: a new group begins.
    fn difference(
        &self,
        kept: &Kept,
        pass: PassId,
        bytes: &[u8],
    ) -> Result<Option<(Name, Vec<u8>)>, FolderError> {
        let Some(base) = self.last.filter(|base| base.number < pass.number) else { return Ok(None) };
        let Some(group) = kept.group(base) else { return Ok(None) };
        if group.passes() >= GROUP || self.bounds.are_filled_by(group, pass.time) {
            return Ok(None);
        }
        // It is read again instead of being kept in memory: a controller waits most of the time.
        let Ok(whole) = read_whole(self.store.as_ref(), base) else { return Ok(None) };
        let packed = pack(bytes, Some(&whole))?;
        let name = Name::Difference { pass, base };
        Ok(pays_off(group, packed.len() as u64).then_some((name, packed)))
    }
}

/// Whether a disk, or what this user may use of it, is full.
fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// The whole pass that a pass builds upon.
fn base(name: Name) -> Option<PassId> {
    match name {
        Name::Whole(_) => None,
        Name::Difference { base, .. } => Some(base),
    }
}

/// Whether another difference takes less than a new group would. The differences of a group usually grow, since each builds
/// upon the first pass. When all of them together are as large as the whole pass, the average size of a pass has reached its
/// minimum if they grow evenly, and never exceeds twice the smallest possible.
fn pays_off(group: &Usage, bytes: u64) -> bool {
    group.bytes.saturating_add(bytes) <= group.bytes_of_whole().saturating_mul(2)
}
