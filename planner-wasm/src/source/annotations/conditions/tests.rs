use albatross_contract::{HeaderMatch, QueryMatch, RuleCondition, TextMatch};

use super::{Conditions, is_host, is_path, read};

fn values(values: &[&str]) -> TextMatch {
    TextMatch { values: owned(values), regular_expressions: Vec::new() }
}

fn expressions(values: &[&str]) -> TextMatch {
    TextMatch { values: Vec::new(), regular_expressions: owned(values) }
}

fn owned(values: &[&str]) -> Vec<String> {
    values.iter().map(|value| (*value).to_owned()).collect()
}

fn others(text: &str) -> Vec<RuleCondition> {
    read(text).unwrap().others
}

#[test]
fn every_field_is_read() {
    let text = r#"[
        {"field":"host-header","hostHeaderConfig":{"values":["anno.example.com"]}},
        {"field":"path-pattern","pathPatternConfig":{"values":["/anno/path2"]}},
        {"field":"path-pattern","pathPatternConfig":{"regexValues":["^/api/?(.*)$"]}},
        {"field":"http-header","httpHeaderConfig":{"httpHeaderName":"HeaderName","values":["a","b"]}},
        {"field":"http-request-method","httpRequestMethodConfig":{"Values":["GET","HEAD"]}},
        {"field":"query-string","queryStringConfig":{"values":[{"key":"paramA","value":"valueA1"},{"value":"x"}]}},
        {"field":"source-ip","sourceIpConfig":{"values":["192.168.0.0/16"]}}]"#;
    let read = read(text).unwrap();
    let pair =
        |key: Option<&str>, value: &str| QueryMatch { key: key.map(str::to_owned), value: value.to_owned() };
    let header = HeaderMatch { name: "HeaderName".into(), value: values(&["a", "b"]) };
    assert_eq!(
        read,
        Conditions {
            hosts: values(&["anno.example.com"]),
            paths: TextMatch {
                values: owned(&["/anno/path2"]),
                regular_expressions: owned(&["^/api/?(.*)$"])
            },
            others: vec![
                RuleCondition::HttpHeader(header),
                RuleCondition::HttpRequestMethod(owned(&["GET", "HEAD"])),
                RuleCondition::QueryString(vec![pair(Some("paramA"), "valueA1"), pair(None, "x")]),
                RuleCondition::SourceIp(owned(&["192.168.0.0/16"])),
            ],
        }
    );
    let header = r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"User-Agent","regexValues":[".+Chrome.+"]}}]"#;
    let expected = HeaderMatch { name: "User-Agent".into(), value: expressions(&[".+Chrome.+"]) };
    assert_eq!(others(header), [RuleCondition::HttpHeader(expected)]);
}

#[test]
fn two_conditions_on_headers_or_queries_must_both_hold() {
    let query = r#"{"field":"query-string","queryStringConfig":{"values":[{"key":"a","value":"b"}]}}"#;
    assert_eq!(others(&format!("[{query},{query}]")).len(), 2);
}

#[test]
fn an_invalid_condition_is_reported_with_the_field() {
    let method = r#"{"field":"http-request-method","httpRequestMethodConfig":{"values":["GET"]}}"#;
    for (text, field, message) in [
        ("[]".to_owned(), "", "is an empty list, expected a list of conditions"),
        (
            r#"[{"field":"host"}]"#.into(),
            "[0].field",
            "is \"host\", expected host-header, path-pattern, http-header, http-request-method, query-string or source-ip",
        ),
        (r#"[{"field":"source-ip"}]"#.into(), "[0].sourceIPConfig", "is missing"),
        (
            r#"[{"field":"source-ip","sourceIpConfig":{"values":["10.0.0.1"]}}]"#.into(),
            "[0].sourceIPConfig.values[0]",
            "is \"10.0.0.1\", expected an address block such as 10.0.0.0/8",
        ),
        (
            r#"[{"field":"source-ip","sourceIpConfig":{"values":"10.0.0.0/8"}}]"#.into(),
            "[0].sourceIPConfig.values",
            "is \"10.0.0.0/8\", expected a list of texts, each an address block such as 10.0.0.0/8",
        ),
        (
            format!("[{method},{method}]"),
            "[1]",
            "is the second condition of its field, expected at most one",
        ),
        (
            r#"[{"field":"http-request-method","httpRequestMethodConfig":{"values":["get"]}}]"#.into(),
            "[0].httpRequestMethodConfig.values[0]",
            "is \"get\", expected a method such as GET: up to 40 upper-case letters, hyphens and underscores",
        ),
        (
            r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"Host","values":["a"]}}]"#.into(),
            "[0].httpHeaderConfig.httpHeaderName",
            "is \"Host\", expected the name of a header of up to 40 characters, other than Host",
        ),
        (
            r#"[{"field":"http-header","httpHeaderConfig":{"httpHeaderName":"a","values":["a"],"regexValues":["a"]}}]"#
                .into(),
            "[0].httpHeaderConfig",
            "has values and regexValues, expected one of them",
        ),
        (
            r#"[{"field":"path-pattern","pathPatternConfig":{}}]"#.into(),
            "[0].pathPatternConfig",
            "has neither values nor regexValues",
        ),
        (
            r#"[{"field":"path-pattern","pathPatternConfig":{"regexValues":["(a"]}}]"#.into(),
            "[0].pathPatternConfig.regexValues",
            "\"(a\" has a ( without a )",
        ),
        (
            r#"[{"field":"query-string","queryStringConfig":{"values":[{"key":"a"}]}}]"#.into(),
            "[0].queryStringConfig.values[0].value",
            "is missing",
        ),
        (
            r#"[{"field":"query-string","queryStringConfig":{"values":[{"value":"a","Name":"b"}]}}]"#.into(),
            "[0].queryStringConfig.values[0].Name",
            "is not a known field, expected key, value",
        ),
    ] {
        let told = read(&text).unwrap_err();
        assert_eq!((told.field.as_str(), told.message.as_str()), (field, message), "{text}");
    }
}

#[test]
fn hosts_and_paths_have_the_alphabet_of_listener_rules() {
    for (text, good) in
        [("a.org", true), ("*.a.org", true), ("a_b.org", true), ("localhost", false), ("a.o1", false)]
    {
        assert_eq!(is_host(text), good, "{text}");
    }
    for (text, good) in [("/a*", true), ("*.php", true), ("/a%20b", false), ("", false)] {
        assert_eq!(is_path(text), good, "{text}");
    }
}
