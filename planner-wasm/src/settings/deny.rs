//! Checks of the settings for requests to internal domains.

use albatross_contract::{DenySettings, PlanningError};

use super::invalid;

/// Content types of fixed responses (ELBv2 API reference, `FixedResponseActionConfig`).
const CONTENT_TYPES: [&str; 5] =
    ["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

/// Largest body of a fixed response, in bytes (ELBv2 API reference, `FixedResponseActionConfig`).
const LARGEST_BODY: usize = 1_024;

/// Refuses hosts and responses that AWS would refuse.
pub fn check(settings: &DenySettings) -> Result<(), PlanningError> {
    if let Some(domain) = settings.domains.iter().find(|domain| !is_host(domain)) {
        let what = format!(
            "has {domain:?}, which is not a host for a listener rule; write it as *.cluster.local: up to 128 letters, digits, -, ., \
             and up to 5 wildcards * and ?, with only letters after the last dot"
        );
        return Err(invalid("proxy.deny.domains", &what));
    }
    let body = settings.response.as_deref().unwrap_or_default();
    if body.len() > LARGEST_BODY {
        let what = format!("has {} bytes; a fixed response has up to {LARGEST_BODY}", body.len());
        return Err(invalid("proxy.deny.response", &what));
    }
    if let Some(found) = settings.content_type.as_deref().filter(|found| !CONTENT_TYPES.contains(found)) {
        let what = format!("is {found:?}; it must be one of {}", CONTENT_TYPES.join(", "));
        return Err(invalid("proxy.deny.content-type", &what));
    }
    match settings.status_code.filter(|status| !matches!(status / 100, 2 | 4 | 5)) {
        Some(status) => {
            let what = format!("is {status}; it must be 200 to 299, or 400 to 599");
            Err(invalid("proxy.deny.status-code", &what))
        }
        None => Ok(()),
    }
}

/// A host condition has up to 128 characters, a dot, and only letters after the last dot (user guide for Application Load
/// Balancers, "Host conditions").
fn is_host(host: &str) -> bool {
    let is_good = |found: char| found.is_ascii_alphanumeric() || "-.*?".contains(found);
    let wildcards = host.chars().filter(|found| matches!(found, '*' | '?')).count();
    let ends = host.rsplit_once('.').is_some_and(|(begin, end)| {
        !begin.is_empty() && !end.is_empty() && end.chars().all(|found| found.is_ascii_alphabetic())
    });
    host.len() <= 128 && wildcards <= 5 && ends && host.chars().all(is_good)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(domain: &str) -> DenySettings {
        DenySettings { domains: vec![domain.into()], response: None, content_type: None, status_code: None }
    }

    #[test]
    fn what_a_listener_rule_can_say_is_accepted() {
        for domain in ["*.cluster.local", "*.ingress.cluster.local", "kube-?.example.org"] {
            assert_eq!(check(&settings(domain)), Ok(()), "{domain}");
        }
        let others = DenySettings {
            response: Some("x".repeat(1_024)),
            content_type: Some("application/json".into()),
            status_code: Some(503),
            ..settings("*.cluster.local")
        };
        assert_eq!(check(&others), Ok(()));
    }

    #[test]
    fn what_aws_would_refuse_names_the_setting_and_what_is_expected() {
        let good = || settings("*.cluster.local");
        for (settings, expected) in [
            (settings("local"), "proxy.deny.domains has \"local\""),
            (settings("*.cluster.*"), "with only letters after the last dot"),
            (settings("*.*.*.*.*.*.local"), "up to 5 wildcards"),
            (settings("*.cluster local"), "proxy.deny.domains"),
            (settings(&format!("{}.local", "a".repeat(123))), "up to 128"),
            (
                DenySettings { response: Some("x".repeat(1_025)), ..good() },
                "proxy.deny.response has 1025 bytes; a fixed response has up to 1024",
            ),
            (
                DenySettings { content_type: Some("text/xml".into()), ..good() },
                "proxy.deny.content-type is \"text/xml\"; it must be one of text/plain",
            ),
            (DenySettings { status_code: Some(302), ..good() }, "proxy.deny.status-code is 302"),
            (DenySettings { status_code: Some(600), ..good() }, "200 to 299, or 400 to 599"),
        ] {
            let message = check(&settings).unwrap_err().message;
            assert!(message.contains(expected), "{message}");
        }
    }
}
