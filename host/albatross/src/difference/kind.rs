//! The differences of all objects of a kind: added, removed, and changed. What changes in the same way is one change, since in a
//! large cluster thousands of nodes often do; and lists have a limit.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::json::fields::{Field, fields};

/// The most names of objects that are added or removed. The others are only counted.
const NAMES: usize = 100;
/// The most changes of a kind.
const CHANGES: usize = 50;
/// The most names of objects that change in the same way.
const OBJECTS: usize = 20;
/// The most fields of a change.
const FIELDS: usize = 30;

/// The first elements of a list, and how many there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counted<T> {
    /// How many there are.
    pub count: usize,
    /// The first of them.
    pub first: Vec<T>,
}

impl<T> Counted<T> {
    fn new(mut all: Vec<T>, most: usize) -> Counted<T> {
        let count = all.len();
        all.truncate(most);
        Counted { count, first: all }
    }
}

/// The differences of the objects of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Kind {
    /// The kind, in the singular.
    pub kind: &'static str,
    /// The names of objects that only the second side has.
    pub added: Counted<String>,
    /// The names of objects that only the first side has.
    pub removed: Counted<String>,
    /// How many objects both sides have, with other content.
    pub changed: usize,
    /// The changes. Objects that change in the same way are one of them.
    pub changes: Counted<Changed>,
    /// Whether the objects have no names, but sentences that say what they are.
    #[serde(skip)]
    pub of_sentences: bool,
}

impl Kind {
    /// These objects have no names, but sentences that say what they are.
    pub fn of_sentences(self) -> Kind {
        Kind { of_sentences: true, ..self }
    }

    /// How many objects differ.
    pub fn count(&self) -> usize {
        self.added.count + self.removed.count + self.changed
    }
}

/// A change of one or more objects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Changed {
    /// The names of the objects.
    pub objects: Counted<String>,
    /// The fields that change.
    pub fields: Counted<Field>,
}

/// An object of a kind: what identifies it, its name for people, and its content.
pub struct Object<T> {
    /// Identifies it among the objects of its kind.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What is compared.
    pub content: T,
}

/// Compares the objects of a kind. `None`: they are the same.
pub fn compare<T: PartialEq>(
    kind: &'static str,
    before: Vec<Object<T>>,
    after: Vec<Object<T>>,
    json: impl Fn(&T) -> Value,
) -> Option<Kind> {
    let mut old = numbered(before);
    let mut added = Vec::new();
    // Changes by the first object that has them, to keep the order of the objects.
    let mut changes: BTreeMap<Vec<Field>, usize> = BTreeMap::new();
    let mut groups: Vec<(Vec<Field>, Vec<String>)> = Vec::new();
    for (key, object) in numbered(after) {
        let Some(before) = old.remove(&key) else {
            added.push(object.name);
            continue;
        };
        if before.content == object.content {
            continue;
        }
        let found = fields(&json(&before.content), &json(&object.content));
        if found.is_empty() {
            continue;
        }
        match changes.get(&found).and_then(|at| groups.get_mut(*at)) {
            Some((_, objects)) => objects.push(object.name),
            None => {
                changes.insert(found.clone(), groups.len());
                groups.push((found, vec![object.name]));
            }
        }
    }
    let removed: Vec<String> = old.into_values().map(|object| object.name).collect();
    if added.is_empty() && removed.is_empty() && groups.is_empty() {
        return None;
    }
    let changed = groups.iter().map(|(_, objects)| objects.len()).sum();
    let changes = groups.into_iter().map(|(fields, objects)| Changed {
        objects: Counted::new(objects, OBJECTS),
        fields: Counted::new(fields, FIELDS),
    });
    Some(Kind {
        kind,
        added: Counted::new(added, NAMES),
        removed: Counted::new(removed, NAMES),
        changed,
        changes: Counted::new(changes.collect(), CHANGES),
        of_sentences: false,
    })
}

/// Objects by their keys. Those with the same key are numbered, so that none is lost.
fn numbered<T>(objects: Vec<Object<T>>) -> BTreeMap<(String, usize), Object<T>> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let key = |object: &Object<T>| object.key.clone();
    let numbered = objects.into_iter().map(|object| {
        let count = counts.entry(key(&object)).or_default();
        *count += 1;
        ((key(&object), *count), object)
    });
    numbered.collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn objects(contents: &[(&str, u32)]) -> Vec<Object<u32>> {
        let object = |(name, content): &(&str, u32)| Object {
            key: (*name).to_owned(),
            name: (*name).to_owned(),
            content: *content,
        };
        contents.iter().map(object).collect()
    }

    fn compared(before: &[(&str, u32)], after: &[(&str, u32)]) -> Option<Kind> {
        compare("node", objects(before), objects(after), |content| json!({"size": content}))
    }

    #[test]
    fn objects_that_change_in_the_same_way_are_one_change() {
        let found =
            compared(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)], &[("a", 2), ("b", 3), ("c", 2), ("e", 1)]);
        let found = found.unwrap();
        assert_eq!((found.added.first, found.removed.first), (vec!["e".to_owned()], vec!["d".to_owned()]));
        assert_eq!((found.changed, found.changes.count), (3, 2));
        assert_eq!(found.changes.first[0].objects.first, ["a", "c"]);
        assert_eq!(found.changes.first[0].fields.first[0].after.as_deref(), Some("2"));
    }

    #[test]
    fn objects_with_the_same_key_are_compared_one_by_one() {
        let found = compared(&[("a", 1), ("a", 2)], &[("a", 1), ("a", 3), ("a", 4)]).unwrap();
        assert_eq!((found.changed, found.added.count, found.removed.count), (1, 1, 0));
    }

    #[test]
    fn ten_thousand_nodes_are_counted_and_not_listed() {
        let names: Vec<String> = (0..10_000).map(|number| format!("node-{number}")).collect();
        let side = |content: u32| names.iter().map(|name| (name.as_str(), content)).collect::<Vec<_>>();
        let found = compared(&side(1), &side(2)).unwrap();
        assert_eq!((found.changed, found.changes.count), (10_000, 1));
        assert_eq!(
            (found.changes.first[0].objects.count, found.changes.first[0].objects.first.len()),
            (10_000, 20)
        );
        assert_eq!(compared(&side(1), &[]).unwrap().removed.first.len(), 100);
        assert_eq!(compared(&side(1), &side(1)), None);
    }
}
