//! Registers and deregisters targets outside Auto Scaling Groups.

use std::collections::VecDeque;

use albatross_contract::{TargetChange, TargetId};

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
        let mut batches: VecDeque<&[TargetId]> = input.targets.chunks(PER_CALL).collect();
        let mut refused = None;
        while let Some(batch) = batches.pop_front() {
            let request = || {
                let targets = batch.iter().map(target_to_sdk).collect();
                self.aws.elb.register_targets().target_group_arn(arn).set_targets(Some(targets)).send()
            };
            match self.write(&calls::REGISTER_TARGETS, request).await {
                // One instance that is no longer running fails the whole call: the batch is halved until that instance is
                // found, so that the others are registered.
                Err(error) if error.is(&["InvalidTarget"]) => match batch {
                    [_] => _ = refused.get_or_insert(error),
                    several => {
                        let (left, right) = several.split_at(several.len() / 2);
                        batches.extend([left, right]);
                    }
                },
                answer => _ = answer?,
            }
        }
        refused.map_or(Ok(None), Err)
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
