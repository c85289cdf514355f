//! Policies of files that do not decide, or not yet.

use std::{
    mem::{Discriminant, discriminant},
    sync::{Arc, Mutex, PoisonError},
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
use crate::swap::{Decided, Deciders, Hold, Shadow, judge};

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
    judging: Option<JoinHandle<Judgement>>,
    /// Only one plan in shadow is made at a time: each takes as much memory as the plan that counts.
    alone: Arc<Mutex<()>>,
    /// Is told when a first plan in shadow is there.
    done: Arc<Notify>,
    /// What the last plan in shadow showed, and when.
    judged: Option<(Shadow, Instant)>,
    told: Option<Told>,
}

/// What a plan in shadow showed, and the candidate itself, if it is fit.
struct Judgement {
    shadow: Shadow,
    deciders: Option<Deciders>,
}

/// What people were told last. Of what is held, the numbers in the messages may change with each plan.
#[derive(PartialEq)]
struct Told {
    holds: Vec<Discriminant<Hold>>,
    /// What would move, if it stays in shadow.
    moves: Option<(usize, usize)>,
}

/// What people are to be told.
pub enum News {
    /// It takes over.
    TakesOver(Shadow, Deciders),
    /// It does not.
    Held(Vec<Hold>),
    /// It stays in shadow.
    InShadow(Shadow),
}

impl Candidate {
    /// What is found in files, which may take over.
    pub fn new(found: Receiver<Found>, done: Arc<Notify>, alone: Arc<Mutex<()>>) -> Candidate {
        let stays_in_shadow = false;
        Candidate { found, stays_in_shadow, judging: None, alone, done, judged: None, told: None }
    }

    /// What is found in files, which never takes over.
    pub fn in_shadow(found: Receiver<Found>, done: Arc<Notify>, alone: Arc<Mutex<()>>) -> Candidate {
        Candidate { stays_in_shadow: true, ..Candidate::new(found, done, alone) }
    }

    /// What is in the files.
    pub fn found(&self) -> Ref<'_, Found> {
        self.found.borrow()
    }

    /// Whether it was asked that it never takes over.
    pub fn stays_in_shadow(&self) -> bool {
        self.stays_in_shadow
    }

    /// The policies that would decide. `None`: the files have none that can be used.
    pub fn decided(&self, running: &Deciders) -> Option<Decided> {
        let found = self.found.borrow();
        let policies = found.policies.as_ref().ok()?;
        let decided = Decided::by(policies, found.settings());
        Some(if self.stays_in_shadow { decided.over(running.decided()) } else { decided })
    }

    /// Forgets what plans in shadow have shown.
    pub fn forget(&mut self) {
        (self.judging, self.judged, self.told) = (None, None, None);
    }

    /// Forgets that people were told: they were not.
    pub fn untold(&mut self) {
        self.told = None;
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
        let (found, running) = (self.found.borrow().clone(), running.clone());
        let (snapshot, plan) = (Arc::clone(snapshot), Arc::clone(plan));
        let (stays_in_shadow, alone) = (self.stays_in_shadow, Arc::clone(&self.alone));
        // Those who wait for a first plan are woken. A later one can wait for the next pass.
        let done = self.judged.is_none().then(|| Arc::clone(&self.done));
        self.judging = Some(spawn_blocking(move || {
            let _alone = alone.lock().unwrap_or_else(PoisonError::into_inner);
            let judgement = judgement(&found, stays_in_shadow, &running, &snapshot, &plan);
            if let Some(done) = done {
                done.notify_one();
            }
            judgement
        }));
    }

    /// The policies with their settings, which they have accepted. `None`: they have not.
    pub async fn composed(&self, running: &Deciders) -> Option<Deciders> {
        let (found, running) = (self.found.borrow().clone(), running.clone());
        let stays_in_shadow = self.stays_in_shadow;
        let composed = spawn_blocking(move || composed(&found, stays_in_shadow, &running).ok());
        composed.await.ok().flatten()
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
        let judgement = self.judging.take_if(|judging| judging.is_finished())?.await;
        let Judgement { shadow, deciders } = judgement.unwrap_or_else(|error| Judgement {
            shadow: Shadow::held(Hold::Failed(error.to_string())),
            deciders: None,
        });
        self.judged = Some((shadow.clone(), Instant::now()));
        if let (true, false, Some(deciders)) = (shadow.holds.is_empty(), self.stays_in_shadow, deciders) {
            return Some(News::TakesOver(shadow, deciders));
        }
        let moves = shadow.difference.as_ref().filter(|_| self.stays_in_shadow);
        let moves = moves.map(|difference| (difference.placed_elsewhere, difference.name_changes));
        let telling = Told { holds: shadow.holds.iter().map(discriminant).collect(), moves };
        if self.told.as_ref() == Some(&telling) {
            return None;
        }
        self.told = Some(telling);
        Some(if self.stays_in_shadow { News::InShadow(shadow) } else { News::Held(shadow.holds) })
    }

    /// Returns when the files have changed.
    pub async fn changed(&self) {
        let mut found = self.found.clone();
        if found.changed().await.is_err() {
            // Nobody reads files.
            std::future::pending::<()>().await;
        }
    }

    /// Whether there are policies that do not decide already, or that would decide what nobody decides now.
    fn is_there(&self, running: &Deciders) -> bool {
        match self.decided(running) {
            Some(decided) if self.stays_in_shadow => decided != *running.decided(),
            Some(decided) => decided != *running.decided() || !running.frozen().is_empty(),
            None => self.found.borrow().is_read(),
        }
    }
}

fn judgement(
    found: &Found,
    stays_in_shadow: bool,
    running: &Deciders,
    snapshot: &Snapshot,
    plan: &Plan,
) -> Judgement {
    match composed(found, stays_in_shadow, running) {
        Err(reason) => Judgement { shadow: Shadow::held(Hold::Unfit(reason)), deciders: None },
        Ok(deciders) => {
            let allowed = !stays_in_shadow && found.allows(&deciders.decided().token());
            // What decided last goes on, whatever it does: it has come back.
            let shadow = match deciders.decided() == running.decided() {
                true => Shadow::nothing(),
                false => judge(plan, &deciders, snapshot, allowed),
            };
            Judgement { shadow, deciders: Some(deciders) }
        }
    }
}

/// The policies of files with their settings, in words why they cannot decide.
fn composed(found: &Found, stays_in_shadow: bool, running: &Deciders) -> Result<Deciders, String> {
    const NAME: &str = "the settings file";
    let policies = found.policies.as_ref().map_err(Clone::clone)?;
    let deciders = match stays_in_shadow {
        true => running.with(policies, NAME, found.settings()),
        false => running.instead(policies, NAME, found.settings()),
    };
    deciders.map_err(|error| error.to_string())
}
