//! JSON output that is not a file of the contract, in the same envelope: `{"format-version": 1, "…": …}`.

pub mod differences;
pub mod fields;

use albatross_contract::file::FORMAT_VERSION;
use serde::{Serialize, Serializer, ser::SerializeMap};

/// Writes `content` as indented JSON with a final line break.
///
/// # Errors
/// None in practice: every output of the program can be serialized.
pub fn write<T: Serialize>(name: &str, content: &T) -> Result<Vec<u8>, serde_json::Error> {
    struct Enveloped<'a, T>(&'a str, &'a T);
    impl<T: Serialize> Serialize for Enveloped<'_, T> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry("format-version", &FORMAT_VERSION)?;
            map.serialize_entry(self.0, self.1)?;
            map.end()
        }
    }
    let mut text = serde_json::to_vec_pretty(&Enveloped(name, content))?;
    text.push(b'\n');
    Ok(text)
}
