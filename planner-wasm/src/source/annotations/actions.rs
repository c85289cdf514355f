//! Actions in annotations (`actions.NAME`): forward, redirect, fixed response.

use std::borrow::Cow;

use albatross_contract::{FixedResponseAction, RedirectAction, ServicePortReference};

use super::json::{Fault, Field, Fields, parse};
use crate::source::{Backend, BackendReference, Filter, InvalidBackend};

/// What an action does with requests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action {
    /// The filter that answers the requests. `None`: they are forwarded.
    pub filter: Option<Filter>,
    /// The backends.
    pub backends: Vec<Backend<'static>>,
    /// How long a client stays with one backend.
    pub stickiness: Option<u32>,
}

/// The target groups that an action may forward to (ELBv2 quota `target-groups-per-action-on-application-load-balancer`).
const MOST_BACKENDS: usize = 5;

/// The valid content types of a fixed response (ELBv2 API, FixedResponseActionConfig).
const CONTENT_TYPES: [&str; 5] =
    ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

#[derive(Clone, Copy)]
enum Kind {
    Forward,
    Redirect,
    Respond,
}

const KINDS: &[(&str, Kind)] =
    &[("forward", Kind::Forward), ("redirect", Kind::Redirect), ("fixed-response", Kind::Respond)];

/// Reads an action.
pub fn read(text: &str) -> Result<Action, Fault> {
    let value = parse(text)?;
    let mut fields = Field::whole(&value).fields()?;
    let kind = fields.required("type")?.choice(KINDS, "forward, redirect or fixed-response")?;
    let answers = |filter| Action { filter: Some(filter), backends: Vec::new(), stickiness: None };
    let action = match kind {
        Kind::Forward => forward(&mut fields)?,
        Kind::Redirect => answers(Filter::Redirect(redirect(&fields.required("redirectConfig")?)?)),
        Kind::Respond => answers(Filter::Respond(response(&fields.required("fixedResponseConfig")?)?)),
    };
    fields.no_others()?;
    Ok(action)
}

/// A forward action: one target group beside the type, or several with weights in `forwardConfig`.
fn forward(fields: &mut Fields<'_>) -> Result<Action, Fault> {
    let single = target_group(fields)?;
    let (backends, stickiness) = match (fields.optional("forwardConfig"), single) {
        (None, Some(to)) => (vec![Backend { to, weight: 1 }], None),
        (Some(config), None) => several(&config)?,
        (Some(config), Some(_)) => {
            return Err(config.wrong("is given together with a target group, expected one of them"));
        }
        (None, None) => {
            fields.required("forwardConfig")?;
            (Vec::new(), None)
        }
    };
    Ok(Action { filter: None, backends, stickiness })
}

fn several(config: &Field<'_>) -> Result<(Vec<Backend<'static>>, Option<u32>), Fault> {
    let mut fields = config.fields()?;
    let list = fields.required("targetGroups")?;
    let items = list.items("a list of target groups")?;
    if items.len() > MOST_BACKENDS {
        let message = format!("has {} target groups, expected at most {MOST_BACKENDS}", items.len());
        return Err(list.wrong(message));
    }
    let is_single = items.len() == 1;
    let backends: Result<Vec<Backend<'_>>, Fault> =
        items.iter().map(|item| backend(item, is_single)).collect();
    let stickiness = fields.optional("targetGroupStickinessConfig").map(|it| stickiness(&it)).transpose()?;
    fields.no_others()?;
    Ok((backends?, stickiness.flatten()))
}

fn backend(item: &Field<'_>, is_single: bool) -> Result<Backend<'static>, Fault> {
    let mut fields = item.fields()?;
    let target_group = target_group(&mut fields)?;
    let to = match (target_group, fields.optional("serviceName")) {
        (Some(to), None) => match fields.optional("servicePort") {
            Some(port) => return Err(port.wrong("belongs to a serviceName, which is missing")),
            None => to,
        },
        (None, Some(service)) => {
            let name = service.text("the name of a Service", |text| !text.is_empty())?.to_owned();
            let port = port(&fields.required("servicePort")?)?;
            BackendReference::Service { name: Cow::Owned(name), port: Cow::Owned(port) }
        }
        (Some(_), Some(service)) => {
            return Err(service.wrong("is given together with a target group, expected one of them"));
        }
        (None, None) => return Err(item.wrong("has no serviceName, targetGroupARN or targetGroupName")),
    };
    let weight = match fields.optional("weight") {
        Some(weight) => weight.number(0..=999)?,
        None if is_single => 1,
        None => return Err(item.wrong("has no weight, which each of several target groups needs")),
    };
    fields.no_others()?;
    Ok(Backend { to, weight: u16::try_from(weight).unwrap_or(u16::MAX) })
}

/// The target group that `targetGroupARN` or `targetGroupName` names: one that was not created for this cluster. A target
/// group serves only one load balancer, so a rule would take the target group from its owner.
fn target_group(fields: &mut Fields<'_>) -> Result<Option<BackendReference<'static>>, Fault> {
    let is_named = |text: &str| !text.is_empty();
    let by_arn = fields.optional("targetGroupARN");
    let by_name = fields.optional("targetGroupName");
    let named = match (by_arn, by_name) {
        (Some(_), Some(name)) => {
            return Err(name.wrong("is given together with targetGroupARN, expected one of them"));
        }
        (Some(arn), None) => Some(arn.text("the ARN of a target group", is_named)?),
        (None, Some(name)) => Some(name.text("the name of a target group", is_named)?),
        (None, None) => None,
    };
    let invalid = |name| {
        let reason = format!("Albatross forwards only to Services, not to the existing target group {name}");
        InvalidBackend::new(reason, "use serviceName and servicePort")
    };
    Ok(named.map(|name| BackendReference::Invalid(invalid(name))))
}

/// A port by number or name; a text of digits is a number.
fn port(field: &Field<'_>) -> Result<ServicePortReference, Fault> {
    let expected = "a number from 1 to 65535, or the name of a port";
    let word = field.word().filter(|word| !word.is_empty()).ok_or_else(|| field.fault(expected))?;
    if word.bytes().all(|byte| byte.is_ascii_digit()) || word.starts_with('-') {
        let number = word.parse().ok().filter(|number| *number > 0);
        return number.map(ServicePortReference::Number).ok_or_else(|| field.fault(expected));
    }
    Ok(ServicePortReference::Name(word))
}

/// How long a client stays with one target group (ELBv2 API, TargetGroupStickinessConfig).
fn stickiness(config: &Field<'_>) -> Result<Option<u32>, Fault> {
    let mut fields = config.fields()?;
    let is_enabled = fields.optional("enabled").map(|it| it.boolean()).transpose()?.unwrap_or(false);
    let seconds = fields.optional("durationSeconds").map(|it| it.number(1..=604_800)).transpose()?;
    fields.no_others()?;
    if is_enabled && seconds.is_none() {
        fields.required("durationSeconds")?;
    }
    Ok(seconds.filter(|_| is_enabled))
}

/// A redirect; absent parts stay as the request has them (ELBv2 API, RedirectActionConfig).
fn redirect(config: &Field<'_>) -> Result<RedirectAction, Fault> {
    let mut fields = config.fields()?;
    let mut part = |name, default: &str, expected: &str, is_fit: fn(&str) -> bool| {
        let given = fields.optional(name).map(|it| it.text(expected, is_fit).map(str::to_owned));
        Ok::<_, Fault>(given.transpose()?.unwrap_or_else(|| default.to_owned()))
    };
    let is_short = |text: &str| (1..=128).contains(&text.len());
    let host = part("host", "#{host}", "a host of up to 128 characters", is_short)?;
    let path = part("path", "/#{path}", "a path that begins with /, of up to 128 characters", |text| {
        text.starts_with('/') && text.len() <= 128
    })?;
    let port = part("port", "#{port}", "a text such as \"443\", from 1 to 65535, or #{port}", |text| {
        text == "#{port}" || text.parse().is_ok_and(|port: u16| port > 0)
    })?;
    let protocol = part("protocol", "#{protocol}", "HTTP, HTTPS or #{protocol}", |text| {
        matches!(text, "HTTP" | "HTTPS" | "#{protocol}")
    })?;
    let query = part("query", "#{query}", "a query of up to 128 characters", |text| text.len() <= 128)?;
    let codes = &[("HTTP_301", 301), ("HTTP_302", 302)];
    let status_code = fields.required("statusCode")?.choice(codes, "HTTP_301 or HTTP_302")?;
    fields.no_others()?;
    let redirect = RedirectAction { protocol, host, port, path, query, status_code };
    if is_unchanged(&redirect) {
        return Err(config.wrong("changes neither protocol, host, port nor path, so it redirects to itself"));
    }
    Ok(redirect)
}

fn is_unchanged(redirect: &RedirectAction) -> bool {
    let RedirectAction { protocol, host, port, path, .. } = redirect;
    (protocol == "#{protocol}" && port == "#{port}") && (host == "#{host}" && path == "/#{path}")
}

fn response(config: &Field<'_>) -> Result<FixedResponseAction, Fault> {
    let mut fields = config.fields()?;
    let status = fields.required("statusCode")?.text("a text such as \"404\": 2XX, 4XX or 5XX", |text| {
        text.len() == 3 && text.starts_with(['2', '4', '5']) && text.bytes().all(|byte| byte.is_ascii_digit())
    })?;
    let content_type = fields.optional("contentType").map(|it| {
        it.text(&format!("one of {}", CONTENT_TYPES.join(", ")), |text| CONTENT_TYPES.contains(&text))
    });
    let body = fields
        .optional("messageBody")
        .map(|it| it.text("a text of up to 1024 characters", |text| text.chars().count() <= 1_024));
    let action = FixedResponseAction {
        status_code: status.parse().unwrap_or_default(),
        content_type: content_type.transpose()?.map(str::to_owned),
        message_body: body.transpose()?.filter(|body| !body.is_empty()).map(str::to_owned),
    };
    fields.no_others()?;
    Ok(action)
}

#[cfg(test)]
mod tests;
