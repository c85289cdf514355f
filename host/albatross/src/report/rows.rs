//! Rows of what differs: as many of each kind as a page can have, and the number of the others.

use std::collections::BTreeMap;

use super::filter::Keys;
use crate::{
    html::{
        Element, element,
        table::{column, left_out, scrolling},
        text,
    },
    render::words::{count, cut},
};

/// The most rows of a kind. Each kind has its own limit, so that thousands of Ingresses hide no load balancer.
const ROWS: usize = 500;
/// The most characters of a value.
const VALUE: usize = 400;

/// The title of a value, which may be empty, and the value.
pub type Line = (String, String);

/// A row: what it is about, and both sides.
#[derive(Clone, Debug)]
pub struct Row {
    /// By what it is found.
    pub keys: Keys,
    /// What it is about.
    pub subject: String,
    /// More about it.
    pub note: String,
    /// The lines of both sides.
    pub sides: [Vec<Line>; 2],
}

/// Rows of several kinds.
#[derive(Debug, Default)]
pub struct Rows {
    written: Vec<Row>,
    /// How many there are of each kind, with those that are not written.
    kinds: BTreeMap<String, usize>,
}

impl Rows {
    /// Adds a row of a kind. It is only built if there is room for it.
    pub fn add(&mut self, kind: &str, row: impl FnOnce() -> Row) {
        let number = self.kinds.entry(kind.to_owned()).or_default();
        *number += 1;
        if *number <= ROWS {
            self.written.push(row());
        }
    }

    /// There are more of a kind, of which nothing but the number is known.
    pub fn leave_out(&mut self, kind: &str, more: usize) {
        if more > 0 {
            *self.kinds.entry(kind.to_owned()).or_default() += more;
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// The rows that are written.
    pub fn written(&self) -> &[Row] {
        &self.written
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.kinds.values().sum()
    }

    /// How many of them are not written.
    pub fn left_out(&self) -> usize {
        self.count() - self.written.len()
    }

    /// The table of the rows, and what it leaves out.
    pub fn table(&self, caption: &str, titles: [&str; 2]) -> Vec<Element> {
        let head = element("tr").with(column("what")).with_all(titles.map(column));
        let body = element("tbody").with_all(self.written.iter().map(Row::element));
        let table = element("table")
            .class("differences")
            .with(text("caption", caption))
            .with(element("thead").with(head))
            .with(body);
        let mut elements = vec![scrolling(caption, table)];
        let of_kind = |(kind, all): (&String, &usize)| {
            let written = self.written.iter().filter(|row| row.keys.kind == *kind).count();
            left_out(all - written, "row", &format!(" of kind {kind}"))
        };
        elements.extend(self.kinds.iter().filter_map(of_kind));
        elements
    }

    /// `12 differences`.
    pub fn counted(&self) -> String {
        count(self.count(), "difference")
    }
}

impl Row {
    fn element(&self) -> Element {
        let subject = element("th")
            .attribute("scope", "row")
            .with(text("span", &self.keys.kind).class("kind"))
            .with(text("span", &cut(&self.subject, VALUE)))
            .with_all((!self.note.is_empty()).then(|| text("span", &cut(&self.note, VALUE)).class("faint")));
        let side = |lines: &Vec<Line>| {
            let line = |(title, value): &Line| {
                element("div")
                    .with_all((!title.is_empty()).then(|| text("span", &format!("{title}: ")).class("faint")))
                    .with(text("span", &cut(value, VALUE)))
            };
            let none = lines.is_empty().then(|| text("span", "nothing").class("faint"));
            element("td").with_all(lines.iter().map(line)).with_all(none)
        };
        self.keys.row().with(subject).with_all(self.sides.iter().map(side))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn row(kind: &str, number: usize) -> Row {
        let side = vec![("load balancer".to_owned(), "x".repeat(10_000))];
        let keys = Keys {
            kind: kind.to_owned(),
            hosts: (0..300).map(|host| format!("{host}.example.org")).collect(),
            ..Keys::default()
        };
        Row { keys, subject: number.to_string(), note: String::new(), sides: [side.clone(), side] }
    }

    #[test]
    fn thousands_of_one_kind_hide_no_other_and_only_what_is_written_is_built() {
        let (mut rows, built) = (Rows::default(), Cell::new(0));
        for number in 0..3_000 {
            rows.add("Ingress", || {
                built.set(built.get() + 1);
                row("Ingress", number)
            });
        }
        rows.add("load balancer", || row("load balancer", 1));
        rows.leave_out("load balancer", 7);
        assert_eq!((built.get(), rows.count(), rows.left_out()), (500, 3_008, 2_507));
        let page = element("main").with_all(rows.table("All", ["A", "B"])).document();
        assert!(page.len() < 4_000_000, "{}", page.len());
        for expected in [
            "data-kind=\"load balancer\"",
            "2500 more rows of kind Ingress are not shown",
            "7 more rows of kind load balancer are not shown",
        ] {
            assert!(page.contains(expected), "{expected}");
        }
    }
}
