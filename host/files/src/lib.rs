//! Files whose size is not known, and files that must never be seen half written.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

/// Reads to the end. `None`: there are more than `most` bytes. A pipe or a device may never end.
///
/// # Errors
/// It cannot be read.
pub fn read_at_most(from: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(if bytes.len() as u64 > most { None } else { Some(bytes) })
}

/// Writes a file in one step: it is there completely, or not at all, even after a crash. Only one process may write it at a
/// time. What a crash leaves behind is `.NAME.tmp`, which the next write of the same file removes.
///
/// # Errors
/// It cannot be written.
pub fn write_in_one_step(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.tmp"));
    let written = create_new(&temporary).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let renamed = written.and_then(|()| fs::rename(&temporary, path));
    if renamed.is_err() {
        // What is left of it takes space on a disk that may be full.
        let _ = fs::remove_file(&temporary);
    }
    renamed
}

/// A new file in place of an old one: a link of that name could lead to any other file.
fn create_new(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => File::create_new(path),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::{env, process};

    use super::*;

    #[test]
    fn an_input_at_the_limit_is_read_and_a_longer_one_is_not() {
        assert_eq!(read_at_most([1, 2, 3].as_slice(), 3).unwrap(), Some(vec![1, 2, 3]));
        assert_eq!(read_at_most([1, 2, 3].as_slice(), 2).unwrap(), None);
        assert_eq!(read_at_most(io::repeat(0), 1 << 20).unwrap(), None, "it has no end");
    }

    #[test]
    fn a_file_is_written_completely_or_not_at_all() {
        let folder = env::temp_dir().join(format!("albatross-files-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("plan.json");
        // What a crash left behind does not matter.
        fs::write(folder.join(".plan.json.tmp"), "a longer text than the next one").unwrap();
        write_in_one_step(&path, b"first").unwrap();
        write_in_one_step(&path, b"2nd").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"2nd");
        // Where the file would be written, somebody has put a link to another file.
        fs::write(folder.join("other"), "other").unwrap();
        std::os::unix::fs::symlink(folder.join("other"), folder.join(".plan.json.tmp")).unwrap();
        write_in_one_step(&path, b"third").unwrap();
        assert_eq!(
            (fs::read(&path).unwrap(), fs::read(folder.join("other")).unwrap()),
            (b"third".into(), b"other".into())
        );
        fs::remove_file(folder.join("other")).unwrap();
        // A folder of this name cannot be replaced by a file.
        fs::create_dir(folder.join("taken")).unwrap();
        assert!(write_in_one_step(&folder.join("taken"), b"text").is_err());
        let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["plan.json", "taken"], "nothing else is left");
        fs::remove_dir_all(folder).unwrap();
    }
}
