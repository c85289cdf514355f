//! Recordings of a running controller, in a folder.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use albatross_recordings::{Bounds, Recorder};
use clap::ValueEnum;

use super::executed::Executed;
use crate::{error::Error, pass::Makers, recorder::bundle};

/// Passes that are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecordedPasses {
    /// Passes with an action, or with a status to write
    Changes,
    /// All passes
    All,
}

/// A folder of recordings.
#[derive(Clone)]
pub struct Recordings {
    folder: PathBuf,
    bounds: Bounds,
    which: RecordedPasses,
    /// It is opened at the first pass: a replica that does not lead leaves a shared folder alone.
    recorder: Arc<Mutex<Option<Recorder>>>,
}

impl Recordings {
    /// Records into a folder, and creates it if it does not exist.
    ///
    /// # Errors
    /// The folder cannot be created.
    pub fn new(folder: &Path, which: RecordedPasses, bounds: Bounds) -> Result<Recordings, Error> {
        fs::create_dir_all(folder).map_err(|source| Error::Unwritable { path: folder.to_owned(), source })?;
        Ok(Recordings { folder: folder.to_owned(), bounds, which, recorder: Arc::default() })
    }

    /// Whether a pass is recorded.
    pub fn wants(&self, executed: &Executed) -> bool {
        self.which == RecordedPasses::All || executed.changes_something()
    }

    /// Records a pass. Returns the path of its file.
    ///
    /// # Errors
    /// The folder cannot be written to, or another process records into it.
    pub fn add(&self, makers: &Makers, executed: &Executed) -> Result<PathBuf, Error> {
        let text = bundle(makers, &executed.pass, executed.results.clone())?;
        let mut recorder = self.recorder.lock().unwrap_or_else(PoisonError::into_inner);
        let recorder = match &mut *recorder {
            Some(recorder) => recorder,
            none => none.insert(Recorder::open(&self.folder, self.bounds)?),
        };
        Ok(recorder.record(executed.pass.snapshot.time, &text)?)
    }

    /// Leaves the folder to another process, until the next pass is recorded.
    pub fn close(&self) {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
