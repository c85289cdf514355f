//! Writes passes into a folder.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use albatross_files::write_in_one_step;

use crate::{
    Bounds, Folder, LARGEST_PASS, Name, PassId,
    bounds::{Kept, Usage},
    error::{Fault, FolderError},
    group::read_whole,
    packed::pack,
};

/// The most passes of a group. More would save nothing: a whole pass then is a small part of the group. It bounds what one
/// damaged file makes unreadable, and gives readers groups for all their threads.
const GROUP: usize = 200;

/// The name of the file that a recorder locks. It stays, since removing it would let two processes lock two files.
const LOCK: &str = ".recorder.lock";

/// Writes passes into a folder. One process at a time does: it holds a lock.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    bounds: Bounds,
    next: u32,
    /// The whole pass that the next pass may build upon: one of this process.
    last: Option<PassId>,
    /// Locked until it is closed.
    _lock: File,
}

impl Recorder {
    /// Opens a folder, and creates it if it does not exist. What an interrupted process has left half written is removed.
    ///
    /// # Errors
    /// The folder cannot be created or read, or another process records into it.
    pub fn open(folder: &Path, bounds: Bounds) -> Result<Recorder, FolderError> {
        let unwritable = |source| FolderError::Unwritable { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(unwritable)?;
        let lock = lock(folder)?;
        let mut next = 0;
        let unreadable = |source| FolderError::Unreadable { path: folder.to_owned(), source };
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if let Some(name) = Name::parse(&name) {
                next = next.max(name.pass().number.saturating_add(1));
            } else if unfinished(&name).is_some() {
                fs::remove_file(entry.path()).map_err(unwritable)?;
            }
        }
        Ok(Recorder { folder: folder.to_owned(), bounds, next, last: None, _lock: lock })
    }

    /// Records a pass. The oldest groups are removed first, so that the bounds are kept; if the disk is full nevertheless, the
    /// oldest group makes room. Returns the path of the file.
    ///
    /// # Errors
    /// The folder cannot be written to, or the pass is larger than any that is read again.
    pub fn record(&mut self, time: u64, pass: &[u8]) -> Result<PathBuf, FolderError> {
        self.record_with(write_in_one_step, time, pass)
    }

    /// As [`Recorder::record`]. `write` writes a file in one step.
    pub(crate) fn record_with(
        &mut self,
        mut write: impl FnMut(&Path, &[u8]) -> io::Result<()>,
        time: u64,
        pass: &[u8],
    ) -> Result<PathBuf, FolderError> {
        if pass.len() > LARGEST_PASS {
            return Err(Fault::TooLarge { mebibytes: LARGEST_PASS >> 20 }.into());
        }
        let mut kept = Kept::of(&Folder::open(&self.folder)?);
        let id = PassId { time, number: self.next };
        let (mut name, mut packed) = match self.difference(&kept, id, pass)? {
            Some(difference) => difference,
            None => (Name::Whole(id), pack(pass, None)?),
        };
        let unwritable = |(path, source)| FolderError::Unwritable { path, source };
        kept.make_room(self.bounds, time, packed.len() as u64, base(name)).map_err(unwritable)?;
        let mut freed = 0;
        loop {
            let path = self.folder.join(name.to_string());
            let Err(source) = write(&path, &packed) else {
                self.next = self.next.saturating_add(1);
                self.last = Some(name.whole());
                return Ok(path);
            };
            // If more was freed than the pass takes, others fill the disk: removing more would help nobody.
            if !is_full(&source) || freed > packed.len() as u64 {
                return Err(unwritable((path, source)));
            }
            if let Some(bytes) = kept.remove_oldest(base(name)).map_err(unwritable)? {
                freed += bytes;
            } else if base(name).is_some() {
                // Only the group is left that the pass builds upon. A new group takes its place.
                (name, packed) = (Name::Whole(id), pack(pass, None)?);
            } else {
                return Err(unwritable((path, source)));
            }
        }
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
        let Ok(whole) = read_whole(&self.folder, base) else { return Ok(None) };
        let packed = pack(bytes, Some(&whole))?;
        let name = Name::Difference { pass, base };
        Ok(pays_off(group, &self.folder.join(Name::Whole(base).to_string()), packed.len() as u64)
            .then_some((name, packed)))
    }
}

/// Locks a folder for this process. Where the file system has no locks, nothing is locked.
fn lock(folder: &Path) -> Result<File, FolderError> {
    let path = folder.join(LOCK);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(|source| FolderError::Unwritable { path: path.clone(), source })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FolderError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(source)) if source.kind() == io::ErrorKind::Unsupported => Ok(file),
        Err(TryLockError::Error(source)) => Err(FolderError::Unwritable { path, source }),
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
fn pays_off(group: &Usage, whole: &Path, bytes: u64) -> bool {
    let whole = fs::metadata(whole).map_or(0, |found| found.len());
    group.bytes.saturating_add(bytes) <= whole.saturating_mul(2)
}

/// The name of a file that was not finished.
fn unfinished(file: &str) -> Option<Name> {
    Name::parse(file.strip_prefix('.')?.strip_suffix(".tmp")?)
}
