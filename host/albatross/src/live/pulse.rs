//! Signs of life during a long pass.

use std::{convert::Infallible, time::Duration};

use albatross_aws::{Aws, Service};
use tokio::time::sleep;

use super::state::State;

/// How often the counts of calls are checked.
const LOOK: Duration = Duration::from_secs(30);

/// Notes a sign of life whenever calls to AWS have ended, however long their pass takes. Those of S3 do not count: recordings are
/// written beside the passes, and go on while the controller hangs.
pub async fn beat(aws: Aws, state: &State) -> Infallible {
    let mut before = 0;
    loop {
        let calls = aws.calls();
        let now: u64 = calls.iter().filter(|call| call.service != Service::S3).map(|call| call.count).sum();
        if now != before {
            state.turn();
            before = now;
        }
        sleep(LOOK).await;
    }
}
