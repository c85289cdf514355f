//! Rights that AWS checks beside the one that has the name of a call.

/// A call and the rights that it needs of its caller besides its own.
type Dependent = (&'static str, &'static [&'static str]);

/// Pages: Elastic Load Balancing User Guide, "Elastic Load Balancing API permissions" (required permissions for the
/// 2015-12-01 API) and "Permissions for tagging resources during creation" (`AddTags`: all that Albatross makes is made with
/// tags); EC2 User Guide, "Grant permission to tag resources during creation". The calls of Auto Scaling, ACM and IAM that
/// Albatross makes depend on no other right (Service Authorization Reference, column "Dependent actions").
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
    // Not on the page: they look up what CreateLoadBalancer looks up for the same parameter.
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
];

/// The rights that a call needs of its caller besides its own, such as `ec2:DescribeSubnets` for
/// `elasticloadbalancing:SetSubnets`.
pub fn dependent_rights(action: &str) -> &'static [&'static str] {
    DEPENDENT.iter().find(|(name, _)| *name == action).map_or(&[], |(_, rights)| rights)
}
