//! Signs of life during a long pass.

use std::{convert::Infallible, time::Duration};

use albatross_aws::Aws;
use tokio::time::sleep;

use super::state::State;

/// How often the counts of calls are checked.
const LOOK: Duration = Duration::from_secs(30);

/// Notes a sign of life whenever calls to AWS have ended, however long their pass takes.
pub async fn beat(aws: Aws, state: &State) -> Infallible {
    let mut before = 0;
    loop {
        let now: u64 = aws.calls().iter().map(|count| count.count).sum();
        if now != before {
            state.turn();
            before = now;
        }
        sleep(LOOK).await;
    }
}
