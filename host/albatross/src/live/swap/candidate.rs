//! Policies of files that do not decide, or not yet.

use std::{
    mem::{Discriminant, discriminant},
    sync::Arc,
    time::Duration,
};

use albatross_contract::{Plan, Snapshot};
use serde::Serialize;
use tokio::{
    sync::{
        Notify,
        watch::{Receiver, Ref},
    },
    task::{JoinHandle, spawn_blocking},
    time::Instant,
};

use super::files::Found;
use crate::swap::{Deciders, Hold, Shadow, judge};

/// How often a candidate that does not take over is planned in shadow.
const AGAIN: Duration = Duration::from_secs(60);

/// What became of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CandidateState {
    /// Its first plan in shadow is not there yet.
    InExamination,
    /// It does not take over.
    Held,
    /// It stays in shadow, because that was asked.
    InShadow,
}

impl CandidateState {
    /// Its name.
    pub fn as_str(self) -> &'static str {
        match self {
            CandidateState::InExamination => "in-examination",
            CandidateState::Held => "held",
            CandidateState::InShadow => "in-shadow",
        }
    }
}

/// Policies of files, planned in shadow.
pub struct Candidate {
    found: Receiver<Found>,
    stays_in_shadow: bool,
    judging: Option<JoinHandle<Shadow>>,
    /// Is told when a plan in shadow is there.
    done: Arc<Notify>,
    /// What the last plan in shadow showed, and when.
    judged: Option<(Shadow, Instant)>,
    /// Why it is held, as people were told. Numbers in the messages may change with each plan.
    told: Option<Vec<Discriminant<Hold>>>,
}

/// What people are to be told.
pub enum News {
    /// It takes over.
    TakesOver(Shadow),
    /// It does not.
    Held(Vec<Hold>),
    /// It stays in shadow.
    InShadow(Shadow),
}

impl Candidate {
    /// What is found in files. `done` is told when a plan in shadow is there.
    pub fn new(found: Receiver<Found>, stays_in_shadow: bool, done: Arc<Notify>) -> Candidate {
        Candidate { found, stays_in_shadow, judging: None, done, judged: None, told: None }
    }

    /// What is in the files.
    pub fn found(&self) -> Ref<'_, Found> {
        self.found.borrow()
    }

    /// Whether it was asked that it never takes over.
    pub fn stays_in_shadow(&self) -> bool {
        self.stays_in_shadow
    }

    /// Forgets what plans in shadow have shown.
    pub fn forget(&mut self) {
        (self.judging, self.judged, self.told) = (None, None, None);
    }

    /// What the last plan in shadow showed.
    pub fn judged(&self) -> Option<&Shadow> {
        self.judged.as_ref().map(|(shadow, _)| shadow)
    }

    /// What became of it. `None`: there is no candidate.
    pub fn state(&self, running: &Deciders) -> Option<CandidateState> {
        if !self.is_there(running) {
            return None;
        }
        Some(match self.judged() {
            None => CandidateState::InExamination,
            Some(_) if self.stays_in_shadow => CandidateState::InShadow,
            Some(_) => CandidateState::Held,
        })
    }

    /// Whether it is to be planned in shadow.
    pub fn is_due(&self, running: &Deciders) -> bool {
        let is_time = self.judged.as_ref().is_none_or(|(_, when)| when.elapsed() >= AGAIN);
        self.judging.is_none() && is_time && self.is_there(running)
    }

    /// Plans it in shadow, in another thread. `plan`: the plan of those that decide, for the same snapshot.
    pub fn judge(&mut self, running: &Deciders, snapshot: &Arc<Snapshot>, plan: &Arc<Plan>) {
        let (deciders, allowed) = {
            let found = self.found.borrow();
            let allows_new = |deciders: &Deciders| {
                let mut new = deciders.decided().components_beyond(running.decided()).peekable();
                new.peek().is_some() && new.all(|digest| found.allows(digest))
            };
            (found.deciders.clone(), found.deciders.as_ref().is_ok_and(allows_new))
        };
        let (snapshot, plan, done) = (Arc::clone(snapshot), Arc::clone(plan), Arc::clone(&self.done));
        self.judging = Some(spawn_blocking(move || {
            let shadow = match deciders {
                Ok(deciders) => judge(&plan, &deciders, &snapshot, allowed),
                Err(unfit) => Shadow::held(Hold::Unfit(unfit)),
            };
            done.notify_one();
            shadow
        }));
    }

    /// What is new. `None`: nothing that was not told before.
    pub async fn news(&mut self, running: &Deciders) -> Option<News> {
        if self.found.has_changed().unwrap_or_default() {
            self.found.mark_unchanged();
            self.forget();
        }
        if !self.is_there(running) {
            self.forget();
        }
        // A plan that panicked is made again.
        let shadow = self.judging.take_if(|judging| judging.is_finished())?.await.ok()?;
        self.judged = Some((shadow.clone(), Instant::now()));
        let reasons: Vec<_> = shadow.holds.iter().map(discriminant).collect();
        let is_new = self.told.as_ref() != Some(&reasons);
        self.told = Some(reasons);
        match shadow.holds.is_empty() {
            true if !self.stays_in_shadow => Some(News::TakesOver(shadow)),
            _ if !is_new => None,
            _ if self.stays_in_shadow => Some(News::InShadow(shadow)),
            _ => Some(News::Held(shadow.holds)),
        }
    }

    /// Returns when the files have changed.
    pub async fn changed(&self) {
        let mut found = self.found.clone();
        if found.changed().await.is_err() {
            // Nobody reads files.
            std::future::pending().await
        }
    }

    /// Whether there are policies that do not decide already.
    fn is_there(&self, running: &Deciders) -> bool {
        let found = self.found.borrow();
        match &found.deciders {
            Ok(deciders) => deciders.decided() != running.decided(),
            Err(_) => found.is_read(),
        }
    }
}
