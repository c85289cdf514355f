//! Its certificates: one that no Ingress needs leaves its stack after a while, and a stack without any is deleted.
//!
//! Reference: zalando-incubator/kube-ingress-aws-controller, `worker.go` (`addIngress`, `ShouldDelete`) and `aws/cf.go`.

use std::collections::BTreeSet;

use albatross_contract::{Inventory, Timestamp};

use super::Stack;

/// Its flag `--cert-ttl-timeout`: an hour by default.
pub const CERTIFICATE_TTL: u64 = 3_600;

/// What one of its cycles does with the certificates of its stacks. `needed`: ARNs of the certificates that its Ingresses need.
/// Returns the stacks that are left.
pub fn expire(
    stacks: Vec<Stack>,
    needed: &BTreeSet<String>,
    now: Timestamp,
    inventory: &mut Inventory,
) -> Vec<Stack> {
    let mut left = Vec::new();
    for mut stack in stacks {
        let before = stack.clone();
        stack.expiring.retain(|certificate, _| !needed.contains(certificate));
        let unneeded: Vec<String> =
            stack.certificates.iter().filter(|arn| !needed.contains(*arn)).cloned().collect();
        for certificate in unneeded {
            let end = *stack.expiring.entry(certificate.clone()).or_insert(now + CERTIFICATE_TTL);
            if end <= now {
                stack.expiring.remove(&certificate);
                stack.certificates.retain(|arn| *arn != certificate);
            }
        }
        if stack.certificates.is_empty() {
            before.delete(inventory);
            continue;
        }
        if stack != before {
            stack.update(inventory);
        }
        left.push(stack);
    }
    left
}

impl Stack {
    /// CloudFormation updates the listeners, and the tags of all resources.
    fn update(&self, inventory: &mut Inventory) {
        for found in inventory.load_balancers.iter_mut().filter(|found| found.arn == self.load_balancer()) {
            found.listeners = self.listeners();
            found.tags = self.tags_of_load_balancer();
        }
        for (logical_id, _) in self.ports() {
            let arn = self.target_group(logical_id);
            for group in inventory.target_groups.iter_mut().filter(|group| group.arn == arn) {
                group.tags = self.tags(logical_id);
            }
        }
    }

    /// CloudFormation deletes all resources.
    fn delete(&self, inventory: &mut Inventory) {
        let groups = self.target_groups();
        inventory.load_balancers.retain(|found| found.arn != self.load_balancer());
        inventory.target_groups.retain(|group| !groups.contains(&group.arn));
        for scaling in &mut inventory.auto_scaling_groups {
            scaling.target_groups.retain(|arn| !groups.contains(arn));
        }
    }
}

/// A time as in its tags: `2026-11-21T09:30:00Z`.
pub(super) fn in_a_tag(time: Timestamp) -> String {
    let (mut day, second) = (time / 86_400, time % 86_400);
    let is_leap =
        |year: u64| year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let mut year = 1970;
    while day >= 365 + u64::from(is_leap(year)) {
        day -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    format!("{year}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}Z", day + 1, second % 60)
}

#[cfg(test)]
mod tests {
    use super::in_a_tag;

    #[test]
    fn times_are_written_as_in_rfc_3339() {
        assert_eq!(in_a_tag(0), "1970-01-01T00:00:00Z");
        assert_eq!(in_a_tag(crate::START), "2026-11-21T09:30:00Z");
        assert_eq!(in_a_tag(1_709_251_199), "2024-02-29T23:59:59Z");
        assert_eq!(in_a_tag(1_798_761_599), "2026-12-31T23:59:59Z");
    }
}
