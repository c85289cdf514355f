use albatross_contract::{Scheme, Settings, TenancyRule};

use super::*;

fn texts(all: &[&str]) -> Option<Vec<String>> {
    Some(all.iter().map(|text| (*text).to_owned()).collect())
}

fn with_hosts(hosts: &[&str]) -> TenancyRule {
    TenancyRule { class: "public".to_owned(), hosts: texts(hosts), ..TenancyRule::default() }
}

#[test]
fn a_pattern_covers_a_host_only_if_it_covers_all_that_the_host_matches() {
    for (pattern, host, expected) in [
        ("shop.example.org", "shop.example.org", true),
        ("shop.example.org", "Shop.Example.ORG", true),
        ("shop.example.org", "*.example.org", false),
        ("*.example.org", "shop.example.org", true),
        ("*.example.org", "a.shop.EXAMPLE.org", true),
        ("*.example.org", "*.example.org", true),
        ("*.example.org", "*.shop.example.org", true),
        ("*.shop.example.org", "*.example.org", false),
        ("*.example.org", "example.org", false),
        ("*.example.org", ".example.org", false),
        ("*.example.org", "badexample.org", false),
        ("*.example.org", "shop.example.org.evil.net", false),
        ("*.example.org", "*", false),
        ("*.example.org", "shop-?.example.org", true),
        ("*.example.org", "shop.example.*", false),
        ("*.example.org", "caf\u{e9}.example.org", true),
        ("*.xample.org", "\u{e9}.xample.org", true),
        ("*.example.org", EVERY_HOST, false),
        ("example.org", EVERY_HOST, false),
        ("*", EVERY_HOST, true),
        ("*", "*.anything", true),
    ] {
        let rule = with_hosts(&[pattern]);
        assert_eq!(Ruling::Rule(&rule, 1).allows_host(host), expected, "{pattern} for {host:?}");
    }
}

#[test]
fn a_regular_expression_is_allowed_only_where_every_host_is() {
    let allows =
        |hosts: &[&str], host: HostMatch<'_>| Ruling::Rule(&with_hosts(hosts), 1).allows_match(&host);
    let expression = || HostMatch::Expression("^shop\\.example\\.org$".into());
    assert!(!allows(&["*.example.org"], expression()) && allows(&["*"], expression()));
    assert!(allows(&["*.example.org"], HostMatch::Pattern("a*b.example.org".into())));
}

#[test]
fn the_first_rule_of_the_class_for_the_namespace_decides() {
    let rule = |class: &str, namespaces: &[&str]| TenancyRule {
        class: class.to_owned(),
        namespaces: texts(namespaces),
        ..TenancyRule::default()
    };
    let rules =
        vec![rule("public", &["team-b"]), rule("internal", &["*"]), rule("public", &["web-*", "team-b"])];
    let settings = Settings { tenancy: Some(rules), ..Settings::default() };
    let found = |class, namespace| match Ruling::of(&settings, class, namespace) {
        Ruling::Free => "free".to_owned(),
        Ruling::NoRule(..) => "none".to_owned(),
        Ruling::Rule(_, number) => number.to_string(),
    };
    for (class, namespace, expected) in [
        ("public", "team-b", "1"),
        ("public", "web-shop", "3"),
        ("public", "web", "none"),
        ("public", "team-a", "none"),
        ("internal", "team-a", "2"),
        ("", "team-a", "free"),
        ("other", "team-a", "free"),
    ] {
        assert_eq!(found(class, namespace), expected, "{class:?} in {namespace}");
    }
    assert!(matches!(Ruling::of(&Settings::default(), "public", "team-a"), Ruling::Free));
}

#[test]
fn one_allowed_scheme_is_the_default_and_two_are_none() {
    let only = |schemes: &[Scheme]| {
        let rule = TenancyRule { schemes: Some(schemes.to_vec()), ..TenancyRule::default() };
        Ruling::Rule(&rule, 1).only_scheme()
    };
    assert_eq!(only(&[Scheme::Internal]), Some(Scheme::Internal));
    assert_eq!(only(&[Scheme::Internal, Scheme::Internal]), Some(Scheme::Internal));
    assert_eq!(only(&[Scheme::Internal, Scheme::InternetFacing]), None);
    assert_eq!(Ruling::Rule(&TenancyRule::default(), 1).only_scheme(), None);
    assert_eq!(Ruling::Free.only_scheme(), None);
}
