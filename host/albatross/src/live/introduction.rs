//! Whether AWS has ever answered this replica. Before, it is not ready: one that could not lead must not count as ready,
//! or a rollout with a wrong region would succeed.

use std::time::Duration;

use tokio::time::sleep;

use super::{pass::Passes, state::State};

/// How often a follower that AWS has answered shows that it lives.
const HEARTBEAT: Duration = Duration::from_secs(60);
/// How soon one asks again that AWS has not answered.
const ASK_AGAIN: Duration = Duration::from_secs(15);

/// Until AWS has answered once. Whether it still does shows when this replica leads.
#[derive(Default)]
pub struct Introduction {
    is_over: bool,
    /// What was wrong the last time.
    problem: Option<String>,
}

impl Introduction {
    /// A follower asks AWS, and waits.
    pub async fn go_on(&mut self, passes: &mut Passes, state: &State) {
        if !self.is_over {
            let answer = passes.observer.reach().await;
            passes.metrics.called(&passes.aws.calls());
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

    /// AWS has answered: this replica is ready, and stays so.
    pub fn end(&mut self, state: &State) {
        if !self.is_over {
            self.is_over = true;
            state.set_ready(None);
            tracing::info!("AWS answers; ready");
        }
    }

    /// There was no answer, or none to go on with.
    pub fn failed(&self, why: &str, state: &State) {
        if !self.is_over {
            state.set_ready(Some(why.to_owned()));
        }
    }
}
