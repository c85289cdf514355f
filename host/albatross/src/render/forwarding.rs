//! What listeners and rules do with requests, in words.

use albatross_contract::{ListenerAction, Rewrite, RuleCondition, RuleTransform, TextMatch};

use super::{names::Names, terms::ip_address_type};

/// `albatross-7c1e-a1`, `redirect 301`: the actions of a listener or a rule. Authentication comes before the last action.
pub fn destination(actions: &[ListenerAction], names: &Names<'_>) -> String {
    let said: Vec<String> = actions.iter().map(|action| one(action, names)).collect();
    if said.is_empty() { "nothing".to_owned() } else { said.join(", then ") }
}

fn one(action: &ListenerAction, names: &Names<'_>) -> String {
    match action {
        ListenerAction::Forward(forward) => {
            let single = forward.target_groups.len() == 1;
            let groups: Vec<String> = forward
                .target_groups
                .iter()
                .map(|group| {
                    let name = names.resource(&group.target_group);
                    if single { name } else { format!("{name} (weight {})", group.weight) }
                })
                .collect();
            groups.join(" and ")
        }
        ListenerAction::Redirect(redirect) => format!(
            "redirect {} to {}://{}:{}{}",
            redirect.status_code, redirect.protocol, redirect.host, redirect.port, redirect.path
        ),
        ListenerAction::FixedResponse(response) => format!("answer {}", response.status_code),
        ListenerAction::AuthenticateOidc(oidc) => format!("sign in with {}", oidc.issuer),
        ListenerAction::AuthenticateCognito(cognito) => format!("sign in with {}", cognito.user_pool_domain),
        ListenerAction::JwtValidation(jwt) => format!("require a token issued by {}", jwt.issuer),
        ListenerAction::Other(kind) => kind.clone(),
    }
}

/// `host shop.example.org, path /cart*`: all conditions must be met.
pub fn conditions(conditions: &[RuleCondition]) -> String {
    let said: Vec<String> = conditions.iter().map(condition).collect();
    said.join(", ")
}

fn condition(condition: &RuleCondition) -> String {
    match condition {
        RuleCondition::HostHeader(hosts) => format!("host {}", any_of(hosts)),
        RuleCondition::PathPattern(paths) => format!("path {}", any_of(paths)),
        RuleCondition::HttpHeader(header) => format!("header {} {}", header.name, any_of(&header.value)),
        RuleCondition::QueryString(queries) => {
            let said: Vec<String> = queries
                .iter()
                .map(|query| match &query.key {
                    Some(key) => format!("{key}={}", query.value),
                    None => query.value.clone(),
                })
                .collect();
            format!("query {}", said.join(" or "))
        }
        RuleCondition::SourceIp(blocks) => format!("source {}", blocks.join(" or ")),
        RuleCondition::SourceIpAddressType(kind) => format!("source {}", ip_address_type(*kind)),
        RuleCondition::HttpRequestMethod(methods) => format!("method {}", methods.join(" or ")),
        RuleCondition::Other(field) => field.clone(),
    }
}

fn any_of(text: &TextMatch) -> String {
    let expressions = text.regular_expressions.iter().map(|it| format!("regular expression {it}"));
    let all: Vec<String> = text.values.iter().cloned().chain(expressions).collect();
    all.join(" or ")
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
