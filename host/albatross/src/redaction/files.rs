//! Redacts files and folders.

mod folder;
mod places;

use std::{
    fs,
    path::{Path, PathBuf},
};

use albatross_contract::{Bundle, Snapshot, file};
use albatross_files::write_in_one_step;

use super::{Keep, Mapping, RedactedPass, Redactor, Translation, mapping::Collection};
use crate::{
    error::Error,
    inputs::{Recorded, SideFile, read_side},
    pass::{Makers, Pass},
    replay::{Progress, Trial, UnusableFile},
};

/// The difference of a pass that was recorded by another planner.
const OTHER_PLANNER: &str = "this planner decides differently than the recorded one; redact with the version of albatross that recorded \
                             it, or with its planner (--planner)";

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

/// Redacts a file or a folder. Nothing is written if a plan differs, unless the request allows it.
///
/// # Errors
/// The input cannot be used, the output cannot be written or is a part of the input, or a plan differs.
pub fn redact(request: &Request<'_>, progress: &mut Progress<'_>) -> Result<Redacted, Error> {
    places::check(request.from, request.to, request.mapping)?;
    let makers = request.trial.makers()?;
    let redactor = Redactor::new(request.keep.clone(), &makers)?;
    if request.from.is_dir() {
        return folder::redact(request, &redactor, &makers, progress);
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
    let recorded = Recorded::read(text).map_err(|(_, source)| unreadable(source))?;
    let has_policies = !recorded.snapshot.settings.policies.is_empty();
    let trial = if has_policies { request.trial } else { request.without_policies };
    let replayed = trial.replay(&recorded, &name)?;
    if replayed.is_trial {
        return Err(Error::OtherPolicies { name });
    }
    let plan = &replayed.pass.plan;
    let is_recorded = recorded.has_bytes_of(plan)? || recorded.plan().map_err(unreadable)? == *plan;
    let mut redacted = redactor.pass(&replayed.makers, &replayed.pass, &recorded.results, mapping)?;
    if !is_recorded {
        redacted.difference = Some(OTHER_PLANNER.to_owned());
    }
    Ok(redacted)
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
