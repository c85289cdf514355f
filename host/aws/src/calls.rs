//! Every call of AWS that this crate makes, with the reason: what the IAM policy has to allow, and nothing else is
//! called, since a call can only be made with an entry of this table.

use crate::rate::Family;

/// A service of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Certificate Manager.
    Acm,
    /// EC2 Auto Scaling.
    AutoScaling,
    /// EC2.
    Ec2,
    /// Elastic Load Balancing, version 2.
    ElasticLoadBalancing,
    /// IAM.
    Iam,
    /// Security Token Service.
    Sts,
}

impl Service {
    /// The service as IAM policies spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Service::Acm => "acm",
            Service::AutoScaling => "autoscaling",
            Service::Ec2 => "ec2",
            Service::ElasticLoadBalancing => "elasticloadbalancing",
            Service::Iam => "iam",
            Service::Sts => "sts",
        }
    }
}

/// When a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// To see what is there.
    Observe,
    /// To do what the planner asks for in proxy mode.
    ProxyMode,
    /// To do what the planner asks for in route mode only.
    RouteMode,
}

/// A call of AWS.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// The operation, such as `CreateLoadBalancer`.
    pub operation: &'static str,
    /// When it is made.
    pub need: Need,
    /// Why.
    pub reason: &'static str,
    /// The calls that share its budget.
    pub(crate) family: Family,
}

impl Call {
    /// The call as IAM policies spell it, such as `elasticloadbalancing:CreateLoadBalancer`.
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.as_str(), self.operation)
    }
}

/// An action that the IAM policy has to allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IamAction {
    /// Such as `elasticloadbalancing:CreateLoadBalancer`.
    pub name: String,
    /// When it is needed.
    pub need: Need,
    /// Why.
    pub reason: &'static str,
}

/// What the IAM policy has to allow, in the order of the names: every call, and what AWS asks for beside a call.
pub fn iam_actions() -> Vec<IamAction> {
    let calls =
        ALL.iter().map(|call| IamAction { name: call.action(), need: call.need, reason: call.reason });
    let beside =
        BESIDE.iter().map(|(name, need, reason)| IamAction { name: (*name).to_owned(), need: *need, reason });
    let mut all: Vec<IamAction> = calls.chain(beside).collect();
    all.sort();
    all
}

/// Rights that AWS checks though no call of ours has their name.
const BESIDE: &[(&str, Need, &str)] = &[
    // Elastic Load Balancing user guide, "API permissions" (CreateLoadBalancer, CreateTargetGroup, RegisterTargets) and
    // "Service-linked role": as long as that role is not there, AWS looks things up with our rights.
    (
        "ec2:DescribeAccountAttributes",
        Need::ProxyMode,
        "AWS looks this up itself when a load balancer is made",
    ),
    ("ec2:DescribeAddresses", Need::ProxyMode, "AWS looks this up itself when a load balancer is made"),
    // Not on that page yet: kubernetes-sigs/aws-load-balancer-controller issue 3917.
    (
        "ec2:GetSecurityGroupsForVpc",
        Need::ProxyMode,
        "AWS looks this up itself when a load balancer is made, or gets other security groups",
    ),
    (
        "ec2:DescribeInternetGateways",
        Need::ProxyMode,
        "AWS looks this up itself when a load balancer or target group is made, or targets are registered",
    ),
    (
        "iam:CreateServiceLinkedRole",
        Need::ProxyMode,
        "the first load balancer of an account makes the role AWSServiceRoleForElasticLoadBalancing",
    ),
];

macro_rules! calls {
    ($($name:ident = $service:ident $operation:literal, $family:ident, $need:ident: $reason:literal;)*) => {
        $(
            pub(crate) static $name: Call = Call {
                service: Service::$service,
                operation: $operation,
                need: Need::$need,
                reason: $reason,
                family: Family::$family,
            };
        )*
        /// All of them.
        static ALL: &[&Call] = &[$(&$name),*];
    };
}

calls! {
    GET_CALLER_IDENTITY = Sts "GetCallerIdentity", Sts, Observe: "whose account it is";

    DESCRIBE_VPCS = Ec2 "DescribeVpcs", Ec2Read, Observe: "the VPC of the cluster";
    DESCRIBE_AVAILABILITY_ZONES = Ec2 "DescribeAvailabilityZones", Ec2Read, Observe:
        "which zones are ordinary ones";
    DESCRIBE_SUBNETS = Ec2 "DescribeSubnets", Ec2Read, Observe: "subnets for load balancers";
    DESCRIBE_ROUTE_TABLES = Ec2 "DescribeRouteTables", Ec2Read, Observe: "which subnets are public";
    DESCRIBE_SECURITY_GROUPS = Ec2 "DescribeSecurityGroups", Ec2Read, Observe:
        "security groups for load balancers";
    DESCRIBE_INSTANCES = Ec2 "DescribeInstances", Ec2Read, Observe:
        "the nodes; VPC and cluster of the instance that the controller runs on";
    CREATE_SECURITY_GROUP = Ec2 "CreateSecurityGroup", Ec2Write, RouteMode: "security groups of our own";
    DELETE_SECURITY_GROUP = Ec2 "DeleteSecurityGroup", Ec2Write, RouteMode: "security groups of our own";
    AUTHORIZE_SECURITY_GROUP_INGRESS = Ec2 "AuthorizeSecurityGroupIngress", Ec2Write, RouteMode:
        "let traffic reach load balancers and targets";
    AUTHORIZE_SECURITY_GROUP_EGRESS = Ec2 "AuthorizeSecurityGroupEgress", Ec2Write, RouteMode:
        "let traffic leave load balancers";
    REVOKE_SECURITY_GROUP_INGRESS = Ec2 "RevokeSecurityGroupIngress", Ec2Write, RouteMode:
        "take back rules of our own";
    REVOKE_SECURITY_GROUP_EGRESS = Ec2 "RevokeSecurityGroupEgress", Ec2Write, RouteMode:
        "take back rules of our own";
    CREATE_TAGS = Ec2 "CreateTags", Ec2Write, RouteMode:
        "security groups of our own are made with their tags; marks on them";
    DELETE_TAGS = Ec2 "DeleteTags", Ec2Write, RouteMode: "marks on security groups of our own";

    DESCRIBE_LOAD_BALANCERS = ElasticLoadBalancing "DescribeLoadBalancers", ElbRead, Observe: "load balancers";
    DESCRIBE_LOAD_BALANCER_ATTRIBUTES = ElasticLoadBalancing "DescribeLoadBalancerAttributes", ElbRead, Observe:
        "idle timeout and deletion protection of our load balancers";
    DESCRIBE_LISTENERS = ElasticLoadBalancing "DescribeListeners", ElbRead, Observe:
        "listeners of our load balancers";
    DESCRIBE_LISTENER_CERTIFICATES = ElasticLoadBalancing "DescribeListenerCertificates", ElbRead, Observe:
        "certificates of our listeners";
    DESCRIBE_RULES = ElasticLoadBalancing "DescribeRules", ElbRead, Observe: "rules of our listeners";
    DESCRIBE_TARGET_GROUPS = ElasticLoadBalancing "DescribeTargetGroups", ElbRead, Observe: "target groups";
    DESCRIBE_TARGET_GROUP_ATTRIBUTES = ElasticLoadBalancing "DescribeTargetGroupAttributes", ElbRead, Observe:
        "deregistration delay of our target groups";
    DESCRIBE_TARGET_HEALTH = ElasticLoadBalancing "DescribeTargetHealth", ElbRead, Observe:
        "targets of our target groups and their health";
    DESCRIBE_TAGS = ElasticLoadBalancing "DescribeTags", ElbRead, Observe:
        "whose load balancers and target groups are; read again before anything is deleted";
    DESCRIBE_ACCOUNT_LIMITS = ElasticLoadBalancing "DescribeAccountLimits", ElbRead, Observe:
        "quotas of the account";

    CREATE_LOAD_BALANCER = ElasticLoadBalancing "CreateLoadBalancer", ElbWrite, ProxyMode: "load balancers";
    MODIFY_LOAD_BALANCER_ATTRIBUTES = ElasticLoadBalancing "ModifyLoadBalancerAttributes", ElbWrite, ProxyMode:
        "idle timeout";
    SET_SUBNETS = ElasticLoadBalancing "SetSubnets", ElbWrite, ProxyMode: "a zone that joins or leaves";
    SET_SECURITY_GROUPS = ElasticLoadBalancing "SetSecurityGroups", ElbWrite, ProxyMode:
        "other security groups in the settings";
    SET_IP_ADDRESS_TYPE = ElasticLoadBalancing "SetIpAddressType", ElbWrite, ProxyMode:
        "another address type in the settings";
    DELETE_LOAD_BALANCER = ElasticLoadBalancing "DeleteLoadBalancer", ElbWrite, ProxyMode:
        "load balancers that nobody needs any more";
    CREATE_TARGET_GROUP = ElasticLoadBalancing "CreateTargetGroup", ElbWrite, ProxyMode: "target groups";
    MODIFY_TARGET_GROUP = ElasticLoadBalancing "ModifyTargetGroup", ElbWrite, ProxyMode: "health checks";
    MODIFY_TARGET_GROUP_ATTRIBUTES = ElasticLoadBalancing "ModifyTargetGroupAttributes", ElbWrite, ProxyMode:
        "deregistration delay";
    DELETE_TARGET_GROUP = ElasticLoadBalancing "DeleteTargetGroup", ElbWrite, ProxyMode:
        "target groups that nobody needs any more";
    CREATE_LISTENER = ElasticLoadBalancing "CreateListener", ElbWrite, ProxyMode: "listeners";
    MODIFY_LISTENER = ElasticLoadBalancing "ModifyListener", ElbWrite, ProxyMode:
        "default certificate, TLS policy, target groups";
    MODIFY_LISTENER_ATTRIBUTES = ElasticLoadBalancing "ModifyListenerAttributes", ElbWrite, RouteMode:
        "attributes of listeners";
    DELETE_LISTENER = ElasticLoadBalancing "DeleteListener", ElbWrite, RouteMode:
        "listeners that nobody needs any more";
    ADD_LISTENER_CERTIFICATES = ElasticLoadBalancing "AddListenerCertificates", ElbWrite, ProxyMode:
        "certificates that an Ingress needs";
    REMOVE_LISTENER_CERTIFICATES = ElasticLoadBalancing "RemoveListenerCertificates", ElbWrite, ProxyMode:
        "certificates that no Ingress needs any more";
    CREATE_RULE = ElasticLoadBalancing "CreateRule", ElbWrite, RouteMode: "rules";
    MODIFY_RULE = ElasticLoadBalancing "ModifyRule", ElbWrite, RouteMode: "rules";
    SET_RULE_PRIORITIES = ElasticLoadBalancing "SetRulePriorities", ElbWrite, RouteMode: "rules";
    DELETE_RULE = ElasticLoadBalancing "DeleteRule", ElbWrite, RouteMode: "rules that nobody needs any more";
    REGISTER_TARGETS = ElasticLoadBalancing "RegisterTargets", ElbTargets, ProxyMode:
        "nodes that no Auto Scaling Group holds";
    DEREGISTER_TARGETS = ElasticLoadBalancing "DeregisterTargets", ElbTargets, ProxyMode:
        "nodes that leave";
    ADD_TAGS = ElasticLoadBalancing "AddTags", ElbWrite, ProxyMode:
        "resources are made with their tags; marks on what nobody needs any more";
    REMOVE_TAGS = ElasticLoadBalancing "RemoveTags", ElbWrite, ProxyMode: "marks of what is needed again";

    DESCRIBE_AUTO_SCALING_GROUPS = AutoScaling "DescribeAutoScalingGroups", AutoScaling, Observe:
        "instances and target groups of the nodes' Auto Scaling Groups";
    DESCRIBE_LOAD_BALANCER_TARGET_GROUPS = AutoScaling "DescribeLoadBalancerTargetGroups", AutoScaling, ProxyMode:
        "at most ten target groups of an Auto Scaling Group change at once: whether they still do";
    ATTACH_LOAD_BALANCER_TARGET_GROUPS = AutoScaling "AttachLoadBalancerTargetGroups", AutoScaling, ProxyMode:
        "nodes register themselves";
    DETACH_LOAD_BALANCER_TARGET_GROUPS = AutoScaling "DetachLoadBalancerTargetGroups", AutoScaling, ProxyMode:
        "target groups that go, nodes that leave";

    LIST_CERTIFICATES = Acm "ListCertificates", AcmList, Observe: "certificates with names and validity";
    DESCRIBE_CERTIFICATE = Acm "DescribeCertificate", AcmGet, Observe:
        "a certificate with more names than the list gives";
    GET_CERTIFICATE = Acm "GetCertificate", AcmGet, Observe:
        "whether a public root vouches for an imported certificate";

    LIST_SERVER_CERTIFICATES = Iam "ListServerCertificates", Iam, Observe: "server certificates";
    GET_SERVER_CERTIFICATE = Iam "GetServerCertificate", Iam, Observe:
        "names of a server certificate, and whether a public root vouches for it";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_is_named_once_and_has_a_reason() {
        let actions = iam_actions();
        let names: BTreeSet<&str> = actions.iter().map(|action| action.name.as_str()).collect();
        assert_eq!(names.len(), actions.len());
        assert!(actions.iter().all(|action| !action.reason.is_empty()));
    }
}
