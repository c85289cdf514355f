//! Metrics of what a plan says about load balancers and Ingresses: what people alert on.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::AtomicU64,
};

use albatross_contract::{
    Certificate, CertificateKind, Outcome, OutcomeState, Plan, Severity, Snapshot, Timestamp,
};
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use super::labels::{Label, OfCertificate, Reason, label};
use crate::{
    comparison::that_stay,
    render::terms,
    what_if::{identifier, used_quotas},
};

/// How many certificates have a metric: those that end first.
const CERTIFICATES: usize = 10;

/// The metrics.
#[derive(Default)]
pub struct Fleet {
    load_balancers: Gauge,
    ingresses: Family<Label, Gauge>,
    reasons: Family<Reason, Gauge>,
    withheld: Family<Label, Gauge>,
    used: Family<Label, Gauge>,
    limits: Family<Label, Gauge>,
    expiry: Family<OfCertificate, Gauge<u64, AtomicU64>>,
}

impl Fleet {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register("load_balancers", "Load balancers of this controller", self.load_balancers.clone());
        registry.register("ingresses", "Ingresses and RouteGroups by state", self.ingresses.clone());
        registry.register(
            "ingress_problems",
            "Ingresses and RouteGroups with a warning or an error, by state and code of the reason",
            self.reasons.clone(),
        );
        registry.register("withheld", "Changes that a budget withholds", self.withheld.clone());
        registry.register(
            "quota_used",
            "How much of a quota is used by the resource that uses the largest share",
            self.used.clone(),
        );
        registry.register("quota_limit", "The limit of a quota for that resource", self.limits.clone());
        registry.register_with_unit(
            "certificate_expiry_timestamp",
            "Unix time at which a certificate in use ends, for those that end first",
            Unit::Seconds,
            self.expiry.clone(),
        );
    }

    /// Shows a plan.
    pub(super) fn show(&self, snapshot: &Snapshot, plan: &Plan) {
        self.clear();
        self.load_balancers.set(gauge(plan.load_balancers.len()));
        for outcome in &plan.outcomes {
            self.ingresses.get_or_create(&label(terms::outcome(outcome.state))).inc();
            self.show_reasons(outcome);
        }
        for withheld in &plan.withheld {
            let kind = label(terms::budget(withheld.budget));
            self.withheld.get_or_create(&kind).inc_by(i64::from(withheld.count));
        }
        for (name, quota) in used_quotas(snapshot, plan) {
            let kind = label(identifier(name));
            self.used.get_or_create(&kind).set(gauge(quota.used));
            self.limits.get_or_create(&kind).set(gauge(quota.limit));
        }
        for (end, certificate) in first_ends(snapshot, plan) {
            self.expiry.get_or_create(&OfCertificate { certificate }).set(end);
        }
    }

    /// Shows nothing.
    pub(super) fn clear(&self) {
        self.load_balancers.set(0);
        self.ingresses.clear();
        self.reasons.clear();
        self.withheld.clear();
        self.used.clear();
        self.limits.clear();
        self.expiry.clear();
    }

    /// Counts an Ingress once for each reason, unless it is none of ours.
    fn show_reasons(&self, outcome: &Outcome) {
        if outcome.state == OutcomeState::Ignored {
            return;
        }
        let told = outcome.diagnostics.iter().filter(|it| it.severity != Severity::Info);
        for code in told.map(|it| it.code).collect::<BTreeSet<_>>() {
            let reason = Reason { kind: terms::outcome(outcome.state), code: terms::diagnostic_code(code) };
            self.reasons.get_or_create(&reason).inc();
        }
    }
}

/// The certificates that our load balancers need and that end first, by their end.
fn first_ends(snapshot: &Snapshot, plan: &Plan) -> Vec<(Timestamp, String)> {
    let needed: BTreeSet<&str> = that_stay(plan)
        .flat_map(|found| &found.certificates)
        .filter(|it| it.unneeded_since.is_none())
        .map(|it| it.arn.as_str())
        .collect();
    let mut ends: BTreeMap<String, Timestamp> = BTreeMap::new();
    for certificate in snapshot.inventory.certificates.iter().filter(|it| needed.contains(it.arn.as_str())) {
        if let Some(end) = certificate.not_after {
            let first = ends.entry(certificate_id(certificate)).or_insert(end);
            *first = end.min(*first);
        }
    }
    let mut ends: Vec<(Timestamp, String)> = ends.into_iter().map(|(id, end)| (end, id)).collect();
    ends.sort();
    ends.truncate(CERTIFICATES);
    ends
}

/// What names a certificate without telling more: people choose the names in IAM, often after a host.
fn certificate_id(certificate: &Certificate) -> String {
    match certificate.kind {
        CertificateKind::Iam => "iam".to_owned(),
        _ => certificate.arn.rsplit('/').next().unwrap_or_default().to_owned(),
    }
}

fn gauge(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
