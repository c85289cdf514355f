//! Patterns of AWS: `*` stands for any characters, `?` for exactly one.

/// Whether a pattern matches a text. `is_same` says whether a character of the pattern, other than `*`, matches a character
/// of the text.
pub fn matches(pattern: &str, text: &str, is_same: impl Fn(char, char) -> bool) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // The position of the last `*`, and how much of the text it has matched so far.
    let mut star: Option<(usize, usize)> = None;
    let (mut at, mut read) = (0, 0);
    while let Some(character) = text.get(read) {
        match pattern.get(at) {
            Some('*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(wanted) if is_same(*wanted, *character) => {
                at += 1;
                read += 1;
            }
            _ => match star {
                Some((place, taken)) => {
                    star = Some((place, taken + 1));
                    (at, read) = (place + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_pattern_matches_with_as_many_characters_as_its_stars_need() {
        let is_same = |wanted, character| wanted == '?' || wanted == character;
        for (pattern, text, expected) in [
            ("/cart", "/cart", true),
            ("/cart", "/carts", false),
            ("/c?rt", "/cart", true),
            ("/c?rt", "/crt", false),
            ("*/items", "/a/items/items", true),
            ("/a*b*c", "/aXbYbZc", true),
            ("/a*b*c", "/aXbYbZ", false),
            ("*", "", true),
            ("", "/", false),
        ] {
            assert_eq!(matches(pattern, text, is_same), expected, "{pattern} {text}");
        }
    }
}
