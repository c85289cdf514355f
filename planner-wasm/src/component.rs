//! The planner as a WebAssembly component: the only module that deals with imports and exports.

use albatross_contract::{
    CertificateAnswer, CertificateInput, Explanation, GroupingAnswer, GroupingInput, Plan, PlanningError,
    PolicyError, Question, Snapshot, SubnetAnswer, SubnetInput,
};

use crate::Policies;

#[allow(unsafe_code, missing_docs, unused_qualifications, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        path: "../wit",
        world: "planner-component",
        with: {
            "albatross:planner/common@0.1.0": albatross_contract::interfaces::common,
            "albatross:planner/aws-inventory@0.1.0": albatross_contract::interfaces::aws_inventory,
            "albatross:planner/cluster-objects@0.1.0": albatross_contract::interfaces::cluster_objects,
            "albatross:planner/planner-settings@0.1.0": albatross_contract::interfaces::planner_settings,
            "albatross:planner/planner-snapshot@0.1.0": albatross_contract::interfaces::planner_snapshot,
            "albatross:planner/planner-plan@0.1.0": albatross_contract::interfaces::planner_plan,
            "albatross:planner/planner-explanation@0.1.0": albatross_contract::interfaces::planner_explanation,
            "albatross:planner/policy-types@0.1.0": albatross_contract::interfaces::policy_types,
            "albatross:planner/certificates@0.1.0": generate,
            "albatross:planner/subnets@0.1.0": generate,
            "albatross:planner/grouping@0.1.0": generate,
        },
    });
    export!(Planner);
    use super::Planner;
}

use bindings::albatross::planner::{certificates, grouping, subnets};
use bindings::exports::albatross::planner::planner::Guest;

/// Asks the host program, which runs the policy.
struct Imports;

impl Policies for Imports {
    fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyError> {
        certificates::choose(input)
    }
    fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        subnets::select(input)
    }
    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        grouping::group(input)
    }
}

/// The exports of the component.
struct Planner;

impl Guest for Planner {
    fn make_plan(snapshot: Snapshot) -> Result<Plan, PlanningError> {
        let plan = crate::plan(&snapshot, &Imports);
        leave(snapshot);
        plan
    }

    fn explain(snapshot: Snapshot, question: Question) -> Result<Explanation, PlanningError> {
        let explanation = crate::explain(&snapshot, &question, &Imports);
        leave(snapshot);
        explanation
    }
}

/// Does not free a snapshot: the host gives each call its own memory and drops the whole memory afterwards, and to free
/// the objects of 10,000 Ingresses one by one takes longer than to read them.
fn leave(snapshot: Snapshot) {
    std::mem::forget(snapshot);
}
