//! Annotations that are invalid or cannot be followed: a placed Ingress is held, a new one is rejected.

use albatross_contract::{
    ANNOTATION_CERTIFICATE, ANNOTATION_SCHEME, ANNOTATION_SHARED, DiagnosticCode, OutcomeState, Severity,
};
use albatross_stories::{
    Certificates, Controller, annotated, certificate, certificates_on, ingress, pinned, renewal,
    unneeded_certificates, world,
};

#[test]
fn a_member_with_an_unreadable_scheme_is_held_and_everything_else_goes_on() {
    let mut story = shop_and_wiki();
    let name = story.hostname("checkout");

    story.annotate("checkout", ANNOTATION_SCHEME, "intern");
    story.add_certificate(renewal(3, &["wiki.example.org"], story.cloud.now()));
    story.apply(ingress("returns", &["returns.example.org"]));
    story.add_certificate(certificate(4, &["returns.example.org"]));

    story.converge();
    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Held);
    assert!(pass.tells("checkout", DiagnosticCode::AnnotationInvalid));
    assert_eq!(story.hostname("checkout"), name, "it is where it was");
    assert_eq!(story.hostname("returns"), name, "a newcomer is served");
    assert!(
        certificates_on(&story.serving("wiki")).contains(&Certificates::arn(3)),
        "a certificate is renewed"
    );
}

#[test]
fn the_valid_parts_of_a_held_member_are_planned() {
    let mut story = shop_and_wiki();

    story.annotate("checkout", ANNOTATION_SHARED, "maybe");
    story.add_certificate(renewal(3, &["shop.example.org"], story.cloud.now()));

    story.converge();
    assert_eq!(story.pass().outcome("checkout").unwrap().state, OutcomeState::Held);
    assert!(certificates_on(&story.serving("checkout")).contains(&Certificates::arn(3)));
}

#[test]
fn a_new_ingress_with_an_unreadable_annotation_is_rejected_and_no_other_is_affected() {
    let mut story = shop_and_wiki();

    story.apply(annotated(ingress("returns", &["shop.example.org"]), ANNOTATION_SCHEME, "intern"));

    let pass = story.pass();
    assert!(pass.plan.actions.is_empty() && pass.statuses.is_empty());
    assert_eq!(pass.outcome("returns").unwrap().state, OutcomeState::Rejected);
    let diagnostic = &pass.outcome("returns").unwrap().diagnostics[0];
    assert_eq!(diagnostic.code, DiagnosticCode::AnnotationInvalid);
    assert!(diagnostic.message.contains("\"intern\""), "{}", diagnostic.message);
    assert!(diagnostic.remedy.as_ref().unwrap().contains("internal"), "it says what would be right");
}

#[test]
fn unknown_annotations_are_reported_and_change_nothing_else() {
    let mut story = shop_and_wiki();
    let before = story.whereabouts();
    story.annotate("checkout", "zalando.org/aws-load-balancer-shed", "internal");
    story.annotate("checkout", "zalando.org/aws-load-balancer-colour", "red");
    story.annotate("wiki", "zalando.org/skipper-filter", "status(200)");
    story.apply(annotated(ingress("returns", &["shop.example.org"]), "zalando.org/aws-shield", "w"));

    story.converge();

    let pass = story.pass();
    let told = |name: &str| {
        let outcome = pass.outcome(name).unwrap();
        assert_eq!(outcome.state, OutcomeState::Placed, "{name}");
        outcome.diagnostics.clone()
    };
    let [colour, shed] = &told("checkout")[..] else { panic!("{:#?}", told("checkout")) };
    assert_eq!((colour.code, colour.severity), (DiagnosticCode::AnnotationUnknown, Severity::Warning));
    assert_eq!(
        colour.message,
        "annotation zalando.org/aws-load-balancer-colour is not known to this version, so it does nothing"
    );
    assert_eq!(colour.remedy.as_deref(), Some("correct the spelling, or remove it"));
    assert_eq!(
        shed.remedy.as_deref(),
        Some("write zalando.org/aws-load-balancer-shared if that is what you meant, or remove it")
    );
    let [one] = &told("returns")[..] else { panic!("{:#?}", told("returns")) };
    assert_eq!(
        one.message,
        "annotation zalando.org/aws-shield is not known to this version, so it does nothing"
    );
    assert_eq!(told("wiki"), [], "that one is not for us");
    assert_eq!(story.hostname("checkout"), before["shop/checkout"].0);
    assert_eq!(story.hostname("returns"), story.hostname("checkout"), "a newcomer is placed");
}

#[test]
fn the_annotations_that_we_read_are_known() {
    let mut story = shop_and_wiki();
    story.annotate("checkout", ANNOTATION_SCHEME, "internet-facing");
    story.annotate("checkout", ANNOTATION_SHARED, "true");
    story.annotate("checkout", ANNOTATION_CERTIFICATE, &Certificates::arn(1));

    assert_eq!(story.pass().outcome("checkout").unwrap().diagnostics, []);
}

#[test]
fn a_corrected_ingress_is_placed() {
    let mut story = shop_and_wiki();
    story.apply(annotated(ingress("returns", &["shop.example.org"]), ANNOTATION_SCHEME, "intern"));
    story.converge();

    story.annotate("returns", ANNOTATION_SCHEME, "internet-facing");

    story.converge();
    assert_eq!(story.hostname("returns"), story.hostname("checkout"));
}

#[test]
fn a_member_that_names_a_missing_certificate_keeps_its_present_one() {
    let mut story = shop_and_wiki();
    let before = story.serving("checkout");

    story.annotate("checkout", ANNOTATION_CERTIFICATE, &Certificates::arn(99));

    story.converge();
    let pass = story.pass();
    assert_eq!(pass.outcome("checkout").unwrap().state, OutcomeState::Held);
    assert!(pass.tells("checkout", DiagnosticCode::CertificateMissing));
    assert_eq!(certificates_on(&story.serving("checkout")), certificates_on(&before));
    assert_eq!(story.hostname("checkout").as_deref(), Some(before.dns_name.as_str()));
}

#[test]
fn while_a_member_is_held_for_its_certificate_none_on_its_load_balancer_becomes_unneeded() {
    let mut story = shop_and_wiki();
    story.annotate("checkout", ANNOTATION_CERTIFICATE, &Certificates::arn(99));
    story.converge();

    story.delete("wiki");
    story.converge();
    assert_eq!(unneeded_certificates(&story.serving("checkout")), 0, "who knows what checkout needs");
    story.remove_annotation("checkout", ANNOTATION_CERTIFICATE);

    story.converge();
    assert_eq!(unneeded_certificates(&story.serving("checkout")), 1, "now it is known");
}

#[test]
fn a_newcomer_that_names_a_certificate_that_does_not_exist_is_rejected() {
    let mut story = shop_and_wiki();

    story.apply(pinned(ingress("returns", &["shop.example.org"]), &Certificates::arn(99)));

    let pass = story.pass();
    assert_eq!(pass.outcome("returns").unwrap().state, OutcomeState::Rejected);
    assert!(pass.tells("returns", DiagnosticCode::CertificateMissing));
    assert!(pass.plan.actions.is_empty());

    story.add_certificate(certificate(99, &["shop.example.org"]));
    story.converge();
    assert_eq!(story.hostname("returns"), story.hostname("checkout"), "once it exists, all is well");
}

fn shop_and_wiki() -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["shop.example.org"]), certificate(2, &["wiki.example.org"])],
        vec![ingress("checkout", &["shop.example.org"]), ingress("wiki", &["wiki.example.org"])],
    );
    story.converge();
    story
}
