//! Durations as they are written in attributes: `"15m"`, `"1h 30m"`.

use std::time::Duration;

const EXPECTED: &str = "write a number and a unit, as in `\"30s\"`, `\"15m\"`, `\"12h\"`, `\"7d\"` or `\"1h 30m\"`";

pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let mut seconds: u64 = 0;
    let mut rest = text.trim_start();
    if rest.is_empty() {
        return Err(format!("an empty duration: {EXPECTED}"));
    }
    while !rest.is_empty() {
        let (amount, after) = split_where(rest, |c| !c.is_ascii_digit());
        let (unit, after) = split_where(after, |c| !c.is_alphabetic());
        let amount: u64 = amount.parse().map_err(|_| format!("`{text}` is not a duration: {EXPECTED}"))?;
        let part = amount.checked_mul(unit_seconds(unit).ok_or_else(|| unknown_unit(unit))?);
        seconds = part.and_then(|part| seconds.checked_add(part)).ok_or_else(|| format!("`{text}` is too long"))?;
        rest = after.trim_start();
    }
    match seconds {
        0 => Err("a duration of zero: the value would never be there".into()),
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
