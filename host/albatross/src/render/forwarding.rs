//! What listeners and rules do with requests, in words.

use albatross_contract::{ForwardAction, ListenerAction, Rewrite, RuleTransform};

use super::names::Names;

/// `albatross-7c1e-a1`, `redirect 301`: the actions of a listener or a rule. Authentication comes before the last action.
pub fn destination(actions: &[ListenerAction], names: &Names<'_>) -> String {
    let said: Vec<String> = actions.iter().map(|action| one(action, names)).collect();
    if said.is_empty() { "nothing".to_owned() } else { said.join(", then ") }
}

fn one(action: &ListenerAction, names: &Names<'_>) -> String {
    match action {
        ListenerAction::Forward(forward) => forwarded(forward, names),
        ListenerAction::Redirect(redirect) => {
            format!("redirect {} to {}", redirect.status_code, redirect.leads_to())
        }
        ListenerAction::FixedResponse(response) => format!("answer {}", response.status_code),
        ListenerAction::AuthenticateOidc(oidc) => format!("sign in with {}", oidc.issuer),
        ListenerAction::AuthenticateCognito(cognito) => format!("sign in with {}", cognito.user_pool_domain),
        ListenerAction::JwtValidation(jwt) => format!("require a token issued by {}", jwt.issuer),
        ListenerAction::Other(kind) => kind.clone(),
    }
}

/// `shop/web:80 (weight 3) and shop/canary:80 (weight 1)`. A single target group gets all requests, whatever its weight.
fn forwarded(forward: &ForwardAction, names: &Names<'_>) -> String {
    let is_single = forward.target_groups.len() == 1;
    let named = forward.target_groups.iter().map(|group| {
        let name = names.resource(&group.target_group);
        if is_single { name } else { format!("{name} (weight {})", group.weight) }
    });
    named.collect::<Vec<_>>().join(" and ")
}

/// `URL ^/cart/(.*) becomes /$1`: how a request is rewritten before it is forwarded.
pub fn transform(transform: &RuleTransform) -> String {
    match transform {
        RuleTransform::HostHeaderRewrite(rewrites) => format!("host {}", rewritten(rewrites)),
        RuleTransform::UrlRewrite(rewrites) => format!("URL {}", rewritten(rewrites)),
        RuleTransform::Other(kind) => kind.clone(),
    }
}

fn rewritten(rewrites: &[Rewrite]) -> String {
    let said: Vec<String> = rewrites
        .iter()
        .map(|rewrite| match rewrite.replacement.as_str() {
            "" => format!("{} is removed", rewrite.regular_expression),
            replacement => format!("{} becomes {replacement}", rewrite.regular_expression),
        })
        .collect();
    said.join(", ")
}
