//! Lengths of time in words, as people write them in settings: `1h`, `90s`, `1h30m`.

/// Units in seconds, the largest first.
const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// The pattern in the JSON schema.
pub(crate) const PATTERN: &str = "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$";

/// The examples in messages.
pub const EXAMPLES: &str = r#""90s", "10m", "1h" or "1h30m""#;

/// Seconds of a length of time: numbers with a unit, the larger units first. `None`: the text is not a length of time, or
/// the number is too large.
pub fn parse(text: &str) -> Option<u64> {
    let mut rest = text;
    let mut seconds: u64 = 0;
    for (unit, length) in UNITS {
        let digits = rest.len() - rest.trim_start_matches(|digit: char| digit.is_ascii_digit()).len();
        if let Some(after) = rest[digits..].strip_prefix(unit) {
            let number: u64 = rest[..digits].parse().ok()?;
            seconds = seconds.checked_add(number.checked_mul(length)?)?;
            rest = after;
        }
    }
    (rest.is_empty() && !text.is_empty()).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_has_units_the_larger_first() {
        for (text, seconds) in
            [("90s", 90), ("10m", 600), ("1h", 3_600), ("1h30m", 5_400), ("2d", 172_800), ("0s", 0)]
        {
            assert_eq!(parse(text), Some(seconds), "{text}");
        }
        for text in
            ["", "3600", "h", "1w", "30m1h", "1h 30m", "-1h", "1.5h", "1hh", "99999999999999999d", "１h"]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
