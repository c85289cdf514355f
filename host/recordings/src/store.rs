//! Where passes are stored: a folder of this machine, or a place elsewhere that has files with names.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    io::{self, Read},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use albatross_files::write_in_one_step;

use crate::{
    LARGEST_PASS, Name,
    error::{Fault, FolderError},
};

/// The name of the file that a recorder locks. It stays, since removing it would let two processes lock two files.
const LOCK: &str = ".recorder.lock";

/// A child process that is being started has all files of its parent until it executes its program (`fork`, `O_CLOEXEC`). So a lock that
/// was released a moment ago may still be held: it is tried for half a second.
const ATTEMPTS: u32 = 50;
const PAUSE: Duration = Duration::from_millis(10);

/// A place with files.
pub trait Store: fmt::Debug + Send + Sync {
    /// The path of the folder, or the address of a place elsewhere. The names of files are appended to it for people.
    fn place(&self) -> &Path;

    /// Makes the place ready for a recorder, and keeps other recorders out for as long as the lock lives.
    ///
    /// # Errors
    /// The place cannot be used, or another process records into it.
    fn take(&self) -> Result<Lock, FolderError>;

    /// The files, in any order.
    ///
    /// # Errors
    /// They cannot be listed.
    fn list(&self) -> io::Result<Vec<Stored>>;

    /// Reads a file that has at most so many bytes.
    ///
    /// # Errors
    /// The file cannot be read, or is larger.
    fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, Fault>;

    /// Reads files one after another. A place that is far away reads ahead, within bounds of its own.
    fn read_each(&self, names: Vec<String>, most: u64) -> Reads<'_> {
        Box::new(names.into_iter().map(move |name| self.read(&name, most)))
    }

    /// Writes a file in one step: nobody sees it half written.
    ///
    /// # Errors
    /// The file cannot be written.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Removes files, in any order. A file that is not there counts as removed.
    ///
    /// # Errors
    /// A file cannot be removed. Others may have been.
    fn remove(&self, names: &[String]) -> io::Result<()>;
}

/// Files, one after another.
pub type Reads<'a> = Box<dyn Iterator<Item = Result<Vec<u8>, Fault>> + 'a>;

/// A file of a store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// Its name, without the place.
    pub name: String,
    /// Its size.
    pub bytes: u64,
}

/// Keeps other recorders out of a store.
#[derive(Debug)]
pub struct Lock {
    /// Locked until it is closed.
    _file: Option<File>,
}

impl Lock {
    /// Keeps nobody out: the store has no locks.
    pub fn none() -> Lock {
        Lock { _file: None }
    }
}

/// A folder of this machine.
#[derive(Clone, Debug)]
pub struct Directory(PathBuf);

impl Directory {
    /// The folder at a path, which need not exist.
    pub fn new(path: &Path) -> Directory {
        Directory(path.to_owned())
    }
}

impl Store for Directory {
    fn place(&self) -> &Path {
        &self.0
    }

    /// Creates the folder if it does not exist. What an interrupted process has left half written is removed.
    fn take(&self) -> Result<Lock, FolderError> {
        let unwritable = |source| FolderError::Unwritable { path: self.0.clone(), source };
        fs::create_dir_all(&self.0).map_err(unwritable)?;
        let lock = lock(&self.0)?;
        let left: Vec<String> = self
            .list()
            .map_err(|source| FolderError::Unreadable { path: self.0.clone(), source })?
            .into_iter()
            .filter(|file| unfinished(&file.name).is_some())
            .map(|file| file.name)
            .collect();
        self.remove(&left).map_err(unwritable)?;
        Ok(lock)
    }

    fn list(&self) -> io::Result<Vec<Stored>> {
        let stored = |entry: io::Result<fs::DirEntry>| {
            let entry = entry?;
            // A file that somebody has removed meanwhile takes nothing.
            let bytes = fs::metadata(entry.path()).map_or(0, |found| found.len());
            Ok(Stored { name: entry.file_name().to_string_lossy().into_owned(), bytes })
        };
        fs::read_dir(&self.0)?.map(stored).collect()
    }

    fn read(&self, name: &str, most: u64) -> Result<Vec<u8>, Fault> {
        let path = self.0.join(name);
        // Opening a pipe would wait for somebody who writes into it.
        if !fs::metadata(&path)?.is_file() {
            return Err(Fault::NoFile);
        }
        let file = File::open(&path)?;
        let size = file.metadata()?.len().min(most);
        let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > most {
            return Err(Fault::TooLarge { mebibytes: LARGEST_PASS >> 20 });
        }
        Ok(bytes)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        write_in_one_step(&self.0.join(name), bytes)
    }

    fn remove(&self, names: &[String]) -> io::Result<()> {
        for name in names {
            match fs::remove_file(self.0.join(name)) {
                Err(source) if source.kind() != io::ErrorKind::NotFound => return Err(source),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Locks a folder for this process. Where the file system has no locks, nothing is locked.
fn lock(folder: &Path) -> Result<Lock, FolderError> {
    let path = folder.join(LOCK);
    let opened = File::options().create(true).truncate(false).write(true).open(&path);
    let file = opened.map_err(|source| FolderError::Unwritable { path: path.clone(), source })?;
    for _ in 0..ATTEMPTS {
        match file.try_lock() {
            Ok(()) => return Ok(Lock { _file: Some(file) }),
            Err(TryLockError::WouldBlock) => thread::sleep(PAUSE),
            Err(TryLockError::Error(source)) if source.kind() == io::ErrorKind::Unsupported => {
                return Ok(Lock::none());
            }
            Err(TryLockError::Error(source)) => return Err(FolderError::Unwritable { path, source }),
        }
    }
    Err(FolderError::InUse { path: folder.to_owned() })
}

/// The name of a file that was not finished.
fn unfinished(file: &str) -> Option<Name> {
    Name::parse(file.strip_prefix('.')?.strip_suffix(".tmp")?)
}
