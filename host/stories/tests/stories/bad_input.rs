//! Bad input of every kind, in a group whose other members do not notice: for every annotation of route mode a value of the
//! wrong type, an unknown field in its JSON, and values that contradict each other; Services, endpoints and hosts that do not
//! fit. A message names the annotation, what it holds, and what was expected.

use albatross_contract::{
    Cluster, DiagnosticCode, Endpoint, EndpointAddressType, EndpointPort, EndpointSlice, Ingress,
    IngressBackend, Metadata, OutcomeState, Service, ServiceKind, ServicePortReference, Tag,
    TransportProtocol,
};
use albatross_stories::{Controller, annotated, certificate, ingress, outcome, service};

use super::routes::{story, with_paths};

/// Annotations without their prefix, what they hold, and parts of the message: what is wrong, and what was expected.
const BAD: &[(&str, &str, &[&str])] = &[
    ("group.name", "Shop", &["is \"Shop\"", "expected up to 63 lower-case letters"]),
    ("group.order", "first", &["is \"first\"", "expected -1000 to 1000"]),
    ("group.order", "1001", &["is \"1001\"", "expected -1000 to 1000"]),
    ("scheme", "public", &["is \"public\"", "expected internet-facing or internal"]),
    ("subnets", "subnet-x", &["names subnet-x", "vpc-1 has no such subnet"]),
    ("subnets", "subnet-private-a", &["names only subnet-private-a", "needs subnets in two zones"]),
    (
        "subnets",
        "subnet-private-a,subnet-public-a",
        &["subnet-private-a and subnet-public-a", "both in zone"],
    ),
    ("security-groups", "sg-x", &["names sg-x", "vpc-1 has no such security group"]),
    ("inbound-cidrs", "10.0.0.0", &["is \"10.0.0.0\"", "expected CIDR blocks such as 10.0.0.0/8"]),
    ("inbound-cidrs", "10.0.0.0/33", &["is \"10.0.0.0/33\"", "expected CIDR blocks"]),
    ("security-group-prefix-lists", "sg-1", &["is \"sg-1\"", "expected ids of prefix lists such as pl-"]),
    ("manage-backend-security-group-rules", "yes", &["is \"yes\"", "expected true or false"]),
    ("ip-address-type", "ipv6", &["is \"ipv6\"", "expected ipv4, dualstack or"]),
    (
        "load-balancer-attributes",
        "idle_timeout",
        &["is \"idle_timeout\"", "expected pairs such as key=value"],
    ),
    (
        "load-balancer-attributes",
        "idle_timeout.timeout_seconds=soon",
        &["sets idle_timeout.timeout_seconds to \"soon\"", "expected 1 to 4000"],
    ),
    (
        "load-balancer-attributes",
        "idle_timeout.timeout_seconds=60,idle_timeout.timeout_seconds=90",
        &["sets idle_timeout.timeout_seconds to \"90\"", "an earlier pair sets it to \"60\""],
    ),
    ("tags", "team", &["is \"team\"", "expected pairs such as key=value"]),
    ("tags", "team=a,team=b", &["sets team to \"b\"", "an earlier pair sets it to \"a\""]),
    ("tags", "albatross/id=x", &["sets albatross/id to \"x\"", "expected another key"]),
    ("listen-ports", "443", &["is \"443\"", "expected a JSON list such as"]),
    ("listen-ports", r#"[{"HTTP":"80"}]"#, &[r#"is "[{"HTTP":"80"}]""#, "expected a JSON list such as"]),
    ("listen-ports", r#"[{"TCP":80}]"#, &[r#"is "[{"TCP":80}]""#, "expected a JSON list such as"]),
    (
        "listen-ports",
        r#"[{"HTTP":80},{"HTTPS":80}]"#,
        &["expected a JSON list such as", "no port occurs twice"],
    ),
    ("listen-ports", r#"[{"HTTP":80,"HTTP":81}]"#, &["expected a JSON list such as"]),
    (
        "ssl-policy",
        "ELBSecurityPolicy-2016-8",
        &["is \"ELBSecurityPolicy-2016-8\"", "ELBSecurityPolicy-2016-08"],
    ),
    ("ssl-redirect", "true", &["is \"true\"", "expected the port of an HTTPS listener"]),
    ("target-type", "pod", &["is \"pod\"", "expected instance or ip"]),
    ("target-node-labels", "pool", &["is \"pool\"", "expected pairs such as key=value"]),
    ("target-node-labels", "pool=a,pool=b", &["sets pool to \"b\"", "an earlier pair sets it to \"a\""]),
    ("backend-protocol", "http", &["is \"http\"", "expected HTTP or HTTPS"]),
    ("backend-protocol-version", "HTTP3", &["is \"HTTP3\"", "expected HTTP1, HTTP2 or GRPC"]),
    (
        "target-group-attributes",
        "stickiness.enabled=yes",
        &["sets stickiness.enabled to \"yes\"", "expected true or false"],
    ),
    (
        "target-group-attributes",
        "slow_start.duration_seconds=30,load_balancing.algorithm.type=weighted_random",
        &["load_balancing.algorithm.type is weighted_random", "slow start needs the algorithm round_robin"],
    ),
    (
        "healthcheck-port",
        "admin",
        &["the health check port is \"admin\"", "neither a port number nor the name"],
    ),
    (
        "healthcheck-port",
        "70000",
        &["the health check port is \"70000\"", "neither a port number nor the name"],
    ),
    ("healthcheck-protocol", "TCP", &["is \"TCP\"", "expected HTTP or HTTPS"]),
    ("healthcheck-path", "ready", &["is \"ready\"", "expected a path that begins with /"]),
    ("healthcheck-interval-seconds", "soon", &["is \"soon\"", "expected 5 to 300"]),
    ("healthcheck-interval-seconds", "4", &["is \"4\"", "expected 5 to 300"]),
    ("healthcheck-timeout-seconds", "1", &["is \"1\"", "expected 2 to 120"]),
    (
        "healthcheck-timeout-seconds",
        "20",
        &["timeout of the health check is 20 s", "less than its interval of 15 s"],
    ),
    ("healthy-threshold-count", "1", &["is \"1\"", "expected 2 to 10"]),
    ("unhealthy-threshold-count", "many", &["is \"many\"", "expected 2 to 10"]),
    ("success-codes", "2xx", &["is \"2xx\"", "expected codes such as 200"]),
    ("success-codes", "500", &["the success codes are \"500\"", "HTTP codes must be 200 to 499"]),
    ("use-regex-path-match", "maybe", &["is \"maybe\"", "expected true or false"]),
    ("actions.act", "redirect", &["is not JSON at line 1, column 1"]),
    ("actions.act", r#"["redirect"]"#, &["is a list, expected an object"]),
    (
        "actions.act",
        r#"{"type":"proxy"}"#,
        &["type is \"proxy\", expected forward, redirect or fixed-response"],
    ),
    (
        "actions.act",
        r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":404}}"#,
        &["fixedResponseConfig.statusCode is 404", "expected a text such as \"404\""],
    ),
    (
        "actions.act",
        r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"404","body":"x"}}"#,
        &["fixedResponseConfig.body is not a known field, expected statusCode, contentType, messageBody"],
    ),
    (
        "actions.act",
        r#"{"type":"forward","type":"redirect"}"#,
        &["gives the field type twice (at line 1, column "],
    ),
    (
        "actions.act",
        r#"{"type":"forward","targetGroupARN":"arn:a","targetGroupName":"b"}"#,
        &["targetGroupName is given together with targetGroupARN, expected one of them"],
    ),
    (
        "actions.act",
        r#"{"type":"forward","targetGroupName":"a","forwardConfig":{"targetGroups":[]}}"#,
        &["forwardConfig is given together with a target group, expected one of them"],
    ),
    ("conditions.web", "{}", &["is an object, expected a list of conditions"]),
    (
        "conditions.web",
        r#"[{"field":"cookie"}]"#,
        &["[0].field is \"cookie\", expected host-header, path-pattern"],
    ),
    (
        "conditions.web",
        r#"[{"field":"source-ip","sourceIpConfig":{"values":["office"]}}]"#,
        &["[0].sourceIPConfig.values[0] is \"office\", expected an address block such as 10.0.0.0/8"],
    ),
    (
        "conditions.web",
        r#"[{"field":"source-ip","sourceIpConfig":{"values":["10.0.0.0/8"]},"not":true}]"#,
        &["[0].not is not a known field, expected field, sourceIPConfig"],
    ),
    (
        "conditions.web",
        r#"[{"field":"path-pattern","pathPatternConfig":{"values":["/a"],"regexValues":["/b"]}}]"#,
        &["[0].pathPatternConfig has values and regexValues, expected one of them"],
    ),
    ("transforms.web", r#""url""#, &["is \"url\", expected a list of transforms"]),
    (
        "transforms.web",
        r#"[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"a","with":"b"}]}}]"#,
        &["[0].urlRewriteConfig.rewrites[0].replace is missing"],
    ),
    (
        "transforms.web",
        r#"[{"type":"url-rewrite","urlRewriteConfig":{"rewrites":[{"regex":"a","replace":"b","x":1}]}}]"#,
        &["[0].urlRewriteConfig.rewrites[0].x is not a known field, expected regex, replace"],
    ),
];

fn key(name: &str) -> String {
    format!("alb.ingress.kubernetes.io/{name}")
}

/// A member of the group `shop` for the host `name.example.org`, with a path of the Service `web` and a path with an action.
fn member(name: &str) -> Ingress {
    let host = format!("{name}.example.org");
    let mut member = with_paths(ingress(name, &[&host]), &[("/", "web"), ("/act", "act")]);
    if let IngressBackend::Service(service) = &mut member.rules[0].paths[1].backend {
        service.port = ServicePortReference::Name("use-annotation".into());
    }
    let action = r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"404"}}"#;
    annotated(annotated(member, &key("group.name"), "shop"), &key("actions.act"), action)
}

fn shop() -> Controller {
    let mut story = story(vec![member("good"), member("shop")], vec![service("web", 30_080)]);
    story.add_certificate(certificate(1, &["*.example.org"]));
    story.converge();
    story
}

fn messages(story: &mut Controller, name: &str) -> (OutcomeState, Vec<String>) {
    let plan = story.plan();
    let found = outcome(&plan, name).unwrap();
    (found.state, found.diagnostics.iter().map(|it| it.message.clone()).collect())
}

/// Checks that one of the messages has all these parts, and names the annotation or the field.
fn assert_told(messages: &[String], annotation: &str, parts: &[&str]) {
    let is_told = |message: &String| parts.iter().all(|part| message.contains(part));
    assert!(messages.iter().any(is_told), "{annotation}: {parts:?} is not in {messages:#?}");
}

#[test]
fn a_bad_value_of_any_annotation_holds_its_ingress_and_nothing_else_moves() {
    let before = shop();
    let name = before.hostname("shop");
    for (annotation, value, parts) in BAD {
        let mut story = before.fork();
        story.annotate("shop", &key(annotation), value);
        let passes = story.converge();

        assert!(passes.iter().all(|pass| pass.plan.actions.is_empty()), "{annotation}: {value}");
        let (state, said) = messages(&mut story, "shop");
        assert_eq!(state, OutcomeState::Held, "{annotation}: {value}");
        assert_told(&said, annotation, parts);
        let plan = story.plan();
        let told = &outcome(&plan, "shop").unwrap().diagnostics;
        let field = format!("metadata.annotations[{}]", key(annotation));
        let is_about = |it: &&albatross_contract::Diagnostic| it.field.as_ref() == Some(&field);
        let about = told.iter().find(is_about).unwrap_or_else(|| panic!("{annotation}: {told:#?}"));
        assert!(about.remedy.is_some() && about.code == DiagnosticCode::AnnotationInvalid, "{about:?}");
        assert_eq!(messages(&mut story, "good").0, OutcomeState::Placed, "{annotation}: {value}");
        assert_eq!((story.hostname("shop"), story.hostname("good")), (name.clone(), name.clone()));
    }
}

#[test]
fn a_new_ingress_with_a_bad_value_of_any_annotation_is_rejected_and_nothing_else_moves() {
    let before = shop();
    for (annotation, value, parts) in BAD {
        let mut story = before.fork();
        story.apply(annotated(member("young"), &key(annotation), value));
        let passes = story.converge();

        assert!(passes.iter().all(|pass| pass.plan.actions.is_empty()), "{annotation}: {value}");
        let (state, said) = messages(&mut story, "young");
        assert_eq!(state, OutcomeState::Rejected, "{annotation}: {value}");
        assert_told(&said, annotation, parts);
    }
}

#[test]
fn a_value_of_megabytes_is_shown_only_in_part() {
    let mut story = shop();
    story.annotate("shop", &key("tags"), &"x".repeat(1 << 20));
    let (_, said) = messages(&mut story, "shop");
    assert!(said[0].len() < 500 && said[0].contains("xxx…\", expected pairs"), "{}", said[0]);
}

#[test]
fn an_action_of_the_reference_that_names_a_certificate_wrongly_is_told_with_the_arn() {
    let mut story = shop();
    story.annotate("shop", &key("certificate-arn"), "my-certificate");
    story.annotate("shop", &key("listen-ports"), r#"[{"HTTP":80},{"HTTPS":443}]"#);
    let (_, said) = messages(&mut story, "shop");
    assert!(said.iter().any(|it| it.contains("my-certificate")), "{said:?}");
    assert_eq!(messages(&mut story, "good").0, OutcomeState::Placed);
}

#[test]
fn an_ingress_with_more_values_than_any_load_balancer_has_rules_for_is_refused_before_they_are_multiplied() {
    let many = |count: usize| {
        let list = |text: fn(usize) -> String| {
            (0..count).map(|number| format!("{:?}", text(number))).collect::<Vec<_>>().join(",")
        };
        format!(
            r#"[{{"field":"host-header","hostHeaderConfig":{{"values":[{}]}}}},
                {{"field":"path-pattern","pathPatternConfig":{{"values":[{}]}}}}]"#,
            list(|number| format!("h{number}.example.org")),
            list(|number| format!("/p{number}"))
        )
    };
    for (count, message) in [
        (200, "it needs more than 100 rules, but the quota of AWS is 100 for each load balancer"),
        (20_000, "has 40000 values, expected at most 500"),
    ] {
        let mut story = shop();
        // A prefix of every path would make all other paths superfluous.
        story.edit("shop", |mut ingress| {
            ingress.rules[0].paths[0].path = Some("/web".into());
            annotated(ingress, &key("conditions.web"), &many(count))
        });
        let (state, said) = messages(&mut story, "shop");
        assert_eq!(state, OutcomeState::Held);
        assert!(said.iter().any(|it| it.contains(message)), "{said:?}");
    }
    let mut story = shop();
    story.edit("shop", |mut ingress| {
        ingress.rules[0].paths = vec![ingress.rules[0].paths[0].clone(); 50_000];
        ingress
    });
    let (state, said) = messages(&mut story, "shop");
    assert_eq!(state, OutcomeState::Held);
    assert!(said.iter().any(|it| it.starts_with("it needs more than 100 rules")), "{said:?}");
}

#[test]
fn a_host_that_an_alb_cannot_match_is_refused_by_name() {
    let long = format!("{}.org", "a".repeat(130));
    for host in ["caf\u{e9}.example.org", "*.*.example.org", "shop*.example.org", "a b.example.org", &long] {
        let mut story = shop();
        story.apply({
            let mut young = member("young");
            young.rules[0].host = Some(host.to_owned());
            young
        });
        let passes = story.converge();
        assert!(passes.iter().all(|pass| pass.plan.actions.is_empty()), "{host}");
        let (state, said) = messages(&mut story, "young");
        assert_eq!(state, OutcomeState::Rejected, "{host}");
        assert!(said.contains(&format!("a listener rule cannot express the host \"{host}\"")), "{said:?}");
    }
}

/// The Service `own` of an Ingress that is new in the group: the messages, and the status code of its rule.
fn with_service(
    own: Service,
    slices: Option<Vec<EndpointSlice>>,
    target_type: &str,
) -> (Vec<String>, Controller) {
    let mut story = shop();
    let mut young = member("young");
    young = with_paths(young, &[("/", "own")]);
    young = annotated(young, &key("target-type"), target_type);
    young.metadata.annotations.retain(|tag| tag.key != key("actions.act"));
    let now = story.cloud.now();
    let all = story.cluster.cluster();
    let services = all.services.iter().cloned().chain([own]).collect();
    let ingresses = all.ingresses.iter().cloned().chain([young]).collect();
    let cluster = Cluster { services, ingresses, endpoint_slices: slices, ..all.clone() };
    story.cluster.apply(cluster, now);
    let before = story.serving("good").listeners[0].rules.clone();
    story.converge();
    let after = story.serving("good").listeners[0].rules.clone();
    assert!(before.iter().all(|rule| after.contains(rule)), "the rules of the others stay");
    (messages(&mut story, "young").1, story)
}

#[test]
fn a_service_of_the_wrong_type_is_answered_with_503_and_the_message_says_which_type_is_needed() {
    let of_kind = |kind| {
        let mut own = service("own", 30_090);
        own.kind = kind;
        own.ports[0].node_port = None;
        own
    };
    for (kind, parts) in [
        (
            ServiceKind::ClusterIp,
            ["Service shop/own has no node port for port 80", "the rule answers with 503"],
        ),
        (
            ServiceKind::ExternalName,
            ["Service shop/own has the type ExternalName", "no address that a target group could have"],
        ),
    ] {
        let (said, _) = with_service(of_kind(kind), None, "instance");
        assert_told(&said, "target-type", &parts);
        assert_told(&said, "target-type", &["the rule answers with 503"]);
    }
}

/// An EndpointSlice of the Service `own` with these addresses.
fn slice(addresses: &[&str]) -> EndpointSlice {
    let label = Tag { key: "kubernetes.io/service-name".into(), value: "own".into() };
    let metadata = Metadata { labels: vec![label], ..ingress("own-1", &[]).metadata };
    let endpoint =
        |address: &&str| Endpoint { addresses: vec![(*address).to_owned()], ..Endpoint::default() };
    let port = EndpointPort { protocol: TransportProtocol::Tcp, port: Some(8080), ..EndpointPort::default() };
    EndpointSlice {
        metadata,
        address_type: EndpointAddressType::Ipv4,
        endpoints: addresses.iter().map(endpoint).collect(),
        ports: vec![port],
    }
}

#[test]
fn an_endpoint_outside_of_the_vpc_is_left_out_by_name_and_the_others_are_registered() {
    let slices = Some(vec![slice(&["10.0.1.7", "192.0.2.1", "not-an-address"])]);
    let (said, mut story) = with_service(service("own", 30_090), slices, "ip");
    assert_told(
        &said,
        "target-type",
        &["have addresses outside vpc-1", "as targets: 192.0.2.1, not-an-address"],
    );
    let load_balancer = story.serving("good");
    let groups = story.target_groups_of(&load_balancer);
    let targets: Vec<&str> = groups
        .iter()
        .filter(|group| group.port == Some(80))
        .flat_map(|group| group.targets.iter().map(|target| target.id.as_str()))
        .collect();
    assert_eq!(targets, ["10.0.1.7"]);
}
