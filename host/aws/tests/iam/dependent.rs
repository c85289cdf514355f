//! Dependent rights: for some calls AWS checks more than the right that bears the name of the call.

use albatross_aws::{Need, iam_actions};
use albatross_test_servers::dependent_rights;

use crate::{
    policy::{policy, web_acls},
    purposes::allowed,
};

#[test]
fn dependent_rights_of_a_call_are_allowed_for_the_same_purpose() {
    let (policy, web_acls) = (policy(), web_acls());
    for action in iam_actions() {
        let purposes: &[&str] = match action.need {
            Need::Observe => &["Observe"],
            Need::ProxyMode => &["Observe", "ProxyMode"],
            Need::WebAcls => &["WebAcls"],
            Need::RouteMode | Need::Records | Need::Recordings => &["Observe", "ProxyMode", "RouteMode"],
        };
        let policy = if action.need == Need::WebAcls { &web_acls } else { &policy };
        let allowed = allowed(policy, purposes);
        for right in dependent_rights(&action.name) {
            assert!(allowed.contains(*right), "{} needs {right}", action.name);
        }
    }
}

#[test]
fn creating_a_load_balancer_depends_on_the_right_to_list_the_security_groups_of_its_vpc() {
    let rights = dependent_rights("elasticloadbalancing:CreateLoadBalancer");
    assert!(rights.contains(&"ec2:GetSecurityGroupsForVpc"), "aws-load-balancer-controller issue 3917");
}
