//! What was read and is kept for a while.

use std::collections::BTreeMap;

use albatross_contract::Timestamp;

/// A thing and when it was read.
#[derive(Clone, Debug)]
struct Aged<T> {
    at: Timestamp,
    value: T,
}

/// One thing that is kept.
#[derive(Debug)]
pub(crate) struct Kept<T>(Option<Aged<T>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept(None)
    }
}

impl<T> Kept<T> {
    /// The thing, unless it is `age` seconds old.
    pub(crate) fn fresh(&self, now: Timestamp, age: u64) -> Option<&T> {
        self.0.as_ref().filter(|kept| is_fresh(kept.at, now, age)).map(|kept| &kept.value)
    }

    /// The thing, however old.
    pub(crate) fn last(&self) -> Option<&T> {
        self.0.as_ref().map(|kept| &kept.value)
    }

    pub(crate) fn keep(&mut self, now: Timestamp, value: T) {
        self.0 = Some(Aged { at: now, value });
    }

    pub(crate) fn forget(&mut self) {
        self.0 = None;
    }
}

/// Things that are kept, by ARN.
#[derive(Debug)]
pub(crate) struct Shelf<T>(BTreeMap<String, Aged<T>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Shelf(BTreeMap::new())
    }
}

impl<T> Shelf<T> {
    /// The thing, unless it is `age` seconds old.
    pub(crate) fn fresh(&self, arn: &str, now: Timestamp, age: u64) -> Option<&T> {
        self.0.get(arn).filter(|kept| is_fresh(kept.at, now, age)).map(|kept| &kept.value)
    }

    /// The thing, however old.
    pub(crate) fn last(&self, arn: &str) -> Option<&T> {
        self.0.get(arn).map(|kept| &kept.value)
    }

    pub(crate) fn keep(&mut self, arn: &str, now: Timestamp, value: T) {
        self.0.insert(arn.to_owned(), Aged { at: now, value });
    }

    /// Lets a thing be read again, and keeps it as what was last known.
    pub(crate) fn age(&mut self, arn: &str) {
        if let Some(kept) = self.0.get_mut(arn) {
            kept.at = 0;
        }
    }

    /// The same for everything.
    pub(crate) fn age_all(&mut self) {
        for kept in self.0.values_mut() {
            kept.at = 0;
        }
    }

    /// Forgets what no longer exists.
    pub(crate) fn retain(&mut self, exists: impl Fn(&str) -> bool) {
        self.0.retain(|arn, _| exists(arn));
    }

    pub(crate) fn arns(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// A clock that was set back makes nothing fresh for ever.
fn is_fresh(at: Timestamp, now: Timestamp, age: u64) -> bool {
    now >= at && now - at < age
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_fresh_until_its_age_is_over() {
        let mut kept = Kept::default();
        kept.keep(100, "subnets");
        assert_eq!(kept.fresh(159, 60), Some(&"subnets"));
        assert_eq!(kept.fresh(160, 60), None);
        assert_eq!(kept.fresh(99, 60), None, "the clock was set back");
        assert_eq!(kept.last(), Some(&"subnets"));
    }
}
