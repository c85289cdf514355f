//! Manifests and layers that were pulled before, each in a file that its digest names.

use std::{
    ffi::OsString,
    fs::{self, File},
    path::{Path, PathBuf},
};

use albatross_files::{read_at_most, write_in_one_step};

use crate::Digest;

/// Where what is pulled is kept. The layout is that of the blobs in the OCI image layout: `sha256/DIGEST`. Everything can be
/// removed at any time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cache {
    folder: Option<PathBuf>,
}

/// What a cache has.
pub(crate) enum Cached {
    Found(Vec<u8>),
    Absent,
    /// The file cannot be used, for this reason.
    Unusable(String),
}

impl Cache {
    /// In this folder, which need not exist.
    pub fn at(folder: impl Into<PathBuf>) -> Cache {
        Cache { folder: Some(folder.into()) }
    }

    /// In the folder for such files: `$XDG_CACHE_HOME/albatross/policies`, else `~/.cache/albatross/policies`. Without both,
    /// nothing is kept.
    pub fn of_environment(variable: impl Fn(&str) -> Option<OsString>) -> Cache {
        let variable = |name| variable(name).map(PathBuf::from);
        // The XDG base directory specification: a relative path is ignored.
        let caches = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
        let home = || variable("HOME").filter(|path| path.is_absolute()).map(|home| home.join(".cache"));
        Cache { folder: caches.or_else(home).map(|caches| caches.join("albatross").join("policies")) }
    }

    fn file(folder: &Path, digest: &Digest) -> PathBuf {
        folder.join("sha256").join(digest.hex())
    }

    /// Reads what has this digest, of at most `most` bytes.
    pub(crate) fn read(&self, digest: &Digest, most: u64) -> Cached {
        let Some(folder) = &self.folder else { return Cached::Absent };
        let path = Cache::file(folder, digest);
        let unusable = |problem: String| Cached::Unusable(format!("{}: {problem}", path.display()));
        // Opening a pipe would wait for somebody who writes into it.
        match fs::metadata(&path) {
            // If the folder cannot be used, that is said when something is to be kept.
            Err(_) => return Cached::Absent,
            Ok(found) if !found.is_file() => return unusable("this is not a regular file".to_owned()),
            Ok(_) => {}
        }
        match File::open(&path).and_then(|file| read_at_most(file, most)) {
            Ok(Some(bytes)) if Digest::of(&bytes) == *digest => Cached::Found(bytes),
            Ok(_) => unusable("it is damaged".to_owned()),
            Err(error) => unusable(format!("cannot be read: {error}")),
        }
    }

    /// Keeps what has this digest. `Err`: it is not kept, for this reason.
    pub(crate) fn write(&self, digest: &Digest, bytes: &[u8]) -> Result<(), String> {
        let Some(folder) = &self.folder else {
            return Err("neither XDG_CACHE_HOME nor HOME is set".to_owned());
        };
        let path = Cache::file(folder, digest);
        let written = fs::create_dir_all(path.parent().unwrap_or(folder))
            .and_then(|()| write_in_one_step(&path, bytes));
        match written {
            // Another process writes the same at the same time.
            Err(_) if matches!(self.read(digest, bytes.len() as u64), Cached::Found(_)) => Ok(()),
            written => written.map_err(|error| format!("{}: cannot be written: {error}", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_that_of_the_xdg_specification() {
        let of = |variables: &[(&str, &str)]| {
            Cache::of_environment(|name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into())
            })
        };
        let expected = Cache::at("/caches/albatross/policies");
        assert_eq!(of(&[("XDG_CACHE_HOME", "/caches"), ("HOME", "/home/ann")]), expected);
        let expected = Cache::at("/home/ann/.cache/albatross/policies");
        assert_eq!(of(&[("XDG_CACHE_HOME", "caches"), ("HOME", "/home/ann")]), expected);
        assert_eq!(of(&[("XDG_CACHE_HOME", ""), ("HOME", "/home/ann")]), expected);
        assert_eq!(of(&[("HOME", "")]), Cache::default());
    }
}
