//! Metrics of the webhook.

use std::time::Duration;

use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, histogram::Histogram},
    registry::{Registry, Unit},
};

/// How a question was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Nothing to warn of.
    NoWarning,
    /// With warnings.
    Warning,
    /// The Ingress cannot be read.
    Unread,
    /// Not in time, so without warnings.
    Late,
    /// Without warnings, since nothing is known that could be planned for.
    NoView,
    /// Without warnings, since there was no plan.
    Failed,
}

impl Answered {
    const ALL: [Answered; 6] = [
        Answered::NoWarning,
        Answered::Warning,
        Answered::Unread,
        Answered::Late,
        Answered::NoView,
        Answered::Failed,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Answered::NoWarning => "no-warning",
            Answered::Warning => "warning",
            Answered::Unread => "unread",
            Answered::Late => "late",
            Answered::NoView => "no-view",
            Answered::Failed => "failed",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    answer: &'static str,
}

/// The metrics. Cheap to clone.
#[derive(Clone)]
pub struct Admission {
    requests: Family<Labels, Counter>,
    took: Histogram,
}

impl Default for Admission {
    fn default() -> Self {
        let requests = Family::<Labels, Counter>::default();
        // The first late answer must count as an increase for Prometheus.
        for answered in Answered::ALL {
            drop(requests.get_or_create(&Labels { answer: answered.as_str() }));
        }
        // From the plan of a small group to the time limit.
        let took = Histogram::new([0.005, 0.02, 0.05, 0.1, 0.15, 0.3, 0.6, 1.5]);
        Admission { requests, took }
    }
}

impl Admission {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("admission_requests", "Answers of the webhook", self.requests.clone());
        let help = "Time taken by the answers of the webhook";
        registry.register_with_unit("admission", help, Unit::Seconds, self.took.clone());
    }

    /// A question was answered.
    pub fn answered(&self, how: Answered, took: Duration) {
        self.requests.get_or_create(&Labels { answer: how.as_str() }).inc();
        self.took.observe(took.as_secs_f64());
    }
}
