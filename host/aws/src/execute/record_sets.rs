//! Records of Route 53.

use albatross_contract::ChangeRecordSets;
use aws_sdk_route53::types::{Change, ChangeBatch};

use super::{Made, Writer};
use crate::{calls, convert::record_sets::to_sdk, error::AwsError};

impl Writer<'_> {
    /// Makes all changes or none. A record that somebody else creates meanwhile is not replaced, and Route 53 deletes a
    /// record only if it is exactly as it was observed.
    pub(super) async fn change_record_sets(&self, input: &ChangeRecordSets) -> Result<Made, AwsError> {
        let incomplete =
            |error: aws_sdk_route53::error::BuildError| AwsError::Unsupported { what: error.to_string() };
        let changes: Result<Vec<Change>, _> = input.changes.iter().map(to_sdk).collect();
        let batch = ChangeBatch::builder().set_changes(Some(changes.map_err(incomplete)?));
        let batch = batch.build().map_err(incomplete)?;
        let request = || {
            let request = self.aws.route53.change_resource_record_sets();
            request.hosted_zone_id(&input.hosted_zone).change_batch(batch.clone()).send()
        };
        self.write(&calls::CHANGE_RESOURCE_RECORD_SETS, request).await?;
        Ok(None)
    }
}
