//! What is in a folder.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Directory, Group, Name, PassId, Store,
    error::{Fault, FolderError, Unusable},
    group::LARGEST_PLAIN,
};

/// The passes of a folder in their groups, oldest first.
#[derive(Debug)]
pub struct Folder {
    store: Arc<dyn Store>,
    groups: Vec<Group>,
    others: Vec<Unusable>,
}

impl Folder {
    /// Lists a folder of this machine, as [`Folder::of`].
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn open(path: &Path) -> Result<Folder, FolderError> {
        Folder::of(Arc::new(Directory::new(path)))
    }

    /// Lists a folder. Files that end in `.json` are passes that are not compressed. Hidden files are left out: a pass that is
    /// being written is one.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn of(store: Arc<dyn Store>) -> Result<Folder, FolderError> {
        let place = store.place();
        let listed =
            store.list().map_err(|source| FolderError::Unreadable { path: place.to_owned(), source })?;
        let mut packed = BTreeMap::new();
        let mut plain = Vec::new();
        let mut others = Vec::new();
        for file in listed {
            match Name::parse(&file.name) {
                Some(name) => packed
                    .entry(name.whole())
                    .or_insert_with(|| Group::packed(Arc::clone(&store), name.whole()))
                    .add(name, file.bytes),
                None if file.name.starts_with('.') => {}
                None if file.name.ends_with(".json") => plain.push(file),
                None => others.push(Unusable::new(place.join(&file.name), Fault::OtherFile)),
            }
        }
        plain.sort_by(|one, other| one.name.cmp(&other.name));
        others.sort_by(|one, other| one.path.cmp(&other.path));
        let plain = plain.into_iter().map(|file| Group::plain(Arc::clone(&store), file));
        let groups = plain.chain(packed.into_values()).collect();
        Ok(Folder { store, groups, others })
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// Keeps only some of the groups.
    pub fn retain(&mut self, keeps: impl FnMut(&Group) -> bool) {
        self.groups.retain(keeps);
    }

    /// The files of all passes, oldest first, as far as their names say. A file whose name has no time comes first.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<(PassId, PathBuf)> = self.groups.iter().flat_map(Group::dated).collect();
        files.sort();
        files.into_iter().map(|(_, file)| file).collect()
    }

    /// The pass in one of the [files](Folder::files).
    ///
    /// # Errors
    /// The file, or the whole pass that it builds upon, cannot be used.
    pub fn read(&self, file: &Path) -> Result<Vec<u8>, Unusable> {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        match Name::parse(&name) {
            Some(name) => read_one(&self.store, name),
            None => self.store.read(&name, LARGEST_PLAIN).map_err(|fault| Unusable::new(file, fault)),
        }
    }

    /// Files that are not passes.
    pub fn others(&self) -> &[Unusable] {
        &self.others
    }

    /// How many passes there are, as far as the names say.
    pub fn passes(&self) -> usize {
        self.groups.iter().map(Group::len).sum()
    }
}

/// The pass in one file of this machine, which a person names. `None`: its name is not that of a recorded pass.
///
/// # Errors
/// The file, or the whole pass that it builds upon and that must be in the same folder, cannot be used.
pub fn read_file(path: &Path) -> Option<Result<Vec<u8>, Unusable>> {
    let store: Arc<dyn Store> = Arc::new(Directory::new(path.parent().unwrap_or(Path::new(""))));
    read_file_of(&store, path)
}

/// As [`read_file`], for a file of this store.
///
/// # Errors
/// The file, or the whole pass that it builds upon, cannot be used.
pub fn read_file_of(store: &Arc<dyn Store>, path: &Path) -> Option<Result<Vec<u8>, Unusable>> {
    let name = Name::parse(path.file_name()?.to_str()?)?;
    Some(read_one(store, name))
}

fn read_one(store: &Arc<dyn Store>, name: Name) -> Result<Vec<u8>, Unusable> {
    let mut group = Group::packed(Arc::clone(store), name.whole());
    group.add(name, 0);
    match group.read().next() {
        Some(read) => read.map(|(_, bytes): (PathBuf, Vec<u8>)| bytes),
        None => Err(Unusable::new(store.place().join(name.to_string()), Fault::OtherFile)),
    }
}
