//! Before the first pass: the watches read their lists.

use std::time::Duration;

use albatross_cluster::Watches;
use tokio::{select, time::sleep};
use tokio_util::sync::CancellationToken;

use super::state::State;

/// How often the state of the watches is checked before they have synced.
const LOOK: Duration = Duration::from_secs(10);

/// Waits for the watches: nothing may be planned before every watch has synced once. `false`: the program is to end.
pub async fn until_synced(watches: &Watches, state: &State, shutdown: &CancellationToken) -> bool {
    loop {
        let health = watches.health().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        state.set_ready(Some(health));
        state.turn();
        select! {
            () = watches.synced() => break,
            () = sleep(LOOK) => {}
            () = shutdown.cancelled() => return false,
        }
    }
    state.set_ready(Some("AWS has not answered yet".to_owned()));
    tracing::info!("watches synced");
    true
}
