//! Tags that people want on AWS resources.

use super::values::Reader;
use crate::{settings, source::StringMap};

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

fn check(key: &str, value: &str) -> Result<(), String> {
    settings::check_tag(key, value).map_err(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{MOST, TAGS, of};
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
}
