//! A controller that only reads: it watches, plans and shows what it would do, and writes neither to AWS nor to the cluster.
//!
//! It takes no part in the election, since a Lease is written too, so any number of such replicas run beside a controller. What it
//! shows is what a controller with its settings and policies would do if it led.

use std::{sync::Arc, time::Duration};

use albatross_cluster::Watches;
use tokio::select;
use tokio_util::sync::CancellationToken;

use super::{
    beginning::until_synced,
    executed::Executed,
    introduction::Introduction,
    log::PassLog,
    pace::{Came, Pace},
    pass::{Occasion, Passes},
    pulse,
    recordings::PATIENCE,
    rhythm::Rhythm,
    state::State,
    written::Written,
};
use crate::{error::Error, render::summary::Summary};

/// All parts of a controller that only reads.
pub struct Reader {
    /// Observes and plans.
    pub passes: Passes,
    /// The objects of the cluster.
    pub watches: Watches,
    /// What the health endpoints report.
    pub state: Arc<State>,
    /// How often AWS is observed when nothing has changed.
    pub interval: Duration,
    /// Ends it.
    pub shutdown: CancellationToken,
}

/// What was logged before, so that nothing is repeated.
#[derive(Default)]
struct Telling {
    log: PassLog,
    line: String,
}

impl Reader {
    /// Runs until the shutdown token is cancelled.
    ///
    /// # Errors
    /// The policies could not be loaded.
    pub async fn run(self) -> Result<(), Error> {
        tracing::info!("read-only: this replica writes nothing, and takes no part in the election");
        let (aws, state) = (self.passes.aws.clone(), Arc::clone(&self.state));
        select! {
            ended = self.pass_after_pass() => ended,
            never = pulse::beat(aws, &state) => match never {},
        }
    }

    async fn pass_after_pass(mut self) -> Result<(), Error> {
        self.passes.metrics.read_only.set(1);
        if until_synced(&self.watches, &self.state, &self.shutdown).await {
            self.passes.swap.begin(None).await?;
            self.state.set_planning(true);
            self.read().await;
            if let Some(recordings) = &self.passes.recordings {
                recordings.close(PATIENCE).await;
            }
        }
        tracing::info!("ended");
        Ok(())
    }

    /// Makes plans until the program is to end.
    async fn read(&mut self) {
        let mut introduction = Introduction::default();
        let mut pace = Pace::new(self.interval);
        let mut telling = Telling::default();
        let mut rhythm = Rhythm::new(self.watches.revision());
        while !self.shutdown.is_cancelled() {
            // Nobody else must learn who decides.
            let note = async |_: String| true;
            self.passes.swap.turn(&self.passes.metrics, note).await;
            let passed = select! {
                passed = rhythm.plan(&mut self.passes, &self.watches) => passed,
                () = self.shutdown.cancelled() => return,
            };
            let pause = match passed {
                Ok(planned) => {
                    introduction.end(&self.state);
                    self.passes.metrics.saw(planned.pass(), &self.watches.health());
                    let executed = self.passes.only_show(planned).await;
                    telling.pass(&executed);
                    let pause = pace.after(Came::Rest, executed.until_next_change());
                    self.passes.put_up(executed).await;
                    pause
                }
                Err(error) => {
                    self.passes.metrics.failed();
                    match &error {
                        Error::Aws(error) => introduction.failed(&error.to_string(), &self.state),
                        _ => introduction.end(&self.state),
                    }
                    let pause = pace.after(Came::Nothing, None);
                    tracing::error!(%error, again_in = ?pause, "no plan");
                    self.passes.put_up_failure(&error);
                    pause
                }
            };
            self.state.turn();
            rhythm.end(self.passes.observer.was_quick(), pause);
            rhythm.occasion = select! {
                () = rhythm.until_due() => Occasion::Time,
                () = self.watches.changed_since(rhythm.served) => Occasion::Change,
                () = self.passes.swap.changed() => Occasion::Time,
                () = self.shutdown.cancelled() => return,
            };
        }
    }
}

impl Telling {
    /// Logs what would be done, if that has changed, and what a person should look at.
    fn pass(&mut self, executed: &Executed) {
        let (snapshot, plan) = (&executed.pass.snapshot, &executed.pass.plan);
        let line = Summary::new(snapshot, plan).line(snapshot, plan);
        if line != self.line {
            tracing::info!("read-only, not executed: {line}");
            self.line = line;
        }
        self.log.pass(executed, &Written::default());
    }
}
