//! Notes the passes of a simulation for the page.

use std::time::Instant;

use albatross_contract::{Action, ActionResult, Plan, Seconds, Snapshot};

use crate::{
    page::Past,
    pass::Pass,
    simulation::{Applied, PassEnd, Settled, Watcher},
    swap::{Deciders, Shadow},
};

/// Passes events on, and keeps what the passes came to.
pub struct Noting<'a> {
    watcher: &'a mut dyn Watcher,
    planned: Option<(Instant, Snapshot, Plan)>,
    /// The passes that did something.
    pub passes: Vec<Noted>,
}

/// A pass that did something.
pub struct Noted {
    /// What was planned for.
    pub snapshot: Snapshot,
    /// The plan.
    pub plan: Plan,
    /// What its execution came to.
    pub results: Vec<ActionResult>,
    /// The same in a line.
    pub past: Past,
}

impl<'a> Noting<'a> {
    /// For the events of a step.
    pub fn new(watcher: &'a mut dyn Watcher) -> Noting<'a> {
        Noting { watcher, planned: None, passes: Vec::new() }
    }
}

impl Watcher for Noting<'_> {
    fn applied(&mut self, change: &Applied) {
        self.watcher.applied(change);
    }

    fn swapped(&mut self, candidate: &Deciders, shadow: &Shadow) {
        self.watcher.swapped(candidate, shadow);
    }

    fn waited(&mut self, seconds: Seconds) {
        self.watcher.waited(seconds);
    }

    fn planned(&mut self, pass: &Pass) {
        self.planned = Some((Instant::now(), pass.snapshot.clone(), pass.plan.clone()));
        self.watcher.planned(pass);
    }

    fn executed(&mut self, action: &Action, result: &ActionResult) {
        self.watcher.executed(action, result);
    }

    fn ended(&mut self, end: &PassEnd<'_>) {
        if let Some((begin, snapshot, plan)) = self.planned.take() {
            let past = Past::new(&snapshot, &plan, end.results, begin.elapsed());
            self.passes.push(Noted { snapshot, plan, results: end.results.to_vec(), past });
        }
        self.watcher.ended(end);
    }

    fn settled(&mut self, settled: &Settled<'_>) {
        self.watcher.settled(settled);
    }
}
