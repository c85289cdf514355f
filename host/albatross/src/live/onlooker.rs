//! A replica that does not lead, and yet answers for the webhook: it observes AWS seldom, and plans without executing.

use std::time::Duration;

use albatross_cluster::Watches;
use tokio::{
    select,
    time::{Instant, sleep, sleep_until},
};

use super::{introduction::Introduction, pass::Passes, state::State};
use crate::error::Error;

/// How often it observes AWS: a fifth of the reads of a leader with the default interval.
const OBSERVE: Duration = Duration::from_secs(300);
/// The shortest time between two plans.
const PAUSE: Duration = Duration::from_secs(10);

/// What such a replica does, between the news of the election.
pub struct Onlooker {
    due: Instant,
    /// The error of the last attempt.
    problem: Option<String>,
}

impl Default for Onlooker {
    fn default() -> Self {
        Onlooker { due: Instant::now(), problem: None }
    }
}

impl Onlooker {
    /// Plans for the webhook when it is time. `decided`: the policies of the leader, as the Lease says. This can be dropped at any time;
    /// a leader observes everything anew.
    pub async fn go_on(
        &mut self,
        passes: &mut Passes,
        watches: &Watches,
        decided: Option<&str>,
        introduction: &mut Introduction,
        state: &State,
    ) {
        if decided.is_some_and(|decided| decided != passes.swap.running().decided().to_string()) {
            // What this replica would plan is not what the leader plans.
            if let Some(desk) = &passes.desk {
                desk.clear();
            }
            return introduction.go_on(passes, state).await;
        }
        sleep_until(self.due).await;
        self.due = Instant::now() + PAUSE;
        passes.observer.refresh_every(OBSERVE);
        let revision = watches.revision();
        let looked = passes.look(watches.views()).await;
        match looked {
            Ok(()) => {
                self.problem = None;
                introduction.end(state);
            }
            Err(error) => {
                match &error {
                    Error::Aws(error) => introduction.failed(&error.to_string(), state),
                    _ => introduction.end(state),
                }
                let error = error.to_string();
                if self.problem.as_ref() != Some(&error) {
                    tracing::warn!(error, "the webhook answers from what was known before");
                }
                self.problem = Some(error);
                // It is tried again when it is due.
                return;
            }
        }
        select! {
            () = sleep(OBSERVE) => {}
            () = watches.changed_since(revision) => {}
        }
    }
}
