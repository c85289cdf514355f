//! Every AWS call that this crate makes, with its reason. The IAM policy must allow exactly these: a call can only be made
//! with an entry of this table.

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
    /// Route 53.
    Route53,
    /// S3.
    S3,
    /// Security Token Service.
    Sts,
    /// AWS WAF, version 2.
    Wafv2,
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
            Service::Route53 => "route53",
            Service::S3 => "s3",
            Service::Sts => "sts",
            Service::Wafv2 => "wafv2",
        }
    }
}

/// When a call is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Need {
    /// To observe the account.
    Observe,
    /// To execute plans of proxy mode.
    ProxyMode,
    /// To execute plans of route mode; not needed for proxy mode.
    RouteMode,
    /// To read and change records in Route 53; not needed without the setting `route53`.
    Records,
    /// To read and change which web ACL a load balancer has; not needed as long as neither the setting `web-acl` nor an
    /// annotation names one, and load balancers are not emptied (setting `consolidate`).
    WebAcls,
    /// To record passes in a bucket, and to replay them from there; not needed for recordings in a folder.
    Recordings,
}

/// An AWS call.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// The service.
    pub service: Service,
    /// The operation, such as `CreateLoadBalancer`.
    pub operation: &'static str,
    /// When the call is made.
    pub need: Need,
    /// Why the call is made.
    pub reason: &'static str,
    /// The family of calls that share its budget.
    pub(crate) family: Family,
}

impl Call {
    /// The call as IAM policies spell it, such as `elasticloadbalancing:CreateLoadBalancer`.
    pub fn action(&self) -> String {
        let name = match self.operation {
            // The right to list the objects of a bucket is named after the first version of the operation.
            "ListObjectsV2" => "ListBucket",
            operation => operation,
        };
        format!("{}:{name}", self.service.as_str())
    }
}

/// An action that the IAM policy has to allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IamAction {
    /// Such as `elasticloadbalancing:CreateLoadBalancer`.
    pub name: String,
    /// When the action is needed.
    pub need: Need,
    /// Why the action is needed.
    pub reason: &'static str,
}

/// The actions that the IAM policy must allow, sorted by name: every call, and the further rights that AWS checks for a
/// call.
pub fn iam_actions() -> Vec<IamAction> {
    let calls =
        ALL.iter().map(|call| IamAction { name: call.action(), need: call.need, reason: call.reason });
    let beside =
        BESIDE.iter().map(|(name, need, reason)| IamAction { name: (*name).to_owned(), need: *need, reason });
    let mut all: Vec<IamAction> = calls.chain(beside).collect();
    all.sort();
    all
}

/// Rights that AWS checks although we make no call with their name.
const BESIDE: &[(&str, Need, &str)] = &[
    // Elastic Load Balancing user guide, "API permissions" (CreateLoadBalancer, CreateTargetGroup, RegisterTargets) and
    // "Service-linked role": until that role exists, AWS makes these look-ups with our rights.
    ("ec2:DescribeAccountAttributes", Need::ProxyMode, "checked by AWS when a load balancer is created"),
    ("ec2:DescribeAddresses", Need::ProxyMode, "checked by AWS when a load balancer is created"),
    // Not in that user guide yet: kubernetes-sigs/aws-load-balancer-controller issue 3917.
    (
        "ec2:GetSecurityGroupsForVpc",
        Need::ProxyMode,
        "checked by AWS when a load balancer is created or its security groups change",
    ),
    (
        "ec2:DescribeInternetGateways",
        Need::ProxyMode,
        "checked by AWS when a load balancer or target group is created, or targets are registered",
    ),
    (
        "iam:CreateServiceLinkedRole",
        Need::ProxyMode,
        "the first load balancer of an account creates the role AWSServiceRoleForElasticLoadBalancing",
    ),
    // AWS WAF developer guide, "Actions that require additional permissions settings": for an Application Load Balancer,
    // rights of Elastic Load Balancing; for GetWebACLForResource also wafv2:GetWebACL (API_GetWebACLForResource).
    (
        "elasticloadbalancing:CreateWebACLAssociation",
        Need::WebAcls,
        "checked by AWS when a load balancer gets a web ACL",
    ),
    (
        "elasticloadbalancing:DeleteWebACLAssociation",
        Need::WebAcls,
        "checked by AWS when a load balancer loses its web ACL",
    ),
    (
        "elasticloadbalancing:DescribeWebACLAssociation",
        Need::WebAcls,
        "checked by AWS when the load balancers of a web ACL are listed",
    ),
    (
        "elasticloadbalancing:GetLoadBalancerWebACL",
        Need::WebAcls,
        "checked by AWS when the web ACL of a load balancer is read",
    ),
    (
        "elasticloadbalancing:SetWebAcl",
        Need::WebAcls,
        "checked by AWS when the web ACL of a load balancer changes",
    ),
    ("wafv2:GetWebACL", Need::WebAcls, "checked by AWS when the web ACL of a load balancer is read"),
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
        /// All calls.
        static ALL: &[&Call] = &[$(&$name),*];
    };
}

calls! {
    GET_CALLER_IDENTITY = Sts "GetCallerIdentity", Sts, Observe: "the id of the account";

    DESCRIBE_VPCS = Ec2 "DescribeVpcs", Ec2Read, Observe: "the VPC of the cluster";
    DESCRIBE_AVAILABILITY_ZONES = Ec2 "DescribeAvailabilityZones", Ec2Read, Observe:
        "which zones are Availability Zones, not Local or Wavelength Zones";
    DESCRIBE_SUBNETS = Ec2 "DescribeSubnets", Ec2Read, Observe: "subnets for load balancers";
    DESCRIBE_ROUTE_TABLES = Ec2 "DescribeRouteTables", Ec2Read, Observe: "which subnets are public";
    DESCRIBE_SECURITY_GROUPS = Ec2 "DescribeSecurityGroups", Ec2Read, Observe:
        "security groups for load balancers";
    DESCRIBE_INSTANCES = Ec2 "DescribeInstances", Ec2Read, Observe:
        "the nodes; VPC and cluster of the instance that the controller runs on";
    CREATE_SECURITY_GROUP = Ec2 "CreateSecurityGroup", Ec2Write, RouteMode: "security groups of the controller";
    DELETE_SECURITY_GROUP = Ec2 "DeleteSecurityGroup", Ec2Write, RouteMode: "security groups of the controller";
    AUTHORIZE_SECURITY_GROUP_INGRESS = Ec2 "AuthorizeSecurityGroupIngress", Ec2Write, RouteMode:
        "let traffic reach load balancers and targets";
    AUTHORIZE_SECURITY_GROUP_EGRESS = Ec2 "AuthorizeSecurityGroupEgress", Ec2Write, RouteMode:
        "let traffic leave load balancers";
    REVOKE_SECURITY_GROUP_INGRESS = Ec2 "RevokeSecurityGroupIngress", Ec2Write, RouteMode:
        "revoke rules of the controller";
    REVOKE_SECURITY_GROUP_EGRESS = Ec2 "RevokeSecurityGroupEgress", Ec2Write, RouteMode:
        "revoke rules of the controller";
    CREATE_TAGS = Ec2 "CreateTags", Ec2Write, RouteMode:
        "security groups of the controller are created with their tags; marks on them";
    DELETE_TAGS = Ec2 "DeleteTags", Ec2Write, RouteMode: "marks on security groups of the controller";

    DESCRIBE_LOAD_BALANCERS = ElasticLoadBalancing "DescribeLoadBalancers", ElbRead, Observe: "load balancers";
    DESCRIBE_LOAD_BALANCER_ATTRIBUTES = ElasticLoadBalancing "DescribeLoadBalancerAttributes", ElbRead, Observe:
        "idle timeout and deletion protection of the controller's load balancers";
    DESCRIBE_LISTENERS = ElasticLoadBalancing "DescribeListeners", ElbRead, Observe:
        "listeners of the controller's load balancers";
    DESCRIBE_LISTENER_ATTRIBUTES = ElasticLoadBalancing "DescribeListenerAttributes", ElbRead, Observe:
        "attributes of the controller's listeners, where an Ingress asks for some";
    DESCRIBE_LISTENER_CERTIFICATES = ElasticLoadBalancing "DescribeListenerCertificates", ElbRead, Observe:
        "certificates of the controller's listeners";
    DESCRIBE_RULES = ElasticLoadBalancing "DescribeRules", ElbRead, Observe: "rules of the controller's listeners";
    DESCRIBE_TARGET_GROUPS = ElasticLoadBalancing "DescribeTargetGroups", ElbRead, Observe: "target groups";
    DESCRIBE_TARGET_GROUP_ATTRIBUTES = ElasticLoadBalancing "DescribeTargetGroupAttributes", ElbRead, Observe:
        "deregistration delay of the controller's target groups";
    DESCRIBE_TARGET_HEALTH = ElasticLoadBalancing "DescribeTargetHealth", ElbRead, Observe:
        "targets of the controller's target groups, and their health";
    DESCRIBE_TAGS = ElasticLoadBalancing "DescribeTags", ElbRead, Observe:
        "who owns load balancers and target groups; read again before anything is deleted";
    DESCRIBE_ACCOUNT_LIMITS = ElasticLoadBalancing "DescribeAccountLimits", ElbRead, Observe:
        "quotas of the account";
    DESCRIBE_SSL_POLICIES = ElasticLoadBalancing "DescribeSSLPolicies", ElbRead, Observe:
        "TLS policies of AWS that are newer than this version";

    CREATE_LOAD_BALANCER = ElasticLoadBalancing "CreateLoadBalancer", ElbWrite, ProxyMode: "load balancers";
    MODIFY_LOAD_BALANCER_ATTRIBUTES = ElasticLoadBalancing "ModifyLoadBalancerAttributes", ElbWrite, ProxyMode:
        "idle timeout, zones of network load balancers, access logs, deletion protection";
    SET_SUBNETS = ElasticLoadBalancing "SetSubnets", ElbWrite, ProxyMode: "adding and removing zones";
    SET_SECURITY_GROUPS = ElasticLoadBalancing "SetSecurityGroups", ElbWrite, ProxyMode:
        "changed security groups in the settings or annotations";
    SET_IP_ADDRESS_TYPE = ElasticLoadBalancing "SetIpAddressType", ElbWrite, ProxyMode:
        "a changed address type in the settings or annotations";
    DELETE_LOAD_BALANCER = ElasticLoadBalancing "DeleteLoadBalancer", ElbWrite, ProxyMode:
        "load balancers that are no longer needed";
    CREATE_TARGET_GROUP = ElasticLoadBalancing "CreateTargetGroup", ElbWrite, ProxyMode: "target groups";
    MODIFY_TARGET_GROUP = ElasticLoadBalancing "ModifyTargetGroup", ElbWrite, ProxyMode: "health checks";
    MODIFY_TARGET_GROUP_ATTRIBUTES = ElasticLoadBalancing "ModifyTargetGroupAttributes", ElbWrite, ProxyMode:
        "deregistration delay";
    DELETE_TARGET_GROUP = ElasticLoadBalancing "DeleteTargetGroup", ElbWrite, ProxyMode:
        "target groups that are no longer needed";
    CREATE_LISTENER = ElasticLoadBalancing "CreateListener", ElbWrite, ProxyMode: "listeners";
    MODIFY_LISTENER = ElasticLoadBalancing "ModifyListener", ElbWrite, ProxyMode:
        "protocol, default certificate, TLS policy, target groups";
    MODIFY_LISTENER_ATTRIBUTES = ElasticLoadBalancing "ModifyListenerAttributes", ElbWrite, RouteMode:
        "attributes of listeners";
    DELETE_LISTENER = ElasticLoadBalancing "DeleteListener", ElbWrite, ProxyMode:
        "listeners that are no longer needed";
    ADD_LISTENER_CERTIFICATES = ElasticLoadBalancing "AddListenerCertificates", ElbWrite, ProxyMode:
        "certificates that an Ingress needs";
    REMOVE_LISTENER_CERTIFICATES = ElasticLoadBalancing "RemoveListenerCertificates", ElbWrite, ProxyMode:
        "certificates that no Ingress needs any longer";
    CREATE_RULE = ElasticLoadBalancing "CreateRule", ElbWrite, RouteMode:
        "rules; with the setting proxy.deny also in proxy mode";
    MODIFY_RULE = ElasticLoadBalancing "ModifyRule", ElbWrite, RouteMode:
        "rules; with the setting proxy.deny also in proxy mode";
    SET_RULE_PRIORITIES = ElasticLoadBalancing "SetRulePriorities", ElbWrite, RouteMode: "rules";
    DELETE_RULE = ElasticLoadBalancing "DeleteRule", ElbWrite, RouteMode:
        "rules that are no longer needed; with the setting proxy.deny also in proxy mode";
    REGISTER_TARGETS = ElasticLoadBalancing "RegisterTargets", ElbTargets, ProxyMode:
        "nodes outside Auto Scaling Groups; Pods of the proxy";
    DEREGISTER_TARGETS = ElasticLoadBalancing "DeregisterTargets", ElbTargets, ProxyMode:
        "nodes and Pods that leave";
    ADD_TAGS = ElasticLoadBalancing "AddTags", ElbWrite, ProxyMode:
        "resources are created with their tags; marks on resources that are no longer needed";
    REMOVE_TAGS = ElasticLoadBalancing "RemoveTags", ElbWrite, ProxyMode:
        "marks on resources that are needed again; all tags of the controller on retained load balancers";

    DESCRIBE_AUTO_SCALING_GROUPS = AutoScaling "DescribeAutoScalingGroups", AutoScaling, Observe:
        "instances and target groups of the nodes' Auto Scaling Groups";
    DESCRIBE_LOAD_BALANCER_TARGET_GROUPS = AutoScaling "DescribeLoadBalancerTargetGroups", AutoScaling, ProxyMode:
        "whether target groups are still being attached or detached: at most ten of an Auto Scaling Group at once";
    ATTACH_LOAD_BALANCER_TARGET_GROUPS = AutoScaling "AttachLoadBalancerTargetGroups", AutoScaling, ProxyMode:
        "nodes of an Auto Scaling Group are registered automatically";
    DETACH_LOAD_BALANCER_TARGET_GROUPS = AutoScaling "DetachLoadBalancerTargetGroups", AutoScaling, ProxyMode:
        "target groups that are deleted, nodes that leave";

    LIST_CERTIFICATES = Acm "ListCertificates", AcmList, Observe: "certificates with names and validity";
    DESCRIBE_CERTIFICATE = Acm "DescribeCertificate", AcmGet, Observe:
        "certificates with more names than the list contains";
    GET_CERTIFICATE = Acm "GetCertificate", AcmGet, Observe:
        "whether an imported certificate is publicly trusted";
    LIST_TAGS_FOR_CERTIFICATE = Acm "ListTagsForCertificate", AcmGet, Observe:
        "which certificates have the tag of the setting certificate-tag";

    LIST_SERVER_CERTIFICATES = Iam "ListServerCertificates", Iam, Observe: "server certificates";
    GET_SERVER_CERTIFICATE = Iam "GetServerCertificate", Iam, Observe:
        "names of a server certificate, and whether it is publicly trusted";
    LIST_SERVER_CERTIFICATE_TAGS = Iam "ListServerCertificateTags", Iam, Observe:
        "which server certificates have the tag of the setting certificate-tag";

    LIST_HOSTED_ZONES = Route53 "ListHostedZones", Route53, Records: "hosted zones";
    GET_HOSTED_ZONE = Route53 "GetHostedZone", Route53, Records: "the VPCs of a private hosted zone";
    LIST_RESOURCE_RECORD_SETS = Route53 "ListResourceRecordSets", Route53, Records:
        "which records exist, and which of them the controller created";
    CHANGE_RESOURCE_RECORD_SETS = Route53 "ChangeResourceRecordSets", Route53, Records:
        "records of the hosts of Ingresses in route mode";

    LIST_RESOURCES_FOR_WEB_ACL = Wafv2 "ListResourcesForWebACL", Wafv2Read, WebAcls:
        "which load balancers have a web ACL that an Ingress or the settings name";
    GET_WEB_ACL_FOR_RESOURCE = Wafv2 "GetWebACLForResource", Wafv2Read, WebAcls:
        "the web ACL of a load balancer that should have another one, or none, or that may be emptied";
    ASSOCIATE_WEB_ACL = Wafv2 "AssociateWebACL", Wafv2Write, WebAcls:
        "the web ACL that an Ingress or the settings name";
    DISASSOCIATE_WEB_ACL = Wafv2 "DisassociateWebACL", Wafv2Write, WebAcls:
        "an Ingress says that its load balancer has no web ACL";

    LIST_OBJECTS = S3 "ListObjectsV2", S3, Recordings: "which passes are recorded in the bucket";
    GET_OBJECT = S3 "GetObject", S3, Recordings: "replay; the recorded pass that the next one builds upon";
    PUT_OBJECT = S3 "PutObject", S3, Recordings: "passes that are recorded";
    DELETE_OBJECT = S3 "DeleteObject", S3, Recordings: "passes that exceed number, size or age";
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
