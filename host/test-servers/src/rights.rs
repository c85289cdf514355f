//! Dependent rights: rights that AWS checks for a call besides the one with the name of the call.

/// A call, and its dependent rights.
type Dependent = (&'static str, &'static [&'static str]);

/// Pages: Elastic Load Balancing User Guide, "Elastic Load Balancing API permissions" (required permissions for the
/// 2015-12-01 API) and "Permissions for tagging resources during creation" (`AddTags`: Albatross creates all resources with
/// tags); EC2 User Guide, "Grant permission to tag resources during creation". The calls of Auto Scaling, ACM and IAM that
/// Albatross makes have no dependent rights (Service Authorization Reference, column "Dependent actions").
const DEPENDENT: &[Dependent] = &[
    (
        "elasticloadbalancing:CreateLoadBalancer",
        &[
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAddresses",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            // Not on the page: kubernetes-sigs/aws-load-balancer-controller issue 3917.
            "ec2:GetSecurityGroupsForVpc",
            "elasticloadbalancing:AddTags",
            "iam:CreateServiceLinkedRole",
        ],
    ),
    // Not on the page: these calls need the same look-ups as CreateLoadBalancer for the same parameter.
    (
        "elasticloadbalancing:SetSecurityGroups",
        &["ec2:DescribeSecurityGroups", "ec2:GetSecurityGroupsForVpc"],
    ),
    ("elasticloadbalancing:SetIpAddressType", &["ec2:DescribeSubnets"]),
    ("elasticloadbalancing:SetSubnets", &["ec2:DescribeSubnets"]),
    (
        "elasticloadbalancing:CreateTargetGroup",
        &[
            "ec2:DescribeInternetGateways",
            "ec2:DescribeVpcs",
            "elasticloadbalancing:AddTags",
            "iam:CreateServiceLinkedRole",
        ],
    ),
    (
        "elasticloadbalancing:RegisterTargets",
        &["ec2:DescribeInstances", "ec2:DescribeInternetGateways", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
    ),
    ("elasticloadbalancing:CreateListener", &["elasticloadbalancing:AddTags"]),
    ("elasticloadbalancing:CreateRule", &["elasticloadbalancing:AddTags"]),
    ("ec2:CreateSecurityGroup", &["ec2:CreateTags"]),
    // AWS WAF Developer Guide, "Actions that require additional permissions settings".
    (
        "wafv2:AssociateWebACL",
        &["elasticloadbalancing:CreateWebACLAssociation", "elasticloadbalancing:SetWebAcl"],
    ),
    (
        "wafv2:DisassociateWebACL",
        &["elasticloadbalancing:DeleteWebACLAssociation", "elasticloadbalancing:SetWebAcl"],
    ),
    ("wafv2:GetWebACLForResource", &["elasticloadbalancing:GetLoadBalancerWebACL", "wafv2:GetWebACL"]),
    ("wafv2:ListResourcesForWebACL", &["elasticloadbalancing:DescribeWebACLAssociation"]),
];

/// The dependent rights of a call, such as `ec2:DescribeSubnets` for `elasticloadbalancing:SetSubnets`.
pub fn dependent_rights(action: &str) -> &'static [&'static str] {
    DEPENDENT.iter().find(|(name, _)| *name == action).map_or(&[], |(_, rights)| rights)
}
