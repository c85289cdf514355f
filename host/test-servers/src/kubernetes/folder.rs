//! The folder of a server.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process,
};

use super::next_number;
use crate::{TestServerError, parts};

/// The file that is locked for as long as the process lives that made the folder, however it ends. (Its number says less:
/// processes of two containers that share the target folder have the same.)
const LOCK: &str = "lock";

/// A folder for one server, in cargo's target folder. The server's end removes it.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes one that did not exist, and removes those that killed processes left behind.
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
                // Left behind by a process that had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(cannot_make(&path)(error)),
            }
        }
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn path_in(parent: &Path, number: u32) -> PathBuf {
    parent.join(format!("kubernetes-{}-{number}", process::id()))
}

/// The lock of a new folder. It gets its name when it is locked: nobody ever finds it free before.
fn locked(folder: &Path) -> io::Result<File> {
    let unnamed = folder.join("new-lock");
    let lock = File::create_new(&unnamed)?;
    lock.lock()?;
    fs::rename(unnamed, folder.join(LOCK))?;
    Ok(lock)
}

/// Removes folders whose process is gone. One that cannot be removed is in nobody's way.
fn remove_abandoned(parent: &Path) {
    for folder in fs::read_dir(parent).into_iter().flatten().flatten() {
        let lock = File::open(folder.path().join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(folder.path());
        }
    }
}

fn cannot_make(folder: &Path) -> impl FnOnce(io::Error) -> TestServerError {
    TestServerError::io(format!("cannot make the folder {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, thread, time::Duration};

    use super::*;

    /// A parent that no other test has.
    fn parent(name: &str) -> PathBuf {
        parts::folder().unwrap().join("run").join(format!("{name}-{}", process::id()))
    }

    #[test]
    fn what_a_killed_process_left_is_removed_and_what_is_used_stays() {
        let parent = parent("abandoned");
        let used = Folder::new_in(&parent, next_number).unwrap();
        let left = Folder::new_in(&parent, next_number).unwrap();
        let abandoned = left.path.clone();
        drop(left); // It loses its lock, as with the end of its process.
        // A process that another test starts has all files of this one for a moment, and so the lock.
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
