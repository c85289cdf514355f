//! Caches: values that were read from AWS and are kept for a while.

use std::collections::BTreeMap;

use albatross_contract::Timestamp;

use super::round::Moment;

/// The age of values that are fresh until they are marked as stale.
pub(crate) const UNTIL_MARKED: u64 = u64::MAX;

/// A value, and when it was read. 0: it was marked as stale.
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
    /// The value, if it is less than `age` seconds old. In a quick observation, the last value.
    pub(crate) fn fresh(&self, now: Moment, age: u64) -> Option<&T> {
        let is_good = |kept: &&Aged<T>| now.is_quick || is_fresh(kept.at, now.at, age);
        self.0.as_ref().filter(is_good).map(|kept| &kept.value)
    }

    /// The last value, however old.
    pub(crate) fn last(&self) -> Option<&T> {
        self.0.as_ref().map(|kept| &kept.value)
    }

    pub(crate) fn keep(&mut self, now: Moment, value: T) {
        self.0 = Some(Aged { at: now.at, value });
    }

    /// Marks the value as stale, so that it is read again. It stays the last value.
    pub(crate) fn age(&mut self) {
        if let Some(kept) = &mut self.0 {
            kept.at = 0;
        }
    }

    /// Forgets the value: something may have changed it.
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
    /// times, each when it is `age` seconds old at most. Otherwise one pass in many would read everything. In a quick
    /// observation, only values that were marked as stale are to be read.
    pub(crate) fn fresh(&self, arn: &str, now: Moment, age: u64) -> Option<&T> {
        let turn = |at: Timestamp| at.saturating_add(offset(arn) % age) / age;
        let is_before_its_turn = |at| is_fresh(at, now.at, age) && turn(at) == turn(now.at);
        let is_good = |kept: &&Aged<T>| if now.is_quick { kept.at != 0 } else { is_before_its_turn(kept.at) };
        self.0.get(arn).filter(is_good).map(|kept| &kept.value)
    }

    /// The last value, however old.
    pub(crate) fn last(&self, arn: &str) -> Option<&T> {
        self.0.get(arn).map(|kept| &kept.value)
    }

    /// When the value was read. 0: it was never read, or something may have changed it since.
    pub(crate) fn read_at(&self, arn: &str) -> Timestamp {
        self.0.get(arn).map_or(0, |kept| kept.at)
    }

    pub(crate) fn keep(&mut self, arn: &str, now: Moment, value: T) {
        self.0.insert(arn.to_owned(), Aged { at: now.at, value });
    }

    /// Marks a value as stale, since something may have changed it, and keeps it as the last known value.
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
    at != 0 && now >= at && now - at < age
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_795_253_400;

    fn at(at: Timestamp) -> Moment {
        Moment { at, is_quick: false }
    }

    const QUICK: Moment = Moment { at: NOW, is_quick: true };

    #[test]
    fn a_kept_value_is_fresh_until_it_reaches_the_age() {
        let mut kept = Kept::default();
        kept.keep(at(100), "subnets");
        assert_eq!(kept.fresh(at(159), 60), Some(&"subnets"));
        assert_eq!(kept.fresh(at(160), 60), None);
        assert_eq!(kept.fresh(at(99), 60), None, "the clock was set back");
        assert_eq!(kept.fresh(at(NOW), UNTIL_MARKED), Some(&"subnets"));
        kept.age();
        assert_eq!(kept.fresh(at(100), UNTIL_MARKED), None);
        assert_eq!(kept.last(), Some(&"subnets"));
    }

    #[test]
    fn a_quick_observation_takes_old_values_but_none_that_something_may_have_changed() {
        let (mut kept, mut shelf) = (Kept::default(), Shelf::default());
        kept.keep(at(100), "lists");
        kept.age();
        shelf.keep("listener", at(100), "rules");
        assert_eq!(kept.fresh(QUICK, 60), Some(&"lists"));
        assert_eq!(shelf.fresh("listener", QUICK, 60), Some(&"rules"));
        kept.forget();
        shelf.age("listener");
        assert_eq!(kept.fresh(QUICK, 60), None);
        assert_eq!(shelf.fresh("listener", QUICK, 60), None);
    }

    #[test]
    fn values_that_were_read_together_are_read_again_one_after_the_other() {
        const AGE: u64 = 300;
        let arns: Vec<String> = (0..500).map(|number| format!("targetgroup/albatross-{number}/0a")).collect();
        let mut shelf = Shelf::default();
        arns.iter().for_each(|arn| shelf.keep(arn, at(NOW), ()));
        let mut read_again = Vec::new();
        for minute in 1..=10 {
            let now = at(NOW + 60 * minute);
            let stale: Vec<&String> =
                arns.iter().filter(|arn| shelf.fresh(arn, now, AGE).is_none()).collect();
            stale.iter().for_each(|arn| shelf.keep(arn, now, ()));
            read_again.push(stale.len());
        }
        assert_eq!(read_again.iter().sum::<usize>(), 2 * arns.len(), "each once in {AGE} s");
        assert!(read_again.iter().all(|count| (60..=140).contains(count)), "{read_again:?}");
        assert!(arns.iter().all(|arn| shelf.fresh(arn, at(NOW + 900), AGE).is_none()));
    }

    #[test]
    fn a_value_that_was_marked_as_stale_is_read_again() {
        let mut shelf = Shelf::default();
        shelf.keep("listener", at(NOW), "rules");
        shelf.age("listener");
        assert_eq!(shelf.fresh("listener", at(NOW), 300), None);
        assert_eq!(shelf.last("listener"), Some(&"rules"));
        assert_eq!([shelf.read_at("listener"), shelf.read_at("other")], [0, 0]);
    }
}
