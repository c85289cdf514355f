//! How long unused target groups stay, and target groups and security groups that are left of a deleted load balancer.

use albatross_contract::{Diagnostic, DiagnosticCode, LoadBalancerFate, TAG_ID, TargetGroup};

use super::Lifespan;
use crate::{
    diagnostics::{Details, Subject, warning},
    observed::{Concern, Observed, Owned, target_group_unneeded_since},
};

/// What happens to a target group that its load balancer no longer uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retirement {
    /// It is marked, now or before; its grace period ends at this time.
    Marked {
        /// Seconds since 1970.
        until: u64,
    },
    /// Its grace period is over.
    Over {
        /// Since when it has been unused.
        since: u64,
    },
}

/// When an unused target group is removed.
pub fn retirement(group: &TargetGroup, observed: &Observed<'_>) -> Retirement {
    let since = target_group_unneeded_since(group);
    let until = since.unwrap_or(observed.time).saturating_add(observed.settings.grace);
    match since {
        Some(since) if until <= observed.time => Retirement::Over { since },
        _ => Retirement::Marked { until },
    }
}

/// Target groups and security groups whose load balancer does not exist and is not created. None of them is marked while
/// another load balancer uses one of the target groups. Security groups alone are deleted at once: they serve nobody, and AWS
/// deletes no security group that is in use (EC2 API_DeleteSecurityGroup).
pub fn leftover(owned: &Owned<'_>, observed: &Observed<'_>) -> Lifespan {
    let mut lifespan = Lifespan::new(LoadBalancerFate::Keep);
    if owned.target_groups.is_empty() {
        if observed.completeness.allows_for(Concern::Remove, Some(owned)) {
            lifespan.fate = LoadBalancerFate::Delete;
        }
        return lifespan;
    }
    if owned.target_groups.iter().any(|group| owned.user_elsewhere(group).is_some()) {
        return lifespan;
    }
    lifespan.unneeded_since = owned.unneeded_since();
    if observed.completeness.allows_for(Concern::Remove, Some(owned)) {
        lifespan.mark(owned, observed);
    }
    lifespan
}

/// Diagnostics for target groups that, as AWS says, another load balancer uses.
pub fn used_elsewhere(owned: &Owned<'_>) -> Vec<Diagnostic> {
    let users = owned.target_groups.iter().filter_map(|group| Some((group, owned.user_elsewhere(group)?)));
    let tell = |(group, user): (&&TargetGroup, &str)| {
        let message = format!(
            "{user} uses this target group, but does not carry our tags with the same {TAG_ID}: the target group stays"
        );
        warning(DiagnosticCode::NameTaken, Subject::Resource(&group.name), message)
            .remedy(
                "`albatross adopt` makes that load balancer ours again, and `albatross forget` leaves the target group to it as well; or \
                 let it forward to another target group",
            )
    };
    users.map(tell).collect()
}

#[cfg(test)]
mod tests;
