//! What can be wrong with a folder, and with a file of it.

use std::{io, path::PathBuf};

use crate::{Name, PassId};

/// A folder cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It cannot be read.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The folder, or a file of it.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It cannot be written to.
    #[error("{}: cannot be written: {source}", path.display())]
    Unwritable {
        /// The folder, or a file of it.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process records into it.
    #[error(
        "{}: another process records into this folder; give each process a folder of its own",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// A pass that no reader would unpack, or that cannot be compressed.
    #[error("a pass cannot be recorded: {0}")]
    Pass(#[from] Fault),
}

/// A file of a folder that cannot be used. The others can.
#[derive(Debug, thiserror::Error)]
#[error("{}: {fault}", path.display())]
pub struct Unusable {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The system cannot read it.
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// Its name is not that of a recorded pass.
    #[error("this is not a recorded pass")]
    OtherFile,
    /// It is a folder, a pipe or a device.
    #[error("this is not a regular file")]
    NoFile,
    /// It is not what its name says.
    #[error("this is not a recorded pass, although its name says so")]
    Foreign,
    /// It is cut off or changed, or the pass that it builds upon is another one.
    #[error("it is damaged or cut off: {message}")]
    Damaged {
        /// What zstd says.
        message: &'static str,
    },
    /// It would be too large.
    #[error("it holds more than {mebibytes} MiB, the limit for a pass")]
    TooLarge {
        /// The limit.
        mebibytes: usize,
    },
    /// The pass that it builds upon is gone.
    #[error("it builds upon {}, which is not there", Name::Whole(*base))]
    BaseMissing {
        /// The pass.
        base: PassId,
    },
    /// The pass that it builds upon cannot be used.
    #[error("it builds upon {}, which cannot be used", Name::Whole(*base))]
    BaseUnusable {
        /// The pass.
        base: PassId,
    },
    /// There is no memory left.
    #[error("there is not enough memory")]
    OutOfMemory,
}

impl Unusable {
    pub(crate) fn new(path: impl Into<PathBuf>, fault: Fault) -> Unusable {
        Unusable { path: path.into(), fault }
    }
}
