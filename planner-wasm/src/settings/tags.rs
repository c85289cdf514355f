//! The setting for tags of all resources, and what AWS and we allow as a tag.

use std::collections::BTreeSet;

use albatross_contract::{PlanningError, Settings};

use super::{invalid, may_be_in_a_tag};
use crate::identity::is_ours;

/// How many tags the settings may name. AWS allows 50 for each resource (ELB quotas); the others are for those of Albatross, of
/// Ingresses and of other people.
const MOST: usize = 20;

/// Refuses tags that AWS does not allow, or that mark the owner of a resource.
pub fn check(settings: &Settings) -> Result<(), PlanningError> {
    let tags = &settings.tags;
    if tags.len() > MOST {
        return Err(invalid("tags", &format!("has {} entries; it must have up to {MOST}", tags.len())));
    }
    let mut keys = BTreeSet::new();
    for tag in tags {
        if let Err(expected) = check_pair(&tag.key, &tag.value) {
            let what = format!("has {}={:?}; expected {expected}", tag.key, tag.value);
            return Err(invalid("tags", &what));
        }
        if !keys.insert(tag.key.as_str()) {
            return Err(invalid("tags", &format!("has two entries with the key {:?}; remove one", tag.key)));
        }
    }
    Ok(())
}

/// Checks a tag that a person wants on resources of ours. A key has up to 128 characters and a value up to 256 (ELBv2 Tag).
///
/// # Errors
/// In words, what is expected instead.
pub fn check_pair(key: &str, value: &str) -> Result<(), &'static str> {
    let has_bad_letter = [key, value].iter().any(|text| !text.chars().all(may_be_in_a_tag));
    if key.is_empty() {
        Err("a key")
    } else if key.starts_with("aws:") {
        Err("another key, since AWS reserves keys that begin with aws:")
    } else if is_ours(key) {
        Err("another key, since this key marks the owner of a resource")
    } else if key.chars().count() > 128 || value.chars().count() > 256 {
        Err("a key of up to 128 characters and a value of up to 256")
    } else if has_bad_letter {
        Err("only letters, digits, spaces and _.:/=+-@")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::tag;

    fn check_of(pairs: &[(&str, &str)]) -> Result<(), String> {
        let tags = pairs.iter().map(|(key, value)| tag(key, value)).collect();
        check(&Settings { tags, ..Settings::default() }).map_err(|error| error.message)
    }

    #[test]
    fn a_tag_that_marks_an_owner_or_that_aws_refuses_is_invalid() {
        for (key, value, is_valid) in [
            ("team", "shop", true),
            ("cost center", "a/b=c+d@e", true),
            ("", "x", false),
            ("albatross/id", "x", false),
            ("kubernetes.io/cluster/blue", "owned", false),
            ("kubernetes:application", "x", false),
            ("aws:team", "x", false),
            ("team", "a*b", false),
        ] {
            assert_eq!(check_of(&[(key, value)]).is_ok(), is_valid, "{key}={value}");
        }
        let (key, value) = ("k".repeat(129), "v".repeat(257));
        assert!(check_of(&[(&key, "")]).is_err() && check_of(&[("k", &value)]).is_err());
    }

    #[test]
    fn the_message_names_the_tag_and_what_is_wrong_with_it() {
        let message = check_of(&[("team", "shop"), ("team", "cart")]).unwrap_err();
        assert_eq!(message, "settings: tags has two entries with the key \"team\"; remove one");
        let message = check_of(&[("aws:team", "shop")]).unwrap_err();
        assert!(
            message.contains("tags has aws:team=\"shop\"; expected another key, since AWS reserves"),
            "{message}"
        );
    }

    #[test]
    fn more_tags_than_fit_on_a_resource_are_refused() {
        let tags = |count: usize| (0..count).map(|number| tag(&format!("t{number}"), "")).collect();
        let of = |count| check(&Settings { tags: tags(count), ..Settings::default() });
        assert_eq!(of(MOST), Ok(()));
        assert!(of(MOST + 1).unwrap_err().message.contains("tags has 21 entries; it must have up to 20"));
    }
}
