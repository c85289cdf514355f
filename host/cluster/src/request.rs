//! Requests to the API server: how long one may take, and how many are made at a time.

use std::time::Duration;

use tokio::time::timeout;

use crate::ClusterError;

/// How long the API server may take to answer a request.
pub(crate) const TIME_LIMIT: Duration = Duration::from_secs(10);

/// How many objects are written at a time: enough for a thousand in a few seconds, and well below the share of the API server that
/// API Priority and Fairness gives a client by default.
pub(crate) const CONCURRENCY: usize = 8;

/// The answer to a request. `doing` says in words what it is for.
///
/// # Errors
/// The request fails, or there is no answer within [`TIME_LIMIT`].
pub(crate) async fn in_time<T>(
    doing: impl Into<String>,
    request: impl Future<Output = kube::Result<T>>,
) -> Result<T, ClusterError> {
    match timeout(TIME_LIMIT, request).await {
        Ok(answer) => answer.map_err(|error| ClusterError::request(doing, error)),
        Err(_) => Err(ClusterError::TimedOut { doing: doing.into(), seconds: TIME_LIMIT.as_secs() }),
    }
}
