//! Values of flags of kube-ingress-aws-controller, as the settings of Albatross write them.

use serde_json::{Value, json};

/// How the value of a flag becomes the value of a setting. The error says in words what is expected.
pub type Read = fn(&str) -> Result<Value, String>;

pub fn text(value: &str) -> Result<Value, String> {
    Ok(json!(value))
}

/// One entry of a list; the flag may be repeated.
pub fn entry(value: &str) -> Result<Value, String> {
    Ok(json!([value]))
}

pub fn number(value: &str) -> Result<Value, String> {
    value.parse::<u32>().map(|number| json!(number)).map_err(|_| "expected a whole number".to_owned())
}

pub fn yes(_: &str) -> Result<Value, String> {
    Ok(json!(true))
}

/// One certificate for each load balancer, since SNI is switched off.
pub fn one(_: &str) -> Result<Value, String> {
    Ok(json!(1))
}

/// A length of time as Go writes it, such as `1m30s`, in whole seconds.
pub fn seconds(value: &str) -> Result<Value, String> {
    const EXPECTED: &str = "expected a length of time in whole seconds, such as 90s, 6m or 1h30m";
    let mut rest = value;
    let mut milliseconds: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        let (count, after) = rest.split_at(digits);
        let units = [("ms", 1), ("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
        let unit = units.iter().find_map(|(unit, length)| Some((after.strip_prefix(unit)?, *length)));
        let (after, length) = unit.ok_or(EXPECTED)?;
        let count: u64 = count.parse().map_err(|_| EXPECTED)?;
        let part = count.checked_mul(length).ok_or(EXPECTED)?;
        milliseconds = milliseconds.checked_add(part).ok_or(EXPECTED)?;
        rest = after;
    }
    if value.is_empty() || !milliseconds.is_multiple_of(1_000) {
        return Err(EXPECTED.to_owned());
    }
    Ok(json!(milliseconds / 1_000))
}

/// A tag, written `key=value`. A value may contain `=`.
pub fn tag(value: &str) -> Result<Value, String> {
    match value.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok(json!({ "key": key, "value": value })),
        _ => Err("expected key=value".to_owned()),
    }
}

/// One tag of a list; the flag may be repeated.
pub fn tag_entry(value: &str) -> Result<Value, String> {
    Ok(json!([tag(value)?]))
}

/// A list of classes, separated by commas. A comma at the end adds the Ingresses without a class.
pub fn classes(value: &str) -> Result<Value, String> {
    let class = |name: &str| json!({ "name": name, "mode": "proxy" });
    Ok(value.split(',').map(|name| class(name.trim())).collect())
}

/// Requests for internal domains are answered; other flags say how.
pub fn object(_: &str) -> Result<Value, String> {
    Ok(json!({}))
}

/// An address without a host, such as `:7979`, as ours.
pub fn address(value: &str) -> Result<String, String> {
    let address = if value.starts_with(':') { format!("[::]{value}") } else { value.to_owned() };
    match address.parse::<std::net::SocketAddr>() {
        Ok(_) => Ok(address),
        Err(_) => Err("expected an address with a port, such as :7979".to_owned()),
    }
}

/// Whether pods or nodes are the targets; other flags say which pods.
pub fn pods(value: &str) -> Result<Value, String> {
    match value {
        "AWSCNI" => Ok(json!({})),
        "HostPort" | "Legacy" => Ok(Value::Null),
        _ => Err("expected HostPort, Legacy or AWSCNI".to_owned()),
    }
}

/// HTTPS to the targets.
pub fn https(_: &str) -> Result<Value, String> {
    Ok(json!("https"))
}

/// A zone affinity, which settings write with hyphens.
pub fn zone_affinity(value: &str) -> Result<Value, String> {
    Ok(json!(value.replace('_', "-")))
}

/// A port; 0 is none of its own.
pub fn port(value: &str) -> Result<Value, String> {
    match number(value)? {
        zero if zero == json!(0) => Ok(Value::Null),
        port => Ok(port),
    }
}
