//! Sources to files, files to text.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{ManifestError, Source};

/// The largest file that is read, in bytes: 64 MiB, which is about 60,000 Ingresses.
pub const MAXIMUM_FILE_SIZE: u64 = 64 << 20;

/// A file or a text.
pub(crate) struct File<'a> {
    /// Its name in messages.
    pub(crate) name: String,
    content: Content<'a>,
}

enum Content<'a> {
    OnDisk(PathBuf),
    Given(&'a [u8]),
}

/// The files that were read.
#[derive(Default)]
pub(crate) struct AlreadyRead(BTreeSet<PathBuf>);

impl AlreadyRead {
    /// Whether a file was read before; from now on it counts as read.
    pub(crate) fn contains(&mut self, file: &File<'_>) -> bool {
        match &file.content {
            // If the system refuses, reading the file gives the error.
            Content::OnDisk(path) => fs::canonicalize(path).is_ok_and(|path| !self.0.insert(path)),
            Content::Given(_) => false,
        }
    }
}

/// The name of a source in messages.
pub(crate) fn name(source: &Source) -> String {
    match source {
        Source::Path(path) => path.display().to_string(),
        Source::Text { name, .. } => name.clone(),
    }
}

/// The files of a source, in the order in which they are read. `skipped` is called with the name of each entry of a folder
/// that is not a regular file.
pub(crate) fn of_source<'a>(
    source: &'a Source,
    skipped: &mut dyn FnMut(&str),
) -> Result<Vec<File<'a>>, ManifestError> {
    let content = match source {
        Source::Text { bytes, .. } => Content::Given(bytes),
        Source::Path(path) => {
            if fs::metadata(path).map_err(unreadable(path))?.is_dir() {
                return of_folder(path, skipped);
            }
            Content::OnDisk(path.clone())
        }
    };
    Ok(vec![File { name: name(source), content }])
}

fn of_folder(folder: &Path, skipped: &mut dyn FnMut(&str)) -> Result<Vec<File<'static>>, ManifestError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable(folder))? {
        let path = entry.map_err(unreadable(folder))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if !matches!(extension, Some("yaml" | "yml" | "json")) {
            continue;
        }
        // Links are followed: mounted ConfigMaps are folders of links.
        let kind = fs::metadata(&path).map_err(unreadable(&path))?;
        if kind.is_file() {
            paths.push(path);
        } else if !kind.is_dir() {
            // Reading a pipe without a writer would wait forever.
            skipped(&path.display().to_string());
        }
    }
    if paths.is_empty() {
        return Err(ManifestError::EmptyFolder { path: folder.to_owned() });
    }
    paths.sort();
    Ok(paths
        .into_iter()
        .map(|path| File { name: path.display().to_string(), content: Content::OnDisk(path) })
        .collect())
}

/// The text of a file, without byte order marks: concatenated files have them in between too.
pub(crate) fn text<'a>(file: &'a File<'_>) -> Result<Cow<'a, str>, ManifestError> {
    let bytes = match &file.content {
        Content::Given(bytes) => Cow::Borrowed(*bytes),
        Content::OnDisk(path) => Cow::Owned(read_file(path).map_err(unreadable(path))?),
    };
    if bytes.len() as u64 > MAXIMUM_FILE_SIZE {
        return Err(ManifestError::TooLarge { file: file.name.clone() });
    }
    let text = match bytes {
        Cow::Borrowed(bytes) => {
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| (error, bytes.to_vec()))
        }
        Cow::Owned(bytes) => {
            String::from_utf8(bytes).map(Cow::Owned).map_err(|error| (error.utf8_error(), error.into_bytes()))
        }
    };
    let text = text.map_err(|(error, bytes)| {
        let good = bytes.iter().take(error.valid_up_to());
        ManifestError::NotUtf8 {
            file: file.name.clone(),
            line: 1 + good.filter(|byte| **byte == b'\n').count(),
        }
    })?;
    Ok(match text.strip_prefix('\u{feff}').unwrap_or(&text) {
        marked if marked.contains("\n\u{feff}") => Cow::Owned(marked.replace("\n\u{feff}", "\n")),
        rest if rest.len() < text.len() => Cow::Owned(rest.to_owned()),
        _ => text,
    })
}

/// Reads at most one byte more than allowed, regardless of the size of the file: it may be a pipe.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAXIMUM_FILE_SIZE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> ManifestError + use<> {
    let path = path.to_owned();
    |source| ManifestError::Unreadable { path, source }
}
