//! String maps: annotations such as `key=value,other=value`, as the AWS Load Balancer Controller spells them.

/// Reads a string map, by the rules of that controller (its `pkg/annotations/parser.go`): the first `=` of a pair ends its
/// key; a comma begins another pair only if a `=` follows somewhere behind it, so that a value may contain commas; `\`
/// makes the next character an ordinary one. `None`: a pair has no key or no `=`.
pub fn read(text: &str) -> Option<Vec<(String, String)>> {
    pieces(text).iter().map(|piece| pair(piece)).collect()
}

/// A character, and whether `\` makes it an ordinary one.
type Letter = (char, bool);

fn pieces(text: &str) -> Vec<Vec<Letter>> {
    let mut letters: Vec<Letter> = Vec::new();
    let mut all = text.chars();
    while let Some(letter) = all.next() {
        match letter {
            '\\' => letters.extend(all.next().map(|next| (next, true))),
            _ => letters.push((letter, false)),
        }
    }
    let last_sign = letters.iter().rposition(|letter| *letter == ('=', false));
    let mut pieces = vec![Vec::new()];
    for (place, letter) in letters.into_iter().enumerate() {
        let is_end = letter == (',', false) && last_sign.is_some_and(|sign| sign > place);
        match pieces.last_mut() {
            Some(piece) if !is_end => piece.push(letter),
            _ => pieces.push(Vec::new()),
        }
    }
    pieces.retain(|piece| piece.iter().any(|(letter, _)| !letter.is_whitespace()));
    pieces
}

fn pair(piece: &[Letter]) -> Option<(String, String)> {
    let sign = piece.iter().position(|letter| *letter == ('=', false))?;
    let text = |letters: &[Letter]| letters.iter().map(|(letter, _)| *letter).collect::<String>();
    let (key, value) = (text(&piece[..sign]), text(&piece[sign + 1..]));
    let key = key.trim();
    (!key.is_empty()).then(|| (key.to_owned(), value.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::read;

    fn told(text: &str) -> Option<String> {
        let pairs = read(text)?;
        Some(pairs.iter().map(|(key, value)| format!("{key}:{value}")).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn pairs_are_separated_by_commas_and_values_may_contain_commas_and_equals_signs() {
        for (text, expected) in [
            ("a=1", "a:1"),
            (" a = 1 , b=2 ", "a:1 b:2"),
            ("a=1,2,3", "a:1,2,3"),
            ("a=1\\,2,b=3", "a:1,2 b:3"),
            ("a=b=c", "a:b=c"),
            ("a=,b=1", "a: b:1"),
            ("a=1,", "a:1,"),
            ("a=1,,b=2", "a:1 b:2"),
            ("a=1,a=2", "a:1 a:2"),
            ("a\\=b=c", "a=b:c"),
            ("", ""),
        ] {
            assert_eq!(told(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_pair_without_a_key_or_an_equals_sign_is_invalid() {
        for text in ["a", "=1", "a=1,b,c=2", "a\\=1", " =1,b=2"] {
            assert_eq!(told(text), None, "{text}");
        }
    }
}
