//! A group: a whole pass and the differences that build upon it.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::{LARGEST_PASS, Name, PassId, error::Fault, error::Unusable, packed::unpack};

/// A whole pass and the differences that build upon it, or a pass in a file of its own that is not compressed.
#[derive(Clone, Debug)]
pub struct Group {
    folder: PathBuf,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// An uncompressed file.
    Plain(PathBuf),
    /// The whole pass, and its files in their order.
    Packed { whole: PassId, files: BTreeMap<PassId, Name> },
}

impl Group {
    pub(crate) fn plain(path: PathBuf) -> Group {
        Group { folder: path.parent().unwrap_or(Path::new("")).to_owned(), content: Content::Plain(path) }
    }

    pub(crate) fn packed(folder: &Path, whole: PassId) -> Group {
        Group { folder: folder.to_owned(), content: Content::Packed { whole, files: BTreeMap::new() } }
    }

    pub(crate) fn add(&mut self, name: Name) {
        if let Content::Packed { files, .. } = &mut self.content {
            files.insert(name.pass(), name);
        }
    }

    /// Its whole pass, which may be missing. `None`: it is a file that is not compressed.
    pub fn whole(&self) -> Option<PassId> {
        match &self.content {
            Content::Plain(_) => None,
            Content::Packed { whole, .. } => Some(*whole),
        }
    }

    /// The time in the name that older versions gave a file: `pass-1795253400.json`, or `pass-1795253400-1.json` for a second
    /// pass in that second. `None`: it has another name.
    pub(crate) fn time_of_older_version(&self) -> Option<u64> {
        let Content::Plain(path) = &self.content else { return None };
        let name = path.file_name()?.to_str()?.strip_prefix("pass-")?.strip_suffix(".json")?;
        let (time, more) = name.split_once('-').unwrap_or((name, "0"));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
        if time.len() < 10 || !is_number(more) || !is_number(time) {
            return None;
        }
        time.parse().ok()
    }

    /// Its files, oldest first.
    pub fn files(&self) -> impl Iterator<Item = PathBuf> + '_ {
        let (plain, packed) = match &self.content {
            Content::Plain(path) => (Some(path.clone()), None),
            Content::Packed { files, .. } => (None, Some(files.values())),
        };
        let packed = packed.into_iter().flatten().map(|name| self.folder.join(name.to_string()));
        plain.into_iter().chain(packed)
    }

    /// Its files with what their names say.
    pub(crate) fn dated(&self) -> Vec<(PassId, PathBuf)> {
        match &self.content {
            Content::Plain(path) => {
                let time = self.time_of_older_version().unwrap_or_default();
                vec![(PassId { time, number: 0 }, path.clone())]
            }
            Content::Packed { files, .. } => {
                files.iter().map(|(pass, name)| (*pass, self.folder.join(name.to_string()))).collect()
            }
        }
    }

    /// How many passes it has.
    pub fn len(&self) -> usize {
        match &self.content {
            Content::Plain(_) => 1,
            Content::Packed { files, .. } => files.len(),
        }
    }

    /// Whether it has no passes, which no group of a folder is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads the passes one after another.
    pub fn read(&self) -> Reading<'_> {
        match &self.content {
            Content::Plain(path) => {
                Reading { folder: &self.folder, plain: Some(path), base: None, files: None }
            }
            Content::Packed { whole, files } => Reading {
                folder: &self.folder,
                plain: None,
                base: Some((*whole, Base::Unread)),
                files: Some(files.values()),
            },
        }
    }
}

/// Reads the passes of a group, and keeps the whole pass meanwhile.
pub struct Reading<'a> {
    folder: &'a Path,
    plain: Option<&'a Path>,
    base: Option<(PassId, Base)>,
    files: Option<std::collections::btree_map::Values<'a, PassId, Name>>,
}

enum Base {
    Unread,
    Read(Vec<u8>),
    Missing,
    Unusable,
}

impl Iterator for Reading<'_> {
    /// The file of a pass, with the bytes that were recorded.
    type Item = Result<(PathBuf, Vec<u8>), Unusable>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(path) = self.plain.take() {
            let bytes = read_at_most(path, LARGEST_PASS as u64).map_err(|fault| Unusable::new(path, fault));
            return Some(bytes.map(|bytes| (path.to_owned(), bytes)));
        }
        let name = self.files.as_mut()?.next()?;
        let path = self.folder.join(name.to_string());
        Some(match self.unpack(*name, &path) {
            Ok(bytes) => Ok((path, bytes)),
            Err(fault) => Err(Unusable::new(path, fault)),
        })
    }
}

impl Reading<'_> {
    fn unpack(&mut self, name: Name, path: &Path) -> Result<Vec<u8>, Fault> {
        let Some((whole, state)) = &mut self.base else { return Err(Fault::OtherFile) };
        if matches!(state, Base::Unread) {
            *state = match read_whole(self.folder, *whole) {
                Ok(bytes) => Base::Read(bytes),
                Err(Fault::Unreadable(source)) if source.kind() == io::ErrorKind::NotFound => Base::Missing,
                // The whole pass itself is read again below, and says what is wrong with it.
                Err(_) => Base::Unusable,
            };
        }
        let Name::Difference { base, .. } = name else {
            return match state {
                Base::Read(bytes) => Ok(bytes.clone()),
                _ => read_whole(self.folder, *whole),
            };
        };
        match state {
            Base::Read(bytes) => unpack(&read_packed(path)?, Some(bytes)),
            Base::Missing => Err(Fault::BaseMissing { base }),
            Base::Unusable | Base::Unread => Err(Fault::BaseUnusable { base }),
        }
    }
}

/// Reads a whole pass.
pub(crate) fn read_whole(folder: &Path, whole: PassId) -> Result<Vec<u8>, Fault> {
    unpack(&read_packed(&folder.join(Name::Whole(whole).to_string()))?, None)
}

/// A compressed file is hardly ever larger than what it holds.
fn read_packed(path: &Path) -> Result<Vec<u8>, Fault> {
    read_at_most(path, zstd_safe::compress_bound(LARGEST_PASS) as u64)
}

fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, Fault> {
    // Opening a pipe would wait for somebody who writes into it.
    if !fs::metadata(path)?.is_file() {
        return Err(Fault::NoFile);
    }
    let file = File::open(path)?;
    let size = file.metadata()?.len().min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or_default());
    file.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Fault::TooLarge { mebibytes: LARGEST_PASS >> 20 });
    }
    Ok(bytes)
}
