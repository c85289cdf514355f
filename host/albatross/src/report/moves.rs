//! What moves, and what is withheld, in any pass of a folder.

use std::collections::{BTreeMap, BTreeSet};

use albatross_contract::{ObjectName, Withheld};

use super::{
    differences::keys,
    filter::Keys,
    numbers,
    replay::Replayed,
    rows::{Row, Rows},
};
use crate::{
    comparison::without_note,
    html::{Element, table::left_out},
    render::{time::moment, words::count},
    replay::{Move, Report, Span},
};

/// The rows of the moves. `passes`: those that are shown as a whole, which say what hosts there are.
pub fn rows(report: &Report, passes: &[Replayed<'_>]) -> Rows {
    let mut hosts: BTreeMap<ObjectName, Vec<&str>> = BTreeMap::new();
    for pass in passes {
        hosts.extend(pass.both("").hosts());
    }
    let mut rows = Rows::default();
    for span in &report.changes {
        for found in &span.changes.moves {
            let object = object(&found.object);
            rows.add(object.kind.kubernetes(), || of_move(span, found, &object, &hosts));
        }
        for found in &span.changes.withheld {
            rows.add(WITHHELD, || of_withheld(span, found));
        }
    }
    rows
}

const WITHHELD: &str = "withheld change";

/// Their table. An object that moves in several stretches of passes has several rows.
pub fn table(report: &Report, rows: &Rows, titles: [&str; 2]) -> Vec<Element> {
    let mut elements = Vec::new();
    if !rows.is_empty() {
        let caption = format!(
            "Moves in all passes, in {}: a row for each stretch of passes with the same changes",
            count(rows.count(), "row")
        );
        elements.extend(rows.table(&caption, titles));
    }
    elements.extend(left_out(report.changes_left_out, "pass", " with moves or withheld changes"));
    elements
}

fn of_move(span: &Span, found: &Move, object: &ObjectName, hosts: &BTreeMap<ObjectName, Vec<&str>>) -> Row {
    let load_balancers = [&found.from, &found.to].map(|place| without_note(place).to_owned());
    let hosts = hosts.get(object).map(Vec::as_slice).unwrap_or_default();
    let note = if found.name_changes { "; its DNS name changes" } else { "" };
    Row {
        keys: keys(object, BTreeSet::from(load_balancers), hosts),
        subject: found.object.clone(),
        note: format!("{}{note}", when(span)),
        sides: [&found.from, &found.to].map(|place| vec![(String::new(), place.clone())]),
    }
}

fn of_withheld(span: &Span, found: &Withheld) -> Row {
    let namespaces = found.ids.iter().map(|id| object(id).namespace).filter(|it| !it.is_empty());
    Row {
        keys: Keys { kind: WITHHELD.to_owned(), namespaces: namespaces.collect(), ..Keys::default() },
        subject: found.message.clone(),
        note: when(span),
        sides: [Vec::new(), vec![(String::new(), numbers::listed(&found.ids))]],
    }
}

fn when(span: &Span) -> String {
    if span.passes == 1 {
        return moment(span.begin.time);
    }
    format!("{} to {}, {}", moment(span.begin.time), moment(span.last), count(span.passes, "pass"))
}

/// An object by the text that names it.
fn object(name: &str) -> ObjectName {
    ObjectName::parse(name).unwrap_or_else(|| ObjectName::ingress("", name))
}
