use std::ffi::OsString;

use albatross_contract::{LoadBalancerKind, Mode, Settings, ZoneAffinity, file::override_settings};
use serde_json::{Value, json};

use super::{ALL, Ancestor, misplaced, take};

/// Every flag of versions 0.7 to 0.18, and of the unreleased version 0.19.
const FLAGS: &str = "version debug quiet api-server-base-url polling-interval creation-timeout cert-polling-interval \
    disable-sni-support disable-instrumented-http-client stack-termination-protection additional-stack-tags cert-ttl-timeout \
    cert-filter-tag health-check-path health-check-port target-port alb-http-target-port nlb-http-target-port target-https \
    health-check-interval health-check-timeout alb-healthy-threshold-count alb-unhealthy-threshold-count \
    nlb-healthy-threshold-count idle-connection-timeout deregistration-delay-timeout min-load-balancer-age metrics-address \
    ingress-class-filter controller-id cluster-id vpc-id cluster-local-domain max-certs-alb ssl-policy \
    blacklist-certificate-arns ip-addr-type logs-s3-bucket logs-s3-prefix aws-waf-web-acl-id cloudwatch-alarms-config-map \
    redirect-http-to-https load-balancer-type nlb-zone-affinity nlb-cross-zone nlb-http-enabled deny-internal-domains \
    internal-domains deny-internal-domains-response deny-internal-domains-response-content-type \
    deny-internal-domains-response-status-code target-access-mode target-cni-namespace target-cni-pod-labelselector \
    cf-custom-template ingress-api-version target-group-ip-addr-type";

/// Its environment variables, except those that every program in a Pod or with an AWS SDK has.
const VARIABLES: [&str; 5] = [
    "CUSTOM_FILTERS",
    "API_SERVER_BASE_URL",
    "POLLING_INTERVAL",
    "CREATION_TIMEOUT",
    "CERT_POLLING_INTERVAL",
];

fn taken(arguments: &[&str], variables: &[(&str, &str)]) -> Result<(Vec<String>, Ancestor), String> {
    let line = ["albatross", "run"].iter().chain(arguments).map(OsString::from);
    let variable =
        |name: &str| variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned());
    let (ours, ancestor) = take(line, variable).map_err(|error| error.to_string())?;
    let ours = ours.into_iter().skip(2).map(|it| it.into_string().unwrap()).collect();
    Ok((ours, ancestor))
}

fn settings(arguments: &[&str]) -> Value {
    let (ours, ancestor) = taken(arguments, &[]).unwrap();
    assert!(ours.is_empty(), "{ours:?}");
    Value::Object(ancestor.settings)
}

#[test]
fn every_flag_has_an_entry_and_a_row_in_the_guide() {
    let guide = include_str!("../../../../../deploy/moving-from-kube-ingress-aws-controller.md");
    let rows: Vec<&str> = guide.lines().filter(|line| line.starts_with("| `")).collect();
    let has_row =
        |name: &str| rows.iter().any(|row| row.split('|').nth(1).unwrap_or_default().contains(name));
    for name in FLAGS.split_whitespace() {
        assert!(ALL.iter().any(|flag| flag.name == name), "{name} is not in the table");
        assert!(has_row(&format!("`--{name}`")), "{name} has no row");
    }
    for name in VARIABLES {
        assert!(ALL.iter().any(|flag| flag.variable == Some(name)), "{name} is not in the table");
        assert!(has_row(&format!("`{name}`")), "{name} has no row");
    }
}

#[test]
fn every_setting_in_the_table_exists() {
    let (_, ancestor) = taken(
        &[
            "--cert-ttl-timeout=1h",
            "--cert-filter-tag=ingress=blue=1",
            "--blacklist-certificate-arns=arn:a",
            "--max-certs-alb=24",
            "--disable-sni-support",
            "--stack-termination-protection",
            "--additional-stack-tags=team=shop",
            "--additional-stack-tags=cost=1",
            "--health-check-path=/healthz",
            "--health-check-port=9998",
            "--health-check-interval=10s",
            "--health-check-timeout=5s",
            "--target-port=9998",
            "--target-https",
            "--alb-http-target-port=9997",
            "--nlb-http-target-port=9996",
            "--target-group-ip-addr-type=ipv6",
            "--alb-healthy-threshold-count=5",
            "--alb-unhealthy-threshold-count=2",
            "--idle-connection-timeout=1m30s",
            "--deregistration-delay-timeout=5m",
            "--min-load-balancer-age=6m",
            "--ingress-class-filter=skipper,",
            "--cluster-local-domain=cluster.local",
            "--ssl-policy=ELBSecurityPolicy-2016-08",
            "--ip-addr-type=dualstack",
            "--logs-s3-bucket=shop-logs",
            "--logs-s3-prefix=ingress",
            "--aws-waf-web-acl-id=arn:aws:wafv2:x",
            "--redirect-http-to-https",
            "--load-balancer-type=network",
            "--nlb-zone-affinity=availability_zone_affinity",
            "--nlb-cross-zone",
            "--nlb-http-enabled",
            "--nlb-healthy-threshold-count=3",
            "--deny-internal-domains",
            "--internal-domains=*.cluster.local",
            "--deny-internal-domains-response=no",
            "--deny-internal-domains-response-content-type=text/plain",
            "--deny-internal-domains-response-status-code=403",
        ],
        &[("CUSTOM_FILTERS", "tag-key=node")],
    )
    .unwrap();
    let text = serde_json::to_vec(&ancestor.settings).unwrap();
    let read = override_settings(Settings::default(), &text).unwrap();
    assert_eq!((read.grace, read.idle_timeout, read.minimum_age), (3_600, 90, Some(360)));
    assert_eq!(read.certificates_per_load_balancer, Some(1), "without SNI the maximum does not count");
    assert_eq!(
        read.certificate_tag.map(|tag| (tag.key, tag.value)),
        Some(("ingress".into(), "blue=1".into()))
    );
    assert_eq!(read.tags.len(), 2);
    let classes: Vec<(&str, Mode)> = read.classes.iter().map(|it| (it.name.as_str(), it.mode)).collect();
    assert_eq!(classes, [("skipper", Mode::Proxy), ("", Mode::Proxy)]);
    assert_eq!(read.proxy.deny.and_then(|deny| deny.status_code), Some(403));
    let network = read.proxy.network.unwrap();
    assert_eq!((read.proxy.http_target_port, network.http_target_port), (Some(9997), Some(9996)));
    assert_eq!(network.zone_affinity, Some(ZoneAffinity::AvailabilityZoneAffinity));
    assert_eq!((network.cross_zone, network.http, network.threshold), (Some(true), Some(true), Some(3)));
    assert_eq!(read.proxy.default_kind, Some(LoadBalancerKind::Network));
    assert_eq!(read.proxy.node_filters.as_deref(), Some("tag-key=node"));
}

#[test]
fn flags_have_one_dash_or_two_and_their_value_behind_a_sign_or_a_blank() {
    for arguments in [
        &["--target-port=9998"][..],
        &["--target-port", "9998"],
        &["-target-port=9998"],
        &["-target-port", "9998"],
    ] {
        assert_eq!(settings(arguments), json!({"proxy": {"target-port": 9998}}), "{arguments:?}");
    }
    for (arguments, expected) in [
        (&["-redirect-http-to-https"][..], json!({"proxy": {"redirect-http": true}})),
        (&["--redirect-http-to-https=true"], json!({"proxy": {"redirect-http": true}})),
        (&["--no-redirect-http-to-https"], json!({})),
        (&["-disable-sni-support=false"], json!({})),
    ] {
        assert_eq!(settings(arguments), expected, "{arguments:?}");
    }
}

#[test]
fn each_flag_is_answered_with_what_to_write_instead() {
    let flags = [
        "--target-port=9998",
        "--creation-timeout=5m",
        "-debug",
        "--quiet",
        "--ingress-api-version=networking.k8s.io/v1",
        "--target-access-mode=HostPort",
    ];
    let (_, ancestor) = taken(&flags, &[]).unwrap();
    assert_eq!(ancestor.log_level, Some("debug"), "as there, it counts more than --quiet");
    assert_eq!(
        ancestor.remarks,
        [
            "--quiet: set the environment variable ALBATROSS_LOG=warn",
            "-debug: set the environment variable ALBATROSS_LOG=debug",
            "--ingress-api-version does nothing: Ingresses are read as networking.k8s.io/v1",
            "--creation-timeout does nothing: a load balancer that AWS has not provisioned after 15 minutes is replaced once",
            "--target-port is the setting proxy.target-port",
            "--target-access-mode=HostPort needs no setting, since it is the default",
        ]
    );
}

#[test]
fn our_own_flags_stay_and_other_commands_are_left_alone() {
    let ours = ["--cluster-id=shop", "--vpc-id", "vpc-1", "--settings", "settings.json", "--no-such-flag"];
    let (stay, ancestor) = taken(&ours, &[]).unwrap();
    assert_eq!((stay.as_slice(), ancestor), (ours.map(str::to_owned).as_slice(), Ancestor::default()));
    let (stay, _) = taken(&["-cluster-id", "shop", "--metrics-address=:7979"], &[]).unwrap();
    assert_eq!(stay, ["--listen=[::]:7979", "--cluster-id=shop"]);
    let line = ["albatross", "plan", "--target-port=1"].map(OsString::from);
    assert_eq!(take(line.clone(), |_| None).unwrap().0, line);
}

#[test]
fn a_flag_without_which_the_controller_would_do_something_else_is_refused_with_the_reason() {
    for (argument, expected) in [
        (
            "--target-port=http",
            "--target-port, of kube-ingress-aws-controller: 'http' is not valid: expected a port, 1 to 65535; the setting is proxy.target-port",
        ),
        ("--cert-ttl-timeout=1.5s", "'1.5s' is not valid: expected a length of time in whole seconds"),
        ("--health-check-port=70000", "'70000' is not valid: expected a port, 1 to 65535"),
        ("--ip-addr-type=ipv6", "'ipv6' is not valid: expected ipv4 or dualstack"),
        ("--load-balancer-type=gateway", "expected application or network"),
        (
            "--metrics-address=metrics.example.org:7979",
            "expected an IP address with a port, or only the port",
        ),
        (
            "--target-access-mode=AWSCNI",
            "AWSCNI needs --target-cni-namespace and --target-cni-pod-labelselector",
        ),
        ("--cert-filter-tag=ingress", "expected key=value"),
        ("--target-access-mode=Pods", "'Pods' is not valid: expected HostPort, Legacy or AWSCNI"),
        ("--cloudwatch-alarms-config-map=kube-system/alarms", "Albatross creates no alarms"),
        ("-disable-sni-support=yes", "'yes' is neither true nor false"),
    ] {
        let message = taken(&[argument], &[]).unwrap_err();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn defaults_of_its_flags_ask_for_nothing() {
    let (ours, ancestor) = taken(&["--logs-s3-bucket=", "--no-nlb-cross-zone"], &[]).unwrap();
    assert!(ours.is_empty() && ancestor.settings.is_empty(), "{ancestor:?}");
    assert_eq!(
        settings(&["--internal-domains=*.local", "--logs-s3-prefix=a"]),
        json!({}),
        "parts without a whole"
    );
}

#[test]
fn pods_are_targets_only_in_the_mode_for_pods() {
    let cni = |mode| {
        let mode = format!("--target-access-mode={mode}");
        settings(&[
            &mode,
            "--target-cni-namespace=kube-system",
            "--target-cni-pod-labelselector=application=skipper",
        ])
    };
    let pods = json!({"namespace": "kube-system", "label-selector": "application=skipper"});
    assert_eq!(cni("AWSCNI"), json!({"proxy": {"pods": pods}}));
    assert_eq!(cni("HostPort"), json!({"proxy": {"pods": null}}));
    assert_eq!(settings(&["--target-access-mode=Legacy"]), json!({"proxy": {"pods": null}}));
    let (_, nodes) = taken(&["--target-access-mode=HostPort", "--target-cni-namespace=a"], &[]).unwrap();
    assert_eq!(nodes.remarks[1], "--target-cni-namespace does nothing without --target-access-mode=AWSCNI");
}

#[test]
fn a_target_port_for_http_does_nothing_on_a_network_load_balancer_without_http() {
    let (_, ancestor) = taken(&["--nlb-http-target-port=9998"], &[]).unwrap();
    assert_eq!(ancestor.remarks, ["--nlb-http-target-port does nothing without --nlb-http-enabled"]);
    assert!(ancestor.settings.is_empty());
}

#[test]
fn an_empty_value_is_the_default_except_where_it_has_a_meaning_of_its_own() {
    let empty = [("API_SERVER_BASE_URL", ""), ("POLLING_INTERVAL", ""), ("CREATION_TIMEOUT", "")];
    assert_eq!(
        taken(&["--api-server-base-url=", "-cluster-id="], &empty),
        Ok((Vec::new(), Ancestor::default()))
    );
    assert_eq!(
        settings(&["--deny-internal-domains", "--deny-internal-domains-response="]),
        json!({"proxy": {"deny": {"response": ""}}})
    );
    let (_, blank) = taken(&[], &[("CUSTOM_FILTERS", "")]).unwrap();
    assert_eq!(Value::Object(blank.settings), json!({"proxy": {"node-filters": ""}}));
}

#[test]
fn a_flag_of_another_command_is_recognized_unless_many_programs_have_it() {
    let line = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    for (words, expected) in [
        (&["albatross", "--target-access-mode=HostPort"][..], Some("--target-access-mode")),
        (&["albatross", "plan", "--manifests", "a", "-target-port", "1"], Some("-target-port")),
        (&["albatross", "plan", "--debug"], None),
        (&["albatross", "plan", "--cluster-id=shop", "--no-such-flag"], None),
    ] {
        assert_eq!(misplaced(&line(words)).as_deref(), expected, "{words:?}");
    }
}

#[test]
fn a_blank_filter_in_the_environment_reaches_the_check_of_the_settings() {
    let (_, ancestor) = taken(&[], &[("CUSTOM_FILTERS", "  ")]).unwrap();
    assert_eq!(Value::Object(ancestor.settings), json!({"proxy": {"node-filters": "  "}}));
    let (_, ancestor) = taken(&["--target-port=1"], &[("POLLING_INTERVAL", "30s")]).unwrap();
    assert!(ancestor.remarks[0].starts_with("POLLING_INTERVAL does nothing: the cluster is watched"));
}
