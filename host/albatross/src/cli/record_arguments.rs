//! The arguments of `run` about recordings.

use std::path::PathBuf;

use albatross_recordings::Bounds;
use clap::{Args, ValueEnum, value_parser};

use crate::{
    error::Error,
    live::recordings::{Recordings, Which},
};

/// Where passes are recorded, which, and how many are kept.
#[derive(Debug, Args)]
pub struct RecordArguments {
    /// Record passes into this folder, for `replay`
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Passes that are recorded: those that change something, or all
    #[arg(long, value_enum, requires = "record", default_value_t = RecordedPasses::Changes, value_name = "WHICH")]
    pub record_passes: RecordedPasses,
    /// Number of recorded passes that are kept; the oldest are deleted first
    #[arg(long, requires = "record", default_value_t = 10_000, value_name = "NUMBER", value_parser = value_parser!(u32).range(1..))]
    pub record_max_passes: u32,
    /// Size of all recorded passes together
    #[arg(long, requires = "record", default_value_t = 256, value_name = "MIB", value_parser = value_parser!(u32).range(1..))]
    pub record_max_size: u32,
    /// Age of recorded passes
    #[arg(long, requires = "record", default_value_t = 30, value_name = "DAYS", value_parser = value_parser!(u32).range(1..))]
    pub record_max_age: u32,
}

/// Passes that are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RecordedPasses {
    /// Passes with an action, or with a status to write
    Changes,
    /// All passes
    All,
}

impl RecordArguments {
    /// Nothing is recorded.
    pub fn none() -> RecordArguments {
        RecordArguments {
            record: None,
            record_passes: RecordedPasses::Changes,
            record_max_passes: 1,
            record_max_size: 1,
            record_max_age: 1,
        }
    }

    /// Opens the folder. `None`: nothing is recorded.
    ///
    /// # Errors
    /// The folder cannot be used.
    pub fn open(&self) -> Result<Option<Recordings>, Error> {
        let Some(folder) = &self.record else { return Ok(None) };
        let which = match self.record_passes {
            RecordedPasses::Changes => Which::Changes,
            RecordedPasses::All => Which::All,
        };
        let bounds = Bounds {
            passes: usize::try_from(self.record_max_passes).unwrap_or(usize::MAX),
            bytes: u64::from(self.record_max_size) << 20,
            age: u64::from(self.record_max_age) * 86_400,
        };
        Recordings::open(folder, which, bounds).map(Some)
    }
}
