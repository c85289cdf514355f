//! Redirects: a listener redirects to HTTPS only where an HTTPS listener answers.

use albatross_contract::*;
use albatross_guard::Rule;

use crate::{
    story::{Story, tell},
    world::*,
};

fn to_https(port: u16) -> Vec<ListenerAction> {
    vec![ListenerAction::Redirect(RedirectAction {
        protocol: "HTTPS".into(),
        host: "#{host}".into(),
        port: port.to_string(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        status_code: 301,
    })]
}

/// The HTTP listener of a load balancer begins to redirect.
fn redirected() -> World {
    let mut world = World::small();
    world.act("redirect", modify_listener(listener_arn(0, 80), None, to_https(443)));
    world
}

/// The load balancer has no listeners: the plan creates both, first the HTTPS listener.
fn listeners_created() -> World {
    let mut world = World::small();
    world.load_balancer(0).listeners.clear();
    let create = |port, protocol, default_actions| {
        Operation::CreateListener(CreateListener {
            load_balancer: existing(arn(0)),
            port,
            protocol,
            default_certificate: (protocol == Protocol::Https).then(|| certificate_arn(0)),
            ssl_policy: None,
            default_actions,
            tags: our_tags("id-0"),
        })
    };
    world.act("https", create(443, Protocol::Https, forward(&[existing(target_group_arn(0))])));
    let certificate = ListenerCertificate { listener: made("https"), certificate: certificate_arn(1) };
    world.act_after("certificate", &["https"], Operation::AddListenerCertificate(certificate));
    world.act_after("redirect", &["https"], create(80, Protocol::Http, to_https(443)));
    world
}

#[test]
fn http_is_redirected_only_to_an_https_listener_of_the_load_balancer() {
    tell(&[
        Story {
            title: "redirects to a port without a listener",
            honest: redirected,
            lie: |world| {
                world.plan.actions[0].operation = modify_listener(listener_arn(0, 80), None, to_https(8443));
            },
            rule: Rule::RedirectTarget,
            action: "redirect",
        },
        Story {
            title: "redirects to a listener that speaks HTTP",
            honest: redirected,
            lie: |world| {
                world.plan.actions[0].operation = modify_listener(listener_arn(0, 80), None, to_https(80));
            },
            rule: Rule::RedirectTarget,
            action: "redirect",
        },
        Story {
            title: "creates the redirect although the creation of the HTTPS listener may fail",
            honest: listeners_created,
            lie: |world| world.plan.actions[2].depends_on.clear(),
            rule: Rule::RedirectTarget,
            action: "redirect",
        },
    ]);
}
