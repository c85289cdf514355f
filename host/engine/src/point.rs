//! The names of the policy points in the WIT.

use albatross_contract::PolicyPoint;

/// The interface that every policy exports besides its points.
pub(crate) const POLICY: &str = "albatross:planner/policy@0.1.0";
/// The interface that a planner exports.
pub(crate) const PLANNER: &str = "albatross:planner/planner@0.1.0";

/// The interface of a point: a planner imports it, a policy exports it.
pub(crate) fn interface(point: PolicyPoint) -> &'static str {
    match point {
        PolicyPoint::Certificates => "albatross:planner/certificates@0.1.0",
        PolicyPoint::Subnets => "albatross:planner/subnets@0.1.0",
        PolicyPoint::Grouping => "albatross:planner/grouping@0.1.0",
    }
}

/// The only function of the interface of a point.
pub(crate) fn function(point: PolicyPoint) -> &'static str {
    match point {
        PolicyPoint::Certificates => "choose",
        PolicyPoint::Subnets => "select",
        PolicyPoint::Grouping => "group",
    }
}
