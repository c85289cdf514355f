//! Which web ACL of AWS WAF our load balancers have. It is read only where Ingresses say something about it, so that clusters
//! without AWS WAF need no rights for it.
//!
//! AWS allows one call a second. A list for each web ACL that Ingresses name answers for most load balancers; only the others
//! are asked one by one.

use albatross_contract::{LoadBalancer, LoadBalancerKind, ViewPart};
use aws_sdk_wafv2::types::ResourceType;

use super::{gaps::Gaps, kept::Shelf, mentioned::Mentioned, round::Moment};
use crate::{calls, clients::Aws, error::AwsError};

/// Seconds after which a web ACL is read again, to find what others changed. What we change is read again at once.
const AGE: u64 = 600;

/// How many load balancers are asked one by one in a pass. The others keep the last known answer, or wait.
const MOST: usize = 4;

/// The web ACL of each load balancer, by ARN; empty: none.
#[derive(Debug, Default)]
pub(crate) struct WebAcls(Shelf<String>);

impl WebAcls {
    /// Fills in the web ACLs. Where they cannot be read, that part of the load balancer is recorded as a gap.
    pub(crate) async fn read(
        &mut self,
        aws: &Aws,
        load_balancers: &mut [&mut LoadBalancer],
        mentioned: &Mentioned,
        gaps: &mut Gaps,
        now: Moment,
    ) {
        let concerned = load_balancers
            .iter()
            .filter(|it| it.kind == LoadBalancerKind::Application && mentioned.names_web_acl(it));
        let concerned: Vec<String> = concerned.map(|found| found.arn.clone()).collect();
        if let Err(error) = self.refresh(aws, &concerned, mentioned, now).await {
            let stale = concerned.iter().filter(|arn| self.0.fresh(arn, now, AGE).is_none());
            gaps.add_of(ViewPart::WebAcls, stale.cloned(), error);
        }
        for found in load_balancers.iter_mut().filter(|found| concerned.contains(&found.arn)) {
            found.web_acl = self.0.last(&found.arn).cloned();
        }
    }

    /// Reads what is stale. The load balancers are asked one by one until a call fails: the calls after it would fail for the
    /// same reason.
    async fn refresh(
        &mut self,
        aws: &Aws,
        concerned: &[String],
        mentioned: &Mentioned,
        now: Moment,
    ) -> Result<(), AwsError> {
        let is_stale = |shelf: &Shelf<String>, arn: &String| shelf.fresh(arn, now, AGE).is_none();
        if !concerned.iter().any(|arn| is_stale(&self.0, arn)) {
            return Ok(());
        }
        let mut failed = None;
        for web_acl in &mentioned.web_acls {
            // A list that is denied, of another account for example, hides nothing of the others.
            match protected_by(aws, web_acl).await {
                Ok(protected) => {
                    for arn in concerned.iter().filter(|arn| protected.contains(arn)) {
                        self.0.keep(arn, now, web_acl.clone());
                    }
                }
                Err(error) => failed = Some(error),
            }
        }
        let unknown: Vec<&String> = concerned.iter().filter(|arn| is_stale(&self.0, arn)).collect();
        for arn in unknown.into_iter().take(MOST) {
            let web_acl = web_acl_of(aws, arn).await?;
            self.0.keep(arn, now, web_acl);
        }
        match failed {
            Some(error) if concerned.iter().any(|arn| is_stale(&self.0, arn)) => Err(error),
            _ => Ok(()),
        }
    }

    /// Marks the web ACL of a load balancer as stale.
    pub(crate) fn age(&mut self, arn: &str) {
        self.0.age(arn);
    }

    /// The same for all load balancers.
    pub(crate) fn age_all(&mut self) {
        self.0.age_all();
    }

    /// Forgets the load balancers that no longer exist.
    pub(crate) fn retain(&mut self, exists: impl Fn(&str) -> bool) {
        self.0.retain(exists);
    }
}

/// The ARNs of the load balancers that have a web ACL.
async fn protected_by(aws: &Aws, web_acl: &str) -> Result<Vec<String>, AwsError> {
    let request = || {
        let request = aws.wafv2.list_resources_for_web_acl().web_acl_arn(web_acl);
        request.resource_type(ResourceType::ApplicationLoadBalancer).send()
    };
    match aws.read(&calls::LIST_RESOURCES_FOR_WEB_ACL, request).await {
        Ok(answer) => Ok(answer.resource_arns.unwrap_or_default()),
        // The annotation names a web ACL that does not exist. To associate it fails, which its Ingress is told.
        Err(error) if error.is(&["WAFNonexistentItemException", "WAFInvalidParameterException"]) => {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// The ARN of the web ACL of a load balancer; empty: none.
async fn web_acl_of(aws: &Aws, load_balancer: &str) -> Result<String, AwsError> {
    let request = || aws.wafv2.get_web_acl_for_resource().resource_arn(load_balancer).send();
    let answer = aws.read(&calls::GET_WEB_ACL_FOR_RESOURCE, request).await?;
    Ok(answer.web_acl.map(|found| found.arn).unwrap_or_default())
}
