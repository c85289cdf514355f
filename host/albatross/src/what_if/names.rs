//! Names of what is made up, which nothing else has: an earlier what-if may have made up some in the same snapshot.

use std::collections::BTreeSet;

use albatross_contract::{Cluster, SourceObject};

const LABEL: &str = "what-if-";

/// The part of names and hosts that tells what is made up apart.
pub fn label(number: usize) -> String {
    format!("{LABEL}{number}")
}

/// The numbers that are in no name and in no host of a cluster.
pub fn free_numbers(cluster: &Cluster) -> impl Iterator<Item = usize> + use<> {
    let sources = cluster.sources().flat_map(|source: SourceObject<'_>| {
        source.hosts().chain([source.metadata().name.as_str()]).flat_map(numbers).collect::<Vec<_>>()
    });
    let services = cluster.services.iter().map(|it| &it.metadata.name);
    let slices = cluster.endpoint_slices.iter().flatten().map(|it| &it.metadata.name);
    let taken: BTreeSet<usize> =
        sources.chain(services.chain(slices).flat_map(|name| numbers(name).collect::<Vec<_>>())).collect();
    (1..).filter(move |number| !taken.contains(number))
}

/// The numbers of made-up parts in a name.
fn numbers(name: &str) -> impl Iterator<Item = usize> {
    name.split(LABEL).skip(1).filter_map(|rest| {
        let end = rest.bytes().take_while(u8::is_ascii_digit).count();
        rest[..end].parse().ok()
    })
}

/// A text that names an ARN, with another ARN in its place. An ARN that only begins like it stays.
pub fn with_other_arn(text: &str, old: &str, new: &str) -> String {
    let is_part = |it: char| it.is_ascii_alphanumeric() || "-_/:.+=@".contains(it);
    let mut out = String::with_capacity(text.len());
    let mut end = 0;
    for (at, found) in text.match_indices(old) {
        let is_whole = !text[..at].ends_with(is_part) && !text[at + found.len()..].starts_with(is_part);
        out.push_str(&text[end..at]);
        out.push_str(if is_whole { new } else { found });
        end = at + found.len();
    }
    out.push_str(&text[end..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_arn_is_replaced() {
        let replaced = |text| with_other_arn(text, "arn:a/1", "arn:a/what-if-1");
        assert_eq!(replaced("arn:a/1,arn:a/12, arn:a/1"), "arn:a/what-if-1,arn:a/12, arn:a/what-if-1");
        assert_eq!(replaced(r#"{"arn":"arn:a/1"}"#), r#"{"arn":"arn:a/what-if-1"}"#);
        assert_eq!(replaced("arn:a/1-2 x:arn:a/1"), "arn:a/1-2 x:arn:a/1");
    }

    #[test]
    fn numbers_are_found_wherever_they_are_in_a_name() {
        assert_eq!(numbers("a-what-if-1-what-if-22").collect::<Vec<_>>(), [1, 22]);
        assert_eq!(numbers("*.what-if-3-1.example.org").collect::<Vec<_>>(), [3]);
        assert_eq!(numbers("what-if-").next(), None);
    }
}
