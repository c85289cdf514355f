//! The point `subnets`: which subnets load balancers of a scheme get.
//!
//! A new load balancer gets all of them. An existing one keeps the subnets that it has, and gets one more in each zone that holds
//! targets and in which it has none. The policy is not asked while the setting `subnets` lists subnets.

use std::collections::BTreeSet;

use albatross_contract::{SubnetAnswer, SubnetCandidate, SubnetInput, Tag};

use crate::{Answered, Policy};

/// A policy that answers this point.
pub trait Subnets: Policy {
    /// Chooses subnets, at most one in each zone. An Application Load Balancer needs two zones.
    ///
    /// # Errors
    /// Why the question is refused: then no load balancer is made, and none gets another subnet.
    fn select(settings: &Self::Settings, question: &Question) -> Result<Answer, String>;
}

/// The question.
#[derive(Clone, Debug)]
pub struct Question {
    input: SubnetInput,
}

impl Question {
    /// A question, for tests.
    pub fn new(input: SubnetInput) -> Question {
        Question { input }
    }

    /// The scheme of the load balancer.
    pub fn scheme(&self) -> albatross_contract::Scheme {
        self.input.scheme
    }

    /// Subnets that AWS would accept, in the order of their ids.
    pub fn candidates(&self) -> &[SubnetCandidate] {
        &self.input.candidates
    }

    /// Of these subnets one in each zone, for this reason. In a zone with several of them, the subnet that the planner chooses
    /// without a policy wins, then the first.
    pub fn of_each_zone(
        &self,
        mut fits: impl FnMut(&SubnetCandidate) -> bool,
        reason: impl Into<String>,
    ) -> Answer {
        let is_default = |index: &u32| self.input.by_default.contains(index);
        let candidates = (0..).zip(&self.input.candidates).filter(|(_, candidate)| fits(candidate));
        let (first, rest): (Vec<_>, Vec<_>) = candidates.partition(|(index, _)| is_default(index));
        let mut zones = BTreeSet::new();
        let one_each = first.into_iter().chain(rest).filter(|(_, subnet)| zones.insert(subnet.zone.as_str()));
        let mut subnets: Vec<u32> = one_each.map(|(index, _)| index).collect();
        subnets.sort_unstable();
        Answer { subnets, reason: reason.into() }
    }

    /// What the planner chooses without a policy.
    pub fn by_default(&self) -> Answer {
        Answer { subnets: self.input.by_default.clone(), reason: "as without a policy".to_owned() }
    }
}

/// The value of a tag of a candidate.
pub fn tag<'a>(candidate: &'a SubnetCandidate, key: &str) -> Option<&'a str> {
    let found = |tag: &&Tag| tag.key == key;
    candidate.tags.iter().find(found).map(|tag| tag.value.as_str())
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Indices of candidates, at most one for each zone.
    pub subnets: Vec<u32>,
    /// Why, in words for people.
    pub reason: String,
}

/// Answers a question of the planner.
///
/// # Errors
/// What is wrong with the settings, or why the policy refuses.
pub fn answer<P: Subnets>(input: SubnetInput) -> Answered<SubnetAnswer> {
    let settings = input.settings.clone();
    let question = Question::new(input);
    let answer = crate::answer::<P, _>(&settings, |settings| P::select(settings, &question))?;
    Ok(SubnetAnswer { subnets: answer.subnets, reason: answer.reason })
}
