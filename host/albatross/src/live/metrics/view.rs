//! Metrics of the view: how old it is, and what it lacks.

use std::sync::atomic::AtomicU64;

use albatross_cluster::WatchHealth;
use albatross_contract::Snapshot;
use prometheus_client::{
    metrics::{family::Family, gauge::Gauge},
    registry::{Registry, Unit},
};

use super::labels::{Label, label};
use crate::render::terms;

/// The metrics.
#[derive(Default)]
pub struct View {
    times: Family<Label, Gauge<u64, AtomicU64>>,
    gaps: Family<Label, Gauge>,
}

impl View {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "view_timestamp",
            "Unix time of the last complete view of AWS and of the cluster",
            Unit::Seconds,
            self.times.clone(),
        );
        registry.register("view_gaps", "Parts of the view that could not be read", self.gaps.clone());
    }

    /// Shows the view of a pass. A watch that fails knows what was there before it failed.
    pub(super) fn show(&self, snapshot: &Snapshot, watches: &[WatchHealth]) {
        let Snapshot { cluster, inventory, .. } = snapshot;
        let faults = || cluster.incomplete.iter().chain(&inventory.incomplete).filter(|gap| gap.is_fault());
        self.gaps.clear();
        for gap in faults() {
            self.gaps.get_or_create(&label(terms::view_part(gap.part))).inc();
        }
        if inventory.incomplete.is_empty() {
            self.times.get_or_create(&label("aws")).set(inventory.observed_at);
        }
        let failing = watches.iter().filter_map(|watch| watch.failing.as_ref());
        let longest = failing.map(|failing| failing.since.elapsed().as_secs()).max().unwrap_or_default();
        self.times.get_or_create(&label("cluster")).set(snapshot.time.saturating_sub(longest));
    }

    pub(super) fn clear(&self) {
        self.gaps.clear();
    }
}
