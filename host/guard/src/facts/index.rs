//! Lists, indexed by name. Nothing depends on the order of a map: the same input always gets the same answer.

use std::{
    cell::OnceCell,
    collections::{HashMap, HashSet},
};

/// A map with a hasher that is fast for names of a few dozen bytes, and seeded, so that nobody can make names collide.
pub(crate) type Map<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
/// A set with the same hasher.
pub(crate) type Set<T> = HashSet<T, foldhash::fast::RandomState>;

/// Items that are found by name. The index is built on first use, since most passes look up only a few items.
pub(crate) struct Index<'a, T> {
    list: &'a [T],
    key: fn(&T) -> &String,
    by_key: OnceCell<Map<&'a str, &'a T>>,
}

impl<'a, T> Index<'a, T> {
    pub(crate) const fn new(list: &'a [T], key: fn(&T) -> &String) -> Self {
        Index { list, key, by_key: OnceCell::new() }
    }

    /// The item with a name; the last of several.
    pub(crate) fn get(&self, name: &str) -> Option<&'a T> {
        let by_key = || self.list.iter().map(|item| ((self.key)(item).as_str(), item)).collect();
        self.by_key.get_or_init(by_key).get(name).copied()
    }
}
