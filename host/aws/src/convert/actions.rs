//! Actions of listeners and rules.

use std::collections::HashMap;

use albatross_contract::{
    AuthenticateCognitoAction, AuthenticateOidcAction, FixedResponseAction, ForwardAction, JwtClaim,
    JwtValidationAction, ListenerAction, RedirectAction, ResourceReference, Tag, WeightedTargetGroup,
};
use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::{count, small};
use crate::error::AwsError;

/// Converts actions from the SDK, in the order in which they run.
pub(crate) fn from_sdk(actions: &[sdk::Action]) -> Vec<ListenerAction> {
    let mut actions: Vec<&sdk::Action> = actions.iter().collect();
    // A single action needs no order, and AWS leaves it out.
    actions.sort_by_key(|action| action.order());
    actions.into_iter().map(one_from_sdk).collect()
}

/// Converts actions to the SDK, in the order in which they run.
///
/// # Errors
/// An action has a type that this version does not know, or refers to a resource that does not exist yet.
pub(crate) fn to_sdk(actions: &[ListenerAction]) -> Result<Vec<sdk::Action>, AwsError> {
    let several = actions.len() > 1;
    let ordered = actions
        .iter()
        .zip(1..)
        .map(|(action, order)| Ok(one_to_sdk(action)?.set_order(several.then_some(order)).build()));
    ordered.collect()
}

fn one_from_sdk(action: &sdk::Action) -> ListenerAction {
    let kind = action.r#type().map_or("", sdk::ActionTypeEnum::as_str);
    let known = match kind {
        "forward" => Some(ListenerAction::Forward(forward_from_sdk(action))),
        "redirect" => action.redirect_config().and_then(redirect_from_sdk).map(ListenerAction::Redirect),
        "fixed-response" => {
            action.fixed_response_config().and_then(fixed_from_sdk).map(ListenerAction::FixedResponse)
        }
        "authenticate-oidc" => {
            action.authenticate_oidc_config().map(oidc_from_sdk).map(ListenerAction::AuthenticateOidc)
        }
        "authenticate-cognito" => action
            .authenticate_cognito_config()
            .map(cognito_from_sdk)
            .map(ListenerAction::AuthenticateCognito),
        "jwt-validation" => {
            action.jwt_validation_config().map(jwt_from_sdk).map(ListenerAction::JwtValidation)
        }
        _ => None,
    };
    known.unwrap_or_else(|| ListenerAction::Other(kind.to_owned()))
}

/// Reads `ForwardConfig`, or `TargetGroupArn` if there is only one target group.
fn forward_from_sdk(action: &sdk::Action) -> ForwardAction {
    let existing = |arn: &str| ResourceReference::Existing(arn.to_owned());
    let config = action.forward_config();
    let mut target_groups: Vec<WeightedTargetGroup> = config
        .into_iter()
        .flat_map(|config| config.target_groups())
        .filter_map(|group| {
            let weight = group.weight().and_then(small).unwrap_or(1);
            Some(WeightedTargetGroup { target_group: existing(group.target_group_arn()?), weight })
        })
        .collect();
    if let (true, Some(arn)) = (target_groups.is_empty(), action.target_group_arn()) {
        target_groups.push(WeightedTargetGroup { target_group: existing(arn), weight: 1 });
    }
    let stickiness = config
        .and_then(|config| config.target_group_stickiness_config())
        .filter(|stickiness| stickiness.enabled() == Some(true))
        // On a Network Load Balancer the stickiness has no duration.
        .map(|stickiness| count(stickiness.duration_seconds()));
    ForwardAction { target_groups, stickiness }
}

fn redirect_from_sdk(config: &sdk::RedirectActionConfig) -> Option<RedirectAction> {
    // The defaults: ELBv2 API reference, RedirectActionConfig.
    let or = |value: Option<&str>, default: &str| value.unwrap_or(default).to_owned();
    Some(RedirectAction {
        protocol: or(config.protocol(), "#{protocol}"),
        host: or(config.host(), "#{host}"),
        port: or(config.port(), "#{port}"),
        path: or(config.path(), "/#{path}"),
        query: or(config.query(), "#{query}"),
        status_code: config.status_code()?.as_str().strip_prefix("HTTP_")?.parse().ok()?,
    })
}

fn fixed_from_sdk(config: &sdk::FixedResponseActionConfig) -> Option<FixedResponseAction> {
    Some(FixedResponseAction {
        status_code: config.status_code()?.parse().ok()?,
        content_type: config.content_type().map(str::to_owned),
        message_body: config.message_body().map(str::to_owned),
    })
}

fn oidc_from_sdk(config: &sdk::AuthenticateOidcActionConfig) -> AuthenticateOidcAction {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    AuthenticateOidcAction {
        issuer: text(config.issuer()),
        authorization_endpoint: text(config.authorization_endpoint()),
        token_endpoint: text(config.token_endpoint()),
        user_info_endpoint: text(config.user_info_endpoint()),
        client_id: text(config.client_id()),
        scope: config.scope().map(str::to_owned),
        session_cookie_name: config.session_cookie_name().map(str::to_owned),
        session_timeout: config.session_timeout().and_then(|seconds| u32::try_from(seconds).ok()),
        on_unauthenticated_request: config.on_unauthenticated_request().map(|it| it.as_str().to_owned()),
        authentication_request_extra_parameters: parameters_from_sdk(
            config.authentication_request_extra_params(),
        ),
    }
}

fn jwt_from_sdk(config: &sdk::JwtValidationActionConfig) -> JwtValidationAction {
    let claim = |claim: &sdk::JwtValidationActionAdditionalClaim| JwtClaim {
        name: claim.name().unwrap_or_default().to_owned(),
        format: claim.format().map(|format| format.as_str().to_owned()).unwrap_or_default(),
        values: claim.values().to_vec(),
    };
    JwtValidationAction {
        jwks_endpoint: config.jwks_endpoint().unwrap_or_default().to_owned(),
        issuer: config.issuer().unwrap_or_default().to_owned(),
        additional_claims: config.additional_claims().iter().map(claim).collect(),
    }
}

/// The parameters, sorted by name.
fn parameters_from_sdk(found: Option<&HashMap<String, String>>) -> Vec<Tag> {
    let pairs = found.into_iter().flatten();
    let mut pairs: Vec<Tag> =
        pairs.map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect();
    pairs.sort();
    pairs
}

/// The parameters; `None` instead of an empty map, as in AWS's answers.
fn parameters_to_sdk(parameters: &[Tag]) -> Option<HashMap<String, String>> {
    let pairs = parameters.iter().map(|it| (it.key.clone(), it.value.clone()));
    (!parameters.is_empty()).then(|| pairs.collect())
}

fn cognito_from_sdk(config: &sdk::AuthenticateCognitoActionConfig) -> AuthenticateCognitoAction {
    let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
    AuthenticateCognitoAction {
        user_pool_arn: text(config.user_pool_arn()),
        user_pool_client_id: text(config.user_pool_client_id()),
        user_pool_domain: text(config.user_pool_domain()),
        scope: config.scope().map(str::to_owned),
        session_cookie_name: config.session_cookie_name().map(str::to_owned),
        session_timeout: config.session_timeout().and_then(|seconds| u32::try_from(seconds).ok()),
        on_unauthenticated_request: config.on_unauthenticated_request().map(|it| it.as_str().to_owned()),
        authentication_request_extra_parameters: parameters_from_sdk(
            config.authentication_request_extra_params(),
        ),
    }
}

fn one_to_sdk(action: &ListenerAction) -> Result<sdk::builders::ActionBuilder, AwsError> {
    let builder = sdk::Action::builder();
    Ok(match action {
        ListenerAction::Forward(forward) => {
            builder.r#type(sdk::ActionTypeEnum::Forward).forward_config(forward_to_sdk(forward)?)
        }
        ListenerAction::Redirect(redirect) => {
            let config = sdk::RedirectActionConfig::builder()
                .protocol(&redirect.protocol)
                .host(&redirect.host)
                .port(&redirect.port)
                .path(&redirect.path)
                .query(&redirect.query)
                .status_code(format!("HTTP_{}", redirect.status_code).as_str().into());
            builder.r#type(sdk::ActionTypeEnum::Redirect).redirect_config(config.build())
        }
        ListenerAction::FixedResponse(response) => {
            let config = sdk::FixedResponseActionConfig::builder()
                .status_code(response.status_code.to_string())
                .set_content_type(response.content_type.clone())
                .set_message_body(response.message_body.clone());
            builder.r#type(sdk::ActionTypeEnum::FixedResponse).fixed_response_config(config.build())
        }
        ListenerAction::AuthenticateOidc(oidc) => {
            builder.r#type(sdk::ActionTypeEnum::AuthenticateOidc).authenticate_oidc_config(oidc_to_sdk(oidc))
        }
        ListenerAction::AuthenticateCognito(cognito) => builder
            .r#type(sdk::ActionTypeEnum::AuthenticateCognito)
            .authenticate_cognito_config(cognito_to_sdk(cognito)),
        ListenerAction::JwtValidation(jwt) => {
            builder.r#type(sdk::ActionTypeEnum::JwtValidation).jwt_validation_config(jwt_to_sdk(jwt))
        }
        ListenerAction::Other(kind) => {
            return Err(AwsError::Unsupported { what: format!("writing an action of type {kind}") });
        }
    })
}

fn forward_to_sdk(forward: &ForwardAction) -> Result<sdk::ForwardActionConfig, AwsError> {
    let mut config = sdk::ForwardActionConfig::builder();
    for group in &forward.target_groups {
        let arn = super::existing(&group.target_group)?;
        let tuple = sdk::TargetGroupTuple::builder().target_group_arn(arn).weight(group.weight.into());
        config = config.target_groups(tuple.build());
    }
    if let Some(seconds) = forward.stickiness {
        let stickiness = sdk::TargetGroupStickinessConfig::builder()
            .enabled(true)
            .set_duration_seconds((seconds > 0).then(|| i32::try_from(seconds).unwrap_or(i32::MAX)));
        config = config.target_group_stickiness_config(stickiness.build());
    }
    Ok(config.build())
}

/// AWS keeps the existing client secret: no snapshot and no plan contains it.
fn oidc_to_sdk(oidc: &AuthenticateOidcAction) -> sdk::AuthenticateOidcActionConfig {
    sdk::AuthenticateOidcActionConfig::builder()
        .issuer(&oidc.issuer)
        .authorization_endpoint(&oidc.authorization_endpoint)
        .token_endpoint(&oidc.token_endpoint)
        .user_info_endpoint(&oidc.user_info_endpoint)
        .client_id(&oidc.client_id)
        .use_existing_client_secret(true)
        .set_scope(oidc.scope.clone())
        .set_session_cookie_name(oidc.session_cookie_name.clone())
        .set_session_timeout(oidc.session_timeout.map(i64::from))
        .set_on_unauthenticated_request(oidc.on_unauthenticated_request.as_deref().map(Into::into))
        .set_authentication_request_extra_params(parameters_to_sdk(
            &oidc.authentication_request_extra_parameters,
        ))
        .build()
}

fn jwt_to_sdk(jwt: &JwtValidationAction) -> sdk::JwtValidationActionConfig {
    let claim = |claim: &JwtClaim| {
        sdk::JwtValidationActionAdditionalClaim::builder()
            .name(&claim.name)
            .format(claim.format.as_str().into())
            .set_values(Some(claim.values.clone()))
            .build()
    };
    let claims =
        (!jwt.additional_claims.is_empty()).then(|| jwt.additional_claims.iter().map(claim).collect());
    sdk::JwtValidationActionConfig::builder()
        .jwks_endpoint(&jwt.jwks_endpoint)
        .issuer(&jwt.issuer)
        .set_additional_claims(claims)
        .build()
}

fn cognito_to_sdk(cognito: &AuthenticateCognitoAction) -> sdk::AuthenticateCognitoActionConfig {
    sdk::AuthenticateCognitoActionConfig::builder()
        .user_pool_arn(&cognito.user_pool_arn)
        .user_pool_client_id(&cognito.user_pool_client_id)
        .user_pool_domain(&cognito.user_pool_domain)
        .set_scope(cognito.scope.clone())
        .set_session_cookie_name(cognito.session_cookie_name.clone())
        .set_session_timeout(cognito.session_timeout.map(i64::from))
        .set_on_unauthenticated_request(cognito.on_unauthenticated_request.as_deref().map(Into::into))
        .set_authentication_request_extra_params(parameters_to_sdk(
            &cognito.authentication_request_extra_parameters,
        ))
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forward(weights: &[(&str, u16)], stickiness: Option<u32>) -> ListenerAction {
        let group = |(arn, weight): &(&str, u16)| WeightedTargetGroup {
            target_group: ResourceReference::Existing((*arn).to_owned()),
            weight: *weight,
        };
        ListenerAction::Forward(ForwardAction {
            target_groups: weights.iter().map(group).collect(),
            stickiness,
        })
    }

    fn parameters() -> Vec<Tag> {
        let parameter = |key: &str| Tag { key: key.to_owned(), value: "login".to_owned() };
        vec![parameter("display"), parameter("prompt")]
    }

    #[test]
    fn stickiness_of_a_network_load_balancer_has_no_duration() {
        let sticky = [forward(&[("arn:a", 1)], Some(0))];
        let written = to_sdk(&sticky).unwrap();
        let config = written[0].forward_config().unwrap().target_group_stickiness_config().unwrap();
        assert_eq!((config.enabled(), config.duration_seconds()), (Some(true), None));
        assert_eq!(from_sdk(&written), sticky);
    }

    #[test]
    fn a_client_secret_is_dropped_even_if_a_server_returns_it() {
        let told = sdk::AuthenticateOidcActionConfig::builder().client_secret("hunter2");
        let told = sdk::Action::builder()
            .r#type(sdk::ActionTypeEnum::AuthenticateOidc)
            .authenticate_oidc_config(told.build());
        assert!(!format!("{:?}", from_sdk(&[told.build()])).contains("hunter2"));
    }

    #[test]
    fn actions_survive_a_round_trip() {
        let actions = [
            ListenerAction::AuthenticateOidc(AuthenticateOidcAction {
                issuer: "https://id.example.org".into(),
                authorization_endpoint: "https://id.example.org/a".into(),
                token_endpoint: "https://id.example.org/t".into(),
                user_info_endpoint: "https://id.example.org/u".into(),
                client_id: "shop".into(),
                scope: Some("openid email".into()),
                session_cookie_name: None,
                session_timeout: Some(3_600),
                on_unauthenticated_request: Some("deny".into()),
                authentication_request_extra_parameters: parameters(),
            }),
            ListenerAction::AuthenticateCognito(AuthenticateCognitoAction {
                user_pool_arn: "arn:aws:cognito-idp:eu-central-1:123456789012:userpool/a".into(),
                user_pool_client_id: "shop".into(),
                user_pool_domain: "shop".into(),
                scope: None,
                session_cookie_name: Some("shop".into()),
                session_timeout: None,
                on_unauthenticated_request: None,
                authentication_request_extra_parameters: parameters(),
            }),
            ListenerAction::JwtValidation(JwtValidationAction {
                jwks_endpoint: "https://id.example.org/keys".into(),
                issuer: "https://id.example.org".into(),
                additional_claims: vec![JwtClaim {
                    name: "scope".into(),
                    format: "space-separated-values".into(),
                    values: vec!["shop".into()],
                }],
            }),
            forward(&[("arn:a", 1), ("arn:b", 0)], Some(60)),
        ];
        assert_eq!(from_sdk(&to_sdk(&actions).unwrap()), actions);
        let redirect = [ListenerAction::Redirect(RedirectAction {
            protocol: "HTTPS".into(),
            host: "#{host}".into(),
            port: "443".into(),
            path: "/#{path}".into(),
            query: "#{query}".into(),
            status_code: 301,
        })];
        assert_eq!(from_sdk(&to_sdk(&redirect).unwrap()), redirect);
    }

    #[test]
    fn a_single_target_group_is_read_with_or_without_a_forward_configuration() {
        let alone =
            sdk::Action::builder().r#type(sdk::ActionTypeEnum::Forward).target_group_arn("arn:a").build();
        assert_eq!(from_sdk(&[alone]), [forward(&[("arn:a", 1)], None)]);
    }

    #[test]
    fn actions_are_sorted_by_order_whatever_the_order_of_the_answer() {
        let action = |order: i32, kind: &str| {
            sdk::Action::builder().r#type(sdk::ActionTypeEnum::from(kind)).order(order).build()
        };
        let read = from_sdk(&[action(2, "something-newer"), action(1, "something-new")]);
        assert_eq!(
            read,
            [ListenerAction::Other("something-new".into()), ListenerAction::Other("something-newer".into())]
        );
    }

    #[test]
    fn an_action_of_an_unknown_type_is_not_written() {
        assert!(to_sdk(&[ListenerAction::Other("something-new".into())]).is_err());
    }
}
