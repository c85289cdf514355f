//! The name that a misspelled name probably stands for.

/// The known name that is nearest to a misspelled name: up to two letters are wrong, missing, or too many, regardless of
/// case.
pub(crate) fn nearest<'a>(text: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_ascii_lowercase();
    let distance = |name: &str| strsim::levenshtein(&text, &name.to_ascii_lowercase());
    let near = known.into_iter().map(|name| (distance(name), name));
    // With more errors than half of its letters a short name is another name.
    near.filter(|(distance, name)| *distance <= 2 && 2 * distance < name.len()).min().map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_name_is_recognized_and_another_name_is_not() {
        let known = ["ingressClassName", "rules", "tls", "host", "http"];
        for (text, expected) in [
            ("ingressClassname", Some("ingressClassName")),
            ("ingresClasName", Some("ingressClassName")),
            ("rule", Some("rules")),
            ("hosts", Some("host")),
            ("TLS", Some("tls")),
            ("x", None),
            ("template", None),
        ] {
            assert_eq!(nearest(text, known), expected, "{text}");
        }
    }
}
