use albatross_contract::IpAddressType;

use super::{HTTP2, KNOWN, SSL_POLICY, WEB_ACL, wishes};
use crate::{
    identity::tag,
    source::{LoadBalancerWishes, annotations::Reader},
    testing,
};

const ADDRESS_TYPE: &str = "alb.ingress.kubernetes.io/ip-address-type";
const CURRENT: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// What a value of an annotation asks for, and what was expected instead.
fn read(annotation: &str, value: &str, look: impl FnOnce(LoadBalancerWishes<'_>)) -> Vec<String> {
    let annotations = [tag(annotation, value)];
    let mut reader = Reader::new(&annotations);
    look(wishes(&mut reader, &testing::inventory(), &testing::settings()));
    reader.unreadable.iter().map(|it| it.expected.to_string()).collect()
}

fn asks_for_nothing(annotation: &str, value: &str) -> Vec<String> {
    read(annotation, value, |it| assert_eq!(it, LoadBalancerWishes::default(), "{annotation} = {value}"))
}

#[test]
fn each_annotation_asks_for_a_property() {
    let told = [
        read(SSL_POLICY, CURRENT, |it| assert_eq!(it.ssl_policy, Some(CURRENT))),
        read(HTTP2, "false", |it| assert_eq!(it.attributes["routing.http2.enabled"], "false")),
        read(ADDRESS_TYPE, "dualstack", |it| assert_eq!(it.ip_address_type, Some(IpAddressType::Dualstack))),
    ];
    assert!(told.iter().all(Vec::is_empty), "{told:?}");
    let region = testing::inventory().region;
    let arn = format!("arn:aws:wafv2:{region}:123456789012:regional/webacl/shop/1a2b");
    assert!(read(WEB_ACL, &arn, |it| assert_eq!(it.web_acl, Some(arn.as_str()))).is_empty());
    let gov = format!("arn:aws-us-gov:wafv2:{region}:123456789012:regional/webacl/shop/1a2b");
    assert!(read(WEB_ACL, &gov, |it| assert_eq!(it.web_acl, Some(gov.as_str()))).is_empty());
}

#[test]
fn the_value_that_all_load_balancers_have_is_no_wish() {
    for (annotation, value) in [(HTTP2, "true"), (ADDRESS_TYPE, "ipv4"), (WEB_ACL, " ")] {
        assert!(asks_for_nothing(annotation, value).is_empty(), "{annotation} = {value}");
    }
    let annotations = [tag(SSL_POLICY, CURRENT)];
    let mut settings = testing::settings();
    settings.ssl_policy = Some(CURRENT.into());
    let asked = wishes(&mut Reader::new(&annotations), &testing::inventory(), &settings);
    assert_eq!(asked, LoadBalancerWishes::default());
}

#[test]
fn an_invalid_value_is_never_taken_for_the_default() {
    for (annotation, value, expected) in [
        (
            SSL_POLICY,
            "ELBSecurityPolicy-2016-80",
            "the name of a TLS policy of AWS, such as ELBSecurityPolicy-2016-08",
        ),
        (SSL_POLICY, "", "the name of a TLS policy of AWS, such as ELBSecurityPolicy-TLS13-1-2-Res-2021-06"),
        (HTTP2, "off", "true or false"),
        (ADDRESS_TYPE, "ipv6", "ipv4 or dualstack"),
    ] {
        assert_eq!(asks_for_nothing(annotation, value), [expected], "{annotation} = {value}");
    }
    for (value, part) in [
        ("1a2b3c4d-0000-4000-8000-000000000000", "AWS has shut down AWS WAF Classic"),
        ("arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/1a2b", "in this region"),
    ] {
        let told = asks_for_nothing(WEB_ACL, value);
        assert!(told.len() == 1 && told[0].contains(part), "{told:?}");
    }
    assert!(KNOWN.iter().all(|key| key.starts_with("zalando.org/aws-")));
}
