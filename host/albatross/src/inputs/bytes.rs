//! Reads files and standard input up to a limit: a pipe or a device may never end.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

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
    read(file, most).map_err(unreadable)?.ok_or_else(|| too_large(path.display().to_string(), most))
}

/// Reads standard input to its end.
///
/// # Errors
/// It cannot be read, or is larger than `most` bytes.
pub fn read_standard_input(standard_input: &mut dyn Read, most: u64) -> Result<Vec<u8>, Error> {
    let bytes = read(standard_input, most).map_err(|source| Error::StandardInput { source })?;
    bytes.ok_or_else(|| too_large("standard input".to_owned(), most))
}

/// Reads to the end. `None`: there are more than `most` bytes.
fn read(from: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > most { None } else { Some(bytes) })
}

fn too_large(name: String, most: u64) -> Error {
    Error::TooLarge { name, mebibytes: most >> 20 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_input_at_the_limit_is_read_and_a_longer_one_is_refused() {
        assert_eq!(read([1, 2, 3].as_slice(), 3).ok().flatten(), Some(vec![1, 2, 3]));
        assert_eq!(read([1, 2, 3].as_slice(), 2).ok().flatten(), None);
        assert_eq!(read(io::repeat(0), 1 << 20).ok().flatten(), None, "it has no end");
    }
}
