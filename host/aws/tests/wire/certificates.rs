//! Certificates of every kind.

use std::time::Duration;

use albatross_aws::{Mentioned, Observer};
use albatross_contract::{Certificate, CertificateKind, CertificateStatus, Settings, Tag};
use albatross_test_servers::{Moto, MotoSettings};
use aws_sdk_acm::primitives::Blob;
use rcgen::{CertificateParams, CertifiedKey, KeyPair, generate_simple_self_signed};

use crate::world::World;

const NOW: u64 = 1_795_253_400;

/// A self-signed certificate, and its key.
fn self_signed(names: &[&str]) -> (String, String) {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(names).expect("a certificate");
    (cert.pem(), signing_key.serialize_pem())
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_of_every_kind_are_observed_and_their_content_is_read_once() {
    let settings = MotoSettings { settling: Some(Duration::ZERO), ..MotoSettings::default() };
    let moto = Moto::start_with(&settings).expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    let issued = world.make_certificate(&["shop.example.org", "*.shop.example.org"]).await;
    let (body, key) = self_signed(&["imported.example.org"]);
    let request = world.acm().import_certificate().certificate(Blob::new(body)).private_key(Blob::new(key));
    let imported = request.send().await.expect("imported").certificate_arn.expect("its ARN");
    let (body, key) = self_signed(&["Legacy.example.org"]);
    let request = world.iam().upload_server_certificate().server_certificate_name("legacy");
    request.certificate_body(body).private_key(key).send().await.expect("uploaded");

    let mut observer = Observer::new(world.aws.clone(), world.vpc.clone(), &world.settings());
    let inventory = observer.observe(NOW, &Mentioned::default()).await.expect("AWS can be observed");
    assert_eq!(inventory.incomplete, []);
    let of = |kind: CertificateKind| -> &Certificate {
        inventory.certificates.iter().find(|certificate| certificate.kind == kind).expect("one of each kind")
    };
    let amazon = of(CertificateKind::AmazonIssued);
    assert_eq!((&amazon.arn, amazon.status), (&issued, CertificateStatus::Issued));
    assert_eq!(amazon.names, ["*.shop.example.org", "shop.example.org"]);
    assert_eq!(amazon.publicly_trusted, Some(true));
    let foreign = of(CertificateKind::Imported);
    assert_eq!((&foreign.arn, foreign.publicly_trusted), (&imported, Some(false)));
    assert_eq!(foreign.names, ["imported.example.org"]);
    assert_eq!(foreign.key_algorithm, "EC_prime256v1");
    let legacy = of(CertificateKind::Iam);
    assert_eq!(legacy.names, ["legacy.example.org"]);
    assert_eq!((legacy.publicly_trusted, legacy.status), (Some(false), CertificateStatus::Issued));
    assert_eq!(legacy.key_algorithm, "EC_prime256v1");

    let calls = |since: usize| -> Vec<String> {
        let calls = world.answered_calls_since(since).into_iter();
        calls.filter(|action| action.contains("Certificate")).collect()
    };
    let before = world.recorder.calls().len();
    let again = observer.observe(NOW + 1, &Mentioned::default()).await.expect("AWS can be observed");
    assert_eq!((again.certificates.len(), calls(before)), (3, Vec::new()));
    let before = world.recorder.calls().len();
    let later = observer.observe(NOW + 301, &Mentioned::default()).await.expect("AWS can be observed");
    assert_eq!(later.certificates, inventory.certificates);
    assert_eq!(calls(before), ["ListCertificates", "ListServerCertificates"]);

    // The content of an imported certificate changes, and its ARN stays.
    let mut params = CertificateParams::new(vec!["other.example.org".to_owned()]).expect("names");
    params.not_after = rcgen::date_time_ymd(2031, 1, 1);
    let key = KeyPair::generate().expect("a key");
    let body = params.self_signed(&key).expect("a certificate").pem();
    let request = world.acm().import_certificate().certificate_arn(&imported);
    let request = request.certificate(Blob::new(body)).private_key(Blob::new(key.serialize_pem()));
    request.send().await.expect("imported again");
    let before = world.recorder.calls().len();
    let renewed = observer.observe(NOW + 602, &Mentioned::default()).await.expect("AWS can be observed");
    let found = renewed.certificates.iter().find(|it| it.arn == imported).expect("it is there");
    assert_eq!(found.names, ["other.example.org"]);
    assert_eq!(calls(before).iter().filter(|action| *action == "GetCertificate").count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_of_certificates_are_read_only_if_the_settings_name_one_and_then_every_ten_minutes() {
    let settings = MotoSettings { settling: Some(Duration::ZERO), ..MotoSettings::default() };
    let moto = Moto::start_with(&settings).expect("moto starts");
    let world = World::on(&moto, "eu-central-1").await;
    let tagged = world.make_certificate(&["shop.example.org"]).await;
    let plain = world.make_certificate(&["blog.example.org"]).await;
    let tag = Tag { key: "ingress".to_owned(), value: "blue=1".to_owned() };
    let of_acm = aws_sdk_acm::types::Tag::builder().key(&tag.key).value(&tag.value).build().expect("a tag");
    let request = world.acm().add_tags_to_certificate().certificate_arn(&tagged).tags(of_acm);
    request.send().await.expect("tagged");

    let mut without = Observer::new(world.aws.clone(), world.vpc.clone(), &world.settings());
    let inventory = without.observe(NOW, &Mentioned::default()).await.expect("AWS can be observed");
    assert!(inventory.certificates.iter().all(|it| it.tags.is_empty()));
    assert!(!world.answered_calls_since(0).contains(&"ListTagsForCertificate".to_owned()));

    let settings = Settings { certificate_tag: Some(tag.clone()), ..world.settings() };
    let mut observer = Observer::new(world.aws.clone(), world.vpc.clone(), &settings);
    let inventory = observer.observe(NOW, &Mentioned::default()).await.expect("AWS can be observed");
    assert_eq!(inventory.incomplete, []);
    let tags = |arn: &str| inventory.certificates.iter().find(|it| it.arn == arn).map(|it| it.tags.clone());
    assert_eq!((tags(&tagged), tags(&plain)), (Some(vec![tag]), Some(vec![])));
    let before = world.recorder.calls().len();
    observer.observe(NOW + 601, &Mentioned::default()).await.expect("AWS can be observed");
    let calls = world.answered_calls_since(before);
    assert_eq!(calls.iter().filter(|action| *action == "ListTagsForCertificate").count(), 2);
}
