//! Durations as people write them: `500ms`, `5s`, `2m`.

use std::time::Duration;

/// The duration that `text` says.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at_checked(text.find(|c: char| !c.is_ascii_digit())?)?;
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn three_units_and_nothing_else() {
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse("5s"), Some(Duration::from_secs(5)));
        assert_eq!(parse("2m"), Some(Duration::from_secs(120)));
        for text in ["", "5", "s", "5 s", "-5s", "5h", "1.5s", "99999999999999999999s", "999999999999999999m"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
