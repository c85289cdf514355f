//! The policy points in the planner.

use std::collections::BTreeSet;

use albatross_contract::{
    CertificateAnswer, CertificateInput, Diagnostic, DiagnosticCode, GroupingAnswer, GroupingInput,
    PlanningError, PolicyError, PolicyPoint, Snapshot, SubnetAnswer, SubnetInput,
};

use crate::{
    diagnostics::{Details, Subject, warning},
    source::ObjectName,
};

/// Answers the policy points that, as the settings say, a policy takes over. Only these are asked.
pub trait Policies {
    /// Which certificate serves a host.
    ///
    /// # Errors
    /// The policy refused.
    fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyError>;
    /// Which subnets a new load balancer gets.
    ///
    /// # Errors
    /// The policy refused.
    fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyError>;
    /// Which Ingresses share a load balancer.
    ///
    /// # Errors
    /// The policy refused.
    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError>;
}

/// Refuses every question. For snapshots whose settings name no policy.
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

/// The policy points of one plan: which of them are overridden or frozen, and the policies.
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

    /// Whether a policy takes over the decision.
    pub fn is_overridden(&self, point: PolicyPoint) -> bool {
        self.overridden.contains(&point)
    }

    /// Whether no decision is made in this plan.
    pub fn is_frozen(&self, point: PolicyPoint) -> bool {
        self.frozen.contains(&point)
    }

    /// The settings of the policy that takes over the decision.
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

/// The remedy where no policy is asked.
pub const FIX: &str =
    "look at the Events of the controller for the reason, and fix the policy, or go back to one that works";

/// The diagnostic for an object that a frozen policy point concerns.
pub fn frozen_diagnostic(point: PolicyPoint, object: ObjectName<'_>) -> Diagnostic {
    let message = format!("{}: everything stays as it is", not_asked(point));
    warning(DiagnosticCode::PolicyFrozen, Subject::Object(object), message).remedy(FIX)
}

/// Why a frozen point is not decided.
pub fn not_asked(point: PolicyPoint) -> String {
    format!("the policy for {} is not asked, because it failed or has not taken over yet", point.as_str())
}

fn refused(point: PolicyPoint, error: &PolicyError) -> PlanningError {
    PlanningError {
        code: DiagnosticCode::PolicyRefused,
        field: None,
        message: format!("the policy for {} refused: {}", point.as_str(), error.message),
    }
}
