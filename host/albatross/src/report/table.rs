//! Tables that can be wider than the screen: then the table scrolls, and not the page.

use super::html::{Element, element, text};

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

/// What a keyboard can scroll. It is no landmark: a report has dozens of tables.
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

/// What was left out of a list, if anything was.
pub fn left_out(more: usize, what: &str) -> Option<Element> {
    let note = format!("{more} more {what} are not in this report, which has a limited size.");
    (more > 0).then(|| text("p", &note).class("note"))
}
