//! Names as the API server accepts them (`k8s.io/apimachinery/pkg/util/validation`). A name that it refuses is refused in a
//! manifest as well, so that a plan from manifests is the plan that the cluster will get.

use crate::{
    failure::Failure,
    field::{Field, shown},
};

/// RFC 1123 label: lower-case letters, digits and hyphens, up to 63, beginning and ending with a letter or digit.
pub(crate) fn is_label(text: &str) -> bool {
    let good = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && bytes.first().is_some_and(good)
        && bytes.last().is_some_and(good)
        && bytes.iter().all(|byte| good(byte) || *byte == b'-')
}

/// RFC 1123 subdomain: labels separated by dots, up to 253 characters. (Labels of any length, as in the API.)
pub(crate) fn is_subdomain(text: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let label = |label: &[u8]| {
        label.first().copied().is_some_and(good)
            && label.last().copied().is_some_and(good)
            && label.iter().all(|byte| good(*byte) || *byte == b'-')
    };
    text.len() <= 253 && text.as_bytes().split(|byte| *byte == b'.').all(label)
}

/// The name of an object.
pub(crate) fn name(field: &Field<'_>) -> Result<String, Failure> {
    let text = field.required_text()?;
    if !is_subdomain(text) {
        return Err(field.fail(&format!(
            "{} is not a name: lower-case letters, digits, hyphens and dots, up to 253",
            shown(text)
        )));
    }
    Ok(text.to_owned())
}

/// The name of a namespace; `default` if it is absent.
pub(crate) fn namespace(field: &Field<'_>) -> Result<String, Failure> {
    let text = field.text()?.unwrap_or("default");
    if !is_label(text) {
        return Err(field.fail(&format!(
            "{} is not a namespace: lower-case letters, digits and hyphens, up to 63",
            shown(text)
        )));
    }
    Ok(text.to_owned())
}

/// A host of a rule: a DNS name, or `*.` and a DNS name.
pub(crate) fn host(field: &Field<'_>) -> Result<Option<String>, Failure> {
    let Some(text) = field.text()? else { return Ok(None) };
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Err(field.fail(&format!("{} is an address, expected a DNS name", shown(text))));
    }
    tls_host(field)
}

/// A host of `spec.tls`: as in a rule, but the API server accepts an IPv4 address too, since it has the form of a DNS name
/// (`ValidateIngressSpec`).
pub(crate) fn tls_host(field: &Field<'_>) -> Result<Option<String>, Failure> {
    let Some(text) = field.text()? else { return Ok(None) };
    if !is_subdomain(text.strip_prefix("*.").unwrap_or(text)) {
        return Err(field.fail(&format!(
            "{} is not a host: a DNS name in lower case, in which * stands for the whole first label only",
            shown(text)
        )));
    }
    Ok(Some(text.to_owned()))
}
