//! Files that people edit while they are served.

use std::{
    collections::BTreeMap,
    fs::{self, Metadata},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Looks at files and folders, and finds out when they were changed.
pub struct Files {
    paths: Vec<PathBuf>,
    looks: Looks<Seen>,
}

/// Time and length of each file. `None`: the system does not say.
type Seen = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

impl Files {
    /// The files as they are now. Nothing is looked at if standard input is among them: it cannot be read again.
    pub fn new(paths: &[PathBuf]) -> Files {
        let is_standard_input = |path: &PathBuf| path == Path::new("-");
        let paths = if paths.iter().any(is_standard_input) { Vec::new() } else { paths.to_vec() };
        let looks = Looks::new(seen(&paths));
        Files { paths, looks }
    }

    /// What is looked at.
    pub fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Whether the files are different from when this was last true, and complete as far as can be told: two looks in a row found the
    /// same.
    pub fn have_changed(&mut self) -> bool {
        self.looks.found(seen(&self.paths))
    }
}

fn seen(paths: &[PathBuf]) -> Seen {
    let mut seen = Seen::new();
    for path in paths {
        let found = match fs::read_dir(path) {
            Ok(entries) => {
                entries.filter_map(Result::ok).map(|entry| entry.path()).filter(|it| is_read(it)).collect()
            }
            Err(_) => vec![path.clone()],
        };
        seen.extend(found.into_iter().map(stamped));
    }
    seen
}

/// Whether a file of a folder is read as a manifest. Editors keep others beside it.
fn is_read(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str());
    matches!(extension, Some("yaml" | "yml" | "json"))
}

fn stamped(path: PathBuf) -> (PathBuf, Option<(SystemTime, u64)>) {
    let stamp = |it: Metadata| Some((it.modified().ok()?, it.len()));
    let stamp = fs::metadata(&path).ok().and_then(stamp);
    (path, stamp)
}

/// What looks at something have found.
struct Looks<T> {
    /// What counts.
    counted: T,
    /// What the last look found.
    last: T,
}

impl<T: Clone + PartialEq> Looks<T> {
    fn new(first: T) -> Looks<T> {
        Looks { counted: first.clone(), last: first }
    }

    /// Whether something else counts from now on: the last look found the same, since a file may be read while it is written.
    fn found(&mut self, now: T) -> bool {
        let is_steady = now == self.last;
        let has_changed = is_steady && now != self.counted;
        if has_changed {
            self.counted = now.clone();
        }
        self.last = now;
        has_changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_counts_once_when_two_looks_in_a_row_find_it() {
        let mut looks = Looks::new('a');
        let found: Vec<bool> = "aabbbcdda".chars().map(|now| looks.found(now)).collect();
        let expected = [false, false, false, true, false, false, false, true, false];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_change_that_is_taken_back_does_not_count() {
        let mut looks = Looks::new('a');
        assert!("baaa".chars().all(|now| !looks.found(now)));
    }
}
