//! The arguments of `run` about recordings.

use std::{path::PathBuf, sync::Arc};

use albatross_aws::Aws;
use albatross_recordings::Bounds;
use clap::{Args, value_parser};

use crate::{
    error::Error,
    live::{
        metrics::Metrics,
        recordings::{RecordedPasses, Recordings},
    },
};

/// Where passes are recorded, which, and how many are kept.
#[derive(Debug, Args)]
pub struct RecordArguments {
    /// Record passes into this folder, or this place in a bucket, for `replay`
    #[arg(long, value_name = "DIR|s3://BUCKET/PREFIX")]
    pub record: Option<PathBuf>,
    /// Passes that are recorded: those that change something, or all
    #[arg(long, value_enum, requires = "record", default_value_t = RecordedPasses::Changes, value_name = "WHICH")]
    pub record_passes: RecordedPasses,
    /// Number of recorded passes that are kept; the oldest are deleted first, when a pass is recorded
    #[arg(long, requires = "record", default_value_t = 10_000, value_name = "NUMBER", value_parser = value_parser!(u32).range(1..))]
    pub record_max_passes: u32,
    /// Size of all recorded passes together
    #[arg(long, requires = "record", default_value_t = 256, value_name = "MIB", value_parser = value_parser!(u32).range(1..))]
    pub record_max_size: u32,
    /// Age of recorded passes
    #[arg(long, requires = "record", default_value_t = 30, value_name = "DAYS", value_parser = value_parser!(u32).range(1..))]
    pub record_max_age: u32,
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

    /// Where passes are recorded. `None`: nothing is recorded.
    ///
    /// # Errors
    /// The folder cannot be created, or the address of the bucket is none.
    pub fn open(&self, aws: &Aws, metrics: &Arc<Metrics>) -> Result<Option<Recordings>, Error> {
        let Some(place) = &self.record else { return Ok(None) };
        Recordings::new(place, self.record_passes, self.bounds(), (aws, Arc::clone(metrics))).map(Some)
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            passes: usize::try_from(self.record_max_passes).unwrap_or(usize::MAX),
            bytes: u64::from(self.record_max_size) << 20,
            age: u64::from(self.record_max_age) * 86_400,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        record: RecordArguments,
    }

    fn parse(words: &[&str]) -> Result<RecordArguments, clap::Error> {
        Program::try_parse_from([&["run"], words].concat()).map(|program| program.record)
    }

    #[test]
    fn without_other_flags_the_bounds_are_those_of_the_manual() {
        let given = parse(&["--record", "r"]).unwrap();
        assert_eq!(given.record_passes, RecordedPasses::Changes);
        assert_eq!(given.bounds(), Bounds { passes: 10_000, bytes: 268_435_456, age: 2_592_000 });
    }

    #[test]
    fn each_bound_can_be_set_within_reason() {
        let bounds = ["--record-max-passes=5", "--record-max-size=1", "--record-max-age=2"];
        let given = parse(&[&["--record=r", "--record-passes=all"], &bounds[..]].concat()).unwrap();
        assert_eq!(given.record_passes, RecordedPasses::All);
        assert_eq!(given.bounds(), Bounds { passes: 5, bytes: 1 << 20, age: 172_800 });
        for wrong in
            ["--record-max-passes=0", "--record-max-size=-1", "--record-max-age=1.5", "--record-passes=some"]
        {
            assert!(parse(&["--record=r", wrong]).is_err(), "{wrong}");
        }
        assert!(parse(&["--record-max-age=2"]).is_err(), "nothing is recorded");
    }
}
