//! Recordings of a running controller, in a folder.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use albatross_recordings::{Bounds, Recorder};

use super::executed::Executed;
use crate::{error::Error, pass::Makers, recorder::bundle};

/// Which passes are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those whose plan has an action or a status to write.
    Changes,
    /// All.
    All,
}

/// A folder of recordings.
#[derive(Clone)]
pub struct Recordings {
    recorder: Arc<Mutex<Recorder>>,
    which: Which,
}

impl Recordings {
    /// Opens a folder, and creates it if it does not exist.
    ///
    /// # Errors
    /// The folder cannot be created or read.
    pub fn open(folder: &Path, which: Which, bounds: Bounds) -> Result<Recordings, Error> {
        Ok(Recordings { recorder: Arc::new(Mutex::new(Recorder::open(folder, bounds)?)), which })
    }

    /// Whether a pass is recorded.
    pub fn wants(&self, executed: &Executed) -> bool {
        self.which == Which::All || executed.changes_something()
    }

    /// Records a pass. Returns the path of its file.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn add(&self, makers: &Makers, executed: &Executed) -> Result<PathBuf, Error> {
        let text = bundle(makers, &executed.pass, executed.results.clone())?;
        let mut recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(recorder.record(executed.pass.snapshot.time, &text)?)
    }
}
