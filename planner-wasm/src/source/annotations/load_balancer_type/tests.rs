use albatross_contract::{LoadBalancerKind, NetworkSettings, ObjectKind, Scheme};

use super::{SECURITY_GROUP, TYPE, WEB_ACL, contradiction, kind};
use crate::{
    identity::tag,
    kind::Kind,
    source::{ObjectName, Wish, annotations::Reader},
    testing,
};

const PUBLIC: Wish<Scheme> = Wish::Default(Scheme::InternetFacing);
const INTERNAL: Wish<Scheme> = Wish::Own(Scheme::Internal);

/// The kind that an object asks for, if the settings have a default kind and name some security groups.
fn asked(
    annotations: &[(&str, &str)],
    scheme: Wish<Scheme>,
    default: Option<LoadBalancerKind>,
    groups: &[&str],
) -> Wish<Kind> {
    let annotations: Vec<_> = annotations.iter().map(|(key, value)| tag(key, value)).collect();
    let mut settings = testing::settings();
    settings.proxy.default_kind = default;
    let security_groups = groups.iter().map(|id| (*id).to_owned()).collect();
    settings.proxy.network = Some(NetworkSettings { security_groups, ..NetworkSettings::default() });
    kind(&mut Reader::new(&annotations), scheme, &settings)
}

#[test]
fn an_annotation_decides_whatever_the_default_and_the_scheme() {
    for default in [None, Some(LoadBalancerKind::Application), Some(LoadBalancerKind::Network)] {
        for scheme in [PUBLIC, INTERNAL, Wish::Unreadable] {
            assert_eq!(asked(&[(TYPE, "alb")], scheme, default, &[]), Wish::Own(Kind::APPLICATION));
            assert_eq!(asked(&[(TYPE, "nlb")], scheme, default, &[]), Wish::Own(Kind::network(false)));
            assert_eq!(asked(&[(TYPE, "elb")], scheme, default, &[]), Wish::Unreadable);
        }
    }
}

#[test]
fn a_network_load_balancer_has_security_groups_only_where_somebody_names_some() {
    let with = Wish::Own(Kind::network(true));
    assert_eq!(asked(&[(TYPE, "nlb"), (SECURITY_GROUP, "sg-1")], PUBLIC, None, &[]), with);
    assert_eq!(asked(&[(TYPE, "nlb")], PUBLIC, None, &["sg-1"]), with);
    let network = Some(LoadBalancerKind::Network);
    assert_eq!(asked(&[], PUBLIC, network, &["sg-1"]), Wish::Default(Kind::network(true)));
}

#[test]
fn the_default_counts_only_for_what_a_network_load_balancer_can_do() {
    let network = Some(LoadBalancerKind::Network);
    let application = Wish::Default(Kind::APPLICATION);
    assert_eq!(asked(&[], PUBLIC, network, &[]), Wish::Default(Kind::network(false)));
    assert_eq!(asked(&[], PUBLIC, None, &[]), application);
    assert_eq!(asked(&[], INTERNAL, network, &[]), application);
    assert_eq!(asked(&[(SECURITY_GROUP, "sg-1")], PUBLIC, network, &[]), application);
    assert_eq!(asked(&[(WEB_ACL, "arn:a")], PUBLIC, network, &[]), application);
    assert_eq!(asked(&[(WEB_ACL, " ")], PUBLIC, network, &[]), Wish::Default(Kind::network(false)));
    assert_eq!(asked(&[], Wish::Unreadable, network, &[]), Wish::Unreadable, "it may ask for internal");
}

#[test]
fn a_web_acl_contradicts_a_network_load_balancer() {
    let told = |value: &str, arn: &str| {
        let annotations = [tag(TYPE, value), tag(WEB_ACL, arn)];
        let object = ObjectName { namespace: "shop", name: "x", kind: ObjectKind::Ingress };
        contradiction(&Reader::new(&annotations), object).map(|it| it.remedy.unwrap_or_default())
    };
    let remedy = "remove zalando.org/aws-waf-web-acl-id, or set zalando.org/aws-load-balancer-type to alb";
    assert_eq!(told("nlb", "arn:a").as_deref(), Some(remedy));
    assert_eq!((told("alb", "arn:a"), told("nlb", " ")), (None, None));
}
