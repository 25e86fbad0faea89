use super::*;

#[test]
fn are_numbers_with_units() {
    for (text, seconds) in [
        ("30s", 30),
        ("15m", 15 * 60),
        ("12h", 12 * 3600),
        ("7d", 7 * 86400),
        ("2w", 14 * 86400),
        ("1h 30m", 5400),
        ("1h30m", 5400),
        (" 1 hour ", 3600),
        ("90 seconds", 90),
    ] {
        assert_eq!(duration::parse(text), Ok(Duration::from_secs(seconds)), "{text}");
    }
}

#[test]
fn say_what_is_wrong() {
    for (text, message) in [
        ("  ", "an empty duration: "),
        ("15", "a duration needs a unit: "),
        ("15q", "unknown unit `q`: use `s`, `m`, `h`, `d` or `w`"),
        ("15M", "unknown unit `M`: "),
        ("soon", "`soon` is not a duration: "),
        ("1.5h", "`1.5h` is not a duration: "),
        ("-1h", "`-1h` is not a duration: "),
        ("0s", "a duration of zero: "),
        ("0h 0m", "a duration of zero: "),
        ("101w 99999d", "`101w 99999d` is too long"),
        ("99999999999999999999w", "`99999999999999999999w` is too long"),
        ("18446744073709551615s 1s", "`18446744073709551615s 1s` is too long"),
    ] {
        let said = duration::parse(text).expect_err(text);
        assert!(said.starts_with(message), "{text}: {said}");
    }
}
