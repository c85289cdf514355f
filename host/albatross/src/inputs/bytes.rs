//! Reads files and standard input up to a limit: a pipe or a device may never end.

use std::{fs::File, io::Read, path::Path};

use albatross_files::read_at_most;

use crate::error::Error;

/// The largest settings file: 4 MiB.
pub const MOST_OF_SETTINGS: u64 = 4 << 20;
/// The largest component that is read: 64 MiB. The engine has a lower limit, with its own message.
pub const MOST_OF_A_COMPONENT: u64 = 64 << 20;
/// The largest snapshot, bundle or inventory: 512 MiB, enough for about 200,000 Ingresses.
pub const MOST_OF_A_FILE: u64 = 512 << 20;

/// Reads a file, or a pipe or device that a person named.
///
/// # Errors
/// A file that cannot be read, or that is larger than `most` bytes.
pub fn read_bytes(path: &Path, most: u64) -> Result<Vec<u8>, Error> {
    let unreadable = |source| Error::Unreadable { path: path.to_owned(), source };
    let file = File::open(path).map_err(unreadable)?;
    read_at_most(file, most).map_err(unreadable)?.ok_or_else(|| too_large(path.display().to_string(), most))
}

/// Reads standard input to its end.
///
/// # Errors
/// It cannot be read, or is larger than `most` bytes.
pub fn read_standard_input(standard_input: &mut dyn Read, most: u64) -> Result<Vec<u8>, Error> {
    let bytes = read_at_most(standard_input, most).map_err(|source| Error::StandardInput { source })?;
    bytes.ok_or_else(|| too_large("standard input".to_owned(), most))
}

fn too_large(name: String, most: u64) -> Error {
    Error::TooLarge { name, mebibytes: most >> 20 }
}
