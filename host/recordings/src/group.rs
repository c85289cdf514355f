//! A group: a whole pass and the differences that build upon it.

use std::{
    collections::{BTreeMap, btree_map},
    io,
    path::PathBuf,
    sync::Arc,
};

use crate::{
    LARGEST_PASS, Name, PassId,
    error::{Fault, Unusable},
    packed::unpack,
    store::{Reads, Store, Stored},
};

/// The most bytes of a pass that is not compressed.
pub(crate) const LARGEST_PLAIN: u64 = LARGEST_PASS as u64;

/// A whole pass and the differences that build upon it, or a pass in a file of its own that is not compressed.
#[derive(Clone, Debug)]
pub struct Group {
    store: Arc<dyn Store>,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    /// An uncompressed file.
    Plain(Stored),
    /// The whole pass, and its files with their sizes in their order.
    Packed { whole: PassId, files: BTreeMap<PassId, (Name, u64)> },
}

impl Group {
    pub(crate) fn plain(store: Arc<dyn Store>, file: Stored) -> Group {
        Group { store, content: Content::Plain(file) }
    }

    pub(crate) fn packed(store: Arc<dyn Store>, whole: PassId) -> Group {
        Group { store, content: Content::Packed { whole, files: BTreeMap::new() } }
    }

    pub(crate) fn add(&mut self, name: Name, bytes: u64) {
        if let Content::Packed { files, .. } = &mut self.content {
            files.insert(name.pass(), (name, bytes));
        }
    }

    /// The name that no other group of the folder has: that of its whole pass, which may be missing, or of its only file.
    pub fn name(&self) -> String {
        match &self.content {
            Content::Plain(file) => file.name.clone(),
            Content::Packed { whole, .. } => Name::Whole(*whole).to_string(),
        }
    }

    /// Its whole pass, which may be missing. `None`: it is a file that is not compressed.
    pub fn whole(&self) -> Option<PassId> {
        match &self.content {
            Content::Plain(_) => None,
            Content::Packed { whole, .. } => Some(*whole),
        }
    }

    /// The largest number of its passes.
    pub(crate) fn last_number(&self) -> Option<u32> {
        match &self.content {
            Content::Plain(_) => None,
            Content::Packed { files, .. } => files.keys().map(|pass| pass.number).max(),
        }
    }

    /// The time in the name that older versions gave a file: `pass-1795253400.json`, or `pass-1795253400-1.json` for a second
    /// pass in that second. `None`: it has another name.
    pub(crate) fn time_of_older_version(&self) -> Option<u64> {
        let Content::Plain(file) = &self.content else { return None };
        let name = file.name.strip_prefix("pass-")?.strip_suffix(".json")?;
        let (time, more) = name.split_once('-').unwrap_or((name, "0"));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty();
        if time.len() < 10 || !is_number(more) || !is_number(time) {
            return None;
        }
        time.parse().ok()
    }

    /// Its files with their sizes, oldest first.
    pub fn files(&self) -> Vec<Stored> {
        match &self.content {
            Content::Plain(file) => vec![file.clone()],
            Content::Packed { files, .. } => {
                let stored = |(name, bytes): &(Name, u64)| Stored { name: name.to_string(), bytes: *bytes };
                files.values().map(stored).collect()
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.store.place().join(name)
    }

    /// Its files with what their names say.
    pub(crate) fn dated(&self) -> Vec<(PassId, PathBuf)> {
        match &self.content {
            Content::Plain(file) => {
                let time = self.time_of_older_version().unwrap_or_default();
                vec![(PassId { time, number: 0 }, self.path(&file.name))]
            }
            Content::Packed { files, .. } => {
                files.iter().map(|(pass, (name, _))| (*pass, self.path(&name.to_string()))).collect()
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
        let (plain, base, files) = match &self.content {
            Content::Plain(file) => (Some(file.name.as_str()), None, None),
            Content::Packed { whole, files } => (None, Some((*whole, Base::Unread)), Some(files.values())),
        };
        Reading { group: self, plain, base, files, differences: None }
    }
}

/// Reads the passes of a group, and keeps the whole pass meanwhile.
pub struct Reading<'a> {
    group: &'a Group,
    plain: Option<&'a str>,
    base: Option<(PassId, Base)>,
    files: Option<btree_map::Values<'a, PassId, (Name, u64)>>,
    /// The compressed differences, from the first one that has a whole pass.
    differences: Option<Reads<'a>>,
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
        let (path, read) = match self.plain.take() {
            Some(name) => (self.group.path(name), self.group.store.read(name, LARGEST_PLAIN)),
            None => {
                let (name, _) = *self.files.as_mut()?.next()?;
                (self.group.path(&name.to_string()), self.unpack(name))
            }
        };
        Some(match read {
            Ok(bytes) => Ok((path, bytes)),
            Err(fault) => Err(Unusable::new(path, fault)),
        })
    }
}

impl Reading<'_> {
    fn unpack(&mut self, name: Name) -> Result<Vec<u8>, Fault> {
        let store = &self.group.store;
        let Some((whole, state)) = &mut self.base else { return Err(Fault::OtherFile) };
        if matches!(state, Base::Unread) {
            *state = match read_whole(store.as_ref(), *whole) {
                Ok(bytes) => Base::Read(bytes),
                Err(Fault::Unreadable(source)) if source.kind() == io::ErrorKind::NotFound => Base::Missing,
                // The whole pass itself is read again below, and says what is wrong with it.
                Err(_) => Base::Unusable,
            };
        }
        let Name::Difference { base, .. } = name else {
            return match state {
                Base::Read(bytes) => Ok(bytes.clone()),
                _ => read_whole(store.as_ref(), *whole),
            };
        };
        match state {
            Base::Read(bytes) => {
                let differences = match &mut self.differences {
                    Some(differences) => differences,
                    none => {
                        let later = self.files.clone().into_iter().flatten().map(|(name, _)| *name);
                        let names = std::iter::once(name).chain(later).filter(is_difference);
                        let names = names.map(|name| name.to_string()).collect();
                        none.insert(store.read_each(names, largest_packed()))
                    }
                };
                let packed = differences.next().unwrap_or(Err(Fault::OtherFile))?;
                unpack(&packed, Some(bytes))
            }
            Base::Missing => Err(Fault::BaseMissing { base }),
            Base::Unusable | Base::Unread => Err(Fault::BaseUnusable { base }),
        }
    }
}

fn is_difference(name: &Name) -> bool {
    matches!(name, Name::Difference { .. })
}

/// The most bytes of a compressed file: it is hardly ever larger than what it holds.
fn largest_packed() -> u64 {
    zstd_safe::compress_bound(LARGEST_PASS) as u64
}

/// Reads a whole pass.
pub(crate) fn read_whole(store: &dyn Store, whole: PassId) -> Result<Vec<u8>, Fault> {
    unpack(&store.read(&Name::Whole(whole).to_string(), largest_packed())?, None)
}
