//! Numbers, lists and ids in the form that people read.

use std::{borrow::Cow, collections::BTreeMap};

use albatross_contract::ObjectKind;

/// `1 Ingress`, `2 Ingresses`.
pub fn count(number: usize, singular: &str) -> String {
    format!("{number} {}", noun(number, singular))
}

/// `3 more passes`.
pub fn more_of(number: usize, singular: &str) -> String {
    format!("{number} more {}", noun(number, singular))
}

/// `Ingress` for one, `Ingresses` for several.
pub fn noun(number: usize, singular: &str) -> String {
    if number == 1 { singular.to_owned() } else { plural(singular) }
}

/// `2 Ingresses`, `1 RouteGroup`, `2 Ingresses and 1 RouteGroup`: how many objects there are of each kind.
pub fn objects(kinds: impl IntoIterator<Item = ObjectKind>) -> String {
    let mut numbers = BTreeMap::new();
    for kind in kinds {
        *numbers.entry(kind).or_insert(0) += 1;
    }
    if numbers.is_empty() {
        return count(0, ObjectKind::Ingress.kubernetes());
    }
    let counted = numbers.into_iter().map(|(kind, number)| count(number, kind.kubernetes()));
    counted.collect::<Vec<_>>().join(" and ")
}

/// The plural of the nouns that the screens use.
fn plural(singular: &str) -> String {
    match singular {
        _ if singular.ends_with('s') => format!("{singular}es"),
        _ if singular.ends_with("ry") => format!("{}ies", singular.trim_end_matches('y')),
        _ => format!("{singular}s"),
    }
}

/// `a, b, c and 4 more`: the first `most` of a list. One more than `most` is written out, since `and 1 more` is
/// no shorter.
pub fn first_of<S: AsRef<str>>(all: &[S], most: usize) -> String {
    let shown = if all.len() <= most + 1 { all.len() } else { most };
    let names: Vec<&str> = all.iter().take(shown).map(AsRef::as_ref).collect();
    match all.len() - shown {
        0 => names.join(", "),
        rest => format!("{} and {rest} more", names.join(", ")),
    }
}

/// The most names in a list that is printed whole.
const LISTED: usize = 20;

/// All names of a list, or the first 20 of a longer list with a hint to `--output json`.
pub fn listed<S: AsRef<str>>(all: &[S]) -> String {
    match all.len().checked_sub(LISTED) {
        Some(rest @ 2..) => {
            format!("{} and {rest} more (`--output json` has all)", first_of(&all[..LISTED], LISTED))
        }
        _ => first_of(all, LISTED),
    }
}

/// Whether a list is short enough to be printed whole.
pub fn is_short<T>(all: &[T]) -> bool {
    all.len() <= LISTED
}

/// The first `most` characters of a text, with `…` where the rest is cut off.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The distinctive part of an ARN: the name of a load balancer, a target group or an IAM certificate, `1a2b3c4d` of an
/// ACM certificate. Hexadecimal ids are cut to 8 digits; `--output json` has them whole.
pub fn short_id(arn: &str) -> &str {
    let mut parts = arn.rsplit(['/', ':']);
    let last = parts.next().unwrap_or(arn);
    // In these ARNs an id follows the name.
    if arn.contains(":targetgroup/") || arn.contains(":loadbalancer/") {
        return parts.next().unwrap_or(last);
    }
    let first = last.split('-').next().unwrap_or(last);
    let uuid = last.len() == 36 && first.len() == 8 && first.bytes().all(|byte| byte.is_ascii_hexdigit());
    if uuid { first } else { last }
}

/// The first 8 digits of a SHA-256.
pub fn short_digest(sha256: &str) -> &str {
    sha256.get(..8).unwrap_or(sha256)
}

/// The name of a component where there is little room: a reference into a registry without its scheme, with the first digits
/// of its digest.
pub fn short_component(name: &str) -> Cow<'_, str> {
    const DIGEST: &str = "@sha256:";
    let reference = name.strip_prefix("oci://").and_then(|name| name.split_once(DIGEST));
    reference.map_or(Cow::Borrowed(name), |(name, digest)| {
        Cow::Owned(format!("{name}{DIGEST}{}", short_digest(digest)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_and_many() {
        assert_eq!(count(1, "Ingress"), "1 Ingress");
        assert_eq!(count(0, "Ingress"), "0 Ingresses");
        assert_eq!(count(2, "policy point"), "2 policy points");
        assert_eq!(count(2, "entry"), "2 entries");
    }

    #[test]
    fn a_long_list_is_cut_and_says_how_much_is_missing() {
        assert_eq!(first_of::<&str>(&[], 2), "");
        assert_eq!(first_of(&["a", "b", "c"], 2), "a, b, c");
        assert_eq!(first_of(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }

    #[test]
    fn an_arn_is_cut_to_its_distinctive_part() {
        let acm = "arn:aws:acm:eu-central-1:123456789012:certificate/1a2b3c4d-0000-0000-0000-000000000001";
        assert_eq!(short_id(acm), "1a2b3c4d");
        assert_eq!(short_id("arn:aws:iam::123456789012:server-certificate/cloud/legacy-2025"), "legacy-2025");
        let elb = "arn:aws:elasticloadbalancing:eu-central-1:123456789012";
        assert_eq!(short_id(&format!("{elb}:targetgroup/web/73e2d6bc24d8a067")), "web");
        assert_eq!(short_id(&format!("{elb}:loadbalancer/app/web/50dc6c495c0c9188")), "web");
        assert_eq!(short_id("sg-0123456789abcdef0"), "sg-0123456789abcdef0");
    }

    #[test]
    fn a_component_of_a_registry_is_named_with_the_beginning_of_its_digest() {
        let name = format!("oci://ghcr.io/shop/by-team:1.2@sha256:{}", "3f2a91c0".repeat(8));
        assert_eq!(short_component(&name), "ghcr.io/shop/by-team:1.2@sha256:3f2a91c0");
        assert_eq!(short_component("by-team.wasm"), "by-team.wasm");
    }
}
