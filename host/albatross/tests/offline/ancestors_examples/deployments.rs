//! The arguments and variables of its Deployments, given to `albatross run`: what is printed before anything connects.

use serde_json::{Value, json};

use crate::program::{Answer, albatross, answer, quickstart};

/// `run` with files in the place of a cluster. It ends before it connects, since nothing gives the uid of the cluster.
fn run(arguments: &str, variables: &[(&str, &str)]) -> Answer {
    let manifests = quickstart("first");
    let begin = ["run", "--once", "--manifests", &manifests];
    let line: Vec<&str> = begin.into_iter().chain(arguments.split_whitespace()).collect();
    let answer = answer(albatross(&line).env_clear().envs(variables.iter().copied()));
    assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{arguments}");
    answer
}

/// The printed settings file; `{}` if no setting is needed.
fn settings(answer: &Answer) -> Value {
    let begin = "warning: the settings file with these settings is ";
    let file = answer.stderr.lines().find_map(|line| line.strip_prefix(begin));
    file.map_or_else(|| json!({}), |file| serde_json::from_str(file).unwrap())
}

const NO_CLASS: &str = "warning: without --ingress-class-filter, kube-ingress-aws-controller serves the Ingresses of all classes";
/// What is missing in the end.
const WITHOUT_A_UID: &str = "error: part of the identity of the cluster is not known";

/// A Deployment: its source, its arguments and variables, the settings that are printed, and lines about what else to look at.
type Deployment<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)], Value, &'a [&'a str]);

#[test]
fn each_deployment_is_answered_with_one_settings_file_and_what_to_look_at() {
    let deployments: [Deployment<'_>; 9] = [
        (
            "deploy/ingress-controller.yaml.example, with one of its alternatives",
            "--ip-addr-type=dualstack",
            &[("AWS_REGION", "eu-central-1")],
            json!({"ip-address-type": "dualstack"}),
            &[NO_CLASS],
        ),
        (
            "README.md, Upgrade: the least with which version 0.14 starts",
            "--target-access-mode=HostPort",
            &[],
            json!({}),
            &["warning: --target-access-mode=HostPort needs no setting, since it is the default", NO_CLASS],
        ),
        (
            "deploy/skipper.AWSCNI.yaml.example, with the two flags that it lacks",
            "--target-access-mode=AWSCNI --target-cni-namespace=kube-system
             --target-cni-pod-labelselector=application=skipper-ingress",
            &[],
            json!({"proxy": {"pods": {"namespace": "kube-system", "label-selector": "application=skipper-ingress"}}}),
            &[NO_CLASS],
        ),
        (
            "README.md, Running multiple instances",
            "--target-access-mode=HostPort --controller-id=internal --ingress-class-filter=foo,",
            &[],
            json!({
                "identity": {"controller-id": "internal"},
                "classes": [{"name": "foo", "mode": "proxy"}, {"name": "", "mode": "proxy"}],
            }),
            &["warning: the controller id is internal: a kube-ingress-aws-controller that runs with the same id detaches"],
        ),
        (
            "README.md: every flag with a value in its text",
            "--target-access-mode=HostPort --cluster-id=aws:123456789012:eu-central-1:kube-1 --vpc-id=vpc-0a1b2c3d4e5f60718
             --cluster-local-domain=.cluster.local --deny-internal-domains --internal-domains=*.cluster.local
             --cert-filter-tag=key=value --nlb-cross-zone=false --nlb-zone-affinity=availability_zone_affinity
             --ssl-policy=ELBSecurityPolicy-TLS-1-2-2017-01 --ip-addr-type=dualstack -redirect-http-to-https -target-https
             --aws-waf-web-acl-id=arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/test-waf-acl/12345678
             -target-port=9998 -health-check-port=9998 --load-balancer-type=network",
            &[("CUSTOM_FILTERS", "tag:kubernetes.io/cluster/kube-1=owned tag-key=k8s.io/role/node")],
            json!({
                "identity": {"cluster-id": "aws:123456789012:eu-central-1:kube-1"},
                "cluster-local-domains": ["cluster.local"],
                "certificate-tag": {"key": "key", "value": "value"},
                "ssl-policy": "ELBSecurityPolicy-TLS-1-2-2017-01",
                "web-acl": "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/test-waf-acl/12345678",
                "ip-address-type": "dualstack",
                "proxy": {
                    "target-port": 9998,
                    "target-protocol": "https",
                    "health-check-port": 9998,
                    "redirect-http": true,
                    "deny": {"domains": ["*.cluster.local"]},
                    "network": {"zone-affinity": "availability-zone-affinity"},
                    "default-kind": "network",
                    "node-filters": "tag:kubernetes.io/cluster/kube-1=owned tag-key=k8s.io/role/node",
                },
            }),
            &[NO_CLASS],
        ),
        (
            // Commit e76d0815d1bd58aae526e7a35257e7c02ccc50a4. The access mode is required now; access logs and HTTP on network
            // load balancers are ours.
            "zalando-incubator/kubernetes-on-aws, cluster/manifests/ingress-controller/deployment.yaml",
            "--target-access-mode=HostPort --stack-termination-protection --ssl-policy=ELBSecurityPolicy-TLS13-1-2-2021-06
             --idle-connection-timeout=1m --deregistration-delay-timeout=10s --nlb-cross-zone --nlb-http-enabled
             --cluster-local-domain=cluster.local --deny-internal-domains --load-balancer-type=application
             --additional-stack-tags=InfrastructureComponent=true --cert-polling-interval=30m --logs-s3-bucket=logs
             --logs-s3-prefix=ingress",
            &[("CUSTOM_FILTERS", "tag:node.kubernetes.io/role=worker tag:zalando.org/ingress-enabled=true")],
            json!({
                "deletion-protection": true,
                "ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
                "cluster-local-domains": ["cluster.local"],
                "tags": [{"key": "InfrastructureComponent", "value": "true"}],
                "access-logs": {"bucket": "logs", "prefix": "ingress"},
                "proxy": {
                    "deregistration-delay": 10,
                    "deny": {},
                    "default-kind": "application",
                    "network": {"http": true, "cross-zone": true},
                    "node-filters": "tag:node.kubernetes.io/role=worker tag:zalando.org/ingress-enabled=true",
                },
            }),
            &["warning: --cert-polling-interval does nothing: certificates of ACM", NO_CLASS],
        ),
        (
            // Commit 0093fdf5bf707216943a715c266dbcf3d9adb352: version 0.8.11, whose flags have one dash.
            "the same file, of the old generation",
            "-stack-termination-protection -ssl-policy=ELBSecurityPolicy-2016-08 -cert-ttl-timeout=30m0s -metrics-address=:7979",
            &[],
            json!({"deletion-protection": true, "ssl-policy": "ELBSecurityPolicy-2016-08", "grace": 1_800}),
            &["warning: -metrics-address: write --listen=[::]:7979", NO_CLASS],
        ),
        (
            "a chart whose values are empty",
            "--target-access-mode=HostPort",
            &[("API_SERVER_BASE_URL", ""), ("POLLING_INTERVAL", "")],
            json!({}),
            &[NO_CLASS],
        ),
        (
            "README.md, Upgrade: <v0.11.0 to >=0.11.0",
            "--ingress-api-version=networking.k8s.io/v1 --target-port=9998",
            &[],
            json!({"proxy": {"target-port": 9998}}),
            &["warning: --ingress-api-version does nothing: ", NO_CLASS],
        ),
    ];
    for (source, arguments, variables, expected, said) in deployments {
        let answer = run(arguments, variables);
        assert_eq!(settings(&answer), expected, "{source}: {}", answer.stderr);
        let is_told = |begin: &str| answer.stderr.lines().any(|line| line.starts_with(begin));
        for begin in [said, &[WITHOUT_A_UID]].concat() {
            assert!(is_told(begin), "{source}: {begin:?} is not in {}", answer.stderr);
        }
        assert_eq!(is_told(NO_CLASS), said.contains(&NO_CLASS), "{source}: {}", answer.stderr);
    }
}

#[test]
fn a_deployment_that_cannot_mean_the_same_is_refused_with_the_flag() {
    for (source, argument, said) in [
        (
            "deploy/skipper.AWSCNI.yaml.example",
            "--target-access-mode=AWSCNI",
            "--target-access-mode, of kube-ingress-aws-controller: AWSCNI needs --target-cni-namespace and \
             --target-cni-pod-labelselector",
        ),
        (
            "cloudwatch.md",
            "--cloudwatch-alarms-config-map=kube-system/kube-ingress-aws-controller-cw-alarms",
            "--cloudwatch-alarms-config-map, of kube-ingress-aws-controller: Albatross creates no alarms",
        ),
        (
            "aws/adapter.go: sent to CloudFormation as 0",
            "--idle-connection-timeout=5000s",
            "--idle-connection-timeout, of kube-ingress-aws-controller: settings: idle-timeout is 5000; it must be 1 to 4000",
        ),
        (
            "controller.go: ports are checked at the start",
            "--health-check-port=0",
            "--health-check-port, of kube-ingress-aws-controller: settings: proxy.health-check-port is 0",
        ),
        (
            "controller.go: ipv4 or dualstack",
            "--ip-addr-type=ipv6",
            "--ip-addr-type, of kube-ingress-aws-controller: 'ipv6' is not valid: expected ipv4 or dualstack",
        ),
    ] {
        let answer = run(argument, &[]);
        let last = answer.stderr.lines().last().unwrap_or_default();
        assert!(last.starts_with(&format!("error: {said}")), "{source}: {}", answer.stderr);
    }
}

/// The AWS list of policies is not known before the program connects, so this is no error yet.
#[test]
fn a_tls_policy_that_is_not_known_is_told_with_its_flag_and_what_is_meant() {
    let answer = run("-ssl-policy=ELBSecurityPolicy-2016-8", &[]);
    let said = "-ssl-policy: the settings name the TLS policy \"ELBSecurityPolicy-2016-8\", which this version does not know; write \
                ELBSecurityPolicy-2016-08";
    assert!(answer.stderr.contains(said), "{}", answer.stderr);
}

/// Who exchanges the image and keeps the arguments, and who gives its flags to another command.
#[test]
fn its_flags_without_the_command_run_are_answered_with_where_they_belong() {
    for line in [
        &["--target-access-mode=HostPort", "--target-port=9998"][..],
        &["-target-access-mode=HostPort"],
        &["plan", "--target-access-mode=HostPort"],
        &["adopt", "kube-ingress-shop", "--target-access-mode", "HostPort"],
    ] {
        let answer = answer(&mut albatross(line));
        assert_eq!((answer.code, answer.stdout.as_str()), (1, ""), "{line:?}");
        let said =
            "target-access-mode is a flag of kube-ingress-aws-controller, which only `albatross run` takes";
        assert!(answer.stderr.starts_with("error: -") && answer.stderr.contains(said), "{}", answer.stderr);
    }
}
