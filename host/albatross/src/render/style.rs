//! Colour and width. A colour never says what the text does not.

use std::borrow::Cow;

/// Widest line that is written, whatever the terminal: longer ones are hard to read.
const WIDEST: usize = 100;
/// Narrowest layout; a terminal below that wraps for itself.
const NARROWEST: usize = 40;

/// How a screen looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    colour: bool,
    width: usize,
}

/// What a colour is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tint {
    /// Something new, something that worked.
    Added,
    /// Something changed, something to look at.
    Changed,
    /// Something removed, something that failed.
    Removed,
    /// The thing that a person manages.
    Name,
    /// What can be passed over.
    Faint,
}

impl Style {
    /// Without colour, as wide as a screen can be: for files, pipes and tests.
    pub fn plain() -> Style {
        Style { colour: false, width: WIDEST }
    }

    /// For a terminal of so many columns.
    pub fn terminal(colour: bool, columns: usize) -> Style {
        Style { colour, width: columns.clamp(NARROWEST, WIDEST) }
    }

    /// Columns that may be used.
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

/// A text without what moves a cursor or begins a line: what others wrote, an annotation for example, must not erase or
/// forge a part of what a person decides by (as in CVE-2021-25743 of kubectl).
pub fn printable(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
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
    fn the_width_follows_the_terminal_within_bounds() {
        assert_eq!(Style::terminal(false, 80).width(), 80);
        assert_eq!(Style::terminal(false, 400).width(), 100);
        assert_eq!(Style::terminal(false, 3).width(), 40);
    }
}
