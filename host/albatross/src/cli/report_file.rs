//! The file of `--report`. Whether it can be written is known before there is anything to write: a replay can take an hour.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use albatross_files::write_in_one_step;

use crate::error::Error;

/// A file for a report.
pub struct ReportFile<'a> {
    path: &'a Path,
}

impl<'a> ReportFile<'a> {
    /// Checks the path of a report, if there is one. `inputs`: what the command reads, files and folders.
    ///
    /// # Errors
    /// The folder of the file does not exist, or the file is an input or no regular file: the report would destroy it.
    pub fn check(path: Option<&'a PathBuf>, inputs: &[&Path]) -> Result<Option<ReportFile<'a>>, Error> {
        let Some(path) = path else { return Ok(None) };
        let unwritable = |source| Error::Unwritable { path: path.clone(), source };
        let refused = |problem| Error::NoReportFile { path: path.clone(), problem };
        let folder = match path.parent() {
            Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
            Some(folder) if path.file_name().is_some() => folder,
            _ => return Err(refused("this is not the path of a file")),
        };
        if !fs::metadata(folder).map_err(unwritable)?.is_dir() {
            return Err(unwritable(io::ErrorKind::NotADirectory.into()));
        }
        match fs::symlink_metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Some(ReportFile { path })),
            Err(error) => return Err(unwritable(error)),
            Ok(found) if !found.is_file() => {
                return Err(refused("there is something that is not a regular file"));
            }
            Ok(_) => {}
        }
        if inputs.iter().any(|input| is_of(input, path)) {
            return Err(refused("this is an input, which the report would replace"));
        }
        Ok(Some(ReportFile { path }))
    }

    /// Writes the report.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, page: &str) -> Result<(), Error> {
        write_in_one_step(self.path, page.as_bytes())
            .map_err(|source| Error::Unwritable { path: self.path.to_owned(), source })
    }
}

/// Whether a file that exists is an input, or one of the recordings in a folder that is one.
fn is_of(input: &Path, file: &Path) -> bool {
    let (Ok(input), Ok(file)) = (input.canonicalize(), file.canonicalize()) else { return false };
    // Reports have names of their own, and may be in the folder.
    let is_report = file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("html"));
    input == file || !is_report && file.starts_with(&input)
}
