//! Bundles of a running controller: one for each pass that changes something. Only the newest are kept.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use albatross_contract::ActionResult;

use crate::{
    error::Error,
    pass::{Makers, Pass},
    recorder::record,
};

/// How many bundles are kept: those of the last hour and a half, if a pass changes something every minute.
const KEPT: usize = 100;

/// A folder of bundles.
#[derive(Clone)]
pub struct Recordings {
    folder: PathBuf,
}

impl Recordings {
    /// Opens a folder, and creates it if it does not exist.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn open(folder: &Path) -> Result<Recordings, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::Unwritable { path: folder.to_owned(), source })?;
        Ok(Recordings { folder: folder.to_owned() })
    }

    /// Writes a bundle, named after the time of the pass so that names sort by time. The oldest bundles are deleted
    /// first, so that at most a hundred remain and a full disk gets free space. Returns the path of the bundle.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn add(&self, makers: &Makers, pass: &Pass, results: Vec<ActionResult>) -> Result<PathBuf, Error> {
        let mut path = self.folder.join(format!("pass-{:010}.json", pass.snapshot.time));
        // There can be two passes within one second.
        for more in 1.. {
            if !path.exists() {
                break;
            }
            path = self.folder.join(format!("pass-{:010}-{more}.json", pass.snapshot.time));
        }
        self.remove_old().map_err(|source| Error::Unwritable { path: self.folder.clone(), source })?;
        record(&path, makers, pass, results)?;
        Ok(path)
    }

    fn remove_old(&self) -> Result<(), io::Error> {
        let mut bundles = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            // Other files in the folder are not ours.
            if name.starts_with("pass-") && name.ends_with(".json") {
                bundles.push(path);
            }
        }
        bundles.sort();
        let old = (bundles.len() + 1).saturating_sub(KEPT);
        bundles.iter().take(old).try_for_each(fs::remove_file)
    }
}
