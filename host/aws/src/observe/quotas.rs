//! Quotas of the account.

use albatross_contract::{Quotas, ViewPart};

use super::{Seen, gaps::Gaps, kept::Kept, listed, round::Moment};
use crate::{
    calling::{Page, pages},
    calls,
    clients::Aws,
};

/// Seconds that quotas are cached: they rarely change, through requests to AWS.
const AGE: u64 = 3_600;

/// Reads the quotas that Elastic Load Balancing reports; the others are AWS's defaults.
pub(crate) async fn observe(aws: &Aws, kept: &mut Kept<Quotas>, now: Moment) -> Seen<Quotas> {
    let mut gaps = Gaps::default();
    if let Some(quotas) = kept.fresh(now, AGE) {
        return Seen { value: *quotas, gaps };
    }
    let call = &calls::DESCRIBE_ACCOUNT_LIMITS;
    let list = pages(call, async |token| {
        let request = || aws.elb.describe_account_limits().set_marker(token.clone()).send();
        let answer = aws.read(call, request).await?;
        let limits = answer
            .limits()
            .iter()
            .filter_map(|limit| Some((limit.name()?.to_owned(), limit.max()?.parse::<u32>().ok()?)));
        Ok(Page::new(limits.collect(), answer.next_marker))
    });
    let limits: Vec<(String, u32)> = listed(list.await, ViewPart::Quotas, &mut gaps);
    let quotas = of(&limits);
    if gaps.is_empty() {
        kept.keep(now, quotas);
    }
    Seen { value: quotas, gaps }
}

/// The names of quotas: ELBv2 API reference, `Limit`.
fn of(limits: &[(String, u32)]) -> Quotas {
    let mut quotas = Quotas::default();
    for (name, limit) in limits {
        let field = match name.as_str() {
            "application-load-balancers" => &mut quotas.load_balancers,
            "certificates-per-application-load-balancer" => &mut quotas.certificates_per_load_balancer,
            "listeners-per-application-load-balancer" => &mut quotas.listeners_per_load_balancer,
            "rules-per-application-load-balancer" => &mut quotas.rules_per_load_balancer,
            "target-groups" => &mut quotas.target_groups,
            "target-groups-per-application-load-balancer" => &mut quotas.target_groups_per_load_balancer,
            "targets-per-application-load-balancer" => &mut quotas.targets_per_load_balancer,
            "condition-values-per-alb-rule" => &mut quotas.condition_values_per_rule,
            "condition-wildcards-per-alb-rule" => &mut quotas.condition_wildcards_per_rule,
            "target-groups-per-action-on-application-load-balancer" => &mut quotas.target_groups_per_action,
            "network-load-balancers" => &mut quotas.network_load_balancers,
            "listeners-per-network-load-balancer" => &mut quotas.listeners_per_network_load_balancer,
            "targets-per-network-load-balancer" => &mut quotas.targets_per_network_load_balancer,
            "targets-per-availability-zone-per-network-load-balancer" => {
                &mut quotas.targets_per_zone_per_network_load_balancer
            }
            "target-groups-per-action-on-network-load-balancer" => {
                &mut quotas.target_groups_per_network_load_balancer_action
            }
            _ => continue,
        };
        *field = *limit;
    }
    quotas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_that_aws_does_not_report_has_its_default() {
        let quotas = of(&[
            ("application-load-balancers".into(), 120),
            ("network-load-balancers".into(), 70),
            ("condition-values-per-alb-rule".into(), 10),
            ("classic-load-balancers".into(), 3),
        ]);
        let told = Quotas {
            load_balancers: 120,
            network_load_balancers: 70,
            condition_values_per_rule: 10,
            ..Quotas::default()
        };
        assert_eq!(quotas, told);
    }
}
