//! AWS's rate limits: a token bucket for each group of calls that AWS counts together.
//!
//! Sources, read in November 2026: Elastic Load Balancing user guide, "API throttling" (40 tokens and 10 a second for `Describe*`); EC2
//! developer guide, "Request throttling" (100 tokens and 20 a second for `Describe*`, 50 and 5 for changes); ACM user guide, "Quotas" (10
//! a second for DescribeCertificate, 8 for ListCertificates). AWS publishes no limit for changes of load balancers; the AWS Load
//! Balancer Controller expects 20 tokens and 3 a second, and 20 and 4 for targets (`pkg/aws/throttle/defaults.go`).

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use super::Call;

/// The buckets that were used.
#[derive(Debug, Default)]
pub(super) struct Limits(BTreeMap<&'static str, Bucket>);

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    at: SystemTime,
}

impl Limits {
    /// Takes a token for a call. Returns false if there is none, so that AWS throttles the call.
    pub(super) fn admit(&mut self, call: &Call) -> bool {
        let Some((name, size, refill)) = limit(call) else { return true };
        let bucket = self.0.entry(name).or_insert(Bucket { tokens: size, at: call.at });
        let passed = call.at.duration_since(bucket.at).unwrap_or(Duration::ZERO);
        bucket.tokens = (bucket.tokens + passed.as_secs_f64() * refill).min(size);
        bucket.at = call.at;
        let is_admitted = bucket.tokens >= 1.0;
        if is_admitted {
            bucket.tokens -= 1.0;
        }
        is_admitted
    }
}

/// The bucket of a call, its size, and the tokens that come back in a second. Absent: AWS publishes no limit.
fn limit(call: &Call) -> Option<(&'static str, f64, f64)> {
    let is_about_targets = ["RegisterTargets", "DeregisterTargets"].contains(&call.action.as_str());
    Some(match call.service.as_str() {
        "elasticloadbalancing" if is_about_targets => ("targets", 20.0, 4.0),
        "elasticloadbalancing" if call.is_write() => ("changes of load balancers", 20.0, 3.0),
        "elasticloadbalancing" => ("reads of load balancers", 40.0, 10.0),
        "ec2" if call.is_write() => ("changes of EC2", 50.0, 5.0),
        "ec2" => ("reads of EC2", 100.0, 20.0),
        "acm" if call.action == "ListCertificates" => ("lists of certificates", 8.0, 8.0),
        "acm" => ("certificates", 10.0, 10.0),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(action: &str, at: SystemTime) -> Call {
        Call {
            at,
            author: None,
            method: "POST".to_owned(),
            service: "elasticloadbalancing".to_owned(),
            action: action.to_owned(),
            status: None,
        }
    }

    #[test]
    fn a_burst_is_admitted_and_then_as_many_calls_as_come_back() {
        let (mut limits, start) = (Limits::default(), SystemTime::UNIX_EPOCH);
        let mut admitted = |action: &str, seconds: u64, calls: usize| {
            let call = call(action, start + Duration::from_secs(seconds));
            (0..calls).filter(|_| limits.admit(&call)).count()
        };
        assert_eq!(admitted("DescribeRules", 0, 50), 40);
        assert_eq!(admitted("CreateRule", 0, 50), 20, "changes have a bucket of their own");
        assert_eq!(admitted("DescribeTags", 2, 50), 20, "all reads share one");
        assert_eq!(admitted("DescribeTags", 3_600, 50), 40);
    }
}
