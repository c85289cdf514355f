//! A comment of limited size. A block is in it as a whole or not at all, and the end says what was left out.

use super::escape::{fence, text};
use crate::render::words::{count, first_of};

/// The largest comment, in bytes, of which a text never has fewer than characters. GitHub refuses comments of more than 65,536
/// characters ("body is too long"); the rest is for what a pipeline adds.
pub const MOST: usize = 60_000;

/// What the note at the end takes at most.
const NOTE: usize = 2_000;

/// The largest list, in bytes.
const LIST: usize = 12_000;

/// The largest block of lines, in bytes: one load balancer with thousands of rules leaves room for the others.
const LINES: usize = 12_000;

/// A comment that is being written.
#[derive(Default)]
pub struct Document {
    text: String,
    /// The names of blocks that were left out.
    left_out: Vec<String>,
    /// Whether a list or a block is not complete.
    shortened: bool,
}

impl Document {
    /// Adds a block, and an empty line before it. `name`: what is left out if there is no room.
    pub fn block(&mut self, name: &str, block: &str) {
        if self.text.len() + block.len() + 2 > MOST - NOTE {
            self.left_out.push(name.to_owned());
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(block);
        if !block.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Adds a list with a title: as many items as there is room for. No list, no title.
    pub fn list(&mut self, title: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        let mut block = format!("#### {title}\n\n");
        for (number, item) in items.iter().enumerate() {
            if block.len() + item.len() > LIST {
                self.shortened = true;
                block.push_str(&format!("- and {} more\n", items.len() - number));
                break;
            }
            block.push_str(&format!("- {item}\n"));
        }
        self.block(title, &block);
    }

    /// Adds lines that are folded under a summary, which is HTML: as many lines as there is room for. `name`: what is left out
    /// if there is no room at all.
    pub fn folded(&mut self, name: &str, summary: &str, lines: &str) {
        let content = self.first_lines(lines);
        let block =
            format!("<details>\n<summary>{summary}</summary>\n\n{}\n</details>\n", fence("diff", &content));
        self.block(name, &block);
    }

    fn first_lines(&mut self, lines: &str) -> String {
        if lines.len() <= LINES {
            return lines.to_owned();
        }
        let mut content = String::new();
        let mut left = 0;
        for line in lines.lines() {
            if left > 0 || content.len() + line.len() >= LINES {
                left += 1;
            } else {
                content.push_str(line);
                content.push('\n');
            }
        }
        self.shortened = true;
        content.push_str(&format!("… and {}\n", count(left, "more line")));
        content
    }

    /// The comment. `all`: what shows everything that was left out.
    pub fn finish(mut self, all: &str) -> String {
        let note = match self.left_out.as_slice() {
            [] if !self.shortened => return self.text,
            [] => "Not everything fits into this comment".to_owned(),
            left_out => {
                format!("Not in this comment, since they do not fit: {}", text(&first_of(left_out, 10)))
            }
        };
        self.text.push_str(&format!("\n_{note}. {all}._\n"));
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_stays_below_its_limit_and_names_what_it_leaves_out() {
        let mut document = Document::default();
        document.block("head", "head");
        let items: Vec<String> = (0..5_000).map(|number| format!("item {number}")).collect();
        document.list("Items", &items);
        for number in 0..40 {
            document.folded(&format!("albatross-{number}"), "summary", &"+ a line\n".repeat(2_000));
        }
        let text = document.finish("See elsewhere");
        assert!(text.len() <= MOST && text.len() > MOST / 2, "{}", text.len());
        assert!(text.contains("- and ") && text.contains("more lines\n```\n"), "{text}");
        assert!(text.ends_with("albatross-11, albatross-12 and 27 more. See elsewhere._\n"), "{text}");
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }

    #[test]
    fn nothing_is_said_where_nothing_is_left_out() {
        let mut document = Document::default();
        document.block("head", "head");
        document.list("Items", &[]);
        document.folded("albatross-1", "summary", "+ a line\n");
        let expected =
            "head\n\n<details>\n<summary>summary</summary>\n\n```diff\n+ a line\n```\n\n</details>\n";
        assert_eq!(document.finish("See elsewhere"), expected);
    }
}
