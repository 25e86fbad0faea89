//! Points in time as text, in UTC.

use std::time::{Duration, SystemTime};

const DAY: u64 = 24 * 60 * 60;

/// `2026-11-22 03:05 UTC`
pub(crate) fn absolute(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
    let (year, month, day) = date(seconds / DAY);
    let (hour, minute) = (seconds % DAY / 3600, seconds % 3600 / 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

/// `in 23 hours`, `2 minutes ago`
pub(crate) fn relative(time: SystemTime, now: SystemTime) -> String {
    match time.duration_since(now) {
        Ok(to_come) => format!("in {}", length(to_come)),
        Err(past) if past.duration().as_secs() < 5 => "just now".to_owned(),
        Err(past) => format!("{} ago", length(past.duration())),
    }
}

/// A length of time in its largest unit, rounded.
fn length(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (size, unit) = match seconds {
        0..60 => (1, "second"),
        60..3600 => (60, "minute"),
        3600..DAY => (3600, "hour"),
        DAY.. => (DAY, "day"),
    };
    let count = (seconds + size / 2) / size;
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// The civil date that many days after 1970-01-01. Years begin in March here, so that a leap day is the last of its
/// year.
fn date(days: u64) -> (u64, u64, u64) {
    const DAYS_TO_1970: u64 = 719_468; // from 0000-03-01
    const DAYS_OF_400_YEARS: u64 = 146_097;
    let days = days + DAYS_TO_1970;
    let (era, day) = (days / DAYS_OF_400_YEARS, days % DAYS_OF_400_YEARS);
    let year_of_era = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (year + year_of_era + era * 400, month, day_of_month)
}
