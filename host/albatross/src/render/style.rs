//! Colour and width. A colour never carries a meaning that is not in the text.

use std::borrow::Cow;

/// The widest line, on any terminal: longer lines are hard to read.
const WIDEST: usize = 100;
/// The narrowest layout; a narrower terminal wraps the lines itself.
const NARROWEST: usize = 40;

/// How a screen looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    colour: bool,
    width: usize,
    /// Whether signs stand at the beginning of a line, before the indentation.
    signs_first: bool,
}

/// The meaning of a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    /// Something new, something that worked.
    Added,
    /// Something changed, something to look at.
    Changed,
    /// Something removed, something that failed.
    Removed,
    /// The resource that a person manages.
    Name,
    /// What can be skipped.
    Faint,
}

impl Style {
    /// Without colour and with the greatest width: for files, pipes and tests.
    pub fn plain() -> Style {
        Style { colour: false, width: WIDEST, signs_first: false }
    }

    /// Plain, with signs where a difference in Markdown has them: viewers colour these lines.
    pub fn difference() -> Style {
        Style { signs_first: true, ..Style::plain() }
    }

    /// For a terminal with this number of columns.
    pub fn terminal(colour: bool, columns: usize) -> Style {
        Style { colour, width: columns.clamp(NARROWEST, WIDEST), signs_first: false }
    }

    /// Whether signs stand at the beginning of a line.
    pub(super) fn signs_first(self) -> bool {
        self.signs_first
    }

    /// The number of columns that may be used.
    pub fn width(self) -> usize {
        self.width
    }

    /// A text in a colour, or as it is.
    pub fn paint(self, tint: Tint, text: &str) -> Cow<'_, str> {
        if !self.colour || text.is_empty() {
            return Cow::Borrowed(text);
        }
        // SGR codes of ECMA-48; 0 resets.
        let code = match tint {
            Tint::Added => "32",
            Tint::Changed => "33",
            Tint::Removed => "31",
            Tint::Name => "1",
            Tint::Faint => "2",
        };
        Cow::Owned(format!("\u{1b}[{code}m{text}\u{1b}[0m"))
    }
}

/// A text without characters that move the cursor or begin a line: text from outside, an annotation for example, must not
/// erase or forge a part of the screen by which a person decides (as in CVE-2021-25743 of kubectl).
pub fn printable(text: &str) -> String {
    text.replace(is_hidden, "\u{fffd}")
}

/// Whether a character is invisible or changes how others are shown: control characters, characters that change the
/// direction of text (as in CVE-2021-42574), line separators, and characters without a width.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// A whole screen on its way to a terminal: line breaks and our own colours stay, all other hidden characters are
/// replaced. Every field should be [`printable`] already; this catches those that are not.
pub fn screen(text: &str) -> Cow<'_, str> {
    let is_fine = |character: char| character == '\n' || !is_hidden(character);
    if text.chars().all(is_fine) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let colour = COLOURS.iter().find(|colour| rest.starts_with(**colour));
        match colour {
            Some(colour) => shown.push_str(colour),
            None => shown.push(if is_fine(character) { character } else { '\u{fffd}' }),
        }
        rest = &rest[colour.map_or(character.len_utf8(), |colour| colour.len())..];
    }
    Cow::Owned(shown)
}

/// Every sequence that [`Style::paint`] writes.
const COLOURS: [&str; 6] = ["\u{1b}[0m", "\u{1b}[1m", "\u{1b}[2m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"];

/// JSON on its way to a terminal: hidden characters are written as JSON escapes, which does not change their meaning.
pub fn escaped(json: &str) -> Cow<'_, str> {
    let is_fine = |character: char| character == '\n' || !is_hidden(character);
    if json.chars().all(is_fine) {
        return Cow::Borrowed(json);
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if is_fine(character) {
            escaped.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_a_text_stays_as_it_is() {
        assert_eq!(Style::plain().paint(Tint::Removed, "gone"), "gone");
        assert_eq!(Style::terminal(true, 80).paint(Tint::Removed, "gone"), "\u{1b}[31mgone\u{1b}[0m");
    }

    #[test]
    fn a_screen_keeps_its_lines_and_colours_and_nothing_else_that_is_hidden() {
        let ours = "\u{1b}[32m+\u{1b}[0m shop\n";
        assert_eq!(screen(ours), ours);
        assert_eq!(screen("a\u{202e}b\u{1b}[2Jc\r\u{9b}31m"), "a\u{fffd}b\u{fffd}[2Jc\u{fffd}\u{fffd}31m");
        assert_eq!(printable("a\u{2066}b\nc"), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn hidden_characters_are_escaped_in_json_and_keep_their_meaning() {
        let text = "\u{202e}\u{7f}\u{9b}\u{e0041} shop";
        let json = serde_json::to_string(text).unwrap_or_default();
        let shown = escaped(&json);
        assert!(!shown.chars().any(is_hidden), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).ok().as_deref(), Some(text));
    }

    #[test]
    fn the_width_follows_the_terminal_within_bounds() {
        assert_eq!(Style::terminal(false, 80).width(), 80);
        assert_eq!(Style::terminal(false, 400).width(), 100);
        assert_eq!(Style::terminal(false, 3).width(), 40);
    }
}
