//! The values of plain (unquoted) YAML scalars.
//!
//! kubectl reads YAML 1.1 with sigs.k8s.io/yaml (`goyaml.v2/resolve.go`): there, `yes`, `on` and `n` are booleans, and
//! `0123` is octal. A manifest must mean the same here.

use crate::tree::Value;

const TRUE: [&str; 11] = ["true", "True", "TRUE", "yes", "Yes", "YES", "y", "Y", "on", "On", "ON"];
const FALSE: [&str; 11] = ["false", "False", "FALSE", "no", "No", "NO", "n", "N", "off", "Off", "OFF"];

/// The value of a plain scalar.
pub(crate) fn resolve(plain: &str) -> Value {
    if matches!(plain, "" | "~" | "null" | "Null" | "NULL") {
        return Value::Null;
    }
    for (value, words) in [(true, TRUE), (false, FALSE)] {
        if let Some(written) = words.iter().find(|word| **word == plain) {
            return Value::Boolean(value, written);
        }
    }
    // A cheap check comes first, since most scalars are words.
    if !plain.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.')) {
        return Value::Text(plain.to_owned());
    }
    let digits = plain.replace('_', "");
    match integer(&digits) {
        Some(integer) => Value::Integer(integer),
        None if is_number(&digits) => Value::Number(plain.to_owned()),
        None => Value::Text(plain.to_owned()),
    }
}

fn integer(digits: &str) -> Option<i64> {
    let (negative, unsigned) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(digits)),
    };
    let prefix = unsigned.get(..2).map(str::to_ascii_lowercase);
    let (radix, unsigned) = match prefix.as_deref() {
        Some("0x") => (16, &unsigned[2..]),
        Some("0o") => (8, &unsigned[2..]),
        Some("0b") => (2, &unsigned[2..]),
        Some(octal) if octal.starts_with('0') => (8, &unsigned[1..]),
        _ => (10, unsigned),
    };
    if !unsigned.starts_with(|first: char| first.is_digit(radix)) {
        return None; // a second sign
    }
    let magnitude = i64::from_str_radix(unsigned, radix).ok()?;
    Some(if negative { -magnitude } else { magnitude })
}

/// Any other number: `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, `.inf`, `.nan`.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (unsigned, None),
    };
    let mantissa_good = match mantissa.split_once('.') {
        Some(("", fraction)) => all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && (fraction.is_empty() || all_digits(fraction)),
        None => all_digits(mantissa),
    };
    mantissa_good && exponent.is_none_or(all_digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_scalar_has_the_value_that_kubectl_gives_it() {
        let text = |text: &str| Value::Text(text.to_owned());
        let number = |text: &str| Value::Number(text.to_owned());
        for (plain, value) in [
            ("~", Value::Null),
            ("yes", Value::Boolean(true, "yes")),
            ("off", Value::Boolean(false, "off")),
            ("80", Value::Integer(80)),
            ("-1_000", Value::Integer(-1000)),
            ("0x1F", Value::Integer(31)),
            ("0b101", Value::Integer(5)),
            ("0o17", Value::Integer(15)),
            ("017", Value::Integer(15)),
            ("0", Value::Integer(0)),
            ("08", number("08")),
            ("1.10", number("1.10")),
            ("1e3", number("1e3")),
            (".5", number(".5")),
            ("-.inf", number("-.inf")),
            ("99999999999999999999", number("99999999999999999999")),
            ("2048-game", text("2048-game")),
            ("1.2.3", text("1.2.3")),
            ("--5", text("--5")),
            ("0x", text("0x")),
            ("-", text("-")),
            ("10.0.0.1", text("10.0.0.1")),
            ("2026-11-21T09:30:00Z", text("2026-11-21T09:30:00Z")),
            ("shop", text("shop")),
        ] {
            assert_eq!(resolve(plain), value, "{plain}");
        }
    }
}
