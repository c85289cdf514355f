//! Target groups that annotations name and that were not created for this cluster.

use albatross_contract::{Protocol, TargetGroup};

use super::super::{Destination, build::Builder};
use crate::grouping::Group;

impl<'a> Builder<'a, '_> {
    /// A target group by ARN or name, or the reason why rules of a load balancer cannot forward to it. Only the rules name it:
    /// its targets and properties are never changed.
    pub(super) fn foreign(&self, named: &str, group: &Group<'a>) -> Result<Destination<'a>, String> {
        let observed = self.sources.observed;
        let inventory = observed.inventory;
        let mut all = inventory.target_groups.iter();
        let found = all.find(|found| found.arn == named || found.name == named);
        let found =
            found.ok_or_else(|| format!("target group {named} does not exist in {}", inventory.region))?;
        if group.owned().is_some_and(|owned| owned.target_groups.iter().any(|it| it.arn == found.arn)) {
            return Err(format!(
                "target group {named} was created by this controller; name its Service instead"
            ));
        }
        if !matches!(found.protocol, Protocol::Http | Protocol::Https) {
            return Err(format!("target group {named} has neither the protocol HTTP nor HTTPS"));
        }
        if found.vpc_id.as_ref().is_some_and(|vpc| *vpc != inventory.vpc.id) {
            return Err(format!("target group {named} is in another VPC than {}", inventory.vpc.id));
        }
        match used_elsewhere(found, group) {
            None => Ok(Destination::Existing(&found.arn)),
            Some(other) => Err(format!(
                "target group {named} already serves the load balancer {other}, and AWS allows only one"
            )),
        }
    }
}

/// Another load balancer that uses a target group.
fn used_elsewhere<'b>(found: &'b TargetGroup, group: &Group<'_>) -> Option<&'b str> {
    let here = group.owned().and_then(|owned| owned.load_balancer).map(|it| it.arn.as_str());
    found.load_balancer_arns.iter().map(String::as_str).find(|arn| Some(*arn) != here)
}
