//! Tags that people want on AWS resources.

use super::values::Reader;
use crate::{identity::is_ours, settings::may_be_in_a_tag, source::StringMap};

/// Tags of the load balancer and its target groups.
pub const TAGS: &str = "alb.ingress.kubernetes.io/tags";

/// How many tags annotations may ask for: AWS allows 50 for each resource (ELB quotas), and Albatross needs some.
pub const MOST: usize = 30;

/// The tags that annotations ask for.
pub fn of(reader: &mut Reader<'_>) -> StringMap {
    let tags = reader.map(TAGS, check);
    if tags.len() <= MOST {
        return tags;
    }
    let value = reader.text(TAGS).unwrap_or_default();
    reader.refuse(TAGS, value, format!("up to {MOST} tags"));
    StringMap::new()
}

/// A key has up to 128 characters and a value up to 256 (ELBv2 Tag).
fn check(key: &str, value: &str) -> Result<(), String> {
    let has_bad_letter = [key, value].iter().any(|text| !text.chars().all(may_be_in_a_tag));
    if key.starts_with("aws:") {
        Err("another key, since AWS reserves keys that begin with aws:".to_owned())
    } else if is_ours(key) {
        Err("another key, since this key marks the owner of a resource".to_owned())
    } else if key.chars().count() > 128 || value.chars().count() > 256 {
        Err("a key of up to 128 characters and a value of up to 256".to_owned())
    } else if has_bad_letter {
        Err("only letters, digits, spaces and _.:/=+-@".to_owned())
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, TAGS, check, of};
    use crate::{identity::tag, source::annotations::Reader};

    #[test]
    fn more_tags_than_a_resource_may_have_are_refused() {
        let tags = |count: usize| {
            let pairs: Vec<String> = (0..count).map(|number| format!("t{number}=1")).collect();
            let annotations = [tag(TAGS, &pairs.join(","))];
            let mut reader = Reader::new(&annotations);
            (of(&mut reader).len(), reader.unreadable.len())
        };
        assert_eq!((tags(MOST), tags(MOST + 1)), ((MOST, 0), (0, 1)));
    }

    #[test]
    fn a_tag_that_marks_an_owner_or_that_aws_refuses_is_invalid() {
        for (key, value, is_valid) in [
            ("team", "shop", true),
            ("cost center", "a/b=c+d@e", true),
            ("albatross/id", "x", false),
            ("kubernetes.io/cluster/blue", "owned", false),
            ("kubernetes:application", "x", false),
            ("aws:team", "x", false),
            ("team", "a*b", false),
        ] {
            assert_eq!(check(key, value).is_ok(), is_valid, "{key}={value}");
        }
        assert!(check(&"k".repeat(129), "").is_err() && check("k", &"v".repeat(257)).is_err());
    }
}
