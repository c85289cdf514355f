//! Redacts files and folders.

mod places;

use std::{
    collections::BTreeSet,
    fs,
    num::NonZero,
    path::{Path, PathBuf},
    thread,
};

use albatross_contract::{Bundle, Snapshot, file};
use albatross_files::write_in_one_step;
use albatross_recordings::{Bounds, Folder, Recorder, Unusable};

use super::{Keep, Mapping, RedactedPass, Redactor, Translation, mapping::Collection};
use crate::{
    error::Error,
    inputs::{Recorded, SideFile, read_side},
    pass::{Makers, Pass},
    replay::{Progress, Trial, UnusableFile},
};

/// Passes that are read at once, for each thread.
const AT_ONCE: usize = 4;
/// The difference of a pass that was recorded by another planner.
const OTHER_PLANNER: &str = "this planner decides differently than the recorded one; redact with the version of albatross that recorded \
                             it, or with its planner (--planner)";
const NO_BOUNDS: Bounds = Bounds { passes: usize::MAX, bytes: u64::MAX, age: u64::MAX };

/// What is redacted.
pub struct Request<'a> {
    /// A file or a folder.
    pub from: &'a Path,
    /// Where the redacted file or folder goes.
    pub to: &'a Path,
    /// Where the secret goes: what the pseudonyms stand for.
    pub mapping: Option<&'a Path>,
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
    /// Words that stay since a policy defines them as names or values of its settings.
    pub of_policies: Vec<String>,
    mapping: Mapping,
}

/// Texts by kind, and the pseudonyms.
type Chosen = (Vec<(&'static str, usize)>, Mapping);

/// A pass of a folder.
type Read = Result<(PathBuf, Vec<u8>), Unusable>;

/// What is done with a pass: its place among the passes, its file and its text.
type Work<'a, T> = dyn Fn(usize, &Path, Vec<u8>) -> Result<T, UnusableFile> + Sync + 'a;

/// Redacts a file or a folder. Nothing is written if a plan differs, unless the request allows it.
///
/// # Errors
/// The input cannot be used, the output cannot be written or is a part of the input, or a plan differs.
pub fn redact(request: &Request<'_>, progress: &mut Progress<'_>) -> Result<Redacted, Error> {
    places::check(request.from, request.to, request.mapping)?;
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
            redactor.collect_components(&makers, &mut collection);
            redactor.collect(&bundle.snapshot, Some(&bundle.plan), 0, &mut collection)?;
            let (occurrences, mapping) = chosen(collection, &redactor.keep);
            let pass = redact_pass(request, &redactor, &mapping, request.from, text)?;
            (one(request, &redactor, (occurrences, mapping), pass.difference), file::write(&pass.bundle)?)
        }
    };
    refuse(request, &redacted)?;
    finish(request, &redacted, &|| write_in_one_step(request.to, &text))?;
    Ok(redacted)
}

/// Redacts a pass that was made a moment ago by the same planner and policies.
///
/// # Errors
/// The pass has a text that cannot be redacted, or the planner decides differently for the redacted pass.
pub fn redact_one(makers: &Makers, pass: &Pass) -> Result<Bundle, Error> {
    let redactor = Redactor::new(Keep::default(), makers)?;
    let mut collection = Collection::default();
    redactor.collect_components(makers, &mut collection);
    redactor.collect(&pass.snapshot, Some(&pass.plan), 0, &mut collection)?;
    let mapping = Mapping::new(collection, &redactor.keep);
    let redacted = redactor.pass(makers, pass, &[], &mapping)?;
    match redacted.difference {
        Some(difference) => Err(Error::SupportDiffers { difference: original(&difference, &mapping) }),
        None => Ok(redacted.bundle),
    }
}

/// Writes the secret, and then the rest: a copy without its secret would have to be made again.
fn finish(
    request: &Request<'_>,
    redacted: &Redacted,
    write: &dyn Fn() -> std::io::Result<()>,
) -> Result<(), Error> {
    if let Some(path) = request.mapping {
        Translation::new(&redacted.mapping).write(path)?;
    }
    write().map_err(|source| {
        // It is ours: it was a new file.
        let _ = request.mapping.map(fs::remove_file);
        Error::Unwritable { path: request.to.to_owned(), source }
    })
}

fn one(
    request: &Request<'_>,
    redactor: &Redactor,
    (occurrences, mapping): Chosen,
    difference: Option<String>,
) -> Redacted {
    let difference = difference.map(|difference| original(&difference, &mapping));
    let differing = difference.into_iter().map(|difference| (request.from.to_owned(), difference)).collect();
    let of_policies = redactor.of_policies.clone();
    Redacted { passes: 1, occurrences, differing, unusable: Vec::new(), of_policies, mapping }
}

/// A difference with the names of the recording: it is for its owner.
fn original(difference: &str, mapping: &Mapping) -> String {
    Translation::new(mapping).back(difference)
}

fn chosen(collection: Collection, keep: &Keep) -> Chosen {
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
    redactor.collect_components(makers, &mut collection);
    let (occurrences, mapping) = chosen(collection, &redactor.keep);
    let redacted = redactor.pass(makers, &pass, &[], &mapping)?;
    let text = file::write(&redactor.snapshot(snapshot, &mapping)?)?;
    Ok((one(request, redactor, (occurrences, mapping), redacted.difference), text))
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
    let Bundle { plan, results, .. } = file::read(&text).map_err(unreadable)?;
    let recorded = Recorded::read(text).map_err(|(_, source)| unreadable(source))?;
    let has_policies = !recorded.snapshot.settings.policies.is_empty();
    let trial = if has_policies { request.trial } else { request.without_policies };
    let replayed = trial.replay(&recorded, &name)?;
    if replayed.is_trial {
        return Err(Error::OtherPolicies { name });
    }
    let mut redacted = redactor.pass(&replayed.makers, &replayed.pass, &results, mapping)?;
    if replayed.pass.plan != plan {
        redacted.difference = Some(OTHER_PLANNER.to_owned());
    }
    Ok(redacted)
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
    redactor.collect_components(makers, &mut collection);
    let none = BTreeSet::new();
    in_parallel(
        (&folder, &none),
        &|place, path, text| collect_text(redactor, place, path, &text),
        &mut |result| {
            match result {
                Ok(found) => collection.merge(found),
                Err(file) => unusable.push(file),
            }
            done += 1;
            progress(done);
            Ok(())
        },
    )?;
    let (occurrences, mapping) = chosen(collection, &redactor.keep);
    let unfinished = places::unfinished(request.to);
    // What was not collected is not redacted.
    let left_out = unusable.iter().map(|file| file.file.clone()).collect();
    let mut recorder = Recorder::open(&unfinished, NO_BOUNDS)?;
    let mut differing = Vec::new();
    let mut passes = 0;
    let written = in_parallel(
        (&folder, &left_out),
        &|_, path, text| {
            let redacted = redact_pass(request, redactor, &mapping, path, text).and_then(|pass| {
                let text = file::write(&pass.bundle)?;
                let difference = pass.difference.map(|difference| original(&difference, &mapping));
                Ok((path.to_owned(), pass.bundle.snapshot.time, text, difference))
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
                Err(file) => unusable.push(file),
            }
            Ok(())
        },
    );
    drop(recorder);
    let of_policies = redactor.of_policies.clone();
    let redacted = Redacted { passes, occurrences, differing, unusable, of_policies, mapping };
    let ready = written
        .and_then(|()| refuse(request, &redacted))
        .and_then(|()| some(&redacted))
        .and_then(|()| finish(request, &redacted, &|| fs::rename(&unfinished, request.to)));
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

/// Works on all passes of a folder on all cores, apart from files that are left out, and takes the results in the order of the
/// passes.
fn in_parallel<T: Send>(
    (folder, left_out): (&Folder, &BTreeSet<String>),
    work: &Work<'_, T>,
    take: &mut dyn FnMut(Result<T, UnusableFile>) -> Result<(), Error>,
) -> Result<(), Error> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let is_left_out = |read: &Read| {
        let path = match read {
            Ok((path, _)) => path,
            Err(unusable) => &unusable.path,
        };
        left_out.contains(&path.display().to_string())
    };
    let passes = folder.groups().iter().flat_map(|group| group.read()).enumerate();
    let mut passes = passes.filter(|(_, read)| !is_left_out(read));
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
