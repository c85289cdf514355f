//! Redacts files and folders.

use std::{
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    thread,
};

use albatross_contract::{Bundle, Snapshot, file};
use albatross_files::write_in_one_step;
use albatross_recordings::{Bounds, Folder, Recorder, Unusable};

use super::{Keep, Mapping, RedactedPass, Redactor, mapping::Collection};
use crate::{
    error::Error,
    inputs::{Recorded, SideFile, read_side},
    pass::Makers,
    replay::{Progress, Trial, UnusableFile},
};

/// Passes that are read at once, for each thread.
const AT_ONCE: usize = 4;
const NO_BOUNDS: Bounds = Bounds { passes: usize::MAX, bytes: u64::MAX, age: u64::MAX };

/// What is redacted.
pub struct Request<'a> {
    /// A file or a folder.
    pub from: &'a Path,
    /// Where the redacted file or folder goes.
    pub to: &'a Path,
    /// What stays.
    pub keep: Keep,
    /// The planner and the policies of the recording.
    pub trial: &'a Trial,
    /// The planner alone, for passes without policies.
    pub without_policies: &'a Trial,
    /// Whether plans may differ from those of the recording.
    pub allow_differences: bool,
}

/// What came of it.
pub struct Redacted {
    /// Passes, or snapshots, that were redacted.
    pub passes: usize,
    /// Texts that were redacted, by kind.
    pub occurrences: Vec<(&'static str, usize)>,
    /// Passes whose plan differs from the recorded one: the file in the recording and the first difference.
    pub differing: Vec<(PathBuf, String)>,
    /// Files that could not be redacted, and are left out.
    pub unusable: Vec<UnusableFile>,
    /// The pseudonyms.
    pub mapping: Mapping,
}

/// A pass of a folder.
type Read = Result<(PathBuf, Vec<u8>), Unusable>;

/// What is done with a pass: its place among the passes, its file and its text.
type Work<'a, T> = dyn Fn(usize, &Path, Vec<u8>) -> Result<T, UnusableFile> + Sync + 'a;

/// Redacts a file or a folder. Nothing is written if a plan differs, unless the request allows it.
///
/// # Errors
/// The input cannot be used, the output cannot be written or is a part of the input, or a plan differs.
pub fn redact(request: &Request<'_>, progress: &mut Progress<'_>) -> Result<Redacted, Error> {
    check_places(request.from, request.to)?;
    let makers = request.trial.makers()?;
    let redactor = Redactor::new(request.keep.clone(), &makers)?;
    if request.from.is_dir() {
        return redact_folder(request, &redactor, &makers, progress);
    }
    let name = request.from.display().to_string();
    let (redacted, text) = match read_side(request.from)? {
        SideFile::Plan(_) => return Err(Error::PlanAlone { name }),
        SideFile::Snapshot(snapshot) => redact_snapshot(request, &redactor, &makers, &snapshot)?,
        SideFile::Bundle(bundle) => {
            let text = file::write(&*bundle)?;
            let mut collection = Collection::default();
            redactor.collect_components(
                makers.policy_identities().into_iter().map(|(_, it)| it),
                &mut collection,
            );
            redactor.collect(&bundle.snapshot, Some(&bundle.plan), 0, &mut collection)?;
            let (occurrences, mapping) = chosen(collection, &redactor.keep);
            let pass = redact_pass(request, &redactor, &mapping, request.from, text)?;
            (one(request, occurrences, mapping, pass.difference), file::write(&pass.bundle)?)
        }
    };
    refuse(request, &redacted)?;
    write_in_one_step(request.to, &text)
        .map_err(|source| Error::Unwritable { path: request.to.to_owned(), source })?;
    Ok(redacted)
}

fn one(
    request: &Request<'_>,
    occurrences: Vec<(&'static str, usize)>,
    mapping: Mapping,
    difference: Option<String>,
) -> Redacted {
    let differing = difference.into_iter().map(|difference| (request.from.to_owned(), difference)).collect();
    Redacted { passes: 1, occurrences, differing, unusable: Vec::new(), mapping }
}

fn chosen(collection: Collection, keep: &Keep) -> (Vec<(&'static str, usize)>, Mapping) {
    let occurrences = collection.occurrences.iter().map(|(kind, number)| (*kind, *number)).collect();
    (occurrences, Mapping::new(collection, keep))
}

/// A snapshot has no plan: both plans are made now.
fn redact_snapshot(
    request: &Request<'_>,
    redactor: &Redactor,
    makers: &Makers,
    snapshot: &Snapshot,
) -> Result<(Redacted, Vec<u8>), Error> {
    let pass = makers.pass(snapshot.clone())?;
    let mut collection = Collection::default();
    redactor.collect(snapshot, Some(&pass.plan), 0, &mut collection)?;
    redactor.collect_components(makers.policy_identities().into_iter().map(|(_, it)| it), &mut collection);
    let (occurrences, mapping) = chosen(collection, &redactor.keep);
    let redacted = redactor.pass(makers, &pass, &[], &mapping)?;
    let text = file::write(&redactor.snapshot(snapshot, &mapping)?)?;
    Ok((one(request, occurrences, mapping, redacted.difference), text))
}

/// Redacts the text of a bundle.
fn redact_pass(
    request: &Request<'_>,
    redactor: &Redactor,
    mapping: &Mapping,
    path: &Path,
    text: Vec<u8>,
) -> Result<RedactedPass, Error> {
    let name = path.display().to_string();
    let unreadable = |source| Error::File { name: name.clone(), source };
    let results = file::read::<Bundle>(&text).map_err(unreadable)?.results;
    let recorded = Recorded::read(text).map_err(|(_, source)| unreadable(source))?;
    let has_policies = !recorded.snapshot.settings.policies.is_empty();
    let trial = if has_policies { request.trial } else { request.without_policies };
    let replayed = trial.replay(&recorded, &name)?;
    if replayed.is_trial {
        return Err(Error::OtherPolicies { name });
    }
    redactor.pass(&replayed.makers, &replayed.pass, &results, mapping)
}

fn redact_folder(
    request: &Request<'_>,
    redactor: &Redactor,
    makers: &Makers,
    progress: &mut Progress<'_>,
) -> Result<Redacted, Error> {
    let folder = Folder::open(request.from)?;
    if folder.passes() == 0 {
        return Err(Error::NoPasses { path: request.from.to_owned() });
    }
    let mut unusable: Vec<UnusableFile> = Vec::new();
    let mut done = 0;
    let mut collection = Collection::default();
    redactor.collect_components(makers.policy_identities().into_iter().map(|(_, it)| it), &mut collection);
    in_parallel(&folder, &|place, path, text| collect_text(redactor, place, path, &text), &mut |result| {
        match result {
            Ok(found) => collection.merge(found),
            Err(file) => unusable.push(file),
        }
        done += 1;
        progress(done);
        Ok(())
    })?;
    let (occurrences, mapping) = chosen(collection, &redactor.keep);
    let unfinished = unfinished(request.to)?;
    let mut recorder = Recorder::open(&unfinished, NO_BOUNDS)?;
    let mut differing = Vec::new();
    let mut passes = 0;
    let mut failed = Vec::new();
    let written = in_parallel(
        &folder,
        &|_, path, text| {
            let redacted = redact_pass(request, redactor, &mapping, path, text).and_then(|pass| {
                let text = file::write(&pass.bundle)?;
                Ok((path.to_owned(), pass.bundle.snapshot.time, text, pass.difference))
            });
            redacted.map_err(|error| UnusableFile::new(path, &error))
        },
        &mut |result| {
            done += 1;
            progress(done);
            match result {
                Ok((path, time, text, difference)) => {
                    recorder.record(time, &text)?;
                    passes += 1;
                    differing.extend(difference.map(|difference| (path, difference)));
                }
                // Files that cannot be read were noted before.
                Err(file) => failed.push(file),
            }
            Ok(())
        },
    );
    drop(recorder);
    failed.retain(|file: &UnusableFile| unusable.iter().all(|known| known.file != file.file));
    unusable.extend(failed);
    let redacted = Redacted { passes, occurrences, differing, unusable, mapping };
    let ready =
        written.and_then(|()| refuse(request, &redacted)).and_then(|()| some(&redacted)).and_then(|()| {
            fs::rename(&unfinished, request.to)
                .map_err(|source| Error::Unwritable { path: request.to.to_owned(), source })
        });
    if let Err(error) = ready {
        let _ = fs::remove_dir_all(&unfinished);
        return Err(error);
    }
    Ok(redacted)
}

fn collect_text(
    redactor: &Redactor,
    place: usize,
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

/// Works on all passes of a folder on all cores, and takes the results in the order of the passes.
fn in_parallel<T: Send>(
    folder: &Folder,
    work: &Work<'_, T>,
    take: &mut dyn FnMut(Result<T, UnusableFile>) -> Result<(), Error>,
) -> Result<(), Error> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let mut passes = folder.groups().iter().flat_map(|group| group.read()).enumerate();
    loop {
        let read: Vec<(usize, Read)> = passes.by_ref().take(threads * AT_ONCE).collect();
        if read.is_empty() {
            return Ok(());
        }
        let mut shares: Vec<Vec<(usize, Read)>> = Vec::new();
        let mut read = read.into_iter().peekable();
        while read.peek().is_some() {
            shares.push(read.by_ref().take(AT_ONCE).collect());
        }
        let results: Vec<Result<T, UnusableFile>> = thread::scope(|scope| {
            let begun: Vec<_> = shares
                .into_iter()
                .map(|share| {
                    scope.spawn(move || {
                        share.into_iter().map(|(place, read)| one_of(place, read, work)).collect::<Vec<_>>()
                    })
                })
                .collect();
            begun
                .into_iter()
                .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        for result in results {
            take(result)?;
        }
    }
}

fn one_of<T>(place: usize, read: Read, work: &Work<'_, T>) -> Result<T, UnusableFile> {
    match read {
        Ok((path, text)) => work(place, &path, text),
        Err(unusable) => Err(UnusableFile::new(&unusable.path, &unusable.fault)),
    }
}

/// Refuses to write what does not show what the recording shows.
fn refuse(request: &Request<'_>, redacted: &Redacted) -> Result<(), Error> {
    match redacted.differing.first() {
        Some((path, difference)) if !request.allow_differences => Err(Error::RedactedDiffers {
            passes: redacted.differing.len(),
            first: path.clone(),
            difference: difference.clone(),
        }),
        _ => Ok(()),
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

/// The folder that is filled before it gets its name.
fn unfinished(to: &Path) -> Result<PathBuf, Error> {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let path = to.with_file_name(format!(".{name}.unfinished"));
    if path.exists() {
        fs::remove_dir_all(&path).map_err(|source| Error::Unwritable { path: path.clone(), source })?;
    }
    Ok(path)
}

/// The output is neither the input nor in it, and no folder that holds something.
fn check_places(from: &Path, to: &Path) -> Result<(), Error> {
    let refused = |problem| Err(Error::RedactedPlace { path: to.to_owned(), problem });
    let Some(name) = to.file_name() else { return refused("has no name: name a new file or folder") };
    let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = |path: &Path| {
        fs::canonicalize(path).map_err(|source| Error::Unreadable { path: path.to_owned(), source })
    };
    let source = real(from)?;
    let target = fs::canonicalize(to).or_else(|_| real(parent).map(|parent| parent.join(name)))?;
    if target == source {
        return refused("is the input: name another file or folder");
    }
    if target.starts_with(&source) {
        return refused("is inside the input: name a place outside");
    }
    if from.is_dir() && target.exists() {
        return refused("exists: name a new folder");
    }
    if target.is_dir() {
        return refused("is a folder: name a file");
    }
    Ok(())
}
