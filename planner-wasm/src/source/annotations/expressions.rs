//! Regular expressions in annotations and paths. AWS checks them when a rule is created; the mistakes that are found here do
//! not reach AWS, where they would fail in every pass.

/// The longest regular expression of a condition (ELBv2 API, `RegexValues`).
pub const LONGEST: usize = 128;

/// What is wrong with a regular expression. `None`: nothing that this check knows.
///
/// The unsupported features: Application Load Balancers, "Transforms for listener rules".
pub fn fault(text: &str) -> Option<&'static str> {
    if text.is_empty() {
        return Some("is empty");
    }
    if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Some("has characters other than visible ASCII");
    }
    let mut rest = text.as_bytes();
    let (mut depth, mut is_atom, mut is_repeated) = (0_u32, false, false);
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'\\' => {
                let (escaped, after) = rest.split_first().map_or((b'\\', rest), |(it, after)| (*it, after));
                match escaped {
                    _ if rest.is_empty() => return Some("ends with a single \\"),
                    b'1'..=b'9' | b'k' => return Some("has a back-reference, which AWS does not support"),
                    b'p' | b'P' => return Some("has a Unicode class, which AWS does not support"),
                    _ => {}
                }
                rest = after;
                (is_atom, is_repeated) = (true, false);
            }
            b'[' => {
                let Some(after) = end_of_class(rest) else { return Some("has a [ without a ]") };
                rest = after;
                (is_atom, is_repeated) = (true, false);
            }
            b'(' => {
                depth += 1;
                if rest.starts_with(b"?") && !rest.starts_with(b"?:") {
                    return Some("has a group that begins with (?, of which AWS supports only (?:");
                }
                rest = rest.strip_prefix(b"?:").unwrap_or(rest);
                (is_atom, is_repeated) = (false, false);
            }
            b')' => {
                depth = match depth.checked_sub(1) {
                    Some(depth) => depth,
                    None => return Some("has a ) without a ("),
                };
                (is_atom, is_repeated) = (true, false);
            }
            b'*' | b'+' | b'?' if is_repeated && *first == b'?' => is_repeated = false,
            b'*' | b'+' | b'?' if !is_atom => return Some("repeats nothing"),
            b'*' | b'+' | b'?' if is_repeated => {
                return Some("repeats a repetition, which AWS does not support");
            }
            b'*' | b'+' | b'?' => is_repeated = true,
            b'|' => (is_atom, is_repeated) = (false, false),
            _ => (is_atom, is_repeated) = (true, false),
        }
    }
    (depth > 0).then_some("has a ( without a )")
}

/// The rest after a class such as `[a-z]`.
fn end_of_class(text: &[u8]) -> Option<&[u8]> {
    let mut place = usize::from(text.first() == Some(&b'^'));
    let begin = place;
    loop {
        match text.get(place)? {
            b'\\' => place += 2,
            b']' if place > begin => return text.get(place + 1..),
            _ => place += 1,
        }
    }
}

/// The literal text that every match begins with: of `^/api/(.+)$`, `/api/`.
pub fn literal_beginning(text: &str) -> &str {
    let Some(anchored) = text.strip_prefix('^') else { return "" };
    let end = anchored.find(|letter: char| ".[](){}*+?|\\$^".contains(letter)).unwrap_or(anchored.len());
    let (begin, rest) = anchored.split_at(end);
    // A repetition concerns the last letter, an alternative the whole text.
    let shorter = usize::from(rest.starts_with(['*', '?', '{']));
    if anchored.contains('|') { "" } else { &begin[..begin.len().saturating_sub(shorter)] }
}

/// A text as a regular expression that matches nothing else.
pub fn literal(text: &str) -> String {
    let mut expression = String::with_capacity(text.len());
    for letter in text.chars() {
        if ".[](){}*+?|\\$^".contains(letter) {
            expression.push('\\');
        }
        expression.push(letter);
    }
    expression
}

#[cfg(test)]
mod tests {
    use super::{fault, literal, literal_beginning};

    #[test]
    fn regular_expressions_that_aws_would_refuse_are_found() {
        for good in
            ["^/api/(.+)$", ".+Chrome.+", "^(?:a|b)?$", "[^]a]*", r"^[^.]+\.example\.org$", "a{2,3}", "a*?"]
        {
            assert_eq!(fault(good), None, "{good}");
        }
        for bad in [
            "",
            "*",
            "(a",
            "a)",
            "[a",
            "a**",
            "(?=a)",
            "(?<name>a)",
            r"(a)\1",
            r"\pL",
            "a\\",
            "caf\u{e9}",
            "|*",
        ] {
            assert!(fault(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn the_literal_beginning_is_known_only_behind_an_anchor() {
        for (text, expected) in
            [("^/api/(.+)$", "/api/"), ("^/api", "/api"), ("^/apis?$", "/api"), ("/api", ""), ("^/a|^/b", "")]
        {
            assert_eq!(literal_beginning(text), expected, "{text}");
        }
        assert_eq!(literal("/a.b*"), r"/a\.b\*");
    }
}
