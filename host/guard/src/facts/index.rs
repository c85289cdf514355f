//! Lists, indexed by name. Nothing depends on the order of a map: the guard gives the same answer for the same input.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
};

/// A map with a hasher that is fast for names of some dozen bytes; seeded, so that names cannot be made to collide.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
/// A set with the same hasher.
pub(crate) type Set<T> = HashSet<T, foldhash::fast::RandomState>;

/// What is found by its name. Most passes ask for little of it, so it is indexed when it is first asked for.
pub(crate) struct Index<'a, T> {
    list: &'a [T],
    key: fn(&T) -> &String,
    by_key: OnceCell<Map<&'a str, &'a T>>,
}

impl<'a, T> Index<'a, T> {
    pub(crate) const fn new(list: &'a [T], key: fn(&T) -> &String) -> Self {
        Index { list, key, by_key: OnceCell::new() }
    }

    /// The one with a name; the last of several.
    pub(crate) fn get(&self, name: &str) -> Option<&'a T> {
        let by_key = || self.list.iter().map(|item| ((self.key)(item).as_str(), item)).collect();
        self.by_key.get_or_init(by_key).get(name).copied()
    }
}
