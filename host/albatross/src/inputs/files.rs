//! Files of the contract. A file of another kind than a command takes is named as what it is, with the flag or command that
//! takes it.

use std::path::Path;

use albatross_contract::{
    Bundle, Inventory, Plan, RecordedPolicy, Snapshot,
    file::{self, FileContent, FileError, FileKind},
};
use albatross_manifests::Problem;
use albatross_recordings::{Fault, Folder, Unusable, read_file_of};

use super::{
    Recorded,
    bytes::{MOST_OF_A_FILE, read_bytes},
    inventory::check_inventory,
    places::{self, is_in_bucket},
};
use crate::error::Error;

/// What a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Inventory,
    Settings,
    Bundle,
    /// A bundle, or a snapshot alone.
    Recording,
    /// A bundle, a snapshot or a plan.
    Side,
}

impl Expected {
    fn takes(self, kind: FileKind) -> bool {
        match self {
            Expected::Inventory => kind == FileKind::Inventory,
            Expected::Settings => kind == FileKind::Settings,
            Expected::Bundle => kind == FileKind::Bundle,
            Expected::Recording => matches!(kind, FileKind::Bundle | FileKind::Snapshot),
            Expected::Side => matches!(kind, FileKind::Bundle | FileKind::Snapshot | FileKind::Plan),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Expected::Inventory => "an inventory, as `albatross example inventory` prints it,",
            Expected::Settings => "a settings file, as `albatross example settings` prints it,",
            Expected::Bundle => "a bundle, as --record and `albatross snapshot` write it,",
            Expected::Recording => "a bundle, as --record and `albatross snapshot` write it, or a snapshot",
            Expected::Side => {
                "a bundle, as --record and `albatross snapshot` write it, a snapshot, or a plan, as `plan --output json` prints \
                 it,"
            }
        }
    }
}

/// What a file is, and what takes it.
fn words(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Snapshot => "a snapshot, which --snapshot takes",
        FileKind::Inventory => "an inventory, which --cloud takes",
        FileKind::Plan => "a plan, which `diff` takes",
        FileKind::Bundle => "a bundle, which `replay`, `diff` and --snapshot take",
        FileKind::Settings => "a settings file, which --settings takes",
        FileKind::Manifest => "a Kubernetes manifest, which --manifests takes",
    }
}

/// The error for a file that is not of the expected format.
pub(super) fn refused(name: &str, bytes: &[u8], expected: Expected, source: FileError) -> Error {
    match file::kind(bytes).filter(|found| !expected.takes(*found)) {
        Some(found) => {
            Error::OtherFile { name: name.to_owned(), found: words(found), expected: expected.words() }
        }
        None => Error::File { name: name.to_owned(), source },
    }
}

/// The text of a file; a pass of a folder of recordings is unpacked.
fn text(path: &Path) -> Result<Vec<u8>, Error> {
    if is_in_bucket(path) {
        return text_in_bucket(path);
    }
    match albatross_recordings::read_file(path) {
        Some(pass) => Ok(pass?),
        None => read_bytes(path, MOST_OF_A_FILE),
    }
}

fn text_in_bucket(path: &Path) -> Result<Vec<u8>, Error> {
    let unusable = |fault| Error::from(Unusable { path: path.to_owned(), fault });
    let (folder, name) = places::object(path).ok_or_else(|| unusable(Fault::NoFile))?;
    let store = places::store(folder)?;
    if let Some(pass) = read_file_of(&store, path) {
        return Ok(pass?);
    }
    store.read(&name.to_string_lossy(), MOST_OF_A_FILE).map_err(unusable)
}

fn read<T: FileContent>(path: &Path, expected: Expected) -> Result<T, Error> {
    let bytes = text(path)?;
    file::read(&bytes).map_err(|source| refused(&path.display().to_string(), &bytes, expected, source))
}

/// Reads and checks an inventory.
///
/// # Errors
/// A file that is not an inventory, or an inventory that contradicts itself.
pub fn read_inventory(path: &Path) -> Result<Inventory, Error> {
    let inventory = read(path, Expected::Inventory)?;
    check_inventory(&inventory)
        .map_err(|source| Error::Inventory { name: path.display().to_string(), source: Box::new(source) })?;
    Ok(inventory)
}

/// Reads a recorded pass.
///
/// # Errors
/// A file that cannot be read, or is not a bundle.
pub fn read_recorded(path: &Path) -> Result<Recorded, Error> {
    recorded(path, text(path)?)
}

/// Reads a recorded pass of a folder, by one of its files.
///
/// # Errors
/// A file that cannot be read, or is not a bundle.
pub fn read_recorded_of(folder: &Folder, file: &Path) -> Result<Recorded, Error> {
    recorded(file, folder.read(file)?)
}

fn recorded(path: &Path, bytes: Vec<u8>) -> Result<Recorded, Error> {
    // The text is kept in the recorded pass, and only needed again if it is not one.
    Recorded::read(bytes)
        .map_err(|(bytes, source)| refused(&path.display().to_string(), &bytes, Expected::Bundle, source))
}

/// The snapshot of a bundle with the policies that decided, or a snapshot without policies.
///
/// # Errors
/// A file that cannot be read, or is neither of both.
pub fn read_recording(path: &Path) -> Result<(Snapshot, Vec<RecordedPolicy>), Error> {
    let bytes = text(path)?;
    let refused = |source| refused(&path.display().to_string(), &bytes, Expected::Recording, source);
    if file::kind(&bytes) == Some(FileKind::Bundle) {
        let bundle: Bundle = file::read(&bytes).map_err(refused)?;
        return Ok((bundle.snapshot, bundle.policies));
    }
    file::read(&bytes).map(|snapshot| (snapshot, Vec::new())).map_err(refused)
}

/// One of two files that are compared.
pub enum SideFile {
    /// A snapshot with its plan.
    Bundle(Box<Bundle>),
    /// A snapshot alone.
    Snapshot(Box<Snapshot>),
    /// A plan alone.
    Plan(Plan),
}

impl SideFile {
    /// What it is, for people.
    pub const fn words(&self) -> &'static str {
        match self {
            SideFile::Bundle(_) => "a bundle",
            SideFile::Snapshot(_) => "a snapshot",
            SideFile::Plan(_) => "a plan",
        }
    }
}

/// Reads one of two files that are compared.
///
/// # Errors
/// A file that cannot be read, or is of another kind.
pub fn read_side(path: &Path) -> Result<SideFile, Error> {
    let bytes = text(path)?;
    let refused = |source| refused(&path.display().to_string(), &bytes, Expected::Side, source);
    match file::kind(&bytes) {
        Some(FileKind::Plan) => file::read(&bytes).map(SideFile::Plan).map_err(refused),
        Some(FileKind::Snapshot) => {
            file::read(&bytes).map(|it| SideFile::Snapshot(Box::new(it))).map_err(refused)
        }
        _ => file::read(&bytes).map(|it| SideFile::Bundle(Box::new(it))).map_err(refused),
    }
}

/// Says in the problem of a document that it is a file of Albatross: a folder of manifests often contains the inventory and
/// the settings.
pub(super) fn name_kind(problem: &mut Problem) {
    let Ok(bytes) = read_bytes(Path::new(&problem.place.file), albatross_manifests::MAXIMUM_FILE_SIZE) else {
        return;
    };
    if let Some(found) = file::kind(&bytes).filter(|found| *found != FileKind::Manifest) {
        problem.message = format!("this is {}, and not a Kubernetes manifest", words(found));
    }
}
