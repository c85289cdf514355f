//! Attributes of listeners and web ACLs: they change only as an Ingress says, and only where the present ones are known.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, tell},
    world::*,
};

const WEB_ACL: &str = "alb.ingress.kubernetes.io/wafv2-acl-arn";
const PROXY_WEB_ACL: &str = "zalando.org/aws-waf-web-acl-id";
const ATTRIBUTES: &str = "alb.ingress.kubernetes.io/listener-attributes.HTTPS-443";
const ARN: &str = "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/shop/1";
const SERVER: &str = "routing.http.response.server.enabled";

fn annotate(world: &mut World, member: usize, key: &str, value: &str) {
    let annotations = &mut world.ingress(member).metadata.annotations;
    annotations.retain(|annotation| annotation.key != key);
    annotations.push(tag(key, value));
}

/// An Ingress names a web ACL for its load balancer, which has none.
fn protected() -> World {
    let mut world = World::with(&[2, 1]);
    let found = world.load_balancer(0);
    found.web_acl = Some(String::new());
    found.tags.push(tag(TAG_MODE, "route"));
    annotate(&mut world, 1, WEB_ACL, ARN);
    let association = WebAclAssociation { load_balancer: existing(arn(0)), web_acl: ARN.into() };
    world.act("web-acl", Operation::AssociateWebAcl(association));
    world
}

/// The same in proxy mode, where the annotation of route mode means nothing.
fn protected_in_proxy_mode() -> World {
    let mut world = protected();
    world.load_balancer(0).tags.retain(|it| it.key != TAG_MODE);
    annotate(&mut world, 1, WEB_ACL, "none");
    annotate(&mut world, 1, PROXY_WEB_ACL, ARN);
    world
}

/// The settings name a web ACL for load balancers in proxy mode whose Ingresses name none.
fn protected_by_the_settings() -> World {
    let mut world = protected_in_proxy_mode();
    annotate(&mut world, 1, WEB_ACL, "");
    annotate(&mut world, 1, PROXY_WEB_ACL, "");
    world.settings().web_acl = Some(ARN.into());
    world
}

/// An Ingress says that its load balancer has no web ACL.
fn unprotected() -> World {
    let mut world = World::small();
    let found = world.load_balancer(0);
    found.web_acl = Some(ARN.into());
    found.tags.push(tag(TAG_MODE, "route"));
    annotate(&mut world, 0, WEB_ACL, "none");
    world.act("web-acl", Operation::DisassociateWebAcl(existing(arn(0))));
    world
}

/// An Ingress asks for an attribute of the HTTPS listener.
fn hidden() -> World {
    let mut world = World::small();
    world.https(0).attributes = vec![tag(SERVER, "true")];
    annotate(&mut world, 0, ATTRIBUTES, &format!("a.header_value=1\\, 2, {SERVER} = false"));
    let attributes = vec![tag("a.header_value", "1, 2"), tag(SERVER, "false")];
    let change = AttributeChange { resource: existing(listener_arn(0, 443)), attributes };
    world.act("attributes", Operation::ModifyListenerAttributes(change));
    world
}

#[test]
fn a_web_acl_changes_only_as_an_ingress_of_the_load_balancer_or_the_settings_say() {
    tell(&[
        Story {
            title: "associates a web ACL that no Ingress names",
            honest: protected,
            lie: |world| {
                annotate(world, 1, WEB_ACL, "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/wiki/1");
            },
            rule: Rule::WebAclAsked,
            action: "web-acl",
        },
        Story {
            title: "associates a web ACL that an Ingress of another load balancer names",
            honest: protected,
            lie: |world| {
                annotate(world, 1, WEB_ACL, "none");
                annotate(world, 2, WEB_ACL, ARN);
            },
            rule: Rule::WebAclAsked,
            action: "web-acl",
        },
        Story {
            title: "associates a web ACL that only the annotation of the other mode names",
            honest: protected_in_proxy_mode,
            lie: |world| {
                annotate(world, 1, WEB_ACL, ARN);
                annotate(world, 1, PROXY_WEB_ACL, "");
            },
            rule: Rule::WebAclAsked,
            action: "web-acl",
        },
        Story {
            title: "associates the web ACL of the settings although an Ingress names another web ACL",
            honest: protected_by_the_settings,
            lie: |world| {
                annotate(
                    world,
                    1,
                    PROXY_WEB_ACL,
                    "arn:aws:wafv2:eu-central-1:123456789012:regional/webacl/wiki/1",
                );
            },
            rule: Rule::WebAclAsked,
            action: "web-acl",
        },
        Story {
            title: "associates the web ACL of the settings in route mode",
            honest: protected_by_the_settings,
            lie: |world| world.load_balancer(0).tags.push(tag(TAG_MODE, "route")),
            rule: Rule::WebAclAsked,
            action: "web-acl",
        },
        Story {
            title: "takes away a web ACL in proxy mode, where no Ingress can ask for that",
            honest: unprotected,
            lie: |world| {
                world.load_balancer(0).tags.retain(|it| it.key != TAG_MODE);
                annotate(world, 0, PROXY_WEB_ACL, "");
            },
            rule: Rule::WebAclAsked,
            action: "web-acl",
        },
        Story {
            title: "replaces a web ACL that was not read",
            honest: protected,
            lie: |world| world.load_balancer(0).web_acl = None,
            rule: Rule::WebAclAsked,
            action: "web-acl",
        },
        Story {
            title: "takes away a web ACL although nobody says so",
            honest: unprotected,
            lie: |world| world.ingress(0).metadata.annotations.retain(|annotation| annotation.key != WEB_ACL),
            rule: Rule::WebAclAsked,
            action: "web-acl",
        },
        Story {
            title: "changes the web ACL of a load balancer that is not ours",
            honest: unprotected,
            lie: |world| {
                let stranger =
                    world.snapshot.inventory.load_balancers.iter_mut().find(|it| it.arn == STRANGER);
                let stranger = stranger.unwrap();
                stranger.web_acl = Some(ARN.into());
                stranger.tags.push(tag(TAG_MODE, "route"));
                world.plan.actions[0].operation = Operation::DisassociateWebAcl(existing(STRANGER));
            },
            rule: Rule::Ownership,
            action: "web-acl",
        },
    ]);
}

#[test]
fn an_attribute_of_a_listener_gets_only_a_value_that_an_ingress_asks_for() {
    tell(&[
        Story {
            title: "sets another value",
            honest: hidden,
            lie: |world| annotate(world, 0, ATTRIBUTES, &format!("a.header_value=1\\, 2,{SERVER}=true")),
            rule: Rule::ListenerAttributeAsked,
            action: "attributes",
        },
        Story {
            title: "sets an attribute that was asked for another listener",
            honest: hidden,
            lie: |world| {
                let annotations = &mut world.ingress(0).metadata.annotations;
                annotations.iter_mut().for_each(|it| it.key = it.key.replace("443", "8443"));
            },
            rule: Rule::ListenerAttributeAsked,
            action: "attributes",
        },
        Story {
            title: "changes attributes that were not read",
            honest: hidden,
            lie: |world| world.https(0).attributes.clear(),
            rule: Rule::ListenerAttributeAsked,
            action: "attributes",
        },
    ]);
}

/// In route mode the Ingresses ask for HTTP only, and the grace period of their certificates is over.
fn without_https() -> World {
    let mut world = World::small();
    world.load_balancer(0).tags.push(tag(TAG_MODE, "route"));
    for member in 0..2 {
        annotate(&mut world, member, "alb.ingress.kubernetes.io/listen-ports", r#"[{"HTTP": 80}]"#);
        world.outcome(member).certificates.clear();
        world.mark_certificate(0, &certificate_arn(member), GRACE);
    }
    world.act("listener", Operation::DeleteListener(existing(listener_arn(0, 443))));
    world
}

/// The same, while the grouping policy is frozen, so that the Ingresses are held where they are.
fn held_without_https() -> World {
    let mut world = without_https();
    world.snapshot.frozen.push(PolicyPoint::Grouping);
    world.plan.outcomes.iter_mut().for_each(|outcome| outcome.state = OutcomeState::Held);
    world
}

#[test]
fn an_https_listener_goes_with_its_certificates_only_when_no_ingress_asks_for_https() {
    tell(&[
        Story {
            title: "deletes a listener for which an Ingress asks",
            honest: without_https,
            lie: |world| {
                let ports = r#"[{"HTTP": 80}, {"HTTPS": 443}]"#;
                annotate(world, 1, "alb.ingress.kubernetes.io/listen-ports", ports);
            },
            rule: Rule::CertificateNeeded,
            action: "listener",
        },
        Story {
            title: "deletes a listener whose Ingress is held, and names ports that cannot be read",
            honest: held_without_https,
            lie: |world| {
                annotate(world, 1, "alb.ingress.kubernetes.io/listen-ports", r#"[{"HTTP": 80}, 443]"#);
            },
            rule: Rule::CertificateNeeded,
            action: "listener",
        },
        Story {
            title: "deletes a listener whose Ingress names a certificate",
            honest: without_https,
            lie: |world| {
                let annotations = &mut world.ingress(1).metadata.annotations;
                annotations.clear();
                annotations.push(tag("alb.ingress.kubernetes.io/certificate-arn", &certificate_arn(1)));
            },
            rule: Rule::CertificateNeeded,
            action: "listener",
        },
        Story {
            title: "deletes a listener of proxy mode, where annotations about ports mean nothing",
            honest: without_https,
            lie: |world| world.load_balancer(0).tags.retain(|it| it.key != TAG_MODE),
            rule: Rule::CertificateNeeded,
            action: "listener",
        },
        Story {
            title: "deletes a listener before the grace period of its certificates is over",
            honest: without_https,
            lie: |world| {
                world.load_balancer(0).tags.pop();
            },
            rule: Rule::CertificateGrace,
            action: "listener",
        },
    ]);
}
