//! Differences between before and after; values that stay the same have no line.

use albatross_contract::{HealthCheck, Tag};

use super::columns::Sign;

/// `idle_timeout.timeout_seconds 60 → 120` for each attribute that differs; every attribute when `before` is absent.
pub fn attribute_differences(before: Option<&[Tag]>, after: &[Tag]) -> Vec<String> {
    after
        .iter()
        .filter_map(|attribute| {
            let old = before
                .and_then(|attributes| attributes.iter().find(|found| found.key == attribute.key))
                .map(|found| found.value.as_str());
            match old {
                Some(old) if old == attribute.value => None,
                Some(old) => {
                    Some(format!("{} {} → {}", attribute.key, quoted(old), quoted(&attribute.value)))
                }
                None => Some(format!("{} {}", attribute.key, quoted(&attribute.value))),
            }
        })
        .collect()
}

/// What is added to a set and removed from it, additions first.
pub fn set_differences(before: &[String], after: &[String]) -> Vec<(Sign, String)> {
    let only_in = |one: &[String], other: &[String], sign: Sign| -> Vec<(Sign, String)> {
        one.iter().filter(|item| !other.contains(item)).map(|item| (sign, item.clone())).collect()
    };
    let mut differences = only_in(after, before, Sign::Add);
    differences.extend(only_in(before, after, Sign::Remove));
    differences
}

/// `health check interval 10 s → 15 s` for each field that differs; every field when `before` is absent.
pub fn health_check_differences(before: Option<&HealthCheck>, after: &HealthCheck) -> Vec<String> {
    fields(after)
        .into_iter()
        .enumerate()
        .filter_map(|(index, (name, value))| match before.map(|check| fields(check).swap_remove(index).1) {
            Some(old) if old == value => None,
            Some(old) => Some(format!("health check {name} {} → {}", quoted(&old), quoted(&value))),
            None => Some(format!("health check {name} {}", quoted(&value))),
        })
        .collect()
}

fn fields(check: &HealthCheck) -> Vec<(&'static str, String)> {
    vec![
        ("protocol", check.protocol.as_str().to_owned()),
        ("port", check.port.clone()),
        ("path", check.path.clone().unwrap_or_default()),
        ("interval", format!("{} s", check.interval)),
        ("timeout", format!("{} s", check.timeout)),
        ("healthy threshold", check.healthy_threshold.to_string()),
        ("unhealthy threshold", check.unhealthy_threshold.to_string()),
        ("matcher", check.matcher.clone().unwrap_or_default()),
    ]
}

/// The value, or `""` for an empty value, which would be overlooked.
fn quoted(value: &str) -> &str {
    if value.is_empty() { "\"\"" } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Vec<Tag> {
        pairs.iter().map(|(key, value)| Tag { key: (*key).into(), value: (*value).into() }).collect()
    }

    #[test]
    fn an_attribute_that_stays_is_not_mentioned() {
        let before = tags(&[("a", "1"), ("b", "2"), ("c", "")]);
        let after = tags(&[("a", "1"), ("b", "3"), ("c", "x"), ("d", "4")]);
        assert_eq!(attribute_differences(Some(&before), &after), ["b 2 → 3", "c \"\" → x", "d 4"]);
        assert_eq!(attribute_differences(None, &before[..1]), ["a 1"]);
    }

    #[test]
    fn differences_of_sets_name_additions_and_removals() {
        let (before, after) = (["a".to_owned(), "b".to_owned()], ["b".to_owned(), "c".to_owned()]);
        let expected = vec![(Sign::Add, "c".to_owned()), (Sign::Remove, "a".to_owned())];
        assert_eq!(set_differences(&before, &after), expected);
    }
}
