use std::borrow::Cow;

use albatross_contract::{FixedResponseAction, RedirectAction, ServicePortReference};

use super::{Action, read};
use crate::source::{Backend, BackendReference, Filter, InvalidBackend};

fn service(name: &str, port: ServicePortReference, weight: u16) -> Backend<'static> {
    let (name, port) = (Cow::Owned(name.to_owned()), Cow::Owned(port));
    Backend { to: BackendReference::Service { name, port }, weight }
}

fn group(name: &str, weight: u16) -> Backend<'static> {
    let reason = format!("Albatross forwards only to Services, not to the existing target group {name}");
    let invalid = InvalidBackend::new(reason, "use serviceName and servicePort");
    Backend { to: BackendReference::Invalid(invalid), weight }
}

fn forward(backends: Vec<Backend<'static>>, stickiness: Option<u32>) -> Action {
    Action { filter: None, backends, stickiness }
}

#[test]
fn a_weighted_forward_action_is_read_in_both_spellings() {
    let (number, name) = (ServicePortReference::Number, ServicePortReference::Name);
    let read_both = |text: &str| (read(text).unwrap(), read(&text.replace("\"t", "\"T")).unwrap());
    let text = r#"{"type":"forward","forwardConfig":{"targetGroups":[
        {"serviceName":"a","servicePort":"http","weight":20},{"serviceName":"b","servicePort":80,"weight":20},
        {"serviceName":"c","servicePort":"8080","weight":0},{"targetGroupARN":"arn:x","weight":60},
        {"targetGroupName":"x","weight":80}],
        "targetGroupStickinessConfig":{"Enabled":true,"DurationSeconds":200}}}"#;
    let expected = forward(
        vec![
            service("a", name("http".into()), 20),
            service("b", number(80), 20),
            service("c", number(8080), 0),
            group("arn:x", 60),
            group("x", 80),
        ],
        Some(200),
    );
    assert_eq!(read_both(text), (expected.clone(), expected));
    let one = r#"{"type":"forward","forwardConfig":{"targetGroups":[{"serviceName":"a","servicePort":80}],
        "targetGroupStickinessConfig":{"enabled":false}}}"#;
    assert_eq!(read(one), Ok(forward(vec![service("a", number(80), 1)], None)));
    let simple = r#"{"type":"forward","targetGroupARN":"arn:x"}"#;
    assert_eq!(read(simple), Ok(forward(vec![group("arn:x", 1)], None)));
}

#[test]
fn absent_parts_of_a_redirect_stay_as_the_request_has_them() {
    let text =
        r#"{"Type":"redirect","RedirectConfig":{"Protocol":"HTTPS","Port":"443","StatusCode":"HTTP_301"}}"#;
    let redirect = RedirectAction {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: "443".into(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        status_code: 301,
    };
    assert_eq!(read(text).unwrap().filter, Some(Filter::Redirect(redirect)));
}

#[test]
fn a_fixed_response_has_a_code_and_may_have_a_type_and_a_body() {
    let read = |config: &str| read(&format!(r#"{{"type":"fixed-response","fixedResponseConfig":{config}}}"#));
    let response = |status_code, content_type: Option<&str>, message_body: Option<&str>| {
        let (content_type, message_body) = (content_type.map(str::to_owned), message_body.map(str::to_owned));
        Some(Filter::Respond(FixedResponseAction { status_code, content_type, message_body }))
    };
    let full = r#"{"contentType":"text/html","statusCode":"503","messageBody":"closed"}"#;
    assert_eq!(read(full).unwrap().filter, response(503, Some("text/html"), Some("closed")));
    let short = r#"{"statusCode":"404","messageBody":""}"#;
    assert_eq!(read(short).unwrap().filter, response(404, None, None));
}

#[test]
fn an_invalid_action_is_reported_with_the_field() {
    let of_group = |group: &str| {
        let two = r#"{"serviceName":"b","servicePort":80,"weight":1}"#;
        format!(r#"{{"type":"forward","forwardConfig":{{"targetGroups":[{group},{two}]}}}}"#)
    };
    let first = "forwardConfig.targetGroups[0]";
    for (text, field, message) in [
        ("".into(), "", "is not JSON at line 1, column 0: EOF while parsing a value"),
        ("[]".into(), "", "is an empty list, expected an object"),
        (r#"{"redirectConfig":{}}"#.into(), "type", "is missing"),
        (
            r#"{"type":"Redirect"}"#.into(),
            "type",
            "is \"Redirect\", expected forward, redirect or fixed-response",
        ),
        (r#"{"type":"forward"}"#.into(), "forwardConfig", "is missing"),
        (
            r#"{"type":"forward","targetGroupARN":"a","redirectConfig":{}}"#.into(),
            "redirectConfig",
            "is not a known field, expected type, targetGroupARN, targetGroupName, forwardConfig",
        ),
        (
            r#"{"type":"forward","targetGroupARN":"a","forwardConfig":{}}"#.into(),
            "forwardConfig",
            "is given together with a target group, expected one of them",
        ),
        (
            of_group(r#"{"serviceName":"a","servicePort":80}"#),
            first,
            "has no weight, which each of several target groups needs",
        ),
        (
            of_group(r#"{"serviceName":"a","weight":1}"#),
            "forwardConfig.targetGroups[0].servicePort",
            "is missing",
        ),
        (
            of_group(r#"{"serviceName":"a","servicePort":80,"weight":1000}"#),
            "forwardConfig.targetGroups[0].weight",
            "is 1000, expected a number from 0 to 999",
        ),
        (
            of_group(r#"{"serviceName":"a","servicePort":true,"weight":1}"#),
            "forwardConfig.targetGroups[0].servicePort",
            "is true, expected a number from 1 to 65535, or the name of a port",
        ),
        (
            of_group(r#"{"serviceName":"a","targetGroupName":"x","servicePort":80,"weight":1}"#),
            "forwardConfig.targetGroups[0].serviceName",
            "is given together with a target group, expected one of them",
        ),
        (of_group(r#"{"weight":1}"#), first, "has no serviceName, targetGroupARN or targetGroupName"),
        (
            r#"{"type":"forward","forwardConfig":{"targetGroups":[{"targetGroupName":"x"}],
                "targetGroupStickinessConfig":{"enabled":true}}}"#
                .into(),
            "forwardConfig.targetGroupStickinessConfig.durationSeconds",
            "is missing",
        ),
        (
            r#"{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301","query":"a=b"}}"#.into(),
            "redirectConfig",
            "changes neither protocol, host, port nor path, so it redirects to itself",
        ),
        (
            r#"{"type":"redirect","redirectConfig":{"statusCode":301,"port":"443"}}"#.into(),
            "redirectConfig.statusCode",
            "is 301, expected HTTP_301 or HTTP_302",
        ),
        (
            r#"{"type":"redirect","redirectConfig":{"statusCode":"HTTP_301","port":443}}"#.into(),
            "redirectConfig.port",
            "is 443, expected a text such as \"443\", from 1 to 65535, or #{port}",
        ),
        (
            r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"301"}}"#.into(),
            "fixedResponseConfig.statusCode",
            "is \"301\", expected a text such as \"404\": 2XX, 4XX or 5XX",
        ),
        (
            r#"{"type":"fixed-response","fixedResponseConfig":{"statusCode":"404","contentType":"text"}}"#
                .into(),
            "fixedResponseConfig.contentType",
            "is \"text\", expected one of text/plain, text/css, text/html, application/javascript, application/json",
        ),
    ] as [(String, &str, &str); 19]
    {
        let told = read(&text).unwrap_err();
        assert_eq!((told.field.as_str(), told.message.as_str()), (field, message), "{text}");
    }
}
