//! The rate budget: a token bucket for each family of calls, a quarter of what AWS publishes.
//!
//! The account shares AWS's buckets with everybody in it, so we take a quarter. (`governor` would be the library; its
//! quotas are fixed for the life of a limiter, and ours are halved when AWS throttles.)
//!
//! Sources, read in November 2026:
//! - Elastic Load Balancing: <https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html>:
//!   40 tokens and 10 a second for `Describe*`. For the others the figures of AWS's own controller (AWS Load Balancer
//!   Controller, `pkg/aws/throttle/defaults.go`): 20 and 4 a second for targets, 20 and 3 a second for changes.
//! - EC2: <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>: 100 tokens and 20 a second for
//!   `Describe*`, 50 and 5 a second for changes.
//! - ACM: <https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html>: 10 a second for DescribeCertificate and
//!   GetCertificate, 8 a second for ListCertificates. It publishes no bucket size; we take one second's worth.
//! - Auto Scaling, IAM and STS publish no figures; we take EC2's for changes, the smallest.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Calls that share one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    Ec2Read,
    Ec2Write,
    ElbRead,
    ElbWrite,
    ElbTargets,
    AutoScaling,
    AcmList,
    AcmGet,
    Iam,
    Sts,
}

impl Family {
    const ALL: [Family; 10] = [
        Family::Ec2Read,
        Family::Ec2Write,
        Family::ElbRead,
        Family::ElbWrite,
        Family::ElbTargets,
        Family::AutoScaling,
        Family::AcmList,
        Family::AcmGet,
        Family::Iam,
        Family::Sts,
    ];

    /// What AWS publishes: the size of the bucket, and tokens a second.
    const fn published(self) -> (f64, f64) {
        match self {
            Family::Ec2Read => (100.0, 20.0),
            Family::Ec2Write | Family::AutoScaling | Family::Iam | Family::Sts => (50.0, 5.0),
            Family::ElbRead => (40.0, 10.0),
            Family::ElbWrite => (20.0, 3.0),
            Family::ElbTargets => (20.0, 4.0),
            Family::AcmList => (8.0, 8.0),
            Family::AcmGet => (10.0, 10.0),
        }
    }
}

/// Our share of what AWS publishes, unless somebody says otherwise.
pub(crate) const SHARE: f64 = 0.25;

/// The least that is left however often AWS throttles.
const LEAST: f64 = 1.0 / 16.0;

/// Without throttling for this long, a tenth of the full rate comes back.
const RECOVERY: Duration = Duration::from_secs(30);

/// A budget for every family.
#[derive(Debug)]
pub(crate) struct Budget {
    buckets: [Mutex<Bucket>; Family::ALL.len()],
}

impl Budget {
    pub(crate) fn new(share: f64, now: Instant) -> Self {
        let bucket = |family: Family| Mutex::new(Bucket::new(family.published(), share, now));
        Budget { buckets: Family::ALL.map(bucket) }
    }

    /// Takes a token for a call of this family, and answers how long to wait until it may be made. Nothing is taken where
    /// that is longer than `longest`.
    pub(crate) fn take(&self, family: Family, longest: Duration) -> Option<Duration> {
        self.bucket(family).take(Instant::now(), longest)
    }

    /// AWS throttled a call of this family.
    pub(crate) fn throttled(&self, family: Family) {
        self.bucket(family).throttled(Instant::now());
    }

    fn bucket(&self, family: Family) -> MutexGuard<'_, Bucket> {
        // A bucket holds only figures: one that a panic left is still a bucket.
        self.buckets[family as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A token bucket whose rate goes down when AWS throttles and slowly comes back.
#[derive(Debug)]
struct Bucket {
    capacity: f64,
    /// Tokens a second at full rate.
    refill: f64,
    /// What is there; below zero: so many calls wait already.
    tokens: f64,
    /// Part of the full rate that is used now.
    factor: f64,
    filled: Instant,
    /// When the factor last went down or up.
    changed: Instant,
}

impl Bucket {
    fn new((capacity, refill): (f64, f64), share: f64, now: Instant) -> Self {
        let capacity = (capacity * share).max(1.0);
        Bucket { capacity, refill: refill * share, tokens: capacity, factor: 1.0, filled: now, changed: now }
    }

    /// Takes a token and answers how long to wait for it, unless that is too long: calls wait in the order of their
    /// asking.
    fn take(&mut self, now: Instant, longest: Duration) -> Option<Duration> {
        self.fill(now);
        let left = self.tokens - 1.0;
        let wait = Duration::from_secs_f64((-left).max(0.0) / (self.refill * self.factor));
        if wait > longest {
            return None;
        }
        self.tokens = left;
        Some(wait)
    }

    fn throttled(&mut self, now: Instant) {
        self.fill(now);
        // Whoever shares AWS's bucket has emptied it.
        self.tokens = self.tokens.min(0.0);
        // The calls that were under way together are throttled together: they halve the rate once.
        if self.factor == 1.0 || now.duration_since(self.changed) >= Duration::from_secs(1) {
            self.factor = (self.factor / 2.0).max(LEAST);
            self.changed = now;
        }
    }

    fn fill(&mut self, now: Instant) {
        while self.factor < 1.0 && now.duration_since(self.changed) >= RECOVERY {
            self.factor = (self.factor + 0.1).min(1.0);
            self.changed += RECOVERY;
        }
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = (self.tokens + passed * self.refill * self.factor).min(self.capacity);
        self.filled = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(duration: Duration) -> f64 {
        (duration.as_secs_f64() * 1_000.0).round() / 1_000.0
    }

    /// A quarter of it: 10 tokens, 2.5 a second.
    const DESCRIBE: (f64, f64) = (40.0, 10.0);

    /// Takes a token, however long that takes.
    fn take(bucket: &mut Bucket, now: Instant) -> Duration {
        bucket.take(now, Duration::MAX).unwrap()
    }

    #[test]
    fn a_burst_is_free_and_then_calls_come_at_a_quarter_of_the_published_rate() {
        let start = Instant::now();
        let mut bucket = Bucket::new(DESCRIBE, SHARE, start);
        for _ in 0..10 {
            assert_eq!(take(&mut bucket, start), Duration::ZERO);
        }
        assert_eq!(seconds(take(&mut bucket, start)), 0.4);
        assert_eq!(seconds(take(&mut bucket, start)), 0.8);
    }

    #[test]
    fn what_is_not_used_comes_back_up_to_the_size_of_the_bucket() {
        let start = Instant::now();
        let mut bucket = Bucket::new(DESCRIBE, SHARE, start);
        for _ in 0..12 {
            take(&mut bucket, start);
        }
        let later = start + Duration::from_secs(100);
        for _ in 0..10 {
            assert_eq!(take(&mut bucket, later), Duration::ZERO);
        }
        assert!(take(&mut bucket, later) > Duration::ZERO);
    }

    #[test]
    fn throttling_halves_the_rate_and_it_comes_back_slowly() {
        let start = Instant::now();
        let mut bucket = Bucket::new(DESCRIBE, SHARE, start);
        bucket.throttled(start);
        assert_eq!(seconds(take(&mut bucket, start)), 0.8, "empty, and half as fast");
        bucket.throttled(start + Duration::from_millis(10));
        assert_eq!(bucket.factor, 0.5, "calls that were under way together count once");
        bucket.throttled(start + Duration::from_secs(2));
        assert_eq!(bucket.factor, 0.25);
        bucket.fill(start + Duration::from_secs(2 + 29));
        assert_eq!(bucket.factor, 0.25);
        bucket.fill(start + Duration::from_secs(2 + 30));
        assert!((bucket.factor - 0.35).abs() < 1e-9);
        bucket.fill(start + Duration::from_secs(2 + 3_000));
        assert_eq!(bucket.factor, 1.0);
    }

    #[test]
    fn some_rate_is_always_left() {
        let start = Instant::now();
        let mut bucket = Bucket::new(DESCRIBE, SHARE, start);
        for second in 0..20 {
            bucket.throttled(start + Duration::from_secs(second));
        }
        assert_eq!(bucket.factor, LEAST);
    }

    #[test]
    fn a_token_that_takes_too_long_is_not_taken() {
        let start = Instant::now();
        let mut bucket = Bucket::new(DESCRIBE, SHARE, start);
        while take(&mut bucket, start) < Duration::from_secs(59) {}
        let last = bucket.tokens;
        for _ in 0..3 {
            assert_eq!(bucket.take(start, Duration::from_secs(59)), None);
        }
        assert_eq!(bucket.tokens, last);
        assert!(bucket.take(start, Duration::from_secs(60)).is_some());
    }

    #[test]
    fn every_family_has_its_own_bucket() {
        for (index, family) in Family::ALL.into_iter().enumerate() {
            assert_eq!(index, family as usize);
        }
    }
}
