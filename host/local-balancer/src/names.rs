//! Which certificate a listener presents.

/// The index of the certificate for a server name of a TLS client: one with the exact name before one with a wildcard, which covers
/// one label; else the default certificate, which is the first ("Certificates for your Application Load Balancer").
pub fn chosen(certificates: &[Vec<String>], server_name: Option<&str>) -> usize {
    let Some(wanted) = server_name else { return 0 };
    let with = |covers: &dyn Fn(&str) -> bool| {
        certificates.iter().position(|names| names.iter().any(|name| covers(name)))
    };
    let is_exact = |name: &str| name.eq_ignore_ascii_case(wanted);
    let is_wildcard = |name: &str| {
        let parent = name.strip_prefix("*.");
        let its = wanted.split_once('.').map(|(_, parent)| parent);
        parent.zip(its).is_some_and(|(parent, its)| parent.eq_ignore_ascii_case(its))
    };
    with(&is_exact).or_else(|| with(&is_wildcard)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_name_comes_before_a_wildcard_and_a_wildcard_before_the_default() {
        let certificates: Vec<Vec<String>> =
            [&["default.example.net"][..], &["*.example.org"], &["api.example.org", "shop.example.org"]]
                .iter()
                .map(|names| names.iter().map(|it| (*it).to_owned()).collect())
                .collect();
        for (server_name, expected) in [
            (Some("SHOP.example.org"), 2),
            (Some("wiki.example.org"), 1),
            (Some("a.wiki.example.org"), 0),
            (Some("example.org"), 0),
            (None, 0),
        ] {
            assert_eq!(chosen(&certificates, server_name), expected, "{server_name:?}");
        }
    }
}
