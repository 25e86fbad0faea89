//! Durations as they are written in attributes: `"15m"`, `"1h 30m"`.

use std::time::Duration;

const EXPECTED: &str = "write a number and a unit, as in `\"30s\"`, `\"15m\"`, `\"12h\"`, `\"7d\"` or `\"1h 30m\"`";

/// Sums of times and durations stay far from overflow.
const LONGEST: u64 = 100 * 365 * 24 * 60 * 60;

pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim_start();
    if rest.is_empty() {
        return Err(format!("an empty duration: {EXPECTED}"));
    }
    while !rest.is_empty() {
        let (amount, after) = split_where(rest, |c| !c.is_ascii_digit());
        let (unit, after) = split_where(after.trim_start(), |c| !c.is_alphabetic());
        rest = after.trim_start();
        if amount.is_empty() || (unit.is_empty() && !rest.is_empty()) {
            return Err(format!("`{text}` is not a duration: {EXPECTED}"));
        }
        let unit = unit_seconds(unit).ok_or_else(|| unknown_unit(unit))?;
        let part = amount.parse().ok().and_then(|amount: u64| amount.checked_mul(unit));
        seconds = part.map_or(u64::MAX, |part| seconds.saturating_add(part));
    }
    match seconds {
        0 => Err("a duration of zero: the value would never be there".into()),
        too_long if too_long > LONGEST => Err(format!("`{text}` is too long: 100 years are the most")),
        _ => Ok(Duration::from_secs(seconds)),
    }
}

fn split_where(text: &str, end: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(end).unwrap_or(text.len()))
}

fn unit_seconds(unit: &str) -> Option<u64> {
    Some(match unit {
        "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        "w" | "week" | "weeks" => 7 * 24 * 60 * 60,
        _ => return None,
    })
}

fn unknown_unit(unit: &str) -> String {
    match unit {
        "" => format!("a duration needs a unit: {EXPECTED}"),
        _ => format!("unknown unit `{unit}`: use `s`, `m`, `h`, `d` or `w`"),
    }
}
