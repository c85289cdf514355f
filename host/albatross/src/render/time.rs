//! Times in UTC, to the minute or second, and lengths of time, in the form that people write.

use albatross_contract::{Seconds, Timestamp};

const DAY: u64 = 86_400;

/// `2026-11-21 09:30 UTC`; with seconds only when they are not zero.
pub fn moment(time: Timestamp) -> String {
    let (hour, minute, second) = clock(time);
    match second {
        0 => format!("{} {hour:02}:{minute:02} UTC", date(time)),
        _ => format!("{} {hour:02}:{minute:02}:{second:02} UTC", date(time)),
    }
}

/// `2026-11-21`.
pub fn date(time: Timestamp) -> String {
    let (year, month, day) = civil(time / DAY);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `1 h 4 min`, `12 s`, `3 days`: the two largest units.
pub fn length(seconds: Seconds) -> String {
    let (days, hours, minutes, rest) =
        (seconds / DAY, seconds % DAY / 3_600, seconds % 3_600 / 60, seconds % 60);
    let units = [(days, if days == 1 { "day" } else { "days" }), (hours, "h"), (minutes, "min"), (rest, "s")];
    let said: Vec<String> = units
        .iter()
        .skip_while(|(number, _)| *number == 0)
        .take(2)
        .filter(|(number, _)| *number > 0)
        .map(|(number, unit)| format!("{number} {unit}"))
        .collect();
    if said.is_empty() { "0 s".to_owned() } else { said.join(" ") }
}

/// Reads seconds since 1970, or RFC 3339 in UTC such as `2026-11-21T09:30:00Z`.
///
/// # Errors
/// The expected form, in one line.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    const EXPECTED: &str = "expected seconds since 1970 or a time in UTC such as 2026-11-21T09:30:00Z";
    if let Ok(seconds) = text.parse() {
        return Ok(seconds);
    }
    parse_rfc3339(text).ok_or_else(|| EXPECTED.to_owned())
}

fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if bytes.len() != 20 || separators.iter().any(|(at, byte)| bytes[*at] != *byte) {
        return None;
    }
    let number = |from: usize, to: usize| -> Option<u64> {
        let digits = text.get(from..to)?;
        if digits.bytes().all(|byte| byte.is_ascii_digit()) { digits.parse().ok() } else { None }
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    if year < 1970 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = days_since_1970(year, month, day);
    // A date that does not exist, such as February 30, comes back as another date.
    (civil(days) == (year, month, day)).then_some(days * DAY + hour * 3_600 + minute * 60 + second)
}

fn clock(time: Timestamp) -> (u64, u64, u64) {
    (time % DAY / 3_600, time % 3_600 / 60, time % 60)
}

/// Year, month and day of a number of days since 1970, by counting in eras of 400 years that begin in March
/// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let day_of_era = shifted % 146_097;
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// The inverse of [`civil`]; `month` and `day` may be out of range.
fn days_since_1970(year: u64, month: u64, day: u64) -> u64 {
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let era = shifted_year / 400;
    let year_of_era = shifted_year % 400;
    let month_from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * month_from_march + 2) / 5 + day.saturating_sub(1);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).saturating_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_utc() {
        assert_eq!(moment(0), "1970-01-01 00:00 UTC");
        assert_eq!(moment(1_795_253_400), "2026-11-21 09:30 UTC");
        assert_eq!(moment(1_795_253_407), "2026-11-21 09:30:07 UTC");
        assert_eq!(date(951_782_400), "2000-02-29");
    }

    #[test]
    fn lengths_have_two_units_at_most() {
        assert_eq!(length(0), "0 s");
        assert_eq!(length(120), "2 min");
        assert_eq!(length(3_840), "1 h 4 min");
        assert_eq!(length(DAY * 3 + 3), "3 days");
        assert_eq!(length(DAY + 7_230), "1 day 2 h");
    }

    #[test]
    fn a_time_is_read_as_it_is_written() {
        assert_eq!(parse("1795253400"), Ok(1_795_253_400));
        assert_eq!(parse("2026-11-21T09:30:00Z"), Ok(1_795_253_400));
        assert_eq!(parse("2000-02-29T00:00:00Z"), Ok(951_782_400));
    }

    #[test]
    fn a_time_that_does_not_exist_is_refused() {
        for text in [
            "",
            "soon",
            "2026-02-30T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-11-00T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T09:30:00+01:00",
            "2026-11-21",
            "-5",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
