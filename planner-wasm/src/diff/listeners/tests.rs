use albatross_contract::{
    Action, FixedResponseAction, ForwardAction, ListenerAction, ModifyListener, Operation, Protocol,
    RedirectAction, ResourceReference, WeightedTargetGroup,
};

use super::{compare, does};
use crate::{
    diff::testing::{actions, existing, made, wanted},
    testing::{self, SSL_POLICY, World, certificate_arn, forward, leak, load_balancer_arn, told},
    wanted::{Answer, Change, Forward, Listener, LoadBalancer},
};

const OLD: &str = "arn:target-group/old";
const NEW: &str = "arn:target-group/new";

/// A wanted listener. `there`: the listener in AWS.
fn listener(port: u16, there: Option<albatross_contract::Listener>) -> Listener<'static> {
    let secure = port == 443;
    Listener {
        port,
        protocol: if secure { Protocol::Https } else { Protocol::Http },
        there: there.map(leak),
        reason: "it is wanted",
        ssl_policy: secure.then_some(SSL_POLICY),
        default_certificate: secure.then(|| leak(certificate_arn("a")).as_str()),
        has_certificates: secure,
        attributes: Vec::new(),
        mirrored: Vec::new(),
        answer: Some(Answer::forward(vec![existing(OLD, 1)])),
        rules: None,
        goes: false,
    }
}

/// An existing listener that forwards to target groups with weights.
fn there(port: u16, groups: &[(&str, u16)]) -> albatross_contract::Listener {
    let mut there = testing::listener("one", port);
    there.default_actions = vec![serde_json::from_value(forward(groups)).unwrap()];
    there.default_certificate = (port == 443).then(|| certificate_arn("a"));
    there
}

fn compared(listeners: Vec<Listener<'static>>) -> Vec<Action> {
    with(&LoadBalancer { listeners, ..wanted(None) })
}

fn with(wanted: &LoadBalancer<'_>) -> Vec<Action> {
    actions(|actions| {
        compare(wanted, 0, actions);
    })
}

/// The action of a listener that forwards to these.
fn forwards(groups: &[(ResourceReference, u16)]) -> ListenerAction {
    let weighted = |(target_group, weight): &(ResourceReference, u16)| WeightedTargetGroup {
        target_group: target_group.clone(),
        weight: *weight,
    };
    ListenerAction::Forward(ForwardAction {
        target_groups: groups.iter().map(weighted).collect(),
        stickiness: None,
    })
}

#[test]
fn listeners_as_they_should_be_need_nothing() {
    let listeners = [80, 443].map(|port| listener(port, Some(there(port, &[(OLD, 1)]))));
    assert_eq!(compared(listeners.into()), []);
}

#[test]
fn a_missing_listener_is_created_after_its_dependencies() {
    let answer = Some(Answer::forward(vec![made("group", 1)]));
    let missing = Listener { answer, ..listener(443, None) };
    let created = compared(vec![missing]);
    assert_eq!(told(&created), ["listener/443/create"]);
    assert_eq!(created[0].depends_on, ["one/load-balancer/create", "one/target-group/group/create"]);
    assert_eq!(created[0].objects, ["shop/checkout"]);
    let Operation::CreateListener(create) = &created[0].operation else { panic!("{created:?}") };
    assert_eq!((create.port, create.protocol), (443, Protocol::Https));
    assert_eq!(create.default_certificate, Some(certificate_arn("a")));
    assert_eq!(create.ssl_policy, Some(SSL_POLICY.to_owned()));
    let group = ResourceReference::CreatedBy("one/target-group/group/create".into());
    assert_eq!(create.default_actions, [forwards(&[(group, 1)])]);
    assert_eq!(create.tags, wanted(None).ownership);
}

#[test]
fn a_listener_of_a_load_balancer_that_exists_waits_for_nothing() {
    let owned = World::new().load_balancer("one", &[]).read().owned("one");
    let created = with(&LoadBalancer { listeners: vec![listener(80, None)], ..wanted(Some(owned)) });
    assert_eq!(created[0].depends_on, Vec::<String>::new());
    let Operation::CreateListener(create) = &created[0].operation else { panic!("{created:?}") };
    assert_eq!(create.load_balancer, ResourceReference::Existing(load_balancer_arn("one")));
    assert_eq!((create.default_certificate.as_ref(), create.ssl_policy.as_ref()), (None, None));
}

#[test]
fn only_differences_are_modified_in_one_call() {
    let nothing = ModifyListener {
        listener: ResourceReference::Existing("arn:listener/one/443".into()),
        protocol: None,
        default_certificate: None,
        ssl_policy: None,
        default_actions: Vec::new(),
    };
    type Spoil = fn(&mut albatross_contract::Listener);
    let to_old = || vec![forwards(&[(ResourceReference::Existing(OLD.into()), 1)])];
    let cases: [(Spoil, ModifyListener, &str); 4] = [
        (
            |there| there.ssl_policy = Some("other".into()),
            ModifyListener { ssl_policy: Some(SSL_POLICY.to_owned()), ..nothing.clone() },
            "the settings or the annotations ask for another TLS policy",
        ),
        (
            |there| there.default_certificate = Some(certificate_arn("b")),
            ModifyListener { default_certificate: Some(certificate_arn("a")), ..nothing.clone() },
            "no Ingress needs the default certificate any more",
        ),
        (
            |there| there.default_actions = vec![ListenerAction::Other("waf".into())],
            ModifyListener { default_actions: to_old(), ..nothing.clone() },
            "it should forward to other target groups",
        ),
        (
            |there| {
                there.ssl_policy = None;
                there.default_actions.clear();
            },
            ModifyListener { ssl_policy: Some(SSL_POLICY.to_owned()), default_actions: to_old(), ..nothing },
            "the settings or the annotations ask for another TLS policy; it should forward to other target groups",
        ),
    ];
    for (spoil, expected, reason) in cases {
        let mut there = there(443, &[(OLD, 1)]);
        spoil(&mut there);
        let modified = compared(vec![listener(443, Some(there))]);
        assert_eq!(told(&modified), ["listener/443/modify"], "{reason}");
        assert_eq!(modified[0].operation, Operation::ModifyListener(expected));
        assert_eq!(modified[0].reason, reason);
    }
}

#[test]
fn weights_are_compared_only_among_several_target_groups() {
    type Case = (&'static [(&'static str, u16)], Vec<Forward<'static>>, bool);
    let cases: [Case; 6] = [
        (&[(OLD, 0)], vec![existing(OLD, 1)], true),
        (&[(OLD, 7)], vec![existing(OLD, 1)], true),
        (&[(OLD, 1)], vec![existing(NEW, 1)], false),
        (&[(NEW, 0), (OLD, 1)], vec![existing(OLD, 1), existing(NEW, 0)], true),
        (&[(NEW, 1), (OLD, 1)], vec![existing(OLD, 1), existing(NEW, 0)], false),
        (&[(OLD, 1)], vec![existing(OLD, 1), made("group", 0)], false),
    ];
    for (found, forwards_to, same) in cases {
        let wanted =
            Listener { answer: Some(Answer::forward(forwards_to)), ..listener(80, Some(there(80, found))) };
        assert_eq!(compared(vec![wanted]).is_empty(), same, "{found:?}");
    }
}

#[test]
fn a_listener_without_a_wanted_answer_stays_as_it_is() {
    let wanted = Listener { answer: None, ..listener(80, Some(there(80, &[(NEW, 1)]))) };
    assert_eq!(compared(vec![wanted]), []);
}

#[test]
fn a_modification_waits_for_new_target_groups() {
    let groups = vec![existing(OLD, 1), made("group", 0)];
    let changed = Listener {
        answer: Some(Answer::forward(groups.clone())),
        ..listener(80, Some(there(80, &[(OLD, 1)])))
    };
    let modified = with(&LoadBalancer { listeners: vec![changed], forwards_to: groups, ..wanted(None) });
    assert_eq!(modified[0].depends_on, ["one/target-group/group/create"]);
}

#[test]
fn certificates_come_to_the_listener_that_has_them() {
    let listeners = [80, 443].map(|port| listener(port, Some(there(port, &[(OLD, 1)])))).into();
    let mut wanted = LoadBalancer { listeners, ..wanted(None) };
    wanted.certificates.changes.push(Change {
        adds: true,
        arn: "arn:certificate/b",
        after: Vec::new(),
        after_default: false,
        reason: "shop/checkout asks for b.org".into(),
        objects: Vec::new(),
    });
    let added = with(&wanted);
    let Operation::AddListenerCertificate(add) = &added[0].operation else { panic!("{added:?}") };
    assert_eq!(add.listener, ResourceReference::Existing("arn:listener/one/443".into()));
}

#[test]
fn an_answer_with_the_defaults_that_aws_fills_in_needs_no_change() {
    let response = |content_type: Option<&str>, body: Option<&str>| FixedResponseAction {
        status_code: 404,
        content_type: content_type.map(str::to_owned),
        message_body: body.map(str::to_owned),
    };
    let plain = Some("text/plain");
    for (there, wanted, same) in [
        (response(plain, Some("")), response(plain, None), true),
        (response(plain, None), response(None, None), true),
        (response(plain, None), response(Some("text/html"), None), false),
        (response(plain, Some("a")), response(plain, None), false),
    ] {
        let case = format!("{there:?} {wanted:?}");
        assert_eq!(does(&[ListenerAction::FixedResponse(there)], &Answer::Respond(wanted)), same, "{case}");
    }
    let redirect = |host: &str| RedirectAction {
        protocol: "HTTPS".into(),
        host: host.into(),
        port: "#{port}".into(),
        path: "/#{path}".into(),
        query: "#{query}".into(),
        status_code: 301,
    };
    let there = [ListenerAction::Redirect(redirect("#{host}"))];
    assert!(does(&there, &Answer::Redirect(redirect("#{host}"))));
    assert!(!does(&there, &Answer::Redirect(redirect("a.org"))));
    assert!(!does(&there, &Answer::Respond(response(None, None))));
}

#[test]
fn stickiness_is_compared_if_it_is_asked_for_or_if_there_are_several_target_groups() {
    let there = |groups: &[(&str, u16)], stickiness| {
        let ListenerAction::Forward(forward) = serde_json::from_value(forward(groups)).unwrap() else {
            panic!()
        };
        [ListenerAction::Forward(ForwardAction { stickiness, ..forward })]
    };
    let one = || vec![existing(OLD, 1)];
    let two = || vec![existing(OLD, 1), existing(NEW, 1)];
    let (to_one, to_two) = (&[(OLD, 1)][..], &[(OLD, 1), (NEW, 1)][..]);
    for (there, groups, stickiness, same) in [
        (there(to_one, Some(60)), one(), None, true),
        (there(to_one, None), one(), Some(60), false),
        (there(to_two, Some(60)), two(), None, false),
        (there(to_two, Some(60)), two(), Some(60), true),
        (there(to_two, Some(60)), two(), Some(90), false),
    ] {
        assert_eq!(does(&there, &Answer::Forward { groups, stickiness }), same, "{there:?} {stickiness:?}");
    }
}

#[test]
fn a_change_of_the_protocol_comes_before_certificates_and_rules() {
    let there = albatross_contract::Listener {
        protocol: Protocol::Http,
        default_certificate: None,
        ssl_policy: None,
        ..there(443, &[(OLD, 1)])
    };
    let certificate = Change {
        adds: true,
        arn: leak(certificate_arn("b")),
        after: Vec::new(),
        after_default: false,
        reason: "it is needed".into(),
        objects: Vec::new(),
    };
    let mirrored = vec![certificate];
    let changed = Listener { has_certificates: false, mirrored, ..listener(443, Some(there)) };
    let actions = compared(vec![changed]);
    let [modify, add] = actions.as_slice() else { panic!("{actions:#?}") };
    let Operation::ModifyListener(input) = &modify.operation else { panic!("{modify:?}") };
    assert_eq!(input.protocol, Some(Protocol::Https));
    assert_eq!(input.default_certificate, Some(certificate_arn("a")));
    assert_eq!(input.ssl_policy, Some(SSL_POLICY.to_owned()));
    assert_eq!(modify.reason, "members of the load balancer ask for HTTPS on the port");
    assert_eq!(add.depends_on.as_slice(), std::slice::from_ref(&modify.id));
}
