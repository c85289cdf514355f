//! Proxy mode: the setting `proxy.redirect-http` redirects HTTP to HTTPS.

use albatross_contract::{Action, Listener, ListenerAction, Operation, RedirectAction, ResourceReference};
use albatross_stories::{
    Certificates, Controller, actions, certificate, certificates_on, ingress, make_a_load_balancer,
    take_something_away, world,
};

fn shop(redirect: bool) -> Controller {
    let mut story = Controller::new(
        world(),
        vec![certificate(1, &["*.example.org"])],
        vec![ingress("checkout", &["shop.example.org"])],
    );
    story.settings.proxy.redirect_http = redirect;
    story
}

fn listener(story: &mut Controller, port: u16) -> Listener {
    let serving = story.serving("checkout");
    serving.listeners.into_iter().find(|listener| listener.port == port).unwrap()
}

/// The redirect of the listener on port 80, if there is one.
fn redirect(story: &mut Controller) -> Option<RedirectAction> {
    match listener(story, 80).default_actions.as_slice() {
        [ListenerAction::Redirect(redirect)] => Some(redirect.clone()),
        _ => None,
    }
}

/// Whether an action lets the listener on port 80 redirect.
fn redirects(action: &Action) -> bool {
    let default_actions = match &action.operation {
        Operation::CreateListener(create) => &create.default_actions,
        Operation::ModifyListener(modify) => &modify.default_actions,
        _ => return false,
    };
    matches!(default_actions.as_slice(), [ListenerAction::Redirect(_)])
}

#[test]
fn http_is_redirected_in_place_and_forwarded_again_when_the_setting_goes() {
    let mut story = shop(false);
    story.converge();
    let (name, before) = (story.hostname("checkout"), listener(&mut story, 80));
    let groups = {
        let serving = story.serving("checkout");
        story.target_groups_of(&serving)
    };

    story.settings.proxy.redirect_http = true;
    let passes = story.converge();

    assert_eq!(actions(&passes).count(), 1, "{passes:#?}");
    let redirect_now = redirect(&mut story).unwrap();
    assert_eq!((redirect_now.protocol.as_str(), redirect_now.port.as_str()), ("HTTPS", "443"));
    assert_eq!(
        (redirect_now.host.as_str(), redirect_now.path.as_str(), redirect_now.query.as_str()),
        ("#{host}", "/#{path}", "#{query}")
    );
    assert_eq!(redirect_now.status_code, 301);
    assert_eq!(story.hostname("checkout"), name);
    let serving = story.serving("checkout");
    assert_eq!(story.target_groups_of(&serving), groups, "the HTTPS listener still uses the target group");
    story.wait_for_the_grace();
    assert!(!take_something_away(&story.converge()));

    story.settings.proxy.redirect_http = false;
    let passes = story.converge();

    assert_eq!(actions(&passes).count(), 1, "{passes:#?}");
    assert_eq!(listener(&mut story, 80).default_actions, before.default_actions);
    assert_eq!(story.hostname("checkout"), name);
}

#[test]
fn a_new_load_balancer_redirects_only_after_its_https_listener_is_created() {
    let mut story = shop(true);
    let plan = story.plan();
    let redirects = plan.actions.iter().find(|action| redirects(action)).unwrap();
    let https = plan
        .actions
        .iter()
        .find(|action| matches!(&action.operation, Operation::CreateListener(create) if create.port == 443));
    assert!(redirects.depends_on.contains(&https.unwrap().id));

    story.converge();

    assert!(redirect(&mut story).is_some());
    assert!(story.hostname("checkout").is_some(), "its targets are those of the HTTPS listener");
}

#[test]
fn http_is_forwarded_until_the_https_listener_exists() {
    let mut story = shop(false);
    story.converge();
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| found.listeners.retain(|listener| listener.port == 80));
    story.settings.proxy.redirect_http = true;

    let pass = story.pass();
    assert!(!pass.plan.actions.iter().any(redirects), "{:#?}", pass.plan.actions);
    assert_eq!(redirect(&mut story), None);

    story.converge();
    assert!(redirect(&mut story).is_some());
}

#[test]
fn a_redirect_to_an_https_listener_that_cannot_be_created_ends() {
    let mut story = shop(true);
    story.converge();
    let name = story.hostname("checkout").unwrap();
    story.in_the_console(&name, |found| found.listeners.retain(|listener| listener.port == 80));
    story.cloud.inventory_mut().certificates.clear();

    story.converge();

    assert_eq!(redirect(&mut story), None, "requests would be redirected to a port without a listener");
    assert_eq!(listener(&mut story, 80).default_actions.len(), 1);
}

#[test]
fn http_is_forwarded_until_all_members_have_their_certificates_and_newcomers_do_not_change_that() {
    let mut story = shop(false);
    story.converge();
    story.add_certificate(certificate(2, &["*.example.com"]));
    story.apply(ingress("wiki", &["wiki.example.com"]));
    story.settings.proxy.redirect_http = true;

    let pass = story.pass();
    let adds = |action: &Action| matches!(action.operation, Operation::AddListenerCertificate(_));
    assert!(pass.plan.actions.iter().any(adds), "{:#?}", pass.plan.actions);
    assert!(!pass.plan.actions.iter().any(redirects), "HTTP answers for wiki.example.com until then");
    story.converge();
    assert!(redirect(&mut story).is_some());

    story.add_certificate(certificate(3, &["*.example.net"]));
    story.apply(ingress("blog", &["blog.example.net"]));
    let passes = story.converge();
    assert!(!actions(&passes).any(|action| matches!(action.operation, Operation::ModifyListener(_))));
    let serving = story.serving("blog");
    assert!(certificates_on(&serving).contains(&Certificates::arn(3)));
    assert!(!make_a_load_balancer(&passes));
}

#[test]
fn another_target_port_takes_over_behind_the_redirect() {
    let mut story = shop(true);
    story.converge();
    story.settings.proxy.target_port = 8888;

    story.converge();

    let serving = story.serving("checkout");
    let new = story.target_groups_of(&serving).into_iter().find(|group| group.port == Some(8888)).unwrap();
    let forward = listener(&mut story, 443).default_actions;
    let [ListenerAction::Forward(forward)] = forward.as_slice() else { panic!("no forward") };
    assert_eq!(forward.target_groups[0].target_group, ResourceReference::Existing(new.arn));
    assert!(redirect(&mut story).is_some());

    story.settings.proxy.redirect_http = false;
    story.converge();
    assert_eq!(listener(&mut story, 80).default_actions, listener(&mut story, 443).default_actions);
}
