//! A simulation on the console, as it happens.

use albatross_contract::{Action, ActionResult, Seconds};

use super::{console::Console, messages::report};
use crate::{
    pass::Pass,
    render::simulation::Screen,
    simulation::{Applied, PassEnd, Settled, Watcher},
    swap::{Deciders, Shadow},
};

/// Writes each event of a simulation when it happens.
pub struct TextWatcher<'a> {
    screen: Screen,
    console: &'a mut Console,
}

impl<'a> TextWatcher<'a> {
    /// Writes to this console.
    pub fn new(console: &'a mut Console) -> TextWatcher<'a> {
        TextWatcher { screen: Screen::new(console.style()), console }
    }

    /// The console, for what is no event of the simulation.
    pub fn console(&mut self) -> &mut Console {
        self.console
    }
}

impl Watcher for TextWatcher<'_> {
    fn applied(&mut self, change: &Applied) {
        self.console.write(&self.screen.applied(change));
    }

    fn swapped(&mut self, candidate: &Deciders, shadow: &Shadow) {
        self.console.write(&self.screen.swapped(candidate, shadow));
    }

    fn waited(&mut self, seconds: Seconds) {
        self.console.write(&self.screen.waited(seconds));
    }

    fn planned(&mut self, pass: &Pass) {
        self.console.write(&self.screen.planned(&pass.snapshot, &pass.plan));
        report(&[], &[], &pass.failures, self.console);
    }

    fn executed(&mut self, action: &Action, result: &ActionResult) {
        self.console.write(&self.screen.executed(action, result));
    }

    fn ended(&mut self, end: &PassEnd<'_>) {
        self.console.write(&self.screen.ended(end));
    }

    fn settled(&mut self, settled: &Settled<'_>) {
        self.console.write(&self.screen.settled(settled));
        report(&[], &[], &settled.pass.failures, self.console);
    }
}
