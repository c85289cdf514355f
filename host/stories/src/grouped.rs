//! Grouping policies of the SDK, run natively.

use std::marker::PhantomData;

use albatross_contract::{
    CertificateAnswer, CertificateInput, GroupingAnswer, GroupingInput, PolicyError, PolicyPoint,
    PolicySetting, SubnetAnswer, SubnetInput,
};
use albatross_planner::{NoPolicies, Policies};
use albatross_policy::grouping::{self, Grouping};

use crate::Controller;

struct GroupedBy<P>(PhantomData<P>);

impl<P: Grouping> Policies for GroupedBy<P> {
    fn grouping(&self, input: &GroupingInput) -> Result<GroupingAnswer, PolicyError> {
        grouping::answer::<P>(input.clone())
    }

    fn subnets(&self, input: &SubnetInput) -> Result<SubnetAnswer, PolicyError> {
        NoPolicies.subnets(input)
    }

    fn certificates(&self, input: &CertificateInput) -> Result<CertificateAnswer, PolicyError> {
        NoPolicies.certificates(input)
    }
}

impl Controller {
    /// Lets a grouping policy with these settings decide from now on.
    pub fn group_by<P: Grouping + 'static>(&mut self, settings: &str) {
        let point = PolicyPoint::Grouping;
        self.settings.policies = vec![PolicySetting { point, settings: settings.to_owned() }];
        self.policies = Box::new(GroupedBy::<P>(PhantomData));
    }
}
