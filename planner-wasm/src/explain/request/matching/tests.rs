use albatross_contract::{
    HeaderMatch, HttpRequest, IpAddressType, QueryMatch, RuleCondition, Tag, TextMatch,
};

use super::{Verdict, holds};

/// A request without headers and client address.
pub fn get(url: &str) -> HttpRequest {
    let (scheme, rest) = url.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    HttpRequest {
        method: "GET".into(),
        scheme: scheme.into(),
        host: host.into(),
        port: if scheme == "https" { 443 } else { 80 },
        path: format!("/{path}"),
        query: query.map(str::to_owned),
        headers: Vec::new(),
        source_address: None,
    }
}

/// One of these patterns.
pub fn text(values: &[&str]) -> TextMatch {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    TextMatch { values, regular_expressions: Vec::new() }
}

#[test]
fn every_kind_of_condition_is_compared_as_aws_does() {
    let mut request = get("https://shop.example.org/Cart?Page=2");
    request.headers.push(Tag { key: "X-Canary".into(), value: "Yes".into() });
    request.source_address = Some("10.1.2.3".into());
    let query = |key: Option<&str>, value: &str| {
        RuleCondition::QueryString(vec![QueryMatch { key: key.map(str::to_owned), value: value.to_owned() }])
    };
    let header = |name: &str, value: &str| {
        RuleCondition::HttpHeader(HeaderMatch { name: name.into(), value: text(&[value]) })
    };
    for (condition, expected) in [
        (RuleCondition::HostHeader(text(&["*.EXAMPLE.org"])), true),
        (RuleCondition::HostHeader(text(&["s?op.example.org"])), true),
        (RuleCondition::PathPattern(text(&["/cart"])), false),
        (RuleCondition::PathPattern(text(&["/C*t"])), true),
        (header("x-canary", "y*"), true),
        (header("x-other", "*"), false),
        (query(Some("page"), "2"), true),
        (query(None, "2"), true),
        (query(Some("page"), "3"), false),
        (RuleCondition::SourceIp(vec!["10.0.0.0/8".into()]), true),
        (RuleCondition::SourceIp(vec!["10.2.0.0/16".into(), "2001:db8::/32".into()]), false),
        (RuleCondition::SourceIp(vec!["0.0.0.0/0".into()]), true),
        (RuleCondition::SourceIpAddressType(IpAddressType::Ipv4), true),
        (RuleCondition::SourceIpAddressType(IpAddressType::Ipv6), false),
        (RuleCondition::HttpRequestMethod(vec!["GET".into()]), true),
        (RuleCondition::HttpRequestMethod(vec!["get".into()]), false),
    ] {
        assert_eq!(holds(&request, &condition) == Verdict::Holds, expected, "{condition:?}");
    }
    assert_eq!(holds(&request, &header("X-Other", "*")), Verdict::Lacks("X-Other".into()));
    let blocks = RuleCondition::SourceIp(vec!["10.0.0.0/8".into()]);
    let without_address = HttpRequest { source_address: None, ..request.clone() };
    assert_eq!(holds(&without_address, &blocks), Verdict::Unknown("the source address"));
    request.source_address = Some("2001:db8::1".into());
    let blocks = RuleCondition::SourceIp(vec!["2001:db8::/32".into()]);
    assert_eq!(holds(&request, &blocks), Verdict::Holds);
}

#[test]
fn a_regular_expression_for_one_label_is_evaluated() {
    let one_label = RuleCondition::HostHeader(TextMatch {
        values: Vec::new(),
        regular_expressions: vec![r"^[^.]+\.example\.org$".into()],
    });
    for (url, expected) in [
        ("https://shop.example.org/", Verdict::Holds),
        ("https://a.b.example.org/", Verdict::Fails("the host")),
    ] {
        assert_eq!(holds(&get(url), &one_label), expected, "{url}");
    }
}
