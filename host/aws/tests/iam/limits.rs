//! Writes are limited to resources that Albatross has created.

use albatross_contract::{TAG_APPLICATION, TAG_CLUSTER_UID, TAG_ID, TAG_UNNEEDED};

use crate::policy::{Policy, Request, adopted, policy, recordings, records, web_acls};

const LOAD_BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/albatross-0123456789ab/50dc";
const NETWORK_LOAD_BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/albatross-0123456789ab/50dc";
const LISTENER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/albatross-0123456789ab/50dc/f2f7";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/albatross-0123456789ab/50dc/f2f7/9683";
const TARGET_GROUP: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/albatross-0123456789ab-51e3049e/73e2";
const FOREIGN_LOAD_BALANCER: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/k8s-shop-checkout-1a2b/0d1f";
const FOREIGN_RULE: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/k8s-shop-checkout-1a2b/0d1f/aa/bb";
const FOREIGN_TARGET_GROUP: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/k8s-shop-checkout/0d1f";
const SECURITY_GROUP: &str = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1";
const VPC: &str = "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1";
const AUTO_SCALING_GROUP: &str =
    "arn:aws:autoscaling:eu-west-1:111122223333:autoScalingGroup:1a2b:autoScalingGroupName/nodes";

/// Tags of a resource that Albatross created.
const OURS: &[(&str, &str)] = &[
    (TAG_CLUSTER_UID, "uid-of-kube-system"),
    (TAG_ID, "0123456789ab"),
    ("kubernetes.io/cluster/shop", "owned"),
    (TAG_APPLICATION, "albatross"),
];
/// Tags of a resource that the AWS Load Balancer Controller, kube-ingress-aws-controller or a person created for the same
/// cluster.
const THEIRS: &[(&str, &str)] = &[
    ("elbv2.k8s.aws/cluster", "shop"),
    ("kubernetes.io/cluster/shop", "owned"),
    (TAG_APPLICATION, "kube-ingress-aws-controller"),
];

/// Statements that cannot be limited by a condition. Each of them is limited to resources instead.
const WITHOUT_CONDITION: &[(&str, &str)] = &[
    ("RouteModeCreateInVpc", "the VPC is the operator's and has no tag of ours"),
    (
        "RouteModeRuleOrder",
        "the Service Authorization Reference lists no condition key for SetRulePriorities",
    ),
    ("RouteModeReachTargets", "the security groups of nodes are the operator's and have no tag of ours"),
];

#[track_caller]
fn allowed(policy: &Policy, request: &Request) {
    assert!(policy.allows(request), "denied");
}

#[track_caller]
fn denied(policy: &Policy, request: &Request) {
    assert!(!policy.allows(request), "allowed");
}

#[test]
fn statements_that_write_have_a_condition_wherever_the_calls_of_the_controller_can_meet_it() {
    let reads = |action: &str| {
        let (_, operation) = action.split_once(':').expect("service:operation");
        ["Describe", "Get", "List"].iter().any(|verb| operation.starts_with(verb))
    };
    let mut exceptions = 0;
    for statement in &policy().statements {
        assert!(statement.action.iter().all(|action| !action.contains('*')), "{}", statement.sid);
        if statement.action.iter().all(reads) {
            assert!(statement.condition.is_empty(), "{} only reads", statement.sid);
        } else if WITHOUT_CONDITION.iter().any(|(sid, _)| *sid == statement.sid) {
            exceptions += 1;
            assert!(statement.condition.is_empty(), "{} is no exception", statement.sid);
            assert!(statement.resource.iter().all(|resource| resource != "*"), "{}", statement.sid);
        } else {
            assert!(!statement.condition.is_empty(), "{} writes anything", statement.sid);
        }
    }
    assert_eq!(exceptions, WITHOUT_CONDITION.len(), "an exception that is no statement");
}

#[test]
fn load_balancers_target_groups_and_listeners_are_created_with_our_tags_or_not_at_all() {
    let policy = policy();
    for (create, resource, made) in [
        ("elasticloadbalancing:CreateLoadBalancer", LOAD_BALANCER, LOAD_BALANCER),
        ("elasticloadbalancing:CreateTargetGroup", TARGET_GROUP, TARGET_GROUP),
        ("elasticloadbalancing:CreateListener", LOAD_BALANCER, LISTENER),
        ("elasticloadbalancing:CreateLoadBalancer", NETWORK_LOAD_BALANCER, NETWORK_LOAD_BALANCER),
        ("elasticloadbalancing:CreateListener", NETWORK_LOAD_BALANCER, LISTENER),
    ] {
        allowed(&policy, &Request::new(create, resource).sets(OURS));
        denied(&policy, &Request::new(create, resource));
        denied(&policy, &Request::new(create, resource).sets(THEIRS));
        let (_, operation) = create.split_once(':').expect("service:operation");
        let tags = Request::new("elasticloadbalancing:AddTags", made);
        let tags = tags.with("elasticloadbalancing:CreateAction", &[operation]);
        allowed(&policy, &tags.clone().sets(OURS));
        denied(&policy, &tags.sets(THEIRS));
    }
    let listener = Request::new("elasticloadbalancing:CreateListener", FOREIGN_LOAD_BALANCER);
    denied(&policy, &listener.sets(OURS).on(THEIRS));
}

#[test]
fn only_resources_that_albatross_created_can_be_changed_or_deleted() {
    let policy = policy();
    for (action, resource) in [
        ("elasticloadbalancing:SetSubnets", LOAD_BALANCER),
        ("elasticloadbalancing:DeleteLoadBalancer", LOAD_BALANCER),
        ("elasticloadbalancing:ModifyListener", LISTENER),
        ("elasticloadbalancing:DeleteListener", LISTENER),
        ("elasticloadbalancing:AddListenerCertificates", LISTENER),
        ("elasticloadbalancing:RegisterTargets", TARGET_GROUP),
        ("elasticloadbalancing:DeleteTargetGroup", TARGET_GROUP),
        ("elasticloadbalancing:DeleteRule", RULE),
        ("ec2:DeleteSecurityGroup", SECURITY_GROUP),
        ("ec2:AuthorizeSecurityGroupEgress", SECURITY_GROUP),
    ] {
        allowed(&policy, &Request::new(action, resource).on(OURS));
        denied(&policy, &Request::new(action, resource).on(THEIRS));
        denied(&policy, &Request::new(action, resource));
    }
    let order = "elasticloadbalancing:SetRulePriorities";
    allowed(&policy, &Request::new(order, RULE));
    denied(&policy, &Request::new(order, FOREIGN_RULE));
}

#[test]
fn marks_can_be_added_and_removed_while_other_tags_stay() {
    let policy = policy();
    for (add, remove, resource) in [
        ("elasticloadbalancing:AddTags", "elasticloadbalancing:RemoveTags", LOAD_BALANCER),
        ("ec2:CreateTags", "ec2:DeleteTags", SECURITY_GROUP),
    ] {
        let add = Request::new(add, resource);
        allowed(&policy, &add.clone().on(OURS).sets(&[(TAG_UNNEEDED, "1795253400")]));
        denied(&policy, &add.clone().on(THEIRS).sets(&[(TAG_UNNEEDED, "1795253400")]));
        denied(&policy, &add.clone().on(THEIRS).sets(OURS));
        denied(&policy, &add.on(OURS).sets(&[(TAG_ID, "ffffffffffff")]));
        let remove = Request::new(remove, resource);
        allowed(&policy, &remove.clone().on(OURS).with("aws:TagKeys", &[TAG_UNNEEDED]));
        denied(&policy, &remove.clone().on(THEIRS).with("aws:TagKeys", &[TAG_UNNEEDED]));
        for kept in [TAG_CLUSTER_UID, TAG_APPLICATION, "team"] {
            denied(&policy, &remove.clone().on(OURS).with("aws:TagKeys", &[TAG_UNNEEDED, kept]));
        }
    }
}

#[test]
fn load_balancers_and_target_groups_are_released_with_all_tags_of_the_controller() {
    let policy = policy();
    let all = [TAG_CLUSTER_UID, TAG_ID, TAG_UNNEEDED, TAG_APPLICATION];
    for resource in [LOAD_BALANCER, NETWORK_LOAD_BALANCER, TARGET_GROUP] {
        let remove = Request::new("elasticloadbalancing:RemoveTags", resource);
        allowed(&policy, &remove.clone().on(OURS).with("aws:TagKeys", &all));
        denied(&policy, &remove.clone().on(OURS).with("aws:TagKeys", &[TAG_ID, "team"]));
        denied(&policy, &remove.on(THEIRS).with("aws:TagKeys", &all));
    }
    for (remove, resource) in [
        ("elasticloadbalancing:RemoveTags", LISTENER),
        ("elasticloadbalancing:RemoveTags", RULE),
        ("ec2:DeleteTags", SECURITY_GROUP),
    ] {
        denied(&policy, &Request::new(remove, resource).on(OURS).with("aws:TagKeys", &all));
    }
}

#[test]
fn only_our_target_groups_can_be_attached_to_or_detached_from_auto_scaling_groups() {
    let policy = policy();
    for action in ["autoscaling:AttachLoadBalancerTargetGroups", "autoscaling:DetachLoadBalancerTargetGroups"]
    {
        let request = Request::new(action, AUTO_SCALING_GROUP);
        allowed(&policy, &request.clone().with("autoscaling:TargetGroupARNs", &[TARGET_GROUP]));
        let theirs_too = [TARGET_GROUP, FOREIGN_TARGET_GROUP];
        denied(&policy, &request.with("autoscaling:TargetGroupARNs", &theirs_too));
    }
}

#[test]
fn rules_and_security_groups_are_created_with_our_tags() {
    let policy = policy();
    let group = Request::new("ec2:CreateSecurityGroup", SECURITY_GROUP);
    allowed(&policy, &group.clone().sets(OURS));
    denied(&policy, &group);
    allowed(&policy, &Request::new("ec2:CreateSecurityGroup", VPC));
    let tags = Request::new("ec2:CreateTags", SECURITY_GROUP).sets(OURS);
    allowed(&policy, &tags.clone().with("ec2:CreateAction", &["CreateSecurityGroup"]));
    denied(&policy, &tags.with("ec2:CreateAction", &["RunInstances"]));
    let rule = Request::new("elasticloadbalancing:CreateRule", LISTENER);
    allowed(&policy, &rule.clone().sets(OURS).on(OURS));
    denied(&policy, &rule.on(OURS));
    let tags = Request::new("elasticloadbalancing:AddTags", RULE).sets(OURS);
    allowed(&policy, &tags.with("elasticloadbalancing:CreateAction", &["CreateRule"]));
}

#[test]
fn only_our_load_balancers_get_another_web_acl() {
    let policy = web_acls();
    for action in ["wafv2:AssociateWebACL", "wafv2:DisassociateWebACL", "elasticloadbalancing:SetWebAcl"] {
        allowed(&policy, &Request::new(action, LOAD_BALANCER));
        denied(&policy, &Request::new(action, FOREIGN_LOAD_BALANCER));
    }
    let web_acl = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/shop/1a2b";
    allowed(&policy, &Request::new("wafv2:AssociateWebACL", web_acl));
    denied(&policy, &Request::new("wafv2:UpdateWebACL", web_acl));
}

#[test]
fn only_records_of_addresses_and_ownership_are_changed() {
    let change = |kinds: &[&str]| {
        Request::new("route53:ChangeResourceRecordSets", "arn:aws:route53:::hostedzone/Z04ABC")
            .with("route53:ChangeResourceRecordSetsRecordTypes", kinds)
    };
    assert!(records().allows(&change(&["A", "AAAA", "TXT"])));
    assert!(!records().allows(&change(&["A", "CNAME"])) && !records().allows(&change(&["NS"])));
}

#[test]
fn on_load_balancers_that_are_not_ours_listeners_are_created_only_after_adoption() {
    for load_balancer in [
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/kube-i-LB-1A2B/50dc",
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/net/kube-i-LB-1A2B/50dc",
    ] {
        let create = || Request::new("elasticloadbalancing:CreateListener", load_balancer).sets(OURS);
        allowed(&adopted(), &create().on(OURS));
        denied(&adopted(), &create().on(THEIRS));
        denied(&policy(), &create().on(OURS));
    }
}

#[test]
fn listeners_of_adopted_load_balancers_are_changed_without_tags() {
    for listener in [
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/kube-i-LB-1A2B/50dc/f2f7",
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/net/kube-i-LB-1A2B/50dc/f2f7",
    ] {
        for action in [
            "elasticloadbalancing:AddListenerCertificates",
            "elasticloadbalancing:DeleteListener",
            "elasticloadbalancing:ModifyListener",
            "elasticloadbalancing:RemoveListenerCertificates",
        ] {
            allowed(&adopted(), &Request::new(action, listener).on(THEIRS));
            denied(&adopted(), &Request::new(action, LISTENER).on(THEIRS));
        }
    }
}

#[test]
fn target_groups_of_ours_and_adopted_ones_are_attached_together() {
    const ADOPTED: &str =
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/kube-i-HTTP-1A2B/73e2";
    let attach = Request::new("autoscaling:AttachLoadBalancerTargetGroups", AUTO_SCALING_GROUP);
    allowed(&adopted(), &attach.clone().with("autoscaling:TargetGroupARNs", &[TARGET_GROUP, ADOPTED]));
    denied(&adopted(), &attach.with("autoscaling:TargetGroupARNs", &[ADOPTED, FOREIGN_TARGET_GROUP]));
}

#[test]
fn only_passes_are_written_and_deleted_in_the_bucket_of_recordings() {
    const PASS: &str = "arn:aws:s3:::albatross-recordings/production/pass-1795253400-00000001.json.zst";
    for action in ["s3:PutObject", "s3:DeleteObject", "s3:GetObject"] {
        allowed(&recordings(), &Request::new(action, PASS));
        denied(&recordings(), &Request::new(action, "arn:aws:s3:::other/pass-1795253400-00000001.json.zst"));
    }
    for action in ["s3:PutObject", "s3:DeleteObject"] {
        for others in [
            "arn:aws:s3:::albatross-recordings/production/notes.txt",
            "arn:aws:s3:::albatross-recordings/compass-backups/db.dump",
            "arn:aws:s3:::albatross-recordings/production/bypass-2026.tar",
        ] {
            denied(&recordings(), &Request::new(action, others));
        }
        const WITHOUT_PREFIX: &str = "arn:aws:s3:::albatross-recordings/pass-1795253400-00000001.json.zst";
        allowed(&recordings(), &Request::new(action, WITHOUT_PREFIX));
    }
}
