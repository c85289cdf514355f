//! Why a source as a whole cannot be read.

use std::path::PathBuf;

use crate::files::MAXIMUM_FILE_SIZE;

/// Why a source as a whole cannot be read. A single object that cannot be read is a [`Problem`](crate::Problem).
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// The source does not exist, or the system refuses to read it.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder without a manifest.
    #[error(
        "{}: the folder contains no file ending in .yaml, .yml or .json (folders in it are not read: name them as well)",
        path.display()
    )]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A file, a text or the files of a folder are empty. This may be the output of a failed command, which must not be
    /// taken for a cluster without Ingresses.
    #[error(
        "{name}: contains no manifest; write a cluster without Ingresses as an empty List: {{apiVersion: v1, kind: List}}"
    )]
    NoDocument {
        /// The source.
        name: String,
    },
    /// Not text.
    #[error("{file}, line {line}: is not UTF-8 text")]
    NotUtf8 {
        /// The file.
        file: String,
        /// The line of the first byte that is not UTF-8, from 1.
        line: usize,
    },
    /// A file is too large.
    #[error("{file}: is larger than {} MiB; split it", MAXIMUM_FILE_SIZE >> 20)]
    TooLarge {
        /// The file.
        file: String,
    },
}
