//! Policies that are exchanged while the controller runs: who decides, and who may take over.

mod candidate;
mod files;
mod page;
mod telling;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use albatross_cluster::Notice;
use albatross_contract::{Plan, Snapshot};
use tokio::{
    select,
    sync::{Notify, watch},
    time::Instant,
};

pub use candidate::CandidateState;
pub use files::{Files, Found};
pub use page::PolicyPage;

use super::metrics::Metrics;
use crate::{
    error::Error,
    swap::{Decided, Deciders},
};
use candidate::{Candidate, News};

/// How long a new leader waits for the policies that decided last to reach its files, as long as it has others: longer than the kubelet
/// takes to bring a ConfigMap into a volume. An older file would otherwise move what a newer policy has moved.
const PATIENCE: Duration = Duration::from_secs(120);

/// Who decides, and who might instead.
pub struct Swap {
    running: Deciders,
    /// The policies that the program has loaded: at its start, or that took over last.
    loaded: Deciders,
    /// The policies of the files of those that decide: they take over when the files change.
    candidate: Candidate,
    /// Policies that are only planned in shadow.
    shadowed: Candidate,
    /// A plan in shadow is there.
    judged: Arc<Notify>,
    /// No candidate takes over before, unless it decided last.
    not_before: Option<Instant>,
    /// Objects whose names may change, since a person allowed it with the policies that took over last, `namespace/name`. Empty as soon
    /// as nothing is left to do.
    allowed_names: Vec<String>,
    has_led: bool,
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
        let (judged, alone) = (Arc::new(Notify::new()), Arc::default());
        let candidate = Candidate::new(files, Arc::clone(&judged), Arc::clone(&alone));
        let shadowed = Candidate::in_shadow(shadowed, Arc::clone(&judged), alone);
        Swap {
            loaded: running.clone(),
            running,
            candidate,
            shadowed,
            judged,
            not_before: None,
            allowed_names: Vec::new(),
            has_led: false,
            page,
        }
    }

    /// These decide as long as the program runs.
    pub fn never(running: Deciders) -> Swap {
        let nothing = || watch::channel(Found::nothing()).1;
        Swap::new(running, nothing(), nothing(), Arc::default())
    }

    /// Who decides.
    pub fn running(&self) -> &Deciders {
        &self.running
    }

    /// Objects whose names may change beyond the budget, `namespace/name`.
    pub fn allowed_names(&self) -> &[String] {
        &self.allowed_names
    }

    /// Begins to lead: what decided last goes on, as far as it is here. `before`: what the last leader noted. Absent: nobody has, so
    /// what is loaded decides.
    ///
    /// # Errors
    /// Nothing was noted, and the policies could not be loaded.
    pub async fn begin(&mut self, before: Option<&str>) -> Result<(), Error> {
        self.candidate.forget();
        self.shadowed.forget();
        self.allowed_names.clear();
        match before.map(str::parse::<Decided>) {
            None if !self.has_led => {
                let found = self.candidate.found();
                if let (true, Err(reason)) = (found.is_read(), &found.policies) {
                    return Err(Error::PolicyNotLoaded { reason: reason.clone() });
                }
            }
            // Somebody removed the annotation.
            None => {}
            Some(before) => {
                let before = before.unwrap_or_else(|_| Decided::unknown());
                if self.candidate.decided(&self.running).as_ref() == Some(&before) {
                    // The files have changed since the start, and the last leader has let them take over.
                    if let Some(deciders) = self.candidate.composed(&self.running).await {
                        self.loaded = deciders;
                    }
                }
                if *self.running.decided() != before || !self.running.frozen().is_empty() {
                    self.running = self.loaded.as_before(before);
                }
            }
        }
        let is_incomplete = !self.running.frozen().is_empty();
        self.not_before = is_incomplete.then(|| Instant::now() + PATIENCE);
        self.has_led = true;
        self.show();
        Ok(())
    }

    /// A copy of the snapshot that is about to be planned, if a candidate is to be planned in shadow afterwards.
    pub fn for_shadow(&self, snapshot: &Snapshot) -> Option<Snapshot> {
        let is_due = self.is_due() || self.shadowed.is_due(&self.running);
        is_due.then(|| snapshot.clone())
    }

    /// Plans the candidates in shadow, beside the execution of the plan.
    pub fn shadow(&mut self, snapshot: Snapshot, plan: &Plan) {
        let (snapshot, plan) = (Arc::new(snapshot), Arc::new(plan.clone()));
        if self.is_due() {
            self.candidate.judge(&self.running, &snapshot, &plan);
        }
        if self.shadowed.is_due(&self.running) {
            self.shadowed.judge(&self.running, &snapshot, &plan);
        }
    }

    /// Takes what the plans in shadow have shown, and lets a candidate take over that may, once `note` has noted where the next leader
    /// finds it who decides. Returns what people should know.
    pub async fn turn(&mut self, metrics: &Metrics, note: impl AsyncFn(String) -> bool) -> Vec<Notice> {
        let mut notices = Vec::new();
        if let Some(news) = self.candidate.news(&self.running).await {
            let notice = telling::notice(&self.candidate, &self.running, &news);
            match news {
                News::TakesOver(shadow, deciders) => {
                    let is_another = deciders.decided() != self.running.decided();
                    if note(deciders.decided().to_string()).await {
                        notices.push(notice);
                        (self.running, self.loaded) = (deciders.clone(), deciders);
                        (self.allowed_names, self.not_before) = (shadow.allowed_names, None);
                        metrics.policies.swaps.inc_by(u64::from(is_another));
                    } else {
                        tracing::warn!(
                            "a policy may take over, but this cannot be noted in the Lease: trying again"
                        );
                    }
                    self.candidate.forget();
                }
                News::Held(_) | News::InShadow(_) => notices.push(notice),
            }
        }
        if let Some(news) = self.shadowed.news(&self.running).await {
            notices.push(telling::notice(&self.shadowed, &self.running, &news));
        }
        let candidates = [&self.candidate, &self.shadowed];
        metrics.policies.candidates(candidates.iter().filter_map(|candidate| candidate.state(&self.running)));
        self.show();
        notices
    }

    /// People could not be told: they are told again.
    pub fn untold(&mut self) {
        self.candidate.untold();
        self.shadowed.untold();
    }

    /// Nothing is left to do: what a person allowed is done.
    pub fn rest(&mut self) {
        self.allowed_names.clear();
    }

    /// Returns when a candidate is there, or when its first plan in shadow is there.
    pub async fn changed(&self) {
        select! {
            () = self.candidate.changed() => {}
            () = self.shadowed.changed() => {}
            () = self.judged.notified() => {}
        }
    }

    fn is_due(&self) -> bool {
        let decided_last = self.candidate.decided(&self.running).as_ref() == Some(self.running.decided());
        let is_time = self.not_before.is_none_or(|time| Instant::now() >= time);
        (decided_last || is_time) && self.candidate.is_due(&self.running)
    }

    fn show(&self) {
        self.page.show(&self.running, [&self.candidate, &self.shadowed]);
    }
}
