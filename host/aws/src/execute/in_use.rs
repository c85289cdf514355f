//! Resources to delete that AWS still counts as used: since when.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long AWS may count a resource as used before that is an error. AWS removes the network interfaces of a deleted load
/// balancer some minutes after it, and until then they use its security groups.
const PATIENCE: Duration = Duration::from_secs(600);

/// When each resource was first refused, by ARN or id.
#[derive(Debug, Default)]
pub(super) struct InUse(BTreeMap<String, Instant>);

impl InUse {
    /// AWS refuses to delete a resource because it is used. Returns whether this has lasted for long.
    pub(super) fn lasts(&mut self, resource: &str, now: Instant) -> bool {
        let since = *self.0.entry(resource.to_owned()).or_insert(now);
        now.saturating_duration_since(since) >= PATIENCE
    }

    /// AWS has deleted the resource, or refuses for another reason.
    pub(super) fn is_over(&mut self, resource: &str) {
        self.0.remove(resource);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_that_stays_in_use_is_an_error_after_ten_minutes() {
        let start = Instant::now();
        let mut in_use = InUse::default();
        assert!(!in_use.lasts("sg-1", start));
        assert!(!in_use.lasts("sg-1", start + Duration::from_secs(599)));
        assert!(in_use.lasts("sg-1", start + Duration::from_secs(600)));
        assert!(!in_use.lasts("sg-2", start + Duration::from_secs(600)));
        in_use.is_over("sg-1");
        assert!(!in_use.lasts("sg-1", start + Duration::from_secs(601)));
    }
}
