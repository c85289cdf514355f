//! Where a redacted recording and its secret may go: nothing that is there is changed.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::error::Error;

/// Checks that the output is new, that it is not in the input, and that the secret is in neither of them.
pub(super) fn check(from: &Path, to: &Path, mapping: Option<&Path>) -> Result<(), Error> {
    let source =
        fs::canonicalize(from).map_err(|source| Error::Unreadable { path: from.to_owned(), source })?;
    let target = place(to)?;
    let refused = |path: &Path, problem| Err(Error::RedactedPlace { path: path.to_owned(), problem });
    if target == source {
        return refused(to, "is the input: name another file or folder");
    }
    if target.starts_with(&source) {
        return refused(to, "is inside the input: name a place outside");
    }
    if exists(&target) {
        return refused(
            to,
            if from.is_dir() { "exists: name a new folder" } else { "exists: name a new file" },
        );
    }
    if from.is_dir() && exists(&unfinished(&target)) {
        return refused(
            &unfinished(to),
            "exists: an interrupted `redact` may have left it; remove it, or name another folder",
        );
    }
    let Some(mapping) = mapping else { return Ok(()) };
    let secret = place(mapping)?;
    if secret.starts_with(&target) {
        return refused(
            mapping,
            "is the output or inside it, where all who get the output could read it: name a place outside",
        );
    }
    if secret.starts_with(&source) {
        return refused(mapping, "is the input or inside it: name a place outside");
    }
    if exists(&secret) {
        return refused(mapping, "exists: name a new file for the mapping");
    }
    Ok(())
}

/// The folder that is filled before it gets its name.
pub(super) fn unfinished(to: &Path) -> PathBuf {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    to.with_file_name(format!(".{name}.unfinished"))
}

/// Whether something is there, also a link to nothing.
fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The real path of something that may not exist yet.
fn place(path: &Path) -> Result<PathBuf, Error> {
    let Some(name) = path.file_name() else {
        let problem = "has no name: name a new file or folder";
        return Err(Error::RedactedPlace { path: path.to_owned(), problem });
    };
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = |path: &Path| fs::canonicalize(path);
    let found = real(path).or_else(|_| real(parent).map(|parent| parent.join(name)));
    found.map_err(|source| Error::Unreadable { path: parent.to_owned(), source })
}
