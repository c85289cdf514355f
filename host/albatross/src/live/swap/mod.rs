//! Policies that are exchanged while the controller runs: who decides, and who may take over.

mod candidate;
mod files;
mod page;
mod telling;

use std::sync::Arc;

use albatross_cluster::Notice;
use albatross_contract::{Plan, Snapshot};
use tokio::{
    select,
    sync::{Notify, watch},
};

pub use candidate::CandidateState;
pub use files::{Files, Found};
pub use page::PolicyPage;

use super::metrics::Metrics;
use crate::swap::{Decided, Deciders};
use candidate::{Candidate, News};

/// Who decides, and who might instead.
pub struct Swap {
    running: Deciders,
    /// The policies of the files of those that decide: they take over when the files change.
    candidate: Candidate,
    /// Policies that are only planned in shadow.
    shadowed: Candidate,
    /// A plan in shadow is there.
    judged: Arc<Notify>,
    page: Arc<PolicyPage>,
}

impl Swap {
    /// These decide, and those of `files` may take over. Those of `shadowed` may not.
    pub fn new(
        running: Deciders,
        files: watch::Receiver<Found>,
        shadowed: watch::Receiver<Found>,
        page: Arc<PolicyPage>,
    ) -> Swap {
        let judged = Arc::new(Notify::new());
        let candidate = Candidate::new(files, false, Arc::clone(&judged));
        let shadowed = Candidate::new(shadowed, true, Arc::clone(&judged));
        let swap = Swap { running, candidate, shadowed, judged, page };
        swap.show();
        swap
    }

    /// These decide as long as the program runs.
    pub fn never(running: Deciders) -> Swap {
        let loaded = watch::channel(Found::loaded(running.clone())).1;
        Swap::new(running, loaded, watch::channel(Found::nothing()).1, Arc::default())
    }

    /// Who decides.
    pub fn running(&self) -> &Deciders {
        &self.running
    }

    /// Whether a person allows the name changes that the running policies bring about.
    pub fn allows_names(&self) -> bool {
        let found = self.candidate.found();
        self.running.decided().components().any(|digest| found.allows(digest))
    }

    /// Begins to lead: what decided last goes on, as far as it is here. `before`: what the last leader noted. Absent, or not
    /// readable: the policies of the files decide.
    pub fn begin(&mut self, before: Option<&str>) {
        self.candidate.forget();
        self.shadowed.forget();
        let newest = self.candidate.found().deciders.clone().unwrap_or_else(|_| self.running.clone());
        self.running = match before.and_then(|text| text.parse::<Decided>().ok()) {
            None => newest,
            Some(before) if self.running.decided() == &before && self.running.frozen().is_empty() => return,
            Some(before) if newest.decided() == &before => newest,
            Some(before) => newest.as_before(before),
        };
        self.show();
    }

    /// A copy of the snapshot that is about to be planned, if a candidate is to be planned in shadow afterwards.
    pub fn for_shadow(&self, snapshot: &Snapshot) -> Option<Snapshot> {
        let is_due = self.candidate.is_due(&self.running) || self.shadowed.is_due(&self.running);
        is_due.then(|| snapshot.clone())
    }

    /// Plans the candidates in shadow, beside the execution of the plan.
    pub fn shadow(&mut self, snapshot: Snapshot, plan: &Plan) {
        let (snapshot, plan) = (Arc::new(snapshot), Arc::new(plan.clone()));
        for candidate in [&mut self.candidate, &mut self.shadowed] {
            if candidate.is_due(&self.running) {
                candidate.judge(&self.running, &snapshot, &plan);
            }
        }
    }

    /// Takes what the plans in shadow have shown, and lets a candidate take over that may. Returns what people should know.
    pub async fn turn(&mut self, metrics: &Metrics) -> Vec<Notice> {
        let mut notices = Vec::new();
        if let Some(news) = self.candidate.news(&self.running).await {
            notices.push(telling::notice(&self.candidate, &self.running, &news));
            if let (News::TakesOver(_), Ok(deciders)) = (&news, self.candidate.found().deciders.clone()) {
                self.running = deciders;
                metrics.policy_swaps.inc();
            }
        }
        if let Some(news) = self.shadowed.news(&self.running).await {
            notices.push(telling::notice(&self.shadowed, &self.running, &news));
        }
        let candidates = [&self.candidate, &self.shadowed];
        metrics.candidates(candidates.iter().filter_map(|candidate| candidate.state(&self.running)));
        self.show();
        notices
    }

    /// Returns when a candidate is there, or when a plan in shadow is there.
    pub async fn changed(&self) {
        select! {
            () = self.candidate.changed() => {}
            () = self.shadowed.changed() => {}
            () = self.judged.notified() => {}
        }
    }

    fn show(&self) {
        self.page.show(&self.running, [&self.candidate, &self.shadowed]);
    }
}
