//! Members: what they agree on changes for them, so there is one. Those who have left a load balancer may come back to it, and
//! those whose DNS names still lead to it rely on it.

use crate::{
    facts::{Facts, agreement::changed, load_balancers::our_id},
    violation::{Findings, Rule},
};

pub(crate) fn check(facts: &Facts<'_>, found: &mut Findings) {
    for (index, action) in facts.actions.iter() {
        let Some(load_balancer) = changed(&facts.view, action) else { continue };
        if !facts.outcomes.on(our_id(load_balancer)).any(|outcome| outcome.source.is_some()) {
            let message =
                format!("nobody who is known is on {}, so nobody asks for the change", load_balancer.name);
            found.action(index, action, Rule::MemberKnown, message);
        }
    }
}
