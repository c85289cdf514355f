//! Certificates of an HTTPS listener.

use albatross_contract::{Listener, ListenerCertificate, ModifyListener, Operation, Protocol};

use crate::shop::{FIRST, SECOND, Shop, THIRD, at};

fn add(shop: &mut Shop, certificate: &str) {
    let input = ListenerCertificate { listener: at(&shop.https), certificate: certificate.to_owned() };
    shop.run(&Operation::AddListenerCertificate(input));
}

fn remove(shop: &mut Shop, certificate: &str) {
    let input = ListenerCertificate { listener: at(&shop.https), certificate: certificate.to_owned() };
    shop.run(&Operation::RemoveListenerCertificate(input));
}

fn make_default(shop: &mut Shop, certificate: &str) {
    let input = ModifyListener {
        listener: at(&shop.https),
        protocol: None,
        default_certificate: Some(certificate.to_owned()),
        ssl_policy: None,
        default_actions: Vec::new(),
    };
    shop.run(&Operation::ModifyListener(input));
}

fn https(shop: &mut Shop) -> Listener {
    let arn = shop.https.clone();
    shop.load_balancer().listeners.iter().find(|it| it.arn == arn).expect("it is there").clone()
}

#[test]
fn an_https_listener_gets_a_tls_policy_when_none_is_named_and_an_http_listener_has_none() {
    let mut shop = Shop::open();
    let policies: Vec<_> = shop.load_balancer().listeners.iter().map(|it| it.ssl_policy.clone()).collect();
    assert_eq!(policies, [None, Some("ELBSecurityPolicy-2016-08".to_owned())]);
}

#[test]
fn a_certificate_that_is_already_on_the_listener_is_not_added_again() {
    let mut shop = Shop::open();
    add(&mut shop, SECOND);
    add(&mut shop, SECOND);
    assert_eq!(https(&mut shop).certificates, [SECOND]);
}

#[test]
fn a_certificate_that_is_already_on_the_listener_can_be_added_at_the_quota() {
    let mut shop = Shop::open();
    shop.cloud.inventory_mut().quotas.certificates_per_load_balancer = 1;
    add(&mut shop, SECOND);
    add(&mut shop, SECOND);
    assert_eq!(https(&mut shop).certificates, [SECOND]);
}

#[test]
fn removing_a_certificate_that_is_not_on_the_listener_succeeds() {
    let mut shop = Shop::open();
    add(&mut shop, SECOND);
    remove(&mut shop, THIRD);
    assert_eq!(https(&mut shop).certificates, [SECOND]);
    remove(&mut shop, SECOND);
    assert!(https(&mut shop).certificates.is_empty());
}

#[test]
fn a_new_default_certificate_drops_the_old_one() {
    let mut shop = Shop::open();
    make_default(&mut shop, SECOND);
    let listener = https(&mut shop);
    assert_eq!(listener.default_certificate.as_deref(), Some(SECOND));
    assert!(listener.certificates.is_empty());
}

#[test]
fn an_old_default_certificate_stays_when_it_was_in_the_list_as_well() {
    let mut shop = Shop::open();
    add(&mut shop, FIRST);
    make_default(&mut shop, SECOND);
    let listener = https(&mut shop);
    assert_eq!(listener.default_certificate.as_deref(), Some(SECOND));
    assert_eq!(listener.certificates, [FIRST]);
}

#[test]
fn the_default_certificate_does_not_count_against_the_quota() {
    let mut shop = Shop::open();
    shop.cloud.inventory_mut().quotas.certificates_per_load_balancer = 2;
    add(&mut shop, SECOND);
    add(&mut shop, THIRD);
    assert_eq!(https(&mut shop).certificates.len(), 2);
}

#[test]
fn modifying_one_setting_of_a_listener_keeps_the_others() {
    let mut shop = Shop::open();
    add(&mut shop, SECOND);
    let before = https(&mut shop);
    let policy = "ELBSecurityPolicy-TLS13-1-2-2021-06";
    shop.run(&Operation::ModifyListener(ModifyListener {
        listener: at(&before.arn),
        protocol: None,
        default_certificate: None,
        ssl_policy: Some(policy.to_owned()),
        default_actions: Vec::new(),
    }));
    assert_eq!(https(&mut shop), Listener { ssl_policy: Some(policy.to_owned()), ..before });
}

#[test]
fn a_change_to_http_removes_certificates_and_policy_and_a_change_to_https_needs_a_certificate() {
    let mut shop = Shop::open();
    add(&mut shop, SECOND);
    let before = https(&mut shop);
    let change = |protocol, default_certificate| {
        Operation::ModifyListener(ModifyListener {
            listener: at(&before.arn),
            protocol: Some(protocol),
            default_certificate,
            ssl_policy: None,
            default_actions: Vec::new(),
        })
    };
    shop.run(&change(Protocol::Http, None));
    let mut listeners = shop.load_balancer().listeners.iter();
    let of_http = listeners.find(|it| it.arn == before.arn).unwrap().clone();
    assert_eq!((of_http.protocol, of_http.ssl_policy), (Protocol::Http, None));
    assert_eq!((of_http.default_certificate, of_http.certificates.len()), (None, 0));
    assert_eq!(of_http.rules, before.rules);

    assert!(shop.cloud.execute(&change(Protocol::Https, None)).is_err());
    shop.run(&change(Protocol::Https, Some(SECOND.to_owned())));
    assert_eq!(https(&mut shop).default_certificate.as_deref(), Some(SECOND));
}
