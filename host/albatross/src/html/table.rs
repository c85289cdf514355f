//! Tables that can be wider than the screen: then the table scrolls, and not the page.

use super::{Element, element, text};
use crate::render::words::more_of;

/// A table. `caption`: what it shows. The first cell of each row is its heading.
pub fn table(caption: &str, columns: Vec<Element>, rows: Vec<Vec<Element>>) -> Element {
    let rows = rows.into_iter().map(|cells| element("tr").with_all(cells));
    scrolling(
        caption,
        element("table")
            .with(text("caption", caption))
            .with(element("thead").with(element("tr").with_all(columns)))
            .with(element("tbody").with_all(rows)),
    )
}

/// What a keyboard can scroll. It is no landmark: a page has dozens of tables.
pub fn scrolling(label: &str, content: Element) -> Element {
    element("div")
        .class("scrolling")
        .attribute("role", "group")
        .attribute("aria-label", label)
        .attribute("tabindex", "0")
        .with(content)
}

/// The heading of a column.
pub fn column(title: &str) -> Element {
    text("th", title).attribute("scope", "col")
}

/// The heading of a column of numbers.
pub fn numbers(title: &str) -> Element {
    column(title).class("number")
}

/// The heading of a row.
pub fn title(title: &str) -> Element {
    text("th", title).attribute("scope", "row")
}

/// A cell with a text.
pub fn cell(content: &str) -> Element {
    text("td", content)
}

/// A cell with a number or a share.
pub fn number(content: &str) -> Element {
    text("td", content).class("number")
}

/// What was left out of a list, if anything was. `detail`: what is said about it.
pub fn left_out(more: usize, singular: &str, detail: &str) -> Option<Element> {
    let are = if more == 1 { "is" } else { "are" };
    let note = format!(
        "{}{detail} {are} not shown, because the size of a page is limited.",
        more_of(more, singular)
    );
    (more > 0).then(|| text("p", &note).class("note"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_a_sentence() {
        let told =
            |more| left_out(more, "pass", " with moves").map(|note| text("div", "").with(note).document());
        assert!(told(0).is_none());
        assert!(told(1).unwrap().contains(">1 more pass with moves is not shown,"));
        assert!(told(2).unwrap().contains(">2 more passes with moves are not shown,"));
    }
}
