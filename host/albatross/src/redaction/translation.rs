//! The secret of a redaction: what stands for what, to translate an answer back.

use std::{collections::BTreeMap, fs, io::Write, path::Path};

use albatross_contract::file::FORMAT_VERSION;
use serde::{Deserialize, Serialize};

use super::{mapping::Mapping, words::capitalized};
use crate::error::Error;

/// Pseudonyms and what they stand for.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Translation {
    format_version: u32,
    mapping: BTreeMap<String, String>,
}

impl Translation {
    /// That of a redaction.
    pub fn new(mapping: &Mapping) -> Translation {
        Translation { format_version: FORMAT_VERSION, mapping: mapping.originals() }
    }

    /// Writes a file that only its owner can read.
    ///
    /// # Errors
    /// The file cannot be written, or it exists.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options
            .open(path)
            .and_then(|mut file| file.write_all(&text))
            .map_err(|source| Error::Unwritable { path: path.to_owned(), source })
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The text is not what [`Translation::write`] writes.
    pub fn read(name: &str, text: &[u8]) -> Result<Translation, Error> {
        serde_json::from_slice(text)
            .ok()
            .filter(|read: &Translation| read.format_version == FORMAT_VERSION)
            .ok_or_else(|| Error::NoMapping { name: name.to_owned() })
    }

    /// A text in which every pseudonym is replaced by what it stands for.
    pub fn back(&self, text: &str) -> String {
        let mut made = String::with_capacity(text.len());
        let mut rest = text;
        while !rest.is_empty() {
            let length = self.longest(rest).map(|(length, original)| {
                made.push_str(&original);
                length
            });
            let length = length.unwrap_or_else(|| {
                let is_word = rest.starts_with(char::is_alphanumeric);
                let end = rest.find(|found: char| found.is_alphanumeric() != is_word).unwrap_or(rest.len());
                made.push_str(&rest[..end]);
                end
            });
            rest = &rest[length..];
        }
        made
    }

    /// The pseudonym at the beginning of a text: its length, and what it stands for. A UUID consists of several words.
    fn longest(&self, text: &str) -> Option<(usize, String)> {
        const UUID: usize = 36;
        let word = text.find(|found: char| !found.is_alphanumeric()).unwrap_or(text.len());
        let known = |length: usize| {
            let found = text.get(..length).filter(|found| !found.is_empty())?;
            if let Some(original) = self.mapping.get(found) {
                return Some((length, original.clone()));
            }
            let original = self.mapping.get(&found.to_lowercase())?;
            Some((length, capitalized(original)))
        };
        known(UUID).or_else(|| known(word))
    }
}
