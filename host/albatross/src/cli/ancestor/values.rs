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

/// A port.
pub fn port(value: &str) -> Result<Value, String> {
    value.parse::<u16>().map(|port| json!(port)).map_err(|_| "expected a port, 1 to 65535".to_owned())
}

/// A port; 0 is none of its own.
pub fn other_port(value: &str) -> Result<Value, String> {
    match port(value)? {
        zero if zero == json!(0) => Ok(Value::Null),
        port => Ok(port),
    }
}

/// A status code of HTTP.
pub fn status(value: &str) -> Result<Value, String> {
    value.parse::<u16>().map(|code| json!(code)).map_err(|_| "expected a status code such as 401".to_owned())
}

/// One of these values, which settings write with hyphens.
fn one_of(value: &str, values: &[&str]) -> Result<Value, String> {
    match values.contains(&value) {
        true => Ok(json!(value.replace('_', "-"))),
        false => Err(format!("expected {}", values.join(" or "))),
    }
}

/// The address type of load balancers.
pub fn address_type(value: &str) -> Result<Value, String> {
    one_of(value, &["ipv4", "dualstack"])
}

/// The address type of targets.
pub fn target_address_type(value: &str) -> Result<Value, String> {
    one_of(value, &["ipv4", "ipv6"])
}

/// A kind of load balancer.
pub fn kind(value: &str) -> Result<Value, String> {
    one_of(value, &["application", "network"])
}

/// A zone affinity.
pub fn zone_affinity(value: &str) -> Result<Value, String> {
    one_of(
        value,
        &["availability_zone_affinity", "partial_availability_zone_affinity", "any_availability_zone"],
    )
}

/// A domain, whose hosts kube-ingress-aws-controller finds by their ends: a dot at its beginning says the same.
pub fn domain(value: &str) -> Result<Value, String> {
    entry(value.strip_prefix('.').unwrap_or(value))
}

pub fn yes(_: &str) -> Result<Value, String> {
    Ok(json!(true))
}

/// One certificate for each load balancer, since SNI is switched off.
pub fn one(_: &str) -> Result<Value, String> {
    Ok(json!(1))
}

/// A length of time as Go writes it, such as `1m30s` or `1.5h`, in whole seconds.
pub fn seconds(value: &str) -> Result<Value, String> {
    const SECOND: u64 = 1_000_000_000;
    let expected = || "expected a length of time in whole seconds, such as 90s, 6m or 1h30m".to_owned();
    // Go's ParseDuration takes 0 without a unit.
    let length = if value == "0" { Some(0) } else { nanoseconds(value) };
    let length = length.filter(|length| length.is_multiple_of(SECOND)).ok_or_else(expected)?;
    Ok(json!(length / SECOND))
}

/// A length of time in the units of Go's ParseDuration. `None`: it is none, or not one of whole nanoseconds, or too long.
fn nanoseconds(value: &str) -> Option<u64> {
    const UNITS: [(&str, u64); 8] = [
        ("ns", 1),
        ("us", 1_000),
        ("\u{b5}s", 1_000),
        ("\u{3bc}s", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    let mut rest = value;
    let mut sum: u64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|found: char| !found.is_ascii_digit() && found != '.')?;
        let (number, after) = rest.split_at(end);
        let (after, unit) =
            UNITS.iter().find_map(|(unit, length)| Some((after.strip_prefix(unit)?, *length)))?;
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let part = match (whole, fraction) {
            ("", "") => return None,
            ("", _) => 0,
            (whole, _) => whole.parse::<u64>().ok()?.checked_mul(unit)?,
        };
        sum = sum.checked_add(part)?.checked_add(fraction_of(unit, fraction)?)?;
        rest = after;
    }
    Some(sum).filter(|_| !value.is_empty())
}

/// A part of a unit, by the digits behind the point. `None`: it is not a whole number.
fn fraction_of(unit: u64, digits: &str) -> Option<u64> {
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let scale = 10_u64.checked_pow(u32::try_from(digits.len()).ok()?)?;
    let part = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    part.is_multiple_of(scale).then(|| part / scale)
}

/// A tag, written `key=value`. A value may contain `=`.
pub fn tag(value: &str) -> Result<Value, String> {
    match value.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok(json!({ "key": key, "value": value })),
        _ => Err("expected key=value".to_owned()),
    }
}

/// One tag of a list; the flag may be repeated. The first `=` or `:` ends the key, as in kingpin's `StringMap`.
pub fn tag_entry(value: &str) -> Result<Value, String> {
    match value.split_once([':', '=']) {
        Some((key, value)) => Ok(json!([tag(&format!("{key}={value}"))?])),
        None => tag(value),
    }
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

/// An address without a host, such as `:7979`, or with one, as ours.
pub fn address(value: &str) -> Result<String, String> {
    let address = match value.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None if value.starts_with(':') => format!("[::]{value}"),
        None => value.to_owned(),
    };
    match address.parse::<std::net::SocketAddr>() {
        Ok(_) => Ok(address),
        Err(_) => Err("expected an IP address with a port, or only the port, such as :7979".to_owned()),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_those_of_go_in_whole_seconds() {
        for (text, expected) in [
            ("0", 0),
            ("0s", 0),
            ("90s", 90),
            ("30m0s", 1_800),
            ("1.5h", 5_400),
            (".5m1h0.25m15000ms", 3_660),
            ("1000000us59s", 60),
            ("1000000\u{b5}s", 1),
        ] {
            assert_eq!(seconds(text), Ok(json!(expected)), "{text}");
        }
        for text in [
            "",
            "1",
            "h",
            ".h",
            "1.5",
            "1.2.3h",
            "1d",
            "-5m",
            "1.5s",
            "300000000h",
            "0.0000000000000000000001h",
        ] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_tag_has_its_key_before_the_first_sign() {
        let tag = |key: &str, value: &str| Ok(json!([{ "key": key, "value": value }]));
        assert_eq!(tag_entry("cost=1"), tag("cost", "1"));
        assert_eq!(tag_entry("cost:1"), tag("cost", "1"));
        assert_eq!(tag_entry("cost=a:1"), tag("cost", "a:1"));
        assert_eq!(tag_entry("cost:a=1"), tag("cost", "a=1"));
        assert!(tag_entry("cost").is_err() && tag_entry(":1").is_err());
    }

    #[test]
    fn a_domain_may_begin_with_a_dot() {
        assert_eq!(domain(".cluster.local"), Ok(json!(["cluster.local"])));
        assert_eq!(domain("cluster.local"), Ok(json!(["cluster.local"])));
        assert_eq!(domain("..cluster.local"), Ok(json!([".cluster.local"])), "the planner refuses it");
    }

    #[test]
    fn an_address_is_a_port_alone_an_ip_address_or_the_local_host() {
        for (text, expected) in
            [(":7979", "[::]:7979"), ("0.0.0.0:80", "0.0.0.0:80"), ("localhost:7979", "127.0.0.1:7979")]
        {
            assert_eq!(address(text).as_deref(), Ok(expected));
        }
        assert!(address("metrics.example.org:7979").is_err() && address("7979").is_err());
    }

    #[test]
    fn only_values_that_it_knows_are_taken_and_written_as_settings_write_them() {
        assert_eq!(zone_affinity("any_availability_zone"), Ok(json!("any-availability-zone")));
        assert_eq!(kind("network"), Ok(json!("network")));
        assert_eq!(kind("gateway"), Err("expected application or network".to_owned()));
        assert_eq!(address_type("ipv6"), Err("expected ipv4 or dualstack".to_owned()));
        assert_eq!((other_port("0"), other_port("1")), (Ok(Value::Null), Ok(json!(1))));
        assert!(port("65536").is_err() && port("-1").is_err() && status("x").is_err());
    }
}
