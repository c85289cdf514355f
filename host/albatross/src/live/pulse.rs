//! Signs of life while a pass lasts.

use std::{convert::Infallible, time::Duration};

use albatross_aws::Aws;
use tokio::time::sleep;

use super::state::State;

/// How often is looked.
const LOOK: Duration = Duration::from_secs(30);

/// Tells that the loop turns whenever calls to AWS have ended, however long the pass takes that they belong to.
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
