//! Letters and digits that say nothing about anybody, since a syntax defines them: escapes, ranges of letters and quantifiers of
//! regular expressions, placeholders of AWS.

/// Most letters of a class of characters, such as `[a-z_x]`, that stay beside its ranges: more can be a word.
const LETTERS_OF_CLASS: usize = 2;
/// The placeholders of a redirect.
const PLACEHOLDERS: [&str; 5] = ["#{protocol}", "#{host}", "#{port}", "#{path}", "#{query}"];

/// How long what a syntax defines is, at the beginning of a text. 0: nothing is.
pub(super) fn length(text: &str) -> usize {
    let found = match text.as_bytes() {
        [b'\\', ..] => escape(text),
        [b'[', ..] => class(text),
        [b'#', ..] => PLACEHOLDERS.into_iter().find(|known| text.starts_with(known)).map(str::len),
        [b'$', ..] => reference(text),
        [b'{', ..] => quantifier(text),
        [b'(', b'?', ..] => flags(text),
        _ => None,
    };
    found.unwrap_or_default()
}

/// `\d`, `\n`, `\u00e9`, `\xe9`.
fn escape(text: &str) -> Option<usize> {
    let escaped = text[1..].chars().next()?;
    let digits = match escaped {
        'u' => 4,
        'x' => 2,
        _ => 0,
    };
    let end = 1 + escaped.len_utf8();
    let is_number =
        text.get(end..end + digits).is_some_and(|code| code.bytes().all(|it| it.is_ascii_hexdigit()));
    Some(if is_number { end + digits } else { end })
}

/// `[a-z0-9_]`: a class with a range.
fn class(text: &str) -> Option<usize> {
    let end = text.find(']')?;
    let mut rest = &text[1..end];
    let (mut ranges, mut letters) = (0, 0);
    while let Some(first) = rest.chars().next() {
        let mut next = rest.chars().skip(1);
        let is_range = next.next() == Some('-') && next.next().is_some_and(char::is_alphanumeric);
        let length = match first {
            '\\' => escape(rest)?,
            _ if first.is_alphanumeric() && is_range => {
                ranges += 1;
                rest.chars().take(3).map(char::len_utf8).sum()
            }
            _ => {
                letters += usize::from(first.is_alphanumeric());
                first.len_utf8()
            }
        };
        rest = &rest[length..];
    }
    (ranges > 0 && letters <= LETTERS_OF_CLASS).then_some(end + 1)
}

/// `$1` or `${1}`.
fn reference(text: &str) -> Option<usize> {
    let begin = if text[1..].starts_with('{') { 2 } else { 1 };
    let digits = text[begin..].bytes().take_while(u8::is_ascii_digit).count();
    (1..=2).contains(&digits).then_some(begin + digits)
}

/// `{2,3}`.
fn quantifier(text: &str) -> Option<usize> {
    let end = text.find('}')?;
    let is_number = |text: &str| text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    text[1..end].split(',').all(is_number).then_some(end + 1)
}

/// `(?i)`, `(?:` and `(?P<`, of which the name of the group is a word.
fn flags(text: &str) -> Option<usize> {
    if text.starts_with("(?P<") {
        return Some(4);
    }
    let end = 2 + text[2..].find([':', ')'])?;
    text[2..end].chars().all(|flag| "imsxU-".contains(flag)).then_some(end + 1)
}
