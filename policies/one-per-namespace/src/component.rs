//! The policy as a WebAssembly component.

use albatross_contract::{GroupingAnswer, GroupingInput, PolicyDescription, PolicyError};

#[allow(unsafe_code, missing_docs, unused_qualifications, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "grouping-policy",
        with: {
            "albatross:planner/common@0.1.0": albatross_contract::interfaces::common,
            "albatross:planner/aws-inventory@0.1.0": albatross_contract::interfaces::aws_inventory,
            "albatross:planner/policy-types@0.1.0": albatross_contract::interfaces::policy_types,
        },
    });
    export!(Policy);
    use super::Policy;
}

use bindings::exports::albatross::planner;

/// The exports of the component.
struct Policy;

impl planner::policy::Guest for Policy {
    fn describe() -> PolicyDescription {
        PolicyDescription {
            name: "one-per-namespace".to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            summary: "One load balancer for each namespace.".to_owned(),
        }
    }

    fn validate_settings(settings: String) -> Result<(), PolicyError> {
        crate::validate_settings(&settings)
    }
}

impl planner::grouping::Guest for Policy {
    fn group(input: GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        crate::group(&input)
    }
}
