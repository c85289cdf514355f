//! Why a source as a whole cannot be read.

use std::path::PathBuf;

use crate::files::MAXIMUM_FILE_SIZE;

/// Why a source as a whole cannot be read. A single object that cannot be read is a [`Problem`](crate::Problem).
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It does not exist, or the system refuses it.
    #[error("{}: cannot be read: {source}", path.display())]
    Unreadable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A folder without a manifest.
    #[error(
        "{}: the folder holds no file that ends in .yaml, .yml or .json (folders within it are not read: name them as well)",
        path.display()
    )]
    EmptyFolder {
        /// The folder.
        path: PathBuf,
    },
    /// A file, a text or the files of a folder, and nothing in it. The output of a command that failed looks so, and
    /// must not be taken for a cluster without Ingresses.
    #[error(
        "{name}: holds no manifest; a cluster without any Ingress is an empty List: {{apiVersion: v1, kind: List}}"
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
    /// More than a file may hold.
    #[error("{file}: is larger than {} MiB; split it", MAXIMUM_FILE_SIZE >> 20)]
    TooLarge {
        /// The file.
        file: String,
    },
}
