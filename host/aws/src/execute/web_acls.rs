//! Web ACLs of AWS WAF.

use albatross_contract::{ResourceReference, WebAclAssociation};

use super::{Made, Writer};
use crate::{calls, convert::existing, error::AwsError};

impl Writer<'_> {
    /// The web ACL takes the place of another one.
    pub(super) async fn associate_web_acl(&self, input: &WebAclAssociation) -> Result<Made, AwsError> {
        let arn = existing(&input.load_balancer)?;
        let request =
            || self.aws.wafv2.associate_web_acl().web_acl_arn(&input.web_acl).resource_arn(arn).send();
        self.write(&calls::ASSOCIATE_WEB_ACL, request).await?;
        Ok(None)
    }

    pub(super) async fn disassociate_web_acl(&self, resource: &ResourceReference) -> Result<Made, AwsError> {
        let arn = existing(resource)?;
        let request = || self.aws.wafv2.disassociate_web_acl().resource_arn(arn).send();
        match self.write(&calls::DISASSOCIATE_WEB_ACL, request).await {
            Err(error) if !error.is(&["WAFNonexistentItemException"]) => Err(error),
            _ => Ok(None),
        }
    }
}
