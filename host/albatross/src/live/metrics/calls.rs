//! Metrics of calls to AWS.

use std::sync::atomic::AtomicU64;

use albatross_aws::{Aws, CallCount, CallWait};
use prometheus_client::{
    metrics::{counter::Counter, family::Family},
    registry::{Registry, Unit},
};

use super::labels::{Call, Waiting};

/// The metrics.
#[derive(Default)]
pub struct Calls {
    calls: Family<Call, Counter>,
    waits: Family<Waiting, Counter<f64, AtomicU64>>,
}

impl Calls {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("aws_calls", "Calls to AWS, including retries", self.calls.clone());
        registry.register_with_unit(
            "aws_rate_limit_wait",
            "Time that calls to AWS waited, so that AWS's rate limits are kept",
            Unit::Seconds,
            self.waits.clone(),
        );
    }

    /// Shows the calls so far.
    pub fn show(&self, aws: &Aws) {
        self.show_counts(&aws.calls());
        self.show_waits(&aws.waits());
    }

    fn show_counts(&self, counts: &[CallCount]) {
        for count in counts {
            let call = Call {
                service: count.service.as_str().to_owned(),
                operation: count.operation.to_owned(),
                outcome: count.outcome.as_str().to_owned(),
            };
            let calls = self.calls.get_or_create(&call);
            calls.inc_by(count.count.saturating_sub(calls.get()));
        }
    }

    fn show_waits(&self, waits: &[CallWait]) {
        for wait in waits {
            let (service, operation) = (wait.service.as_str().to_owned(), wait.operation.to_owned());
            let waited = self.waits.get_or_create(&Waiting { service, operation });
            waited.inc_by((wait.waited.as_secs_f64() - waited.get()).max(0.0));
        }
    }
}
