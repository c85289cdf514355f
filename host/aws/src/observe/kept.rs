//! Caches: values that were read from AWS and are kept for a while.

use std::collections::BTreeMap;

use albatross_contract::Timestamp;

/// A value, and when it was read.
#[derive(Clone, Debug)]
struct Aged<T> {
    at: Timestamp,
    value: T,
}

/// A cache of one value.
#[derive(Debug)]
pub(crate) struct Kept<T>(Option<Aged<T>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept(None)
    }
}

impl<T> Kept<T> {
    /// The value, if it is less than `age` seconds old.
    pub(crate) fn fresh(&self, now: Timestamp, age: u64) -> Option<&T> {
        self.0.as_ref().filter(|kept| is_fresh(kept.at, now, age)).map(|kept| &kept.value)
    }

    /// The last value, however old.
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

/// A cache of values by ARN.
#[derive(Debug)]
pub(crate) struct Shelf<T>(BTreeMap<String, Aged<T>>);

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Shelf(BTreeMap::new())
    }
}

impl<T> Shelf<T> {
    /// The value, if it is to be read again only later: values that were read at the same time are read again at different
    /// times, each when it is `age` seconds old at most. Otherwise one pass in many would read everything.
    pub(crate) fn fresh(&self, arn: &str, now: Timestamp, age: u64) -> Option<&T> {
        let turn = |at: Timestamp| at.saturating_add(offset(arn) % age) / age;
        let is_before_its_turn = |kept: &&Aged<T>| is_fresh(kept.at, now, age) && turn(kept.at) == turn(now);
        self.0.get(arn).filter(is_before_its_turn).map(|kept| &kept.value)
    }

    /// The last value, however old.
    pub(crate) fn last(&self, arn: &str) -> Option<&T> {
        self.0.get(arn).map(|kept| &kept.value)
    }

    /// When the value was read. 0: it was never read, or something may have changed it since.
    pub(crate) fn read_at(&self, arn: &str) -> Timestamp {
        self.0.get(arn).map_or(0, |kept| kept.at)
    }

    pub(crate) fn keep(&mut self, arn: &str, now: Timestamp, value: T) {
        self.0.insert(arn.to_owned(), Aged { at: now, value });
    }

    /// Marks a value as stale, so that it is read again, and keeps it as the last known value.
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

    /// Forgets the resources that no longer exist.
    pub(crate) fn retain(&mut self, exists: impl Fn(&str) -> bool) {
        self.0.retain(|arn, _| exists(arn));
    }

    /// Forgets a value.
    pub(crate) fn remove(&mut self, arn: &str) {
        self.0.remove(arn);
    }

    /// The last values, however old.
    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.0.values().map(|kept| &kept.value)
    }

    pub(crate) fn arns(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// Spreads ARNs evenly, and in the same way in every process (FNV-1a: Fowler, Noll and Vo).
fn offset(arn: &str) -> u64 {
    arn.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// A value from the future is stale: otherwise it would stay fresh too long after the clock was set back.
fn is_fresh(at: Timestamp, now: Timestamp, age: u64) -> bool {
    now >= at && now - at < age
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_253_400;

    #[test]
    fn a_kept_value_is_fresh_until_it_reaches_the_age() {
        let mut kept = Kept::default();
        kept.keep(100, "subnets");
        assert_eq!(kept.fresh(159, 60), Some(&"subnets"));
        assert_eq!(kept.fresh(160, 60), None);
        assert_eq!(kept.fresh(99, 60), None, "the clock was set back");
        assert_eq!(kept.last(), Some(&"subnets"));
    }

    #[test]
    fn values_that_were_read_together_are_read_again_one_after_the_other() {
        const AGE: u64 = 300;
        let arns: Vec<String> = (0..500).map(|number| format!("targetgroup/albatross-{number}/0a")).collect();
        let mut shelf = Shelf::default();
        arns.iter().for_each(|arn| shelf.keep(arn, NOW, ()));
        let mut read_again = Vec::new();
        for minute in 1..=10 {
            let now = NOW + 60 * minute;
            let stale: Vec<&String> =
                arns.iter().filter(|arn| shelf.fresh(arn, now, AGE).is_none()).collect();
            stale.iter().for_each(|arn| shelf.keep(arn, now, ()));
            read_again.push(stale.len());
        }
        assert_eq!(read_again.iter().sum::<usize>(), 2 * arns.len(), "each once in {AGE} s");
        assert!(read_again.iter().all(|count| (60..=140).contains(count)), "{read_again:?}");
        assert!(arns.iter().all(|arn| shelf.fresh(arn, NOW + 900, AGE).is_none()));
    }

    #[test]
    fn a_value_that_was_marked_as_stale_is_read_again() {
        let mut shelf = Shelf::default();
        shelf.keep("listener", NOW, "rules");
        shelf.age("listener");
        assert_eq!(shelf.fresh("listener", NOW, 300), None);
        assert_eq!(shelf.last("listener"), Some(&"rules"));
        assert_eq!([shelf.read_at("listener"), shelf.read_at("other")], [0, 0]);
    }
}
