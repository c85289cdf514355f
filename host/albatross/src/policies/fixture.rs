//! Fixtures: a question to a policy and what it answered, in a JSON file. `policy test` and the SDK read them, so that an author
//! debugs the policy on a question that was really asked.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use albatross_contract::{PolicyAnswer, PolicyPoint, PolicyQuestion, file::FORMAT_VERSION};
use serde::{Deserialize, Serialize};

use super::calls::Call;
use crate::{
    error::Error,
    inputs::{MOST_OF_A_FILE, read_bytes},
    json,
};

/// The name of the content in the file.
const NAME: &str = "policy-call";

/// What is in a fixture.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture<Q> {
    question: Q,
    /// Absent: the policy failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<PolicyAnswer>,
    /// How the policy failed. Absent: it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// Writes a file for each call into a folder, which is made: `grouping-1.json`, `subnets-1.json`, `subnets-2.json`.
///
/// # Errors
/// The folder cannot be made, or a file cannot be written.
pub fn write<'c>(folder: &Path, calls: impl IntoIterator<Item = &'c Call>) -> Result<(), Error> {
    let unwritable = |path: &Path, source| Error::Unwritable { path: path.to_owned(), source };
    fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
    let mut numbers: BTreeMap<PolicyPoint, usize> = BTreeMap::new();
    for call in calls {
        let number = numbers.entry(call.point()).or_default();
        *number += 1;
        let path = folder.join(format!("{}-{number}.json", call.point().as_str()));
        fs::write(&path, text(call)?).map_err(|source| unwritable(&path, source))?;
    }
    Ok(())
}

fn text(call: &Call) -> Result<Vec<u8>, Error> {
    let (answer, failure) = match &call.asked.answer {
        Ok(answer) => (Some(answer.clone()), None),
        Err(failed) => (None, Some(failed.source.breach.to_string())),
    };
    Ok(json::write(NAME, &Fixture { question: &call.question, answer, failure })?)
}

/// The question in a fixture.
///
/// # Errors
/// A file that cannot be read, or is no fixture.
pub fn read(path: &Path) -> Result<PolicyQuestion, Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, rename_all = "kebab-case")]
    struct File {
        format_version: u32,
        policy_call: Fixture<PolicyQuestion>,
    }
    let bytes = read_bytes(path, MOST_OF_A_FILE)?;
    let wrong = |problem: String| Error::Fixture { path: PathBuf::from(path), problem };
    let file: File = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    match file.format_version {
        FORMAT_VERSION => Ok(file.policy_call.question),
        other => {
            Err(wrong(format!("it has format-version {other}, and this albatross reads {FORMAT_VERSION}")))
        }
    }
}
