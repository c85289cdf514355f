//! Targets that no Auto Scaling Group holds.

use albatross_contract::TargetChange;

use super::{Made, Writer};
use crate::{
    calls,
    convert::{existing, target_groups::target_to_sdk},
    error::AwsError,
};

/// RegisterTargets and DeregisterTargets take up to 100 targets a call (Elastic Load Balancing user guide, "Quotas").
const PER_CALL: usize = 100;

impl Writer<'_> {
    pub(super) async fn register_targets(&self, input: &TargetChange) -> Result<Made, AwsError> {
        let arn = existing(&input.target_group)?;
        for some in input.targets.chunks(PER_CALL) {
            let request = || {
                let targets = some.iter().map(target_to_sdk).collect();
                self.aws.elb.register_targets().target_group_arn(arn).set_targets(Some(targets)).send()
            };
            self.write(&calls::REGISTER_TARGETS, request).await?;
        }
        Ok(None)
    }

    pub(super) async fn deregister_targets(&self, input: &TargetChange) -> Result<Made, AwsError> {
        let arn = existing(&input.target_group)?;
        for some in input.targets.chunks(PER_CALL) {
            let request = || {
                let targets = some.iter().map(target_to_sdk).collect();
                self.aws.elb.deregister_targets().target_group_arn(arn).set_targets(Some(targets)).send()
            };
            self.write(&calls::DEREGISTER_TARGETS, request).await?;
        }
        Ok(None)
    }
}
