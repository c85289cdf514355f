//! The folder of a server.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{TestServerError, parts};

/// The file that the process that created the folder keeps locked until it ends, however it ends. (The id of the process is
/// not enough: two containers that share the target folder may have processes with the same id.)
const LOCK: &str = "lock";

/// A folder for one server, in cargo's target folder. It is removed when the server ends.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Creates a new folder, and removes the folders that killed processes left behind.
    pub(crate) fn new() -> Result<Folder, TestServerError> {
        Folder::new_in(&parts::folder()?.join("run"), next_number)
    }

    fn new_in(parent: &Path, next: impl Fn() -> u32) -> Result<Folder, TestServerError> {
        fs::create_dir_all(parent).map_err(cannot_make(parent))?;
        remove_abandoned(parent);
        loop {
            let path = path_in(parent, next());
            match fs::create_dir(&path) {
                Ok(()) => {
                    let lock = locked(&path).map_err(cannot_make(&path))?;
                    return Ok(Folder { path, _lock: lock });
                }
                // Left behind by a process that had the same id.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(cannot_make(&path)(error)),
            }
        }
    }

    /// The path of the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn path_in(parent: &Path, number: u32) -> PathBuf {
    parent.join(format!("server-{}-{number}", process::id()))
}

/// The lock of a new folder. The file gets its name only when it is locked, so that nobody finds it unlocked before.
fn locked(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("new-lock");
    let lock = File::create_new(&unnamed)?;
    lock.lock()?;
    fs::rename(unnamed, folder.join(LOCK))?;
    Ok(lock)
}

/// Removes folders whose process is gone. A folder that cannot be removed does no harm.
fn remove_abandoned(parent: &Path) {
    for folder in fs::read_dir(parent).into_iter().flatten().flatten() {
        let lock = File::open(folder.path().join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

fn cannot_make(folder: &Path) -> impl FnOnce(io::Error) -> TestServerError {
    TestServerError::io(format!("cannot create the folder {}", folder.display()))
}

/// A number that this process has not used yet.
pub(crate) fn next_number() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Writes a file.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), TestServerError> {
    fs::write(path, content).map_err(TestServerError::io(format!("cannot write {}", path.display())))
}

/// A file for the output of a server. It can still be read after its folder is removed.
pub(crate) fn new_log(path: &Path) -> Result<File, TestServerError> {
    File::options()
        .read(true)
        .append(true)
        .create(true)
        .open(path)
        .map_err(TestServerError::io(format!("cannot write {}", path.display())))
}

/// The end of the output of a server.
pub(crate) fn last_lines(log: &mut File) -> String {
    let text = match text(log) {
        Ok(text) => text,
        Err(error) => return format!("its log cannot be read: {error}"),
    };
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

/// The output of a server.
pub(crate) fn text(log: &mut File) -> io::Result<String> {
    let mut text = Vec::new();
    log.seek(SeekFrom::Start(0))?;
    log.read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, thread, time::Duration};

    use super::*;

    /// A parent folder that no other test uses.
    fn parent(name: &str) -> PathBuf {
        parts::folder().unwrap().join("run").join(format!("{name}-{}", process::id()))
    }

    #[test]
    fn the_folder_of_a_killed_process_is_removed_and_a_folder_in_use_stays() {
        let parent = parent("abandoned");
        let used = Folder::new_in(&parent, next_number).unwrap();
        let left = Folder::new_in(&parent, next_number).unwrap();
        let abandoned = left.path.clone();
        drop(left); // Releases the lock, like the end of the process.
        // A process that another test starts briefly inherits all open files of this process, including the lock.
        for _ in 0..1_200 {
            remove_abandoned(&parent);
            if !abandoned.exists() {
                break;
            }
            thread::sleep(Duration::from_millis(100));
        }
        let next = Folder::new_in(&parent, next_number).unwrap();
        assert!(!abandoned.exists());
        assert!(used.path.exists() && next.path.exists());
        fs::remove_dir_all(parent).unwrap();
    }

    #[test]
    fn a_folder_that_exists_is_not_taken_over() {
        let parent = parent("taken");
        fs::create_dir_all(path_in(&parent, 1)).unwrap();
        let number = Cell::new(0);
        let next = || {
            number.set(number.get() + 1);
            number.get()
        };
        let folder = Folder::new_in(&parent, next).unwrap();
        assert_eq!(folder.path, path_in(&parent, 2));
        fs::remove_dir_all(parent).unwrap();
    }
}
