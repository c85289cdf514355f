//! Files: the types of the contract as JSON, in an envelope with a version.
//!
//! `{"format-version": 1, "snapshot": {…}}`, and likewise `inventory`, `plan` and `bundle`. The version is checked before
//! anything else, to distinguish a file of a newer Albatross from a broken file.

use std::collections::BTreeMap;

use serde::{
    Deserialize, Serialize,
    de::{DeserializeOwned, IgnoredAny},
};

use crate::{Bundle, Inventory, Plan, Settings, Snapshot, json::Json, shapes};

/// The version that this build reads and writes. It is incremented with every change that older builds cannot read.
pub const FORMAT_VERSION: u32 = 1;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// A version that this build does not know.
    #[error(
        "the file has format-version {found}, but this albatross reads {FORMAT_VERSION}: use the version that wrote the file, or a newer one"
    )]
    Version {
        /// The version in the file.
        found: u64,
    },
    /// No version at all.
    #[error(
        "the file has no format-version: it must be {{\"format-version\": {FORMAT_VERSION}, \"{expected}\": …}}"
    )]
    NoVersion {
        /// The name of the expected content.
        expected: &'static str,
    },
    /// Ends too early.
    #[error("the file is truncated: it ends at line {line}, column {column}, within {expected}")]
    Truncated {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// The name of the expected content.
        expected: &'static str,
    },
    /// Not JSON, or a duplicate key.
    #[error("not usable as {expected}: {source}")]
    Content {
        /// The name of the expected content.
        expected: &'static str,
        /// What and where.
        source: serde_json::Error,
    },
    /// Settings in another language, such as YAML, or with a syntax error.
    #[error("not usable as settings, which are written in JSON: {source}")]
    NotJson {
        /// What and where.
        source: serde_json::Error,
    },
    /// An unknown field, a missing one, a wrong type.
    #[error("not usable as {expected}: {message}")]
    Field {
        /// The name of the expected content.
        expected: &'static str,
        /// The path of the field, its value and what was expected.
        message: String,
    },
    /// Another encoding.
    #[error("the file is not UTF-8 text{}: save it as UTF-8", if *.utf16 { " but UTF-16" } else { "" })]
    NotUtf8 {
        /// Whether it begins with the byte order mark of UTF-16.
        utf16: bool,
    },
}

/// A type that has a file format.
pub trait FileContent: Serialize + DeserializeOwned {
    /// The name of its field in the envelope.
    const NAME: &'static str;
}

impl FileContent for Snapshot {
    const NAME: &'static str = "snapshot";
}
impl FileContent for Inventory {
    const NAME: &'static str = "inventory";
}
impl FileContent for Plan {
    const NAME: &'static str = "plan";
}
impl FileContent for Bundle {
    const NAME: &'static str = "bundle";
}

/// What a file is, as far as its outermost keys tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A snapshot alone.
    Snapshot,
    /// An inventory.
    Inventory,
    /// A plan.
    Plan,
    /// A bundle: a snapshot with its plan.
    Bundle,
    /// Settings.
    Settings,
    /// A Kubernetes manifest, in JSON or YAML.
    Manifest,
}

/// Recognizes a file that [`read`] or [`read_settings`] does not accept. `None`: it is none of these kinds, or it is broken.
pub fn kind(text: &[u8]) -> Option<FileKind> {
    let text = without_mark(text).ok()?;
    let Ok(keys) = serde_json::from_slice::<BTreeMap<String, IgnoredAny>>(text) else {
        let text = std::str::from_utf8(text).ok()?;
        let has = |key: &str| text.lines().any(|line| line.starts_with(key));
        return (has("apiVersion:") && has("kind:")).then_some(FileKind::Manifest);
    };
    let contents = [
        (Bundle::NAME, FileKind::Bundle),
        (Snapshot::NAME, FileKind::Snapshot),
        (Inventory::NAME, FileKind::Inventory),
        (Plan::NAME, FileKind::Plan),
        ("apiVersion", FileKind::Manifest),
    ];
    let content = contents.into_iter().find(|(name, _)| keys.contains_key(*name));
    content.map(|(_, kind)| kind).or_else(|| {
        let settings = serde_json::to_value(Settings::default()).ok()?;
        let is_setting = |key: &String| settings.get(key).is_some();
        keys.keys().any(is_setting).then_some(FileKind::Settings)
    })
}

/// Reads a file.
///
/// # Errors
/// [`FileError`], which says where the file is wrong.
pub fn read<T: FileContent>(text: &[u8]) -> Result<T, FileError> {
    #[derive(Deserialize)]
    struct Version {
        #[serde(rename = "format-version")]
        version: Option<u64>,
    }
    let text = without_mark(text)?;
    let failed = |source: serde_json::Error| failure::<T>(source, text);
    match serde_json::from_slice::<Version>(text).map_err(failed)?.version {
        Some(version) if version == u64::from(FORMAT_VERSION) => {}
        Some(found) => return Err(FileError::Version { found }),
        None => return Err(FileError::NoVersion { expected: T::NAME }),
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let content = serde::Deserializer::deserialize_map(&mut reader, Envelope::<T>(std::marker::PhantomData))
        .map_err(failed)?;
    reader.end().map_err(failed)?;
    Ok(content)
}

/// Writes a file: indented JSON with a line end.
///
/// # Errors
/// None in practice: all types of the contract can be written.
pub fn write<T: FileContent>(content: &T) -> Result<Vec<u8>, serde_json::Error> {
    struct Enveloped<'a, T>(&'a T);
    impl<T: FileContent> Serialize for Enveloped<'_, T> {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            use serde::ser::SerializeMap;
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry("format-version", &FORMAT_VERSION)?;
            map.serialize_entry(T::NAME, self.0)?;
            map.end()
        }
    }
    let mut text = serde_json::to_vec_pretty(&Enveloped(content))?;
    text.push(b'\n');
    Ok(text)
}

/// Reads the map of the envelope, which has exactly the version and the content.
struct Envelope<T>(std::marker::PhantomData<T>);

impl<'de, T: FileContent> serde::de::Visitor<'de> for Envelope<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "an object with format-version and {}", T::NAME)
    }

    fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        use serde::de::Error;
        let mut content = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "format-version" {
                map.next_value::<IgnoredAny>()?;
            } else if key == T::NAME {
                if content.replace(map.next_value::<T>()?).is_some() {
                    return Err(A::Error::duplicate_field(T::NAME));
                }
            } else {
                return Err(A::Error::custom(format_args!(
                    "unknown field `{key}`, expected `format-version` or `{}`",
                    T::NAME
                )));
            }
        }
        content.ok_or_else(|| A::Error::missing_field(T::NAME))
    }
}

/// The size in bytes up to which a wrong file is read a second time to find the wrong field: 64 MiB.
const READ_AGAIN: usize = 64 << 20;

/// What is wrong with a file, with the path of the field.
fn failure<T: FileContent>(source: serde_json::Error, text: &[u8]) -> FileError {
    let expected = T::NAME;
    let (line, column) = (source.line(), source.column());
    if source.is_eof() {
        return FileError::Truncated { line, column, expected };
    }
    if text.len() <= READ_AGAIN
        && let Ok(Json::Object(envelope)) = serde_json::from_slice(text)
        && let Some((_, content)) = envelope.iter().find(|(key, _)| key == T::NAME)
        && let Some(mismatch) = shapes::mismatch::<T>(content)
    {
        return FileError::Field { expected, message: format!("{mismatch} at line {line} column {column}") };
    }
    FileError::Content { expected, source }
}

/// A text without the byte order mark that some editors write at the beginning.
fn without_mark(text: &[u8]) -> Result<&[u8], FileError> {
    if std::str::from_utf8(text).is_err() {
        let utf16 = text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff");
        return Err(FileError::NotUtf8 { utf16 });
    }
    Ok(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text))
}

/// Reads a settings file: a JSON object with any of the settings; the others have their defaults. A length of time is a
/// number of seconds, or a text such as `1h`.
///
/// # Errors
/// [`FileError::Field`] for an unknown key or a wrong type, [`FileError::Content`] for a duplicate key,
/// [`FileError::NotJson`], [`FileError::Truncated`], [`FileError::NotUtf8`].
pub fn read_settings(text: &[u8]) -> Result<Settings, FileError> {
    override_settings(Settings::default(), text)
}

/// Puts the settings of a settings file over others.
///
/// # Errors
/// Those of [`read_settings`].
pub fn override_settings(settings: Settings, text: &[u8]) -> Result<Settings, FileError> {
    const NAME: &str = "settings";
    let failed = |source: serde_json::Error| {
        if source.is_eof() {
            FileError::Truncated { line: source.line(), column: source.column(), expected: NAME }
        } else if source.is_syntax() {
            FileError::NotJson { source }
        } else {
            FileError::Content { expected: NAME, source }
        }
    };
    let given: Json = serde_json::from_slice(without_mark(text)?).map_err(failed)?;
    let given = shapes::settings(&given)
        .map_err(|mismatch| FileError::Field { expected: NAME, message: mismatch.to_string() })?;
    let mut all = serde_json::to_value(settings).map_err(failed)?;
    overlay(&mut all, given);
    serde_json::from_value(all).map_err(failed)
}

/// Puts one value over another: objects are merged key by key, everything else is replaced.
fn overlay(under: &mut serde_json::Value, over: serde_json::Value) {
    match (under, over) {
        (serde_json::Value::Object(under), serde_json::Value::Object(over)) => {
            for (key, value) in over {
                overlay(under.entry(key).or_insert(serde_json::Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}
