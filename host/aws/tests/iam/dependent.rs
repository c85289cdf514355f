//! AWS checks more rights of a caller than the one that has the name of a call.

use albatross_aws::{Need, iam_actions};
use albatross_test_servers::dependent_rights;

use crate::{policy::policy, purposes::allowed};

#[test]
fn what_a_call_needs_besides_its_own_right_is_allowed_for_the_same_purpose() {
    let policy = policy();
    for action in iam_actions() {
        let purposes: &[&str] = match action.need {
            Need::Observe => &["Observe"],
            Need::ProxyMode => &["Observe", "ProxyMode"],
            Need::RouteMode => &["Observe", "ProxyMode", "RouteMode"],
        };
        let allowed = allowed(&policy, purposes);
        for right in dependent_rights(&action.name) {
            assert!(allowed.contains(*right), "{} needs {right}", action.name);
        }
    }
}

#[test]
fn a_load_balancer_cannot_be_made_without_the_right_to_list_the_security_groups_of_its_vpc() {
    let rights = dependent_rights("elasticloadbalancing:CreateLoadBalancer");
    assert!(rights.contains(&"ec2:GetSecurityGroupsForVpc"), "aws-load-balancer-controller issue 3917");
}
