//! Which answers of policies can be used.

use albatross_contract::{
    Certificate, CertificateAnswer, CertificateChoice, CertificateInput, CertificateKind, CertificateStatus,
    GroupingAnswer, MemberGroup, Scheme, SubnetAnswer, SubnetCandidate, SubnetInput,
};
use albatross_engine::{AnswerError, check};

use crate::support::members;

fn groups(keys: &[&str]) -> Result<(), AnswerError> {
    let groups = (0..).zip(keys).map(|(member, key)| MemberGroup {
        key: (*key).to_owned(),
        members: vec![member],
        reason: "because".to_owned(),
    });
    check::grouping(
        &members(&["shop", "tools", "wiki"][..keys.len()]),
        &GroupingAnswer { groups: groups.collect(), rejected: Vec::new(), by_default: Vec::new() },
    )
}

#[test]
fn a_key_is_what_the_value_of_an_aws_tag_can_be() {
    for key in ["a", "team shop/blue_1.2:3=4+5-6@7", &"k".repeat(128)] {
        assert_eq!(groups(&[key]), Ok(()), "{key:?}");
    }
    // A circled letter is a letter for Rust, and a symbol for AWS.
    for key in [
        " a",
        "a ",
        " ",
        "a\nb",
        "a\tb",
        "a\u{1b}[31m",
        "a,b",
        "a#b",
        "aws:team",
        "AWS:team",
        "\u{7f}",
        "équipe",
        "\u{24b6}",
    ] {
        assert_eq!(groups(&[key]), Err(AnswerError::KeyUnprintable { key: key.to_owned() }), "{key:?}");
    }
}

#[test]
fn a_key_has_1_to_128_characters() {
    assert_eq!(groups(&[""]), Err(AnswerError::KeyLength { group: 0, length: 0 }));
    assert_eq!(groups(&["a", &"k".repeat(129)]), Err(AnswerError::KeyLength { group: 1, length: 129 }));
}

#[test]
fn a_key_belongs_to_one_group() {
    assert_eq!(groups(&["a", "b", "a"]), Err(AnswerError::KeyTwice { key: "a".to_owned() }));
}

#[test]
fn a_reason_can_be_shown_on_a_terminal_and_in_an_event() {
    let answer = |reason: String| GroupingAnswer {
        groups: vec![MemberGroup { key: "a".to_owned(), members: vec![0], reason }],
        rejected: Vec::new(),
        by_default: Vec::new(),
    };
    let input = members(&["shop"]);
    assert_eq!(check::grouping(&input, &answer("r".repeat(1_024))), Ok(()));
    for reason in ["r".repeat(1_025), "two\nlines".to_owned(), "\u{1b}[2J".to_owned()] {
        assert_eq!(
            check::grouping(&input, &answer(reason)),
            Err(AnswerError::ReasonUnprintable { what: "group \"a\"".to_owned() })
        );
    }
}

#[test]
fn a_member_may_be_rejected_or_left_to_the_planner_and_no_group_is_empty() {
    let answer = GroupingAnswer {
        groups: vec![MemberGroup { key: "a".to_owned(), members: vec![1], reason: String::new() }],
        rejected: vec![albatross_contract::MemberRejection { member: 0, reason: "no team".to_owned() }],
        by_default: vec![2],
    };
    assert_eq!(check::grouping(&members(&["shop", "tools", "wiki"]), &answer), Ok(()));
    let mut empty = answer.clone();
    empty.groups.push(MemberGroup { key: "b".to_owned(), members: Vec::new(), reason: String::new() });
    assert_eq!(
        check::grouping(&members(&["shop", "tools", "wiki"]), &empty),
        Err(AnswerError::GroupEmpty { key: "b".to_owned() })
    );
    let twice = GroupingAnswer { by_default: vec![0, 2], ..answer };
    assert!(matches!(
        check::grouping(&members(&["shop", "tools", "wiki"]), &twice),
        Err(AnswerError::MemberTwice { .. })
    ));
}

fn subnets(chosen: &[u32]) -> Result<(), AnswerError> {
    let candidate = |id: &str, zone: &str| SubnetCandidate {
        id: id.to_owned(),
        zone: zone.to_owned(),
        public: true,
        ipv6: false,
        free_addresses: 200,
        tags: Vec::new(),
    };
    let input = SubnetInput {
        settings: String::new(),
        scheme: Scheme::InternetFacing,
        candidates: vec![
            candidate("subnet-1", "eu-central-1a"),
            candidate("subnet-2", "eu-central-1b"),
            candidate("subnet-3", "eu-central-1a"),
        ],
        by_default: Vec::new(),
    };
    check::subnets(&input, &SubnetAnswer { subnets: chosen.to_vec(), reason: String::new() })
}

#[test]
fn a_load_balancer_gets_one_subnet_in_each_zone() {
    assert_eq!(subnets(&[0, 1]), Ok(()));
    assert_eq!(subnets(&[]), Ok(()), "that these are too few is the planner's to say");
    assert_eq!(
        subnets(&[1, 2, 0]).unwrap_err().to_string(),
        "subnet-3 and subnet-1 are both in zone eu-central-1a: a load balancer has one subnet in each zone"
    );
}

#[test]
fn a_subnet_is_chosen_once() {
    assert_eq!(subnets(&[1, 1]), Err(AnswerError::SubnetTwice { subnet: "subnet-2".to_owned() }));
}

#[test]
fn a_subnet_that_is_no_candidate_cannot_be_chosen() {
    for index in [3, u32::MAX] {
        assert_eq!(subnets(&[index]), Err(AnswerError::OutOfRange { what: "subnet", index, count: 3 }));
    }
}

fn certificate(name: &str) -> Certificate {
    Certificate {
        arn: format!("arn:aws:acm:eu-central-1:123456789012:certificate/{name}"),
        kind: CertificateKind::AmazonIssued,
        names: vec!["other.example.net".to_owned(), name.to_owned()],
        not_before: None,
        not_after: None,
        key_algorithm: "RSA_2048".to_owned(),
        status: CertificateStatus::Issued,
        publicly_trusted: Some(true),
        tags: Vec::new(),
    }
}

fn choose(hosts: &[&str], certificates: &[&str], choices: &[(u32, u32)]) -> Result<(), AnswerError> {
    let input = CertificateInput {
        settings: String::new(),
        time: 0,
        hosts: hosts.iter().map(|host| (*host).to_owned()).collect(),
        certificates: certificates.iter().map(|name| certificate(name)).collect(),
        by_default: Vec::new(),
    };
    let choices = choices
        .iter()
        .map(|(host, certificate)| CertificateChoice {
            host: *host,
            certificate: *certificate,
            reason: String::new(),
        })
        .collect();
    check::certificates(&input, &CertificateAnswer { choices })
}

#[test]
fn a_certificate_covers_its_own_name_and_a_wildcard_exactly_one_label() {
    let covers = |name: &str, host: &str| choose(&[host], &[name], &[(0, 0)]).is_ok();
    assert!(covers("shop.example.org", "shop.example.org"));
    assert!(covers("Shop.Example.org", "shop.example.ORG"), "case does not count");
    assert!(covers("*.example.org", "shop.example.org"));
    assert!(covers("*.example.org", "*.example.org"), "a wildcard host needs that very name");

    assert!(!covers("shop.example.org", "checkout.example.org"));
    assert!(!covers("*.example.org", "a.shop.example.org"), "two labels");
    assert!(!covers("*.example.org", "example.org"), "no label");
    assert!(!covers("*.example.org", ".example.org"), "an empty label");
    assert!(!covers("*.example.org", "*.shop.example.org"));
    assert!(!covers("shop.example.org", "*.example.org"));
    assert!(!covers("*.org", "*.org.example"));
}

#[test]
fn a_certificate_that_does_not_cover_the_host_is_named() {
    assert_eq!(
        choose(&["shop.example.org"], &["wiki.example.org"], &[(0, 0)]).unwrap_err().to_string(),
        "arn:aws:acm:eu-central-1:123456789012:certificate/wiki.example.org does not cover shop.example.org"
    );
}

#[test]
fn a_host_gets_one_certificate_or_none() {
    let (hosts, certificates) =
        (["shop.example.org", "wiki.example.org"], ["*.example.org", "shop.example.org"]);
    assert_eq!(choose(&hosts, &certificates, &[(1, 0)]), Ok(()), "a host that is left out has none");
    assert_eq!(
        choose(&hosts, &certificates, &[(0, 0), (0, 1)]),
        Err(AnswerError::HostTwice { host: "shop.example.org".to_owned() })
    );
}

#[test]
fn a_host_or_certificate_that_was_not_asked_about_cannot_be_chosen() {
    let error = choose(&["shop.example.org"], &["*.example.org"], &[(1, 0)]);
    assert_eq!(error, Err(AnswerError::OutOfRange { what: "host", index: 1, count: 1 }));
    let error = choose(&["shop.example.org"], &["*.example.org"], &[(0, 1)]);
    assert_eq!(error, Err(AnswerError::OutOfRange { what: "certificate", index: 1, count: 1 }));
}
