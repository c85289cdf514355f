//! The group of an object in route mode.

use albatross_contract::ANNOTATION_GROUP as NAME;

use super::values::Reader;

const ORDER: &str = "alb.ingress.kubernetes.io/group.order";

/// The annotations of this family.
pub const KNOWN: &[&str] = &[NAME, ORDER];

/// The longest name of a group (AWS Load Balancer Controller, "IngressGroup").
const LONGEST: usize = 63;

/// The group that annotations name. `None`: the object has its own load balancer.
pub fn name<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let expected =
        "up to 63 lower-case letters, digits, hyphens and dots that begin and end with a letter or digit";
    reader.parse(NAME, expected, |text| is_name(text).then_some(text))
}

/// The position among the objects of a group: -1000 to 1000, by default 0.
pub fn order(reader: &mut Reader<'_>) -> i32 {
    let read = |text: &str| text.parse().ok().filter(|order| (-1000..=1000).contains(order));
    reader.parse(ORDER, "-1000 to 1000", read).unwrap_or_default()
}

fn is_name(text: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= LONGEST
        && bytes.first().copied().is_some_and(is_plain)
        && bytes.last().copied().is_some_and(is_plain)
        && bytes.iter().all(|byte| is_plain(*byte) || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::{NAME, ORDER, is_name, name, order};
    use crate::{identity::tag, source::annotations::values::Reader};

    #[test]
    fn a_group_name_has_the_form_of_a_subdomain() {
        for (text, good) in [
            ("shop", true),
            ("shop.v1-a", true),
            ("0", true),
            ("", false),
            ("Shop", false),
            ("-a", false),
            ("a.", false),
        ] {
            assert_eq!(is_name(text), good, "{text}");
        }
        assert!(is_name(&"a".repeat(63)) && !is_name(&"a".repeat(64)));
    }

    #[test]
    fn an_invalid_value_is_reported_and_counts_as_absent() {
        let annotations = [tag(NAME, "Shop"), tag(ORDER, "1001")];
        let mut reader = Reader::new(&annotations);
        assert_eq!((name(&mut reader), order(&mut reader)), (None, 0));
        assert_eq!(reader.unreadable.len(), 2);
        let annotations = [tag(NAME, "shop"), tag(ORDER, "-3")];
        let mut reader = Reader::new(&annotations);
        assert_eq!((name(&mut reader), order(&mut reader)), (Some("shop"), -3));
    }
}
