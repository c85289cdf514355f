//! Names, ids and ARNs.

use albatross_contract::{LoadBalancerKind, Scheme};
use sha2::{Digest, Sha256};

use crate::AwsError;

/// Generates ids: the same sequence of calls gives the same ids.
#[derive(Clone, Debug)]
pub(crate) struct Identifiers {
    account: String,
    region: String,
    /// When the cloud began, so that a cloud that continues with the inventory of another cloud generates other ids.
    begin: u64,
    made: u64,
}

impl Identifiers {
    pub(crate) fn new(account: &str, region: &str, begin: u64) -> Identifiers {
        Identifiers { account: account.to_owned(), region: region.to_owned(), begin, made: 0 }
    }

    /// An id of lower case hexadecimal digits: 16 in ARNs of Elastic Load Balancing, 17 in ids of EC2.
    pub(crate) fn hexadecimal(&mut self, name: &str, digits: usize) -> String {
        let mut text: String = self.digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
        text.truncate(digits);
        text
    }

    /// The id of a rule of a security group.
    pub(crate) fn security_group_rule(&mut self, security_group: &str) -> String {
        format!("sgr-{}", self.hexadecimal(security_group, 17))
    }

    /// A number of ten digits, as in the DNS names of Application Load Balancers.
    fn number(&mut self, name: &str) -> u64 {
        self.digest(name).iter().take(8).fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte))
            % 9_000_000_000
            + 1_000_000_000
    }

    /// A digest, different for each call.
    fn digest(&mut self, name: &str) -> [u8; 32] {
        self.made += 1;
        Sha256::digest(format!("{}/{}/{}/{}/{name}", self.account, self.region, self.begin, self.made)).into()
    }

    /// An ARN of Elastic Load Balancing.
    ///
    /// Page: Service Authorization Reference, "Actions, resources, and condition keys for AWS Elastic Load Balancing V2".
    pub(crate) fn arn(&self, resource: &str) -> String {
        format!("arn:{}:elasticloadbalancing:{}:{}:{resource}", self.partition(), self.region, self.account)
    }

    /// Page: IAM User Guide, "IAM identifiers" (ARN partitions).
    fn partition(&self) -> &'static str {
        if self.region.starts_with("cn-") {
            "aws-cn"
        } else if self.region.starts_with("us-gov-") {
            "aws-us-gov"
        } else {
            "aws"
        }
    }

    /// The DNS name of a new load balancer, lower case as AWS returns it.
    ///
    /// Pages: Application Load Balancers, "Application Load Balancers" (`name-1234567890.region.elb.amazonaws.com`,
    /// `internal-` in front for internal ones); Network Load Balancers (`name-1234567890abcdef.elb.region.amazonaws.com`).
    pub(crate) fn dns_name(
        &mut self,
        name: &str,
        kind: LoadBalancerKind,
        scheme: Scheme,
        id: &str,
    ) -> String {
        let suffix = if self.region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        match kind {
            LoadBalancerKind::Application => {
                let internal = if scheme == Scheme::Internal { "internal-" } else { "" };
                let number = self.number(name);
                format!("{internal}{name}-{number}.{}.elb.{suffix}", self.region)
            }
            LoadBalancerKind::Network | LoadBalancerKind::Gateway => {
                format!("{name}-{id}.elb.{}.{suffix}", self.region)
            }
        }
        .to_ascii_lowercase()
    }
}

/// The part of a load balancer's ARN between `loadbalancer/` and its name.
pub(crate) fn kind_in_arn(kind: LoadBalancerKind) -> &'static str {
    match kind {
        LoadBalancerKind::Application => "app",
        LoadBalancerKind::Network => "net",
        LoadBalancerKind::Gateway => "gwy",
    }
}

/// Whether a load balancer or target group may have this name.
///
/// Pages: API_CreateLoadBalancer and API_CreateTargetGroup, parameter `Name`: up to 32 letters, digits and hyphens, no
/// hyphen at either end.
///
/// # Errors
/// `ValidationError`
pub(crate) fn check_name(what: &str, name: &str) -> Result<(), AwsError> {
    if name.is_empty() || name.len() > 32 {
        return Err(AwsError::validation(format!("{what} name '{name}' must have 1 to 32 characters")));
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
        return Err(AwsError::validation(format!(
            "{what} name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(AwsError::validation(format!("{what} name '{name}' cannot begin or end with '-'")));
    }
    Ok(())
}
