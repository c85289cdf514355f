//! Where recordings are: a folder of this machine, or a place in a bucket of S3.

use std::{ffi::OsStr, path::Path, sync::Arc};

use albatross_recordings::{Directory, Folder, Name, Store};

use crate::error::Error;

/// What the address of a place in a bucket begins with. One slash too few is an error in an address, and not the name of a folder:
/// `./s3:` is one.
const BUCKET: &str = "s3:";

/// Whether a path is the address of a place in a bucket, which may have errors.
pub fn is_in_bucket(path: &Path) -> bool {
    path.as_os_str()
        .as_encoded_bytes()
        .get(..BUCKET.len())
        .is_some_and(|begin| begin.eq_ignore_ascii_case(BUCKET.as_bytes()))
}

/// The folder of an object, and its name. `None`: the address names a bucket, but no object.
pub fn object(path: &Path) -> Option<(&Path, &OsStr)> {
    // `s3:` and the bucket, which cannot be without the object.
    let folder = path.parent().filter(|folder| folder.components().count() > 1)?;
    Some((folder, path.file_name()?))
}

/// Whether a path is a folder of recordings, and not a single file.
pub fn is_folder(path: &Path) -> bool {
    if !is_in_bucket(path) {
        return path.is_dir();
    }
    // In a bucket, a folder is only what the names of objects begin with.
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    Name::parse(name).is_none() && !name.ends_with(".json")
}

/// The recordings at a path or an address.
///
/// # Errors
/// They cannot be listed.
pub fn open_folder(path: &Path) -> Result<Folder, Error> {
    Ok(Folder::of(store(path)?)?)
}

/// The place at a path or an address, which is not asked yet.
///
/// # Errors
/// The address is none, or there are no credentials for it, or this program was built without AWS.
pub fn store(path: &Path) -> Result<Arc<dyn Store>, Error> {
    if is_in_bucket(path) { bucket(path) } else { Ok(Arc::new(Directory::new(path))) }
}

#[cfg(feature = "live")]
fn bucket(path: &Path) -> Result<Arc<dyn Store>, Error> {
    crate::live::buckets::open(&path.to_string_lossy())
}

#[cfg(not(feature = "live"))]
fn bucket(path: &Path) -> Result<Arc<dyn Store>, Error> {
    Err(Error::NoBuckets { address: path.display().to_string() })
}
