//! What differs between two passes, snapshots or plans, as a comment on a pull request.

use super::{
    document::Document,
    escape::{code, text},
    plan::lines,
};
use crate::{
    difference::{Difference, Kind},
    render::{
        difference::{SIDES, last_line, rows},
        replay::figures,
        words::noun,
    },
};

/// The whole comment. `sides`: what both files are.
pub fn difference(difference: &Difference, sides: [&str; 2]) -> String {
    let mut document = Document::default();
    let mut head = format!("### Albatross\n\n**{}**\n", text(&last_line(difference)));
    if let Some(both) = difference.figures.as_ref().filter(|_| !difference.equal) {
        let [one, other] = SIDES;
        head.push_str(&format!("\n| | {one} | {other} | |\n|:--|--:|--:|--:|\n"));
        for row in figures(&both.before, &both.after) {
            head.push_str(&format!(
                "| {} | {} | {} | {} |\n",
                row.title, row.before, row.after, row.difference
            ));
        }
    }
    document.block("the summary", &head);
    add_part(&mut document, "In the answer", &difference.answer);
    if let Some(world) = &difference.world {
        add_part(&mut document, "In the world", world);
    }
    let sides = SIDES.into_iter().zip(sides).map(|(title, side)| format!("{title}: {}", text(side)));
    document.block("the files", &format!("<sub>{}</sub>\n", sides.collect::<Vec<_>>().join("<br>")));
    document.finish("<code>albatross diff</code> with the same files shows more, and with <code>--output json</code> most")
}

fn add_part(document: &mut Document, title: &str, kinds: &[Kind]) {
    if kinds.is_empty() {
        return;
    }
    document.block(title, &format!("#### {title}\n"));
    for kind in kinds {
        let numbers = [("+", kind.added.count), ("-", kind.removed.count), ("~", kind.changed)];
        let numbers: Vec<String> = numbers
            .into_iter()
            .filter(|(_, number)| *number > 0)
            .map(|(sign, number)| code(&format!("{sign}{number}")))
            .collect();
        let name = noun(kind.count(), kind.kind);
        document.folded(&name, &format!("<b>{}</b> {}", text(&name), numbers.join(" ")), &lines(&rows(kind)));
    }
}
