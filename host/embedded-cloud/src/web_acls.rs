//! Web ACLs of AWS WAF: which load balancers they protect. The web ACLs themselves are not part of the inventory: every ARN of
//! the right form counts as one that exists.

use albatross_contract::{LoadBalancer, LoadBalancerKind, ResourceReference, WebAclAssociation};

use crate::{AwsError, account::Account};

impl Account {
    /// WAFv2 API_AssociateWebACL: the web ACL takes the place of another one.
    pub(crate) fn associate_web_acl(&mut self, input: &WebAclAssociation) -> Result<(), AwsError> {
        let region = self.inventory.region.clone();
        let load_balancer = self.protected(&input.load_balancer)?;
        if !is_regional(&input.web_acl, &region) {
            return Err(AwsError::new(
                "WAFInvalidParameterException",
                format!(
                    "Error reason: The ARN isn't valid. field: WEB_ACL_ARN, parameter: {}",
                    input.web_acl
                ),
            ));
        }
        load_balancer.web_acl = Some(input.web_acl.clone());
        Ok(())
    }

    /// WAFv2 API_DisassociateWebACL: no error if there is no web ACL.
    pub(crate) fn disassociate_web_acl(&mut self, reference: &ResourceReference) -> Result<(), AwsError> {
        self.protected(reference)?.web_acl = Some(String::new());
        Ok(())
    }

    /// A load balancer that can have a web ACL. WAFv2 API_AssociateWebACL, `ResourceArn`: an Application Load Balancer.
    fn protected(&mut self, reference: &ResourceReference) -> Result<&mut LoadBalancer, AwsError> {
        let missing = |_| {
            let message = "AWS WAF couldn't perform the operation because your resource doesn't exist.";
            AwsError::new("WAFNonexistentItemException", message)
        };
        let found = self.load_balancer_mut(reference).map_err(missing)?;
        if found.kind != LoadBalancerKind::Application {
            return Err(AwsError::new(
                "WAFInvalidParameterException",
                format!("Error reason: The ARN isn't valid. field: RESOURCE_ARN, parameter: {}", found.arn),
            ));
        }
        Ok(found)
    }
}

/// Whether an ARN is that of a web ACL of this region: `arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID`.
fn is_regional(arn: &str, region: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, "wafv2", of, _, resource] = parts.as_slice() else { return false };
    *of == region
        && matches!(resource.split('/').collect::<Vec<_>>().as_slice(), ["regional", "webacl", _, _])
}
