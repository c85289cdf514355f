//! What AWS and Kubernetes can hold and nobody must lose: files of before these fields are read, and what a file
//! holds is written again.

use std::{fs, path::Path};

use albatross_contract::{
    Explanation, Inventory, Listener, LoadBalancer, Operation, Plan, Question, Quotas, RuleCondition,
    RuleTransform, Settings, Snapshot, TargetGroup, file,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Reads a value as a type and writes it again: nothing may be lost or added.
fn read<T: Serialize + DeserializeOwned>(value: &Value) -> T {
    let read: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), *value);
    read
}

fn example(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name);
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_network_load_balancer_keeps_its_addresses_and_its_private_link_setting() {
    let load_balancer: LoadBalancer = read(&json!({
        "arn": "arn:lb", "name": "edge", "dns-name": "edge", "canonical-hosted-zone-id": "Z1", "kind": "network",
        "scheme": "internet-facing", "ip-address-type": "dualstack", "vpc-id": "vpc-1", "state": "active",
        "created-at": 1, "subnets": ["subnet-a", "subnet-b"],
        "subnet-mappings": [{
            "subnet-id": "subnet-a",
            "addresses": [{"ip-address": "203.0.113.10", "allocation-id": "eipalloc-1", "ipv6-address": "2001:db8::1"}],
            "source-nat-ipv6-prefixes": ["2001:db8::/80"]
        }, {"subnet-id": "subnet-b", "addresses": [{"private-ipv4-address": "10.0.0.9"}], "outpost-id": "op-1"}],
        "enforce-security-group-inbound-rules-on-private-link-traffic": false,
        "enable-prefix-for-ipv6-source-nat": true,
        "ipv4-ipam-pool-id": "ipam-pool-1", "customer-owned-ipv4-pool": "ipv4pool-coip-1",
        "minimum-capacity-units": 100, "web-acl": "", "shield-protection": "a1"
    }));
    assert_eq!(load_balancer.subnet_mappings.len(), 2);
    assert_eq!(load_balancer.web_acl.as_deref(), Some(""), "read, and there is none");
}

#[test]
fn a_listener_keeps_client_certificates_alpn_and_every_kind_of_rule() {
    let listener: Listener = read(&json!({
        "arn": "arn:listener", "port": 443, "protocol": "tcp-quic", "alpn-policy": "HTTP2Preferred",
        "mutual-authentication": {
            "mode": "verify", "trust-store-arn": "arn:store", "ignore-client-certificate-expiry": true,
            "advertise-trust-store-ca-names": true, "trust-store-association-status": "active"
        },
        "default-actions": [
            {"authenticate-oidc": {
                "issuer": "i", "authorization-endpoint": "a", "token-endpoint": "t", "user-info-endpoint": "u",
                "client-id": "c", "authentication-request-extra-parameters": [{"key": "prompt", "value": "login"}]
            }},
            {"authenticate-cognito": {
                "user-pool-arn": "p", "user-pool-client-id": "c", "user-pool-domain": "d",
                "authentication-request-extra-parameters": [{"key": "prompt", "value": "login"}]
            }},
            {"jwt-validation": {
                "jwks-endpoint": "j", "issuer": "i",
                "additional-claims": [{"name": "scope", "format": "string-array", "values": ["shop"]}]
            }},
            {"fixed-response": {"status-code": 503}}
        ],
        "rules": [{
            "arn": "arn:rule", "priority": 1,
            "conditions": [
                {"host-header": {"regular-expressions": ["^shop"]}},
                {"path-pattern": {"regular-expressions": ["^/cart"]}},
                {"http-header": {"name": "X", "value": {"regular-expressions": ["^v"]}}},
                {"source-ip-address-type": "ipv6"}
            ],
            "actions": [{"fixed-response": {"status-code": 200}}],
            "transforms": [
                {"host-header-rewrite": [{"regular-expression": "^(.*)$", "replacement": "inner"}]},
                {"url-rewrite": [{"regular-expression": "^/cart", "replacement": ""}]}
            ]
        }]
    }));
    assert_eq!(
        listener.rules[0].conditions[3],
        RuleCondition::SourceIpAddressType(albatross_contract::IpAddressType::Ipv6)
    );
    assert!(matches!(
        &listener.rules[0].transforms[..],
        [RuleTransform::HostHeaderRewrite(_), RuleTransform::UrlRewrite(_)]
    ));
}

#[test]
fn a_target_group_keeps_its_optimizer_and_the_details_of_its_targets() {
    let group: TargetGroup = read(&json!({
        "arn": "arn:group", "name": "g", "protocol": "quic", "target-type": "ip", "ip-address-type": "ipv4",
        "health-check": {
            "protocol": "tcp", "port": "traffic-port", "interval": 10, "timeout": 5, "healthy-threshold": 2,
            "unhealthy-threshold": 2
        },
        "target-control-port": 3000, "health-check-enabled": false,
        "targets": [{
            "id": "10.0.0.1", "port": 80, "health": "healthy", "availability-zone": "all",
            "quic-server-id": "0x1111111111111111", "administrative-override": "zonal_shift_active"
        }]
    }));
    assert_eq!(group.target_control_port, Some(3000));
}

#[test]
fn hosted_zones_hold_the_records_of_our_names() {
    let mut snapshot = example("route-mode/2048-game.snapshot.json");
    snapshot["snapshot"]["inventory"]["hosted-zones"] = json!([{
        "id": "Z1", "name": "example.org", "private-zone": true,
        "vpcs": [{"vpc-id": "vpc-1", "region": "eu-central-1"}],
        "record-sets": [
            {"name": "2048.example.org", "record-type": "A", "set-identifier": "blue", "alias-target": {
                "hosted-zone-id": "Z2", "dns-name": "albatross-1.elb", "evaluate-target-health": true
            }},
            {"name": "2048.example.org", "record-type": "TXT", "ttl": 300, "values": ["\"albatross\""]}
        ]
    }]);
    let read = file::read::<Snapshot>(&serde_json::to_vec(&snapshot).unwrap()).unwrap();
    let written: Value = serde_json::from_slice(&file::write(&read).unwrap()).unwrap();
    assert_eq!(written, snapshot);
}

#[test]
fn a_plan_changes_records_of_a_hosted_zone_in_one_operation() {
    let alias =
        json!({"hosted-zone-id": "Z2", "dns-name": "albatross-1.elb", "evaluate-target-health": false});
    let record = json!({"name": "2048.example.org", "record-type": "A", "alias-target": alias});
    let changes = json!([{"kind": "create", "record-set": record}, {"kind": "delete", "record-set": record}]);
    let operation = json!({"change-record-sets": {"hosted-zone": "Z1", "changes": changes}});
    let read = read::<Operation>(&operation);
    assert_eq!(serde_json::to_value(read).unwrap(), operation);
}

#[test]
fn a_settings_file_may_leave_out_any_part_of_the_settings_for_route_53() {
    let given = |text: &str| file::read_settings(text.as_bytes()).unwrap().route53;
    assert_eq!(given("{}"), None);
    let found = given(r#"{"route53": {"domains": ["example.org"]}}"#).unwrap();
    assert_eq!(
        (found.zones.len(), found.domains.as_slice(), found.role),
        (0, &["example.org".to_owned()][..], None)
    );
    assert!(given(r#"{"route53": {}}"#).is_some());
    let mistake = file::read_settings(br#"{"route53": {"zone": []}}"#).unwrap_err().to_string();
    assert!(mistake.contains("unknown field `zone`"), "{mistake}");
}

/// What was not read is told from what is not there.
#[test]
fn in_an_older_file_hosted_zones_endpoint_slices_and_pods_count_as_not_read() {
    let snapshot = example("route-mode/2048-game.snapshot.json");
    let read = file::read::<Snapshot>(&serde_json::to_vec(&snapshot).unwrap()).unwrap();
    assert_eq!((read.inventory.hosted_zones, read.cluster.endpoint_slices), (None, None));
    assert_eq!(read.cluster.pods, None);
}

#[test]
fn in_an_older_file_the_cluster_has_no_route_groups_and_they_would_be_read() {
    let snapshot = example("route-mode/2048-game.snapshot.json");
    let read = file::read::<Snapshot>(&serde_json::to_vec(&snapshot).unwrap()).unwrap();
    assert_eq!((read.cluster.route_groups, read.settings.proxy.route_groups), (None, None));
    assert!(Settings::default().serves_route_groups());
}

#[test]
fn route_groups_are_written_as_they_were_read_and_none_is_not_the_same_as_no_kind() {
    let mut snapshot = example("route-mode/2048-game.snapshot.json");
    snapshot["snapshot"]["settings"]["proxy"]["route-groups"] = json!(true);
    snapshot["snapshot"]["cluster"]["incomplete"] =
        json!([{"part": "route-groups", "reason": "RouteGroup shop/blog: spec.hosts[0]: 7 is a number"}]);
    let checkout = json!({
        "metadata": {"namespace": "shop", "name": "checkout", "uid": "1", "created-at": 1_795_253_400},
        "hosts": ["shop.example.org", "not a host"],
        "status": [{"hostname": "shop-1.eu-central-1.elb.amazonaws.com"}, {"ip": "10.0.0.1"}]
    });
    for route_groups in [json!([checkout]), json!([])] {
        snapshot["snapshot"]["cluster"]["route-groups"] = route_groups;
        let read = file::read::<Snapshot>(&serde_json::to_vec(&snapshot).unwrap()).unwrap();
        assert!(read.cluster.route_groups.is_some());
        let written: Value = serde_json::from_slice(&file::write(&read).unwrap()).unwrap();
        assert_eq!(written, snapshot);
    }
}

#[test]
fn a_quota_that_is_missing_in_a_file_has_the_aws_default() {
    let mut inventory = example("quickstart/cloud.json");
    inventory["inventory"]["quotas"] = json!({"load-balancers": 120});
    let read = file::read::<Inventory>(&serde_json::to_vec(&inventory).unwrap()).unwrap();
    assert_eq!(read.quotas, Quotas { load_balancers: 120, ..Quotas::default() });
}

#[test]
fn a_service_and_its_endpoint_slices_are_written_as_they_were_read() {
    let mut snapshot = example("route-mode/2048-game.snapshot.json");
    let service = &mut snapshot["snapshot"]["cluster"]["services"][0];
    service["cluster-ip"] = json!("None");
    service["external-name"] = json!("shop.example.net");
    service["external-traffic-policy"] = json!("local");
    service["internal-traffic-policy"] = json!("cluster");
    service["health-check-node-port"] = json!(30_001);
    service["publish-not-ready-addresses"] = json!(true);
    snapshot["snapshot"]["cluster"]["endpoint-slices"] = json!([{
        "metadata": {
            "namespace": "shop", "name": "cart-1", "labels": [{"key": "kubernetes.io/service-name", "value": "cart"}]
        },
        "address-type": "ipv4",
        "endpoints": [{
            "addresses": ["10.0.0.1"], "ready": false, "serving": true, "terminating": true, "node-name": "n",
            "zone": "eu-central-1a", "target": {"kind": "Pod", "name": "cart-a", "namespace": "shop"}
        }],
        "ports": [{"name": "http", "port": 8080, "protocol": "tcp", "app-protocol": "http"}]
    }]);
    let read = file::read::<Snapshot>(&serde_json::to_vec(&snapshot).unwrap()).unwrap();
    let written: Value = serde_json::from_slice(&file::write(&read).unwrap()).unwrap();
    assert_eq!(written, snapshot);
}

#[test]
fn pods_and_the_settings_that_select_them_are_written_as_they_were_read() {
    let mut snapshot = example("route-mode/2048-game.snapshot.json");
    snapshot["snapshot"]["settings"]["proxy"]["pods"] =
        json!({"namespace": "kube-system", "label-selector": "application=skipper-ingress"});
    snapshot["snapshot"]["cluster"]["pods"] = json!([{
        "metadata": {
            "namespace": "kube-system", "name": "skipper-ingress-1", "deleted-at": 1_795_253_400,
            "labels": [{"key": "application", "value": "skipper-ingress"}]
        },
        "phase": "running", "ready": true, "addresses": ["10.0.0.1", "2001:db8::1"]
    }]);
    let read = file::read::<Snapshot>(&serde_json::to_vec(&snapshot).unwrap()).unwrap();
    let written: Value = serde_json::from_slice(&file::write(&read).unwrap()).unwrap();
    assert_eq!(written, snapshot);
}

#[test]
fn a_plan_describes_listeners_with_their_rules() {
    let mut plan = example("route-mode/2048-game.plan.json");
    let actions = json!([{"fixed-response": {"status-code": 404}}]);
    plan["plan"]["load-balancers"][0]["listeners"] = json!([{
        "port": 80, "protocol": "http", "default-actions": actions,
        "rules": [{
            "priority": 10, "conditions": [{"host-header": {"values": ["shop.example.org"]}}], "actions": actions,
            "transforms": [{"url-rewrite": [{"regular-expression": "^/a", "replacement": "/b"}]}]
        }]
    }]);
    let read = file::read::<Plan>(&serde_json::to_vec(&plan).unwrap()).unwrap();
    let written: Value = serde_json::from_slice(&file::write(&read).unwrap()).unwrap();
    assert_eq!(written, plan);
}

#[test]
fn a_plan_says_whether_a_changed_rule_keeps_its_transforms() {
    let modify = |transforms: Option<Value>| {
        let mut operation = json!({"modify-rule": {"rule": {"existing": "arn:rule"}}});
        if let Some(transforms) = transforms {
            operation["modify-rule"]["transforms"] = transforms;
        }
        let Operation::ModifyRule(modify) = read::<Operation>(&operation) else {
            panic!("another operation")
        };
        modify.transforms
    };
    assert_eq!(modify(None), None, "they stay");
    assert_eq!(modify(Some(json!([]))), Some(Vec::new()), "they go");
}

#[test]
fn a_question_may_be_about_a_request() {
    let question: Question = read(&json!({"request": {
        "method": "GET", "scheme": "https", "host": "shop.example.org", "port": 443, "path": "/cart", "query": "a=b",
        "headers": [{"key": "X-Canary", "value": "yes"}], "source-address": "192.0.2.1"
    }}));
    assert!(matches!(question, Question::Request(request) if request.path == "/cart"));
    let _: Explanation = read(&json!({"headline": "it answers"}));
}
