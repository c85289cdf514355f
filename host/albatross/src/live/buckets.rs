//! Recordings in buckets of S3.

use std::sync::Arc;

use albatross_aws::{Aws, AwsError, BucketAddress, BucketFolder};
use albatross_recordings::Store;

use crate::error::Error;

/// The region that is asked where a bucket is, if no region is configured.
const FIRST_REGION: &str = "us-east-1";

/// The place at an address, for a command that has no runtime.
///
/// # Errors
/// The address is none, or there are no credentials.
pub fn open(address: &str) -> Result<Arc<dyn Store>, Error> {
    let address = BucketAddress::parse(address)?;
    // One thread waits for the network; those that plan are the callers.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|source| Error::Runtime { source })?;
    let (aws, is_guessed) = runtime.block_on(async {
        match Aws::connect(None).await {
            Err(AwsError::NoRegion) => (Aws::connect(Some(FIRST_REGION.to_owned())).await, true),
            connected => (connected, false),
        }
    });
    let folder = BucketFolder::with_runtime(aws?, address, runtime)?;
    Ok(Arc::new(if is_guessed { folder.in_guessed_region() } else { folder }))
}
