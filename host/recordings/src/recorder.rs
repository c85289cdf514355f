//! Writes passes into a folder.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::{
    Bounds, Folder, LARGEST_PASS, Name, PassId,
    bounds::{Usage, make_room, usage},
    error::{Fault, FolderError},
    group::read_whole,
    packed::pack,
};

/// The most passes of a group. More would save nothing: a whole pass then is a small part of the group. It bounds what one
/// damaged file makes unreadable, and gives readers groups for all their threads.
const GROUP: usize = 200;

/// Writes passes into a folder. One process at a time may write into a folder.
#[derive(Debug)]
pub struct Recorder {
    folder: PathBuf,
    bounds: Bounds,
    next: u32,
    /// The whole pass that the next pass may build upon: one of this process.
    last: Option<PassId>,
}

impl Recorder {
    /// Opens a folder, and creates it if it does not exist. What an interrupted process has left half written is removed.
    ///
    /// # Errors
    /// The folder cannot be created or read.
    pub fn open(folder: &Path, bounds: Bounds) -> Result<Recorder, FolderError> {
        let unwritable = |source| FolderError::Unwritable { path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(unwritable)?;
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
        Ok(Recorder { folder: folder.to_owned(), bounds, next, last: None })
    }

    /// Records a pass. The oldest groups are removed first, so that the bounds are kept and a full disk gets free space.
    /// Returns the path of the file.
    ///
    /// # Errors
    /// The folder cannot be written to, or the pass is larger than any that is read again.
    pub fn record(&mut self, time: u64, pass: &[u8]) -> Result<PathBuf, FolderError> {
        if pass.len() > LARGEST_PASS {
            return Err(Fault::TooLarge { mebibytes: LARGEST_PASS >> 20 }.into());
        }
        let folder = Folder::open(&self.folder)?;
        let id = PassId { time, number: self.next };
        let (name, packed) = match self.difference(&folder, id, pass)? {
            Some(difference) => difference,
            None => (Name::Whole(id), pack(pass, None)?),
        };
        let stays = Some(name.whole()).filter(|whole| *whole != id);
        make_room(&folder, self.bounds, time, packed.len() as u64, stays)
            .map_err(|(path, source)| FolderError::Unwritable { path, source })?;
        let path = self.folder.join(name.to_string());
        self.write(name, &path, &packed)
            .map_err(|source| FolderError::Unwritable { path: path.clone(), source })?;
        self.next = self.next.wrapping_add(1);
        self.last = Some(name.whole());
        Ok(path)
    }

    /// The pass as a difference. `None`: a new group begins.
    fn difference(
        &self,
        folder: &Folder,
        pass: PassId,
        bytes: &[u8],
    ) -> Result<Option<(Name, Vec<u8>)>, FolderError> {
        let Some(base) = self.last else { return Ok(None) };
        let usages = usage(folder);
        let Some(group) = usages.iter().find(|group| group.whole == base) else { return Ok(None) };
        if group.passes >= GROUP || self.bounds.are_filled_by(group, pass.time) {
            return Ok(None);
        }
        // It is read again instead of being kept in memory: a controller waits most of the time.
        let Ok(whole) = read_whole(&self.folder, base) else { return Ok(None) };
        let packed = pack(bytes, Some(&whole))?;
        let name = Name::Difference { pass, base };
        Ok(pays_off(group, &self.folder, packed.len() as u64).then_some((name, packed)))
    }

    /// Writes a file in one step: it is there completely, or not at all.
    fn write(&self, name: Name, path: &Path, packed: &[u8]) -> io::Result<()> {
        let temporary = self.folder.join(format!(".{name}.tmp"));
        let written = File::create(&temporary).and_then(|mut file| {
            file.write_all(packed)?;
            file.sync_all()
        });
        let renamed = written.and_then(|()| fs::rename(&temporary, path));
        if renamed.is_err() {
            // What is left of it takes space on a disk that may be full. Opening the folder tries again.
            let _ = fs::remove_file(&temporary);
        }
        renamed
    }
}

/// Whether another difference takes less than a new group would. The differences of a group usually grow, since each builds
/// upon the first pass. When all of them together are as large as the whole pass, the average size of a pass has reached its
/// minimum if they grow evenly, and never exceeds twice the smallest possible.
fn pays_off(group: &Usage, folder: &Path, bytes: u64) -> bool {
    let whole =
        fs::metadata(folder.join(Name::Whole(group.whole).to_string())).map_or(0, |found| found.len());
    group.bytes.saturating_add(bytes) <= whole.saturating_mul(2)
}

/// The name of a file that was not finished.
fn unfinished(file: &str) -> Option<Name> {
    Name::parse(file.strip_prefix('.')?.strip_suffix(".tmp")?)
}
