//! The rate budget: a token bucket for each family of calls, with a quarter of the limits that AWS publishes.
//!
//! All clients in the account share AWS's buckets, so we use only a quarter. (The crate `governor` does not fit: its quotas
//! are fixed for the life of a limiter, and ours are halved when AWS throttles.)
//!
//! Sources, read in November 2026:
//! - Elastic Load Balancing: <https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/elb-api-throttling.html>:
//!   40 tokens and 10 a second for `Describe*`. For the other calls we use the figures of AWS's own controller (AWS Load
//!   Balancer Controller, `pkg/aws/throttle/defaults.go`): 20 tokens and 4 a second for targets, 20 tokens and 3 a second
//!   for changes.
//! - EC2: <https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html>: 100 tokens and 20 a second for
//!   `Describe*`, 50 and 5 a second for changes.
//! - ACM: <https://docs.aws.amazon.com/acm/latest/userguide/acm-limits.html>: 10 a second for DescribeCertificate and
//!   GetCertificate, 8 a second for ListCertificates. ACM publishes no bucket size; we use one second's worth.
//! - Auto Scaling, IAM and STS publish no figures; we use those of EC2 for changes, the smallest.

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
    Route53,
    S3,
    Sts,
    Wafv2Read,
    Wafv2Write,
}

impl Family {
    const ALL: [Family; 14] = [
        Family::Ec2Read,
        Family::Ec2Write,
        Family::ElbRead,
        Family::ElbWrite,
        Family::ElbTargets,
        Family::AutoScaling,
        Family::AcmList,
        Family::AcmGet,
        Family::Iam,
        Family::Route53,
        Family::S3,
        Family::Sts,
        Family::Wafv2Read,
        Family::Wafv2Write,
    ];

    /// AWS's published limits: the size of the bucket, and tokens a second.
    const fn published(self) -> (f64, f64) {
        match self {
            Family::Ec2Read => (100.0, 20.0),
            Family::Ec2Write | Family::AutoScaling | Family::Iam | Family::Sts => (50.0, 5.0),
            // Route 53 developer guide, "Quotas": five requests a second for each account.
            Family::Route53 => (5.0, 5.0),
            // AWS WAF developer guide, "Quotas": a call of GetWebACLForResource and of ListResourcesForWebACL every second, a
            // call of AssociateWebACL and of DisassociateWebACL every two seconds.
            Family::Wafv2Read => (1.0, 1.0),
            Family::Wafv2Write => (1.0, 0.5),
            // S3 user guide, "Best practices design patterns": 3,500 writes a second for each prefix. More reads are allowed.
            Family::S3 => (3_500.0, 3_500.0),
            Family::ElbRead => (40.0, 10.0),
            Family::ElbWrite => (20.0, 3.0),
            Family::ElbTargets => (20.0, 4.0),
            Family::AcmList => (8.0, 8.0),
            Family::AcmGet => (10.0, 10.0),
        }
    }
}

/// Our default share of AWS's published limits.
pub(crate) const SHARE: f64 = 0.25;

/// The lowest factor of the full rate, however often AWS throttles.
const LEAST: f64 = 1.0 / 16.0;

/// Each time that this long passes without throttling, the rate rises by a tenth of the full rate.
const RECOVERY: Duration = Duration::from_secs(30);

/// A bucket for every family.
#[derive(Debug)]
pub(crate) struct Budget {
    buckets: [Mutex<Bucket>; Family::ALL.len()],
}

impl Budget {
    pub(crate) fn new(share: f64, now: Instant) -> Self {
        let bucket = |family: Family| Mutex::new(Bucket::new(family.published(), share, now));
        Budget { buckets: Family::ALL.map(bucket) }
    }

    /// Takes a token for a call of this family. If its turn comes only after `longest`, takes no token and returns `None`.
    pub(crate) fn take(&self, family: Family, longest: Duration) -> Option<Turn<'_>> {
        let wait = self.bucket(family).take(Instant::now(), longest)?;
        Some(Turn { wait, family, unused_of: Some(self) })
    }

    /// AWS throttled a call of this family.
    pub(crate) fn throttled(&self, family: Family) {
        self.bucket(family).throttled(Instant::now());
    }

    fn bucket(&self, family: Family) -> MutexGuard<'_, Bucket> {
        // A bucket holds only numbers: after a panic in another thread it is still usable.
        self.buckets[family as usize].lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn of a call. A turn that is dropped before the call begins gives its token back: those who wait no longer must not delay
/// those who come next.
#[derive(Debug)]
pub(crate) struct Turn<'a> {
    /// How long to wait before the call.
    pub(crate) wait: Duration,
    family: Family,
    unused_of: Option<&'a Budget>,
}

impl Turn<'_> {
    /// The call begins.
    pub(crate) fn begin(mut self) {
        self.unused_of = None;
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(budget) = self.unused_of {
            budget.bucket(self.family).give_back(Instant::now());
        }
    }
}

/// A token bucket whose rate drops when AWS throttles and slowly recovers.
#[derive(Debug)]
struct Bucket {
    capacity: f64,
    /// Tokens a second at full rate.
    refill: f64,
    /// The available tokens; below zero: so many calls are already waiting.
    tokens: f64,
    /// The fraction of the full rate in use now.
    factor: f64,
    filled: Instant,
    /// When the factor last changed.
    changed: Instant,
}

impl Bucket {
    fn new((capacity, refill): (f64, f64), share: f64, now: Instant) -> Self {
        let capacity = (capacity * share).max(1.0);
        Bucket { capacity, refill: refill * share, tokens: capacity, factor: 1.0, filled: now, changed: now }
    }

    /// Takes a token and returns how long to wait for it, unless that is too long. Calls wait in the order in which they
    /// ask.
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

    fn give_back(&mut self, now: Instant) {
        self.fill(now);
        self.tokens = (self.tokens + 1.0).min(self.capacity);
    }

    fn throttled(&mut self, now: Instant) {
        self.fill(now);
        // AWS's bucket, which other clients share, is empty.
        self.tokens = self.tokens.min(0.0);
        // Calls that were in progress together are throttled together: they halve the rate only once.
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

    /// AWS's limits; our quarter is 10 tokens and 2.5 a second.
    const DESCRIBE: (f64, f64) = (40.0, 10.0);

    /// Takes a token, however long the wait.
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
    fn the_bucket_refills_up_to_its_size() {
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
    fn throttling_halves_the_rate_which_recovers_slowly() {
        let start = Instant::now();
        let mut bucket = Bucket::new(DESCRIBE, SHARE, start);
        bucket.throttled(start);
        assert_eq!(seconds(take(&mut bucket, start)), 0.8, "empty, and half as fast");
        bucket.throttled(start + Duration::from_millis(10));
        assert_eq!(bucket.factor, 0.5, "calls that were in progress together count once");
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
    fn no_token_is_taken_when_the_wait_would_be_too_long() {
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
    fn a_turn_that_is_dropped_gives_its_token_back_and_a_begun_call_does_not() {
        let budget = Budget::new(SHARE, Instant::now());
        let take = || budget.take(Family::Wafv2Write, Duration::MAX).unwrap();
        take().begin();
        let waits: Vec<f64> = (0..3).map(|_| take().wait.as_secs_f64()).collect();
        assert!(waits.iter().all(|wait| *wait > 0.0 && *wait <= 8.0), "each is the next: {waits:?}");
        take().begin();
        assert!(take().wait.as_secs_f64() > 8.0, "after the one that has begun");
    }

    #[test]
    fn every_family_has_its_own_bucket() {
        for (index, family) in Family::ALL.into_iter().enumerate() {
            assert_eq!(index, family as usize);
        }
    }
}
