//! Rows of what `diff` finds, of which only names, or fields, are known.

use std::collections::BTreeSet;

use albatross_contract::ObjectName;

use super::{
    filter::Keys,
    rows::{Line, Row, Rows},
};
use crate::{
    difference::{Changed, Counted, Kind},
    json::fields::Field,
    render::words::more_of,
};

/// Adds the rows of a kind. `load_balancers`: the names of load balancers, by which rows are found.
pub fn add_kind(kind: &Kind, load_balancers: &BTreeSet<String>, rows: &mut Rows) {
    let there = || vec![(String::new(), "is there".to_owned())];
    let mut add = |names: &[String], sides: [Vec<Line>; 2], note: String| {
        rows.add(kind.kind, || Row {
            keys: keys(kind.kind, names, load_balancers),
            subject: names.join(", "),
            note,
            sides,
        });
    };
    for name in &kind.removed.first {
        add(std::slice::from_ref(name), [there(), Vec::new()], String::new());
    }
    for name in &kind.added.first {
        add(std::slice::from_ref(name), [Vec::new(), there()], String::new());
    }
    for Changed { objects, fields } in &kind.changes.first {
        add(&objects.first, changed_lines(&fields.first), note(objects, fields));
    }
    let named = kind.removed.first.len() + kind.added.first.len();
    let changed: usize = kind.changes.first.iter().map(|change| change.objects.count).sum();
    rows.leave_out(kind.kind, kind.count().saturating_sub(named + changed));
}

/// What a row about a change leaves out.
fn note(objects: &Counted<String>, fields: &Counted<Field>) -> String {
    let mut notes = Vec::new();
    if objects.count > objects.first.len() {
        notes.push(format!("{} in the same way", objects.count));
    }
    if let Some(more @ 1..) = fields.count.checked_sub(fields.first.len()) {
        notes.push(format!("and {}", more_of(more, "field")));
    }
    notes.join("; ")
}

/// The fields that differ, with both values.
pub fn changed_lines(fields: &[Field]) -> [Vec<Line>; 2] {
    let line = |field: &Field, value: &Option<String>| {
        (field.field.clone(), value.clone().unwrap_or_else(|| "nothing".to_owned()))
    };
    [
        fields.iter().map(|field| line(field, &field.before)).collect(),
        fields.iter().map(|field| line(field, &field.after)).collect(),
    ]
}

fn keys(kind: &str, names: &[String], load_balancers: &BTreeSet<String>) -> Keys {
    let is_named = |load_balancer: &&String| names.iter().any(|name| name.contains(load_balancer.as_str()));
    Keys {
        kind: kind.to_owned(),
        namespaces: names.iter().flat_map(|name| namespaces(name)).collect(),
        load_balancers: load_balancers.iter().filter(is_named).cloned().collect(),
        hosts: BTreeSet::new(),
    }
}

/// The namespaces of the objects that a text begins with: `shop/checkout`, or `shop/checkout, RouteGroup:shop/returns: no
/// certificate`.
fn namespaces(text: &str) -> Vec<String> {
    let (objects, _) = text.split_once(": ").unwrap_or((text, ""));
    let (objects, _) = objects.split_once(" and ").unwrap_or((objects, ""));
    let object =
        |name| ObjectName::parse(name).filter(|it| !it.namespace.is_empty() && !it.namespace.contains(' '));
    objects.split(", ").filter_map(object).map(|it| it.namespace).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted<T>(count: usize, first: Vec<T>) -> Counted<T> {
        Counted { count, first }
    }

    fn field(name: &str) -> Field {
        Field { field: name.to_owned(), before: None, after: Some("1".to_owned()) }
    }

    fn added(kind: &Kind, load_balancers: &[&str]) -> Rows {
        let mut rows = Rows::default();
        add_kind(kind, &load_balancers.iter().map(|it| (*it).to_owned()).collect(), &mut rows);
        rows
    }

    fn none() -> Kind {
        Kind {
            kind: "Ingress",
            added: counted(0, Vec::new()),
            removed: counted(0, Vec::new()),
            changed: 0,
            changes: counted(0, Vec::new()),
            of_sentences: false,
        }
    }

    #[test]
    fn a_row_about_several_objects_is_found_by_each_of_their_namespaces() {
        let objects = ["shop/a", "tools/b"].map(str::to_owned).to_vec();
        let changed = Changed { objects: counted(25, objects), fields: counted(2, vec![field("state")]) };
        let rows = added(&Kind { changed: 25, changes: counted(1, vec![changed]), ..none() }, &[]);
        let row = &rows.written()[0];
        assert_eq!(row.keys.namespaces.iter().collect::<Vec<_>>(), ["shop", "tools"]);
        assert_eq!(row.note, "25 in the same way; and 1 more field");
        assert_eq!(rows.left_out(), 0);
    }

    #[test]
    fn what_is_only_counted_is_left_out_and_problems_are_found_by_the_objects_that_have_them() {
        let problem = "shop/a, RouteGroup:tools/b and 3 more: no certificate for albatross-1".to_owned();
        let rows = added(
            &Kind { kind: "problem", added: counted(101, vec![problem]), ..none() },
            &["albatross-1", "albatross-2"],
        );
        let row = &rows.written()[0];
        assert_eq!(row.keys.namespaces.iter().collect::<Vec<_>>(), ["shop", "tools"]);
        assert_eq!(row.keys.load_balancers.iter().collect::<Vec<_>>(), ["albatross-1"]);
        assert_eq!((rows.count(), rows.left_out()), (101, 100));
    }
}
