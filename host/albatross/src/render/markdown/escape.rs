//! Text from outside in Markdown and in the HTML within it.
//!
//! Everything that begins a markup is written as a character reference: "Entity and numeric character references cannot be used
//! in place of symbols indicating structure" (CommonMark 0.31, 2.5), and HTML reads them the same way.

use super::SHOWN;
use crate::render::{style::printable, words::cut};

/// Separates a sign from what follows without being seen: GitHub and GitLab look for mentions (`@team`) and references (`#1`,
/// `!1`) in the finished text, in which a character reference alone would change nothing.
const SEPARATOR: &str = "&#8203;";

/// The part of a text that [`text`] shows.
pub fn shown(text: &str) -> String {
    cut(&printable(text), SHOWN)
}

/// A text that shows what it says: no markup, no link, no mention. It can be in a line of its own, in a list, in a table, and in
/// HTML.
pub fn text(text: &str) -> String {
    let shown = shown(text);
    let mut out = String::with_capacity(shown.len());
    let mut characters = shown.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '&' | '<' | '>' | '`' | '*' | '_' | '[' | ']' | '\\' | '|' | '"' | '\'' => {
                reference(character, &mut out);
            }
            '@' | '#' | '!' | '~' | '%' | '$' => {
                reference(character, &mut out);
                if characters.peek().is_some_and(|next| !next.is_whitespace()) {
                    out.push_str(SEPARATOR);
                }
            }
            // `https://` and `www.` become links by themselves.
            '/' if out.ends_with(':') => reference(character, &mut out),
            '.' if ends_with_www(&out) => reference(character, &mut out),
            _ => out.push(character),
        }
    }
    out
}

fn reference(character: char, out: &mut String) {
    out.push_str(&format!("&#{};", u32::from(character)));
}

fn ends_with_www(text: &str) -> bool {
    text.get(text.len().saturating_sub(3)..).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

/// A name, in the font of code. It can be where [`text`] can be.
pub fn code(name: &str) -> String {
    format!("<code>{}</code>", text(name))
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
        assert_eq!(text("a|b `c` *d* [e](f)"), "a&#124;b &#96;c&#96; &#42;d&#42; &#91;e&#93;(f)");
        assert_eq!(text("one\n\n# two"), "one\u{fffd}\u{fffd}&#35; two");
    }

    #[test]
    fn nobody_is_mentioned_and_nothing_becomes_a_link() {
        assert_eq!(
            text("@org/team #12 !3 20 %"),
            "&#64;&#8203;org/team &#35;&#8203;12 &#33;&#8203;3 20 &#37;"
        );
        assert_eq!(text("https://e.org WWW.e.org"), "https:&#47;/e.org WWW&#46;e.org");
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
