//! Redacts a folder: all of it is read first, since the pseudonyms are in the order of what they stand for.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use albatross_contract::{Bundle, Timestamp, file};
use albatross_recordings::{Copy, Folder, FolderError, Group, GroupCopy, PassId, Unusable};

use super::{Redacted, Request, chosen, finish, original, places, redact_pass, refuse};
use crate::{
    error::Error,
    pass::Makers,
    redaction::{Mapping, Redactor, mapping::Collection},
    replay::{Progress, Taken, UnusableFile, each_group},
};

/// A redacted pass that was written: its file in the recording, and the first difference of its plan.
type Written = Result<(PathBuf, Option<String>), UnusableFile>;

/// Redacts a folder.
///
/// # Errors
/// Those of [`super::redact`].
pub(super) fn redact(
    request: &Request<'_>,
    redactor: &Redactor,
    makers: &Makers,
    progress: &mut Progress<'_>,
) -> Result<Redacted, Error> {
    let folder = Folder::open(request.from)?;
    if folder.passes() == 0 {
        return Err(Error::NoPasses { path: request.from.to_owned() });
    }
    let mut collection = Collection::default();
    redactor.collect_components(makers, &mut collection);
    let unusable = collect(&folder, redactor, &mut collection, progress)?;
    let (occurrences, mapping) = chosen(collection, &redactor.keep);
    let of_policies = redactor.of_policies.clone();
    let mut redacted =
        Redacted { passes: 0, occurrences, differing: Vec::new(), unusable, of_policies, mapping };
    let unfinished = places::unfinished(request.to);
    let ready = write((request, redactor), &folder, &unfinished, &mut redacted, progress)
        .and_then(|()| refuse(request, &redacted))
        .and_then(|()| some(&redacted))
        .and_then(|()| finish(request, &redacted, &|| fs::rename(&unfinished, request.to)));
    if let Err(error) = ready {
        let _ = fs::remove_dir_all(&unfinished);
        return Err(error);
    }
    Ok(redacted)
}

/// Collects what has to be redacted. Returns the files that cannot be used, in order.
fn collect(
    folder: &Folder,
    redactor: &Redactor,
    collection: &mut Collection,
    progress: &mut Progress<'_>,
) -> Result<Vec<UnusableFile>, Error> {
    let mut unusable: Vec<UnusableFile> = Vec::new();
    let mut done = 0;
    each_group(
        folder,
        &|first, group, give| {
            for (place, read) in (first..).zip(group.read()) {
                let collected = match read {
                    Ok((path, text)) => collect_text(redactor, place, &path, &text),
                    Err(unusable) => Err(unreadable(&unusable)),
                };
                if give(collected) == Taken::NotAnyMore {
                    return;
                }
            }
        },
        &mut |collected| {
            match collected {
                Ok(found) => collection.merge(found),
                Err(file) => unusable.push(file),
            }
            done += 1;
            progress(done);
            Ok::<(), Error>(())
        },
    )?;
    unusable.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(unusable)
}

fn collect_text(
    redactor: &Redactor,
    place: u32,
    path: &Path,
    text: &[u8],
) -> Result<Collection, UnusableFile> {
    let unusable = |error: &Error| UnusableFile::new(path, error);
    let name = path.display().to_string();
    let bundle: Bundle = file::read(text).map_err(|source| unusable(&Error::File { name, source }))?;
    let mut collection = Collection::default();
    redactor
        .collect(&bundle.snapshot, Some(&bundle.plan), place, &mut collection)
        .map_err(|error| unusable(&error))?;
    Ok(collection)
}

fn unreadable(Unusable { path, fault }: &Unusable) -> UnusableFile {
    UnusableFile::new(path, fault)
}

/// Writes the redacted passes into a new folder.
fn write(
    (request, redactor): (&Request<'_>, &Redactor),
    folder: &Folder,
    to: &Path,
    redacted: &mut Redacted,
    progress: &mut Progress<'_>,
) -> Result<(), Error> {
    let copy = Copy::create(to)?;
    // What was not collected is not redacted.
    let left_out: BTreeSet<String> = redacted.unusable.iter().map(|file| file.file.clone()).collect();
    let mut done = folder.passes();
    let Redacted { passes, differing, unusable, mapping, .. } = redacted;
    let redaction = (request, redactor, &*mapping);
    let written = each_group(
        folder,
        &|first, group, give| write_group(redaction, (first, group), &left_out, copy.group(), give),
        &mut |written| {
            match written? {
                Ok((path, difference)) => {
                    *passes += 1;
                    differing.extend(difference.map(|difference| (path, difference)));
                }
                Err(file) => unusable.push(file),
            }
            done += 1;
            progress(done);
            Ok(())
        },
    );
    differing.sort();
    unusable.sort_by(|one, other| one.file.cmp(&other.file));
    written.map_err(|error: FolderError| error.into())
}

/// Writes a redacted group.
fn write_group(
    (request, redactor, mapping): (&Request<'_>, &Redactor, &Mapping),
    (first, group): (u32, &Group),
    left_out: &BTreeSet<String>,
    mut copy: GroupCopy<'_>,
    give: &mut dyn FnMut(Result<Written, FolderError>) -> Taken,
) {
    let redacted = |path: &Path, text| -> Result<(Timestamp, Vec<u8>, Option<String>), Error> {
        let pass = redact_pass(request, redactor, mapping, path, text)?;
        let difference = pass.difference.map(|difference| original(&difference, mapping));
        Ok((pass.bundle.snapshot.time, file::write(&pass.bundle)?, difference))
    };
    for (number, read) in (first..).zip(group.read()) {
        let Ok((path, text)) = read else { continue };
        if left_out.contains(&path.display().to_string()) {
            continue;
        }
        let written = match redacted(&path, text) {
            // The names of files of the recording may be names that are redacted.
            Ok((time, text, difference)) => {
                copy.write(PassId { time, number }, text).map(|()| Ok((path, difference)))
            }
            Err(error) => Ok(Err(UnusableFile::new(&path, &error))),
        };
        if give(written) == Taken::NotAnyMore {
            return;
        }
    }
}

/// A folder in which no pass can be redacted is not worth writing.
fn some(redacted: &Redacted) -> Result<(), Error> {
    match redacted.unusable.first() {
        Some(UnusableFile { file, message }) if redacted.passes == 0 => {
            Err(Error::NothingRedacted { file: file.clone(), message: message.clone() })
        }
        _ => Ok(()),
    }
}
