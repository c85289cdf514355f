//! The policy points as the planner sees them.

use std::collections::BTreeSet;

use albatross_contract::{
    CertificateAnswer, CertificateInput, Diagnostic, DiagnosticCode, GroupingAnswer, GroupingInput,
    PlanningError, PolicyError, PolicyPoint, Snapshot, SubnetAnswer, SubnetInput,
};

use crate::{
    diagnostics::{Details, Subject, warning},
    source::ObjectName,
    words,
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
        Err(missing())
    }
    fn subnets(&self, _: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        Err(missing())
    }
    fn grouping(&self, _: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        Err(missing())
    }
}

fn missing() -> PolicyError {
    PolicyError { message: "the settings name a policy, but none is loaded".to_owned() }
}

/// The policy points of one plan: which are overridden, which are frozen, and who answers.
pub struct Points<'a> {
    policies: &'a dyn Policies,
    snapshot: &'a Snapshot,
    overridden: BTreeSet<PolicyPoint>,
    frozen: BTreeSet<PolicyPoint>,
}

impl<'a> Points<'a> {
    /// The policy points of a snapshot.
    pub fn new(snapshot: &'a Snapshot, policies: &'a dyn Policies) -> Self {
        Points {
            policies,
            snapshot,
            overridden: snapshot.settings.policies.iter().map(|policy| policy.point).collect(),
            frozen: snapshot.frozen.iter().copied().collect(),
        }
    }

    /// Whether a policy takes the decision over.
    pub fn is_overridden(&self, point: PolicyPoint) -> bool {
        self.overridden.contains(&point)
    }

    /// Whether the decision is not taken in this plan.
    pub fn is_frozen(&self, point: PolicyPoint) -> bool {
        self.frozen.contains(&point)
    }

    /// The settings of the policy that takes it over.
    pub fn settings(&self, point: PolicyPoint) -> String {
        let found = self.snapshot.settings.policies.iter().find(|policy| policy.point == point);
        found.map(|policy| policy.settings.clone()).unwrap_or_default()
    }

    /// Asks the certificate policy.
    pub fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PlanningError> {
        self.policies.certificates(input).map_err(|error| refused(PolicyPoint::Certificates, &error))
    }

    /// Asks the subnet policy.
    pub fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PlanningError> {
        self.policies.subnets(input).map_err(|error| refused(PolicyPoint::Subnets, &error))
    }

    /// Asks the grouping policy.
    pub fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PlanningError> {
        self.policies.grouping(input).map_err(|error| refused(PolicyPoint::Grouping, &error))
    }
}

/// The remedy where a policy has failed.
pub const FIX: &str = "fix the policy, or go back to one that works";

/// What to tell an object that a frozen point concerns.
pub fn frozen_diagnostic(point: PolicyPoint, object: ObjectName<'_>) -> Diagnostic {
    let message = format!(
        "the policy for {} is not asked, because it failed: everything stays as it is",
        words::point(point)
    );
    warning(DiagnosticCode::PolicyFrozen, Subject::Object(object), message).remedy(FIX)
}

fn refused(point: PolicyPoint, error: &PolicyError) -> PlanningError {
    PlanningError {
        code: DiagnosticCode::PolicyRefused,
        message: format!("the policy for {} refused: {}", words::point(point), error.message),
    }
}
