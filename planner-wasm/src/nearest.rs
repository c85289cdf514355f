//! Suggestions for misspelt names.

/// The most similar of the known names.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known.into_iter().min_by_key(|known| distance(name, known))
}

/// The most similar of the known names, if a misspelling is likely: at most two characters differ, and at most every fourth.
/// Names are long and have much in common, so a part of their length would say little.
pub fn misspelt<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let found = nearest(name, known)?;
    let differing = distance(name, found);
    (differing <= 2 && differing * 4 <= found.chars().count()).then_some(found)
}

/// How many characters have to be added, removed or changed to turn one name into the other, regardless of case.
fn distance(left: &str, right: &str) -> usize {
    strsim::levenshtein(&left.to_ascii_lowercase(), &right.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_likely_misspelling_has_a_suggestion_and_another_word_has_none() {
        let known = ["target-type", "target-group-attributes", "scheme"];
        for (name, meant) in [
            ("target-typ", Some("target-type")),
            ("targettype", Some("target-type")),
            ("Scheme", Some("scheme")),
            ("target-group-atributes", Some("target-group-attributes")),
            ("shame", None),
            ("auth-type", None),
        ] {
            assert_eq!(misspelt(name, known), meant, "{name}");
        }
    }
}
