//! `albatross redact`: recorded passes without account ids, names, hosts and addresses.

use std::{io::Read, path::Path, time::Instant};

use albatross_contract::Allowances;
use albatross_recordings::Folder;
use serde::Serialize;

use super::{
    Verdict, arguments::OutputFormat, console::Console, redact_arguments::RedactArguments,
    replay_folder::write_unusable,
};
use crate::{
    error::Error,
    inputs::{MOST_OF_A_FILE, read_bytes, read_standard_input},
    json,
    redaction::{Keep, Redacted, Request, Translation, redact},
    render::{history, redaction},
    replay::{Components, Trial, UnusableFile},
};

/// What was redacted, for programs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Redaction<'a> {
    /// How many passes or snapshots.
    passes: usize,
    /// Texts that were redacted, by what they are.
    redacted: Vec<Counted>,
    /// Passes whose plan is not the redacted plan of the recording.
    differing: Vec<Differing<'a>>,
    /// Files that were left out.
    unusable: &'a [UnusableFile],
}

#[derive(Serialize)]
struct Counted {
    kind: &'static str,
    number: usize,
}

#[derive(Serialize)]
struct Differing<'a> {
    file: String,
    difference: &'a str,
}

/// Runs the command.
///
/// # Errors
/// The input cannot be used, the output cannot be written, or a plan would be another one.
pub fn run(
    arguments: &RedactArguments,
    standard_input: &mut impl Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    if let Some(mapping) = &arguments.translate_back {
        return translate_back(&arguments.from, mapping, standard_input, console);
    }
    let policies = arguments.components.policies(&mut |message| console.warning(message))?;
    let trial = |policies| {
        let components = Components::new(arguments.components.planner.clone(), policies);
        Trial::new(components, None, Allowances::default())
    };
    let (trial, without_policies) = (trial(policies)?, trial(Vec::new())?);
    let is_folder = arguments.from.is_dir();
    let passes = if is_folder { passes(&arguments.from, console)? } else { 1 };
    let keep = Keep { kinds: arguments.keep.iter().copied().collect(), words: arguments.keep_word.clone() };
    let to = arguments.to.clone().unwrap_or_default();
    let request = Request {
        from: &arguments.from,
        to: &to,
        mapping: arguments.mapping.as_deref(),
        keep,
        trial: &trial,
        without_policies: &without_policies,
        allow_differences: arguments.allow_differences,
    };
    let begin = Instant::now();
    // A folder is read twice.
    let redacted = redact(&request, &mut |done| {
        if let Some(style) = console.progress_style().filter(|_| is_folder) {
            console.progress(&history::progress(done, 2 * passes, begin.elapsed(), style));
        }
    });
    console.progress("");
    tell(&redacted?, &to, arguments, console)
}

fn tell(
    redacted: &Redacted,
    to: &Path,
    arguments: &RedactArguments,
    console: &mut Console,
) -> Result<Verdict, Error> {
    match arguments.output.output {
        OutputFormat::Json => {
            let counted = redacted.occurrences.iter().map(|(kind, number)| Counted { kind, number: *number });
            let differing = redacted.differing.iter();
            let differing = differing
                .map(|(file, difference)| Differing { file: file.display().to_string(), difference });
            let redaction = Redaction {
                passes: redacted.passes,
                redacted: counted.collect(),
                differing: differing.collect(),
                unusable: &redacted.unusable,
            };
            console.write_json(&json::write("redaction", &redaction)?);
        }
        OutputFormat::Text => {
            console.write(&redaction::summary(redacted, to, &arguments.keep, &arguments.keep_word));
        }
    }
    if let Some((file, difference)) = redacted.differing.first() {
        console.warning(&redaction::differing(redacted.differing.len(), file, difference));
    }
    if !redacted.unusable.is_empty() {
        console.warning("the redacted folder lacks passes that could not be redacted:");
        write_unusable(&redacted.unusable, console);
    }
    Ok(if redacted.unusable.is_empty() { Verdict::Fine } else { Verdict::Problems })
}

/// How many passes a folder has. Other files in it are named: they are not copied.
fn passes(path: &Path, console: &mut Console) -> Result<usize, Error> {
    let folder = Folder::open(path)?;
    for other in folder.others() {
        console.warning(&format!("{other}; it was left out"));
    }
    Ok(folder.passes())
}

fn translate_back(
    from: &Path,
    mapping: &Path,
    standard_input: &mut impl Read,
    console: &mut Console,
) -> Result<Verdict, Error> {
    let secret = read_bytes(mapping, MOST_OF_A_FILE)?;
    let translation = Translation::read(&mapping.display().to_string(), &secret)?;
    let text = if from == Path::new("-") {
        read_standard_input(standard_input, MOST_OF_A_FILE)?
    } else {
        read_bytes(from, MOST_OF_A_FILE)?
    };
    console.write(&translation.back(&String::from_utf8_lossy(&text)));
    Ok(Verdict::Fine)
}
