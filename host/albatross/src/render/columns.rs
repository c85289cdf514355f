//! Rows of a sign, a subject and a detail, in columns that fit the width.

use super::style::{Style, Tint, printable};

/// The sign at the beginning of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// Is added.
    Add,
    /// Is changed.
    Change,
    /// Is removed.
    Remove,
    /// A person should look at it.
    Attention,
    /// Good to know.
    Note,
    /// Was chosen.
    Chosen,
    /// Was not chosen.
    Unchosen,
    /// Succeeded.
    Done,
    /// Failed.
    Failed,
    /// Was not tried.
    Skipped,
}

impl Sign {
    /// The character of the sign.
    pub fn text(self) -> &'static str {
        match self {
            Sign::Add => "+",
            Sign::Change => "~",
            Sign::Remove => "-",
            Sign::Skipped => "○",
            Sign::Attention => "!",
            Sign::Note => "·",
            Sign::Chosen => "=",
            Sign::Unchosen => " ",
            Sign::Done => "✓",
            Sign::Failed => "✗",
        }
    }

    /// The colour of the sign.
    pub(super) fn tint(self) -> Tint {
        match self {
            Sign::Add | Sign::Chosen | Sign::Done => Tint::Added,
            Sign::Change | Sign::Attention => Tint::Changed,
            Sign::Remove | Sign::Failed => Tint::Removed,
            Sign::Note | Sign::Unchosen | Sign::Skipped => Tint::Faint,
        }
    }
}

/// A row: `    + certificate shop.example.org   shop/checkout asks for it`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Spaces before the sign or subject.
    pub indent: usize,
    /// The sign. `None`: the subject begins in the place of the sign.
    pub sign: Option<Sign>,
    /// The subject.
    pub subject: String,
    /// What the row says about the subject; may be empty.
    pub detail: String,
}

impl Row {
    /// A row with a sign.
    pub fn signed(indent: usize, sign: Sign, subject: impl Into<String>, detail: impl Into<String>) -> Row {
        Row { indent, sign: Some(sign), subject: subject.into(), detail: detail.into() }
    }

    /// A row without a sign.
    pub fn plain(indent: usize, subject: impl Into<String>, detail: impl Into<String>) -> Row {
        Row { indent, sign: None, subject: subject.into(), detail: detail.into() }
    }

    /// The width of the sign and the space after it.
    fn sign_width(&self) -> usize {
        if self.sign.is_some() { 2 } else { 0 }
    }

    fn subject_end(&self) -> usize {
        self.indent + self.sign_width() + self.subject.chars().count()
    }
}

/// Writes rows with aligned details. The detail of a subject that is longer than half of the width is on the next line,
/// indented.
pub fn write(rows: &[Row], style: Style, out: &mut String) {
    let half = style.width() / 2;
    let column = rows
        .iter()
        .filter(|row| !row.detail.is_empty())
        .map(|row| row.subject_end() + 2)
        .filter(|end| *end <= half)
        .max()
        .unwrap_or(0);
    for row in rows {
        write_row(row, column, style, out);
    }
}

fn write_row(row: &Row, column: usize, style: Style, out: &mut String) {
    let start = row.indent + row.sign_width();
    let indentation = " ".repeat(row.indent);
    match row.sign {
        Some(sign) if style.signs_first() => out.push_str(&format!("{} {indentation}", sign.text())),
        Some(sign) => {
            out.push_str(&format!("{indentation}{} ", style.paint(sign.tint(), sign.text())));
        }
        None => out.push_str(&indentation),
    }
    let subject = wrap(&row.subject, style.width().saturating_sub(start));
    let mut at = start;
    for (number, line) in subject.iter().enumerate() {
        if number > 0 {
            new_line(start, out);
        }
        out.push_str(line);
        at = start + line.chars().count();
    }
    if !row.detail.is_empty() {
        let below = at + 2 > column || subject.len() > 1;
        let column = if below { start + 2 } else { column };
        if below {
            new_line(column, out);
        } else {
            out.extend(std::iter::repeat_n(' ', column - at));
        }
        for (number, line) in wrap(&row.detail, style.width().saturating_sub(column)).iter().enumerate() {
            if number > 0 {
                new_line(column, out);
            }
            out.push_str(line);
        }
    }
    trim_end(out);
    out.push('\n');
}

/// Breaks a text at spaces into lines of at most `width` characters, each [`printable`]. A longer word is not broken: an
/// ARN or a host must stay in one piece to be copied.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let text = printable(text);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        let Some(line) = lines.last_mut() else { break };
        if used == 0 {
            line.push_str(word);
            used = length;
        } else if used + 1 + length <= width {
            line.push(' ');
            line.push_str(word);
            used += 1 + length;
        } else {
            lines.push(word.to_owned());
            used = length;
        }
    }
    lines
}

fn new_line(column: usize, out: &mut String) {
    trim_end(out);
    out.push('\n');
    out.extend(std::iter::repeat_n(' ', column));
}

fn trim_end(out: &mut String) {
    out.truncate(out.trim_end_matches(' ').len());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &[Row], columns: usize) -> String {
        let mut out = String::new();
        write(rows, Style::terminal(false, columns), &mut out);
        out
    }

    #[test]
    fn details_are_aligned() {
        let rows = [
            Row::signed(2, Sign::Add, "certificate a.example.org", "new"),
            Row::signed(2, Sign::Remove, "certificate b", "no Ingress needs it"),
        ];
        let expected =
            "  + certificate a.example.org  new\n  - certificate b              no Ingress needs it\n";
        assert_eq!(text(&rows, 100), expected);
    }

    #[test]
    fn a_difference_has_its_signs_at_the_beginning_of_the_line() {
        let rows = [Row::plain(4, "listener 443", ""), Row::signed(6, Sign::Add, "certificate a", "new")];
        let mut out = String::new();
        write(&rows, Style::difference(), &mut out);
        assert_eq!(out, "    listener 443\n+       certificate a  new\n");
    }

    #[test]
    fn a_long_detail_goes_on_below_itself_and_never_beyond_the_width() {
        let rows = [Row::plain(0, "shop/checkout", "one two three four five six seven eight nine")];
        let expected = "shop/checkout  one two three four five\n               six seven eight nine\n";
        assert_eq!(text(&rows, 40), expected);
    }

    #[test]
    fn text_from_outside_cannot_move_the_cursor_or_begin_a_line() {
        let rows =
            [Row::plain(0, "shop/checkout", "expected internal, found \u{1b}[2J\rfine\nPlan: nothing")];
        assert_eq!(
            text(&rows, 100),
            "shop/checkout  expected internal, found \u{fffd}[2J\u{fffd}fine\u{fffd}Plan: nothing\n"
        );
    }

    #[test]
    fn a_subject_longer_than_half_of_the_width_has_its_detail_on_the_next_line() {
        let rows = [
            Row::plain(2, "short", "first"),
            Row::plain(2, "a-subject-that-is-longer-than-half-of-it", "second"),
        ];
        assert_eq!(
            text(&rows, 40),
            "  short  first\n  a-subject-that-is-longer-than-half-of-it\n    second\n"
        );
    }
}
