//! Text from outside in Markdown and in the HTML within it.
//!
//! Everything that begins a markup is written as a character reference: "Entity and numeric character references cannot be used
//! in place of symbols indicating structure" (CommonMark 0.31, 2.5), and HTML reads them the same way.

use super::SHOWN;
use crate::render::{style::printable, words::cut};

/// Separates two characters without being seen: GitHub and GitLab look for mentions (`@team`), references (`#1`, `!1`, `&1`) and
/// addresses (`https://`) in the finished text, in which a character reference alone would change nothing.
const SEPARATOR: &str = "&#8203;";

/// The part of a text that [`text`] shows.
pub fn shown(text: &str) -> String {
    cut(&printable(text), SHOWN)
}

/// A text that shows what it says: no markup, no link, no mention. It can be in a line of its own, in a list, in a table, and in
/// HTML.
pub fn text(text: &str) -> String {
    escaped(text, |before, rest| can_refer(before, rest) || is_in_commit(before, rest))
}

/// A name, in the font of code. It can be where [`text`] can be. There GitHub and GitLab look for no commits, so that ids can be
/// copied.
pub fn code(name: &str) -> String {
    format!("<code>{}</code>", escaped(name, can_refer))
}

/// A text in which nothing is markup. `is_parted`: whether a text must be parted between what comes before and the rest.
fn escaped(text: &str, is_parted: impl Fn(&str, &str) -> bool) -> String {
    let shown = shown(text);
    let mut out = String::with_capacity(shown.len());
    for (at, character) in shown.char_indices() {
        let (before, rest) = shown.split_at(at);
        if is_parted(before, rest) {
            out.push_str(SEPARATOR);
        }
        match character {
            '&' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '\\' | '|' | '"' | '\'' | '@' | '#' | '!'
            | '~' | '%' | '$' | '^' => out.push_str(&format!("&#{};", u32::from(character))),
            _ => out.push(character),
        }
    }
    out
}

/// Whether what is here would be a mention, a reference or a link.
fn can_refer(before: &str, rest: &str) -> bool {
    let Some((last, next)) = before.chars().next_back().zip(rest.chars().next()) else { return false };
    match last {
        // `*iteration:1` of GitLab; a host can begin with `*`.
        '*' => rest.get(..9).is_some_and(|begin| begin.eq_ignore_ascii_case("iteration")),
        '@' | '#' | '!' | '~' | '%' | '$' | '&' | '^' | '[' => !next.is_whitespace(),
        ':' => next == '/',
        'w' | 'W' => next == '.' && before.get(before.len().saturating_sub(3)..).is_some_and(is_www),
        '-' => next.is_ascii_digit() && ends_with_project(before),
        _ => false,
    }
}

fn is_www(text: &str) -> bool {
    text.eq_ignore_ascii_case("www")
}

/// Whether a text ends like `GH-` of GitHub, or with the key of a project in a tracker of issues.
fn ends_with_project(before: &str) -> bool {
    let word =
        before.trim_end_matches('-').rsplit(|it: char| !(it.is_ascii_alphanumeric() || it == '_')).next();
    let is_key = |word: &str| word.len() > 1 && !word.bytes().any(|it| it.is_ascii_lowercase());
    word.is_some_and(|word| is_key(word) && word.starts_with(|it: char| it.is_ascii_uppercase()))
}

/// Whether the first digit of what could be the id of a commit is before, and the others follow. Git writes them in lower case; in
/// upper case there are codes of quotas, which people copy.
fn is_in_commit(before: &str, rest: &str) -> bool {
    let is_word = |it: char| it.is_alphanumeric() || it == '_';
    let mut last = before.chars().rev();
    let is_digit = |it: char| it.is_ascii_digit() || ('a'..='f').contains(&it);
    let first = last.next().is_some_and(is_digit);
    if !first || last.next().is_some_and(is_word) {
        return false;
    }
    let digits = rest.chars().take_while(|it| is_digit(*it)).count();
    (6..40).contains(&digits) && !rest[digits..].starts_with(is_word)
}

/// A block that is shown as it is. `content` is not longer than it should be.
pub fn fence(language: &str, content: &str) -> String {
    // A fence ends with at least as many backticks as it began with (CommonMark 0.31, 4.5).
    let mut longest = 0;
    let mut run = 0;
    for character in content.chars() {
        run = if character == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(3.max(longest + 1));
    let line_break = if content.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{content}{line_break}{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_a_markup_is_written_as_a_character_reference() {
        assert_eq!(text("shop/checkout: 3 of 25"), "shop/checkout: 3 of 25");
        assert_eq!(text("</details><b>"), "&#60;/details&#62;&#60;b&#62;");
        assert_eq!(text("a|b `c` *d* [e](f)"), "a&#124;b &#96;c&#96; &#42;d&#42; &#91;&#8203;e&#93;(f)");
        assert_eq!(text("one\n\n# two"), "one\u{fffd}\u{fffd}&#35; two");
    }

    #[test]
    fn nobody_is_mentioned_and_nothing_becomes_a_link() {
        assert_eq!(
            text("@org/team #12 !3 20 %"),
            "&#64;&#8203;org/team &#35;&#8203;12 &#33;&#8203;3 20 &#37;"
        );
        assert_eq!(text("https://e.org WWW.e.org"), "https:&#8203;//e.org WWW&#8203;.e.org");
        assert_eq!(text("irc://e me@e.org"), "irc:&#8203;//e me&#64;&#8203;e.org");
    }

    #[test]
    fn no_reference_of_github_or_gitlab_stays_one() {
        for reference in [
            "&12",
            "~bug",
            "!3",
            "#4",
            "%v1",
            "$5",
            "^alert#6",
            "[issue:7]",
            "*iteration:8",
            "GH-9",
            "OPS_2-10",
        ] {
            let shown = text(reference).replace("&#8203;", "\u{200b}");
            assert!(shown.contains('\u{200b}'), "{reference}: {shown}");
        }
        assert_eq!(text("commit 3f2a91c is"), "commit 3&#8203;f2a91c is");
        let digest = "3f2a91c0".repeat(8);
        for plain in [
            "*.example.org",
            "albatross-3f2a91",
            "2026-11-21",
            "a-1",
            "10.0.0.0/16",
            "L-53DA6B97",
            digest.as_str(),
        ] {
            assert!(!text(plain).contains("&#8203;"), "{plain}");
        }
        assert_eq!(code("1a2b3c4d @a"), "<code>1a2b3c4d &#64;&#8203;a</code>");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(text(&"a".repeat(100_000)), format!("{}…", "a".repeat(SHOWN)));
    }

    #[test]
    fn a_fence_is_longer_than_any_in_its_content() {
        assert_eq!(fence("diff", "+ a\n"), "```diff\n+ a\n```\n");
        assert_eq!(fence("", "````\nb"), "`````\n````\nb\n`````\n");
    }
}
