//! Finds files of test cases.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::Error;

/// The end of the name of a file of test cases in a folder.
pub const ENDING: &str = "policy-test.yaml";

/// How deep folders are searched.
const DEPTH: usize = 16;

/// The file itself, or the files of test cases in a folder and its folders, in the order of their paths. Hidden folders and build
/// results are not searched.
///
/// # Errors
/// A folder that cannot be read or has no such file.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, Error> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut found = Vec::new();
    search(path, DEPTH, &mut found)?;
    if found.is_empty() {
        return Err(Error::NoCases { path: path.to_owned(), ending: ENDING });
    }
    found.sort();
    // The files of the current folder are named without a `./`.
    Ok(found.iter().map(|file| file.strip_prefix(".").unwrap_or(file).to_owned()).collect())
}

fn search(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    let unreadable = |source| Error::Unreadable { path: folder.to_owned(), source };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        // Not of the target of a link, which may lead back here.
        let kind = entry.file_type().map_err(unreadable)?;
        if kind.is_dir() && depth > 0 && !name.starts_with('.') && name != "target" {
            search(&entry.path(), depth - 1, found)?;
        }
        if !kind.is_dir() && name.ends_with(ENDING) {
            found.push(entry.path());
        }
    }
    Ok(())
}
