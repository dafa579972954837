//! Durations as people write them: `500ms`, `5s`, `2m`.

use std::time::Duration;

/// The duration that `text` says, in whole milliseconds; what is wrong with it where it says none that PostgreSQL can
/// take for a timeout (PostgreSQL docs, "Parameter Names and Values": a 32-bit number of milliseconds, 0 switches off).
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let millis = match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        _ => None,
    };
    match (number.parse::<u64>().ok(), millis) {
        (Some(0), Some(_)) => Err(format!("duration `{text}` is zero, which PostgreSQL takes for no limit")),
        (Some(number), Some(millis)) if number.saturating_mul(millis) <= i32::MAX as u64 => {
            Ok(Duration::from_millis(number * millis))
        }
        (Some(_), Some(_)) => Err(format!("duration `{text}` is longer than PostgreSQL can count")),
        _ => Err(format!("`{text}` is not a duration: write `500ms`, `5s` or `2m`")),
    }
}

#[cfg(test)]
mod tests {
    use super::parse;
    use std::time::Duration;

    #[test]
    fn three_units_and_nothing_else() {
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(parse("2m"), Ok(Duration::from_secs(120)));
        for text in ["", "5", "s", "5 s", "-5s", "5h", "1.5s", "0s", "99999999999999999999s", "999999999999999999m"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
