//! Writes a copy of a folder, group by group.

use std::{path::Path, sync::Arc};

use crate::{
    Directory, LARGEST_PASS, Lock, Name, PassId, Store,
    error::{Fault, FolderError},
    packed::pack,
};

/// A folder that gets the passes of another one, changed. Several threads may write to it, each one to a group of its own.
#[derive(Debug)]
pub struct Copy {
    store: Arc<dyn Store>,
    _lock: Lock,
}

/// A group of the copy. The first pass that is written is its whole pass.
#[derive(Debug)]
pub struct GroupCopy<'a> {
    copy: &'a Copy,
    /// The whole pass, which all others build upon.
    whole: Option<(PassId, Vec<u8>)>,
}

impl Copy {
    /// Creates a folder.
    ///
    /// # Errors
    /// It cannot be created, or another process records into it.
    pub fn create(folder: &Path) -> Result<Copy, FolderError> {
        let store: Arc<dyn Store> = Arc::new(Directory::new(folder));
        let lock = store.take()?;
        Ok(Copy { store, _lock: lock })
    }

    /// Begins a group.
    pub fn group(&self) -> GroupCopy<'_> {
        GroupCopy { copy: self, whole: None }
    }
}

impl GroupCopy<'_> {
    /// Writes a pass. No other pass of the copy has its id.
    ///
    /// # Errors
    /// The folder cannot be written to, or the pass is larger than any that is read again.
    pub fn write(&mut self, pass: PassId, bytes: Vec<u8>) -> Result<(), FolderError> {
        if bytes.len() > LARGEST_PASS {
            return Err(Fault::TooLarge { mebibytes: LARGEST_PASS >> 20 }.into());
        }
        let (name, packed) = match &self.whole {
            Some((base, whole)) => (Name::Difference { pass, base: *base }, pack(&bytes, Some(whole))?),
            None => (Name::Whole(pass), pack(&bytes, None)?),
        };
        let store = self.copy.store.as_ref();
        store
            .write(&name.to_string(), &packed)
            .map_err(|source| FolderError::Unwritable { path: store.place().to_owned(), source })?;
        self.whole.get_or_insert((pass, bytes));
        Ok(())
    }
}
