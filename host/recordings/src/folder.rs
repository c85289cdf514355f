//! What is in a folder.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Group, Name, PassId,
    error::{Fault, FolderError, Unusable},
};

/// The passes of a folder in their groups, oldest first.
#[derive(Debug)]
pub struct Folder {
    groups: Vec<Group>,
    others: Vec<Unusable>,
}

impl Folder {
    /// Lists a folder. Files that end in `.json` are passes that are not compressed. Hidden files are left out: a pass that is
    /// being written is one.
    ///
    /// # Errors
    /// The folder cannot be read.
    pub fn open(path: &Path) -> Result<Folder, FolderError> {
        let unreadable = |source| FolderError::Unreadable { path: path.to_owned(), source };
        let mut packed = BTreeMap::new();
        let mut plain = Vec::new();
        let mut others = Vec::new();
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let file = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            match Name::parse(&name) {
                Some(name) => {
                    packed.entry(name.whole()).or_insert_with(|| Group::packed(path, name.whole())).add(name);
                }
                None if name.starts_with('.') => {}
                None if name.ends_with(".json") => plain.push(file),
                None => others.push(Unusable::new(file, Fault::OtherFile)),
            }
        }
        plain.sort();
        others.sort_by(|one, other| one.path.cmp(&other.path));
        let groups = plain.into_iter().map(Group::plain).chain(packed.into_values()).collect();
        Ok(Folder { groups, others })
    }

    /// The groups.
    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The files of all passes, oldest first, as far as their names say. A file whose name has no time comes first.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files: Vec<(PassId, PathBuf)> = self.groups.iter().flat_map(Group::dated).collect();
        files.sort();
        files.into_iter().map(|(_, file)| file).collect()
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

/// The pass in one file, which a person names. `None`: its name is not that of a recorded pass.
///
/// # Errors
/// The file, or the whole pass that it builds upon and that must be in the same folder, cannot be used.
pub fn read_file(path: &Path) -> Option<Result<Vec<u8>, Unusable>> {
    let name = Name::parse(path.file_name()?.to_str()?)?;
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut group = Group::packed(&folder, name.whole());
    group.add(name);
    let read = group.read().next()?;
    Some(read.map(|(_, bytes): (PathBuf, Vec<u8>)| bytes))
}
