//! The point `grouping`: which Ingresses should share a load balancer.
//!
//! An answer gives each member a key; members with the same key should share a load balancer. A key is a wish: the planner
//! splits a group whose members cannot share one, for example two schemes or more certificates than fit. A load balancer keeps
//! its key in a tag, so a policy finds in the question where each member stands ([`Member::current_key`]), and needs no memory
//! of its own.
//!
//! **Members should stay where they are.** A member that gets another key moves to another load balancer, and its DNS name changes:
//! the planner withholds such changes when they are many. A key that follows from the member alone, such as its namespace, needs
//! nothing more. A policy that counts members, or looks at one to place another, lets them stay with [`Question::keep`] or
//! [`Question::spread`]. `albatross policy check` finds policies that move a member because another one comes or goes.
//!
//! **Route mode.** Without a policy, each Ingress has a load balancer of its own, unless its annotations name a group. With a
//! policy, the members of a group share one. Annotations that name a group take precedence: neither the answer of a policy nor its
//! failure changes anything for such an Ingress ([`Member::counts`]), and no Ingress can join a group of a policy by naming it. A
//! member says how many listener rules and which target groups it needs ([`Member`] has the fields of the contract).
//!
//! Members whose annotations ask for different properties of the load balancer, such as clients or a web ACL, never share one,
//! whatever their key is.
//!
//! **Units.** The records of a host lead to one load balancer. So in route mode the members that share a host, directly or through
//! others, are a unit, and a policy should give all of them the same key; the planner does not. [`Question::place_units`] asks for
//! the place of a unit as a whole. In proxy mode each member is a unit.

mod answer;
mod keep;
mod member;
mod spread;
mod unit;

use albatross_contract::{GroupingAnswer, GroupingInput, GroupingLoadBalancer};

pub use albatross_contract::{GROUP_KEY_RULE, unfit_group_key};
pub use answer::{Answer, Place};
pub use member::Member;
pub use unit::Unit;

use crate::{Answered, Policy};

/// A policy that answers this point.
pub trait Grouping: Policy {
    /// Says which members should share a load balancer.
    ///
    /// # Errors
    /// Why the whole question is refused: then all members stay where they are, and new members wait.
    fn group(settings: &Self::Settings, question: &Question) -> Result<Answer, String>;
}

/// The question: all objects that are to be placed, and the load balancers that exist.
#[derive(Clone, Debug)]
pub struct Question {
    input: GroupingInput,
}

impl Question {
    /// A question, for tests.
    pub fn new(input: GroupingInput) -> Question {
        Question { input }
    }

    /// All members, in the order of namespace, name and kind.
    pub fn members(&self) -> impl Iterator<Item = Member<'_>> {
        (0..).zip(&self.input.members).map(|(index, _)| Member::new(index, &self.input))
    }

    /// The load balancers of this controller, in the order of their ids.
    pub fn load_balancers(&self) -> &[GroupingLoadBalancer] {
        &self.input.load_balancers
    }

    /// Asks for the place of one member after the other. Members for which a group does not count are left to the planner; to
    /// reject one that wants a load balancer of its own, make the answer with [`Answer::add`].
    pub fn place(&self, mut place: impl FnMut(&Member<'_>) -> Place) -> Answer {
        let mut answer = Answer::default();
        for member in self.members() {
            let place = if member.counts() { place(&member) } else { Place::Default };
            answer.add(&member, place);
        }
        answer
    }
}

/// Answers a question of the planner.
///
/// # Errors
/// What is wrong with the settings or with a key, or why the policy refuses.
pub fn answer<P: Grouping>(input: GroupingInput) -> Answered<GroupingAnswer> {
    let settings = input.settings.clone();
    let question = Question::new(input);
    crate::answer::<P, _>(&settings, |settings| P::group(settings, &question)?.into_contract())
}
