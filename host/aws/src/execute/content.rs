//! The content of an action without times: the same change has the same content in every pass.

use albatross_contract::{Operation, TAG_UNNEEDED, TAG_UNNEEDED_CERTIFICATE, Tag};

/// The content as a text.
pub(super) fn of(operation: &Operation) -> String {
    let mut operation = operation.clone();
    if let Operation::AddTags(input) = &mut operation {
        input.tags.iter_mut().filter(|tag| is_time(tag)).for_each(|tag| tag.value.clear());
    }
    // The types of the contract are plain data with string keys, which JSON can always represent.
    serde_json::to_string(&operation).unwrap_or_else(|_| format!("{operation:?}"))
}

fn is_time(tag: &Tag) -> bool {
    tag.key == TAG_UNNEEDED || tag.key.starts_with(TAG_UNNEEDED_CERTIFICATE)
}

#[cfg(test)]
mod tests {
    use albatross_contract::{AddTags, ResourceReference};

    use super::*;

    fn mark(key: &str, value: &str) -> String {
        of(&Operation::AddTags(AddTags {
            resource: ResourceReference::Existing("arn:a".into()),
            tags: vec![Tag { key: key.into(), value: value.into() }],
        }))
    }

    #[test]
    fn a_mark_with_another_time_is_the_same_content() {
        assert_eq!(mark(TAG_UNNEEDED, "100"), mark(TAG_UNNEEDED, "200"));
        assert_ne!(mark("albatross/group", "a"), mark("albatross/group", "b"));
    }
}
