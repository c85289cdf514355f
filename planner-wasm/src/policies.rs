//! The policy points as the planner sees them.

use albatross_contract::{
    CertificateAnswer, CertificateInput, GroupingAnswer, GroupingInput, PolicyError, SubnetAnswer, SubnetInput,
};

/// Whoever answers the policy points that the settings say are taken over. It is asked for those alone.
pub trait Policies {
    /// Which certificate serves a host.
    ///
    /// # Errors
    /// The policy's own refusal.
    fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyError>;
    /// Which subnets a new load balancer gets.
    ///
    /// # Errors
    /// The policy's own refusal.
    fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyError>;
    /// Which Ingresses share a load balancer.
    ///
    /// # Errors
    /// The policy's own refusal.
    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError>;
}

/// No policy: refuses every question. For snapshots whose settings name none.
pub struct NoPolicies;

impl Policies for NoPolicies {
    fn certificates(&self, _: &CertificateInput) -> Result<CertificateAnswer, PolicyError> {
        Err(missing("certificates"))
    }
    fn subnets(&self, _: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        Err(missing("subnets"))
    }
    fn grouping(&self, _: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        Err(missing("grouping"))
    }
}

fn missing(point: &str) -> PolicyError {
    PolicyError { message: format!("the settings name a policy for {point}, but there is none") }
}
