//! Whether AWS has ever answered this replica. Until then the replica is not ready: a replica that could not do its work
//! as a leader must not count as ready, or a rollout with a wrong region would succeed.

use std::time::Duration;

use tokio::time::sleep;

use super::{pass::Passes, state::State};

/// How often a follower gives a sign of life once AWS has answered it.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// The pause before the next attempt while AWS has not answered.
const ASK_AGAIN: Duration = Duration::from_secs(15);

/// The time until AWS has answered once. Whether it still answers shows when this replica leads.
#[derive(Default)]
pub struct Introduction {
    is_over: bool,
    /// The error of the last attempt.
    problem: Option<String>,
}

impl Introduction {
    /// Makes an attempt to reach AWS if none has succeeded yet, then waits.
    pub async fn go_on(&mut self, passes: &mut Passes, state: &State) {
        if !self.is_over {
            let answer = passes.observer.reach().await;
            passes.metrics.calls.show(&passes.aws);
            match answer {
                Ok(()) => self.end(state),
                Err(error) => {
                    let error = error.to_string();
                    self.failed(&error, state);
                    if self.problem.as_ref() != Some(&error) {
                        tracing::error!(error, again_in = ?ASK_AGAIN, "AWS cannot be used");
                        self.problem = Some(error);
                    }
                    return sleep(ASK_AGAIN).await;
                }
            }
        }
        sleep(HEARTBEAT).await;
    }

    /// AWS has answered: this replica is ready, and stays ready.
    pub fn end(&mut self, state: &State) {
        if !self.is_over {
            self.is_over = true;
            state.set_ready(None);
            tracing::info!("AWS answers; ready");
        }
    }

    /// AWS did not answer, or refused.
    pub fn failed(&self, why: &str, state: &State) {
        if !self.is_over {
            state.set_ready(Some(why.to_owned()));
        }
    }
}
