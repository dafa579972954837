//! Small words of the format: durations, control ids, SQLSTATEs, dates.

use std::time::Duration;

/// Frameworks that control ids begin with: OWASP ASVS, MITRE CWE, AICPA SOC 2, ISO/IEC 27001, NIST SP 800-53.
pub(crate) const FRAMEWORKS: [&str; 5] = ["ASVS", "CWE", "SOC2", "ISO27001", "NIST"];

/// `"500ms"`, `"5s"`, `"2m"`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
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

/// What is wrong with a control id, if anything: `FRAMEWORK-ID`.
pub(crate) fn control_framework(id: &str) -> Result<(), Option<&str>> {
    let Some((framework, rest)) = id.split_once('-') else { return Err(None) };
    let spelt = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '(' | ')');
    if !FRAMEWORKS.contains(&framework) {
        return Err(Some(framework));
    }
    if rest.is_empty() || !rest.chars().all(spelt) { Err(None) } else { Ok(()) }
}

/// Whether it is five digits and upper-case letters (PostgreSQL docs, appendix A).
pub(crate) fn is_sqlstate(code: &str) -> bool {
    code.len() == 5 && code.chars().all(|c| c.is_ascii_digit() || c.is_ascii_uppercase())
}

/// Whether it is a day that exists, `YYYY-MM-DD`.
pub(crate) fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::{control_framework, duration, is_date, is_sqlstate};
    use std::time::Duration;

    #[test]
    fn durations_have_units() {
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(duration("2m"), Ok(Duration::from_secs(120)));
        for wrong in ["5", "5h", "s", "", "-1s", "0s", "5 s", "99999999999999999999s", "596523m"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn control_ids_begin_with_a_framework() {
        for right in ["ASVS-8.4.1", "CWE-639", "SOC2-CC6.1", "ISO27001-A.8.3", "NIST-AC-3", "NIST-AC-6(1)"] {
            assert_eq!(control_framework(right), Ok(()), "{right}");
        }
        assert_eq!(control_framework("CEW-639"), Err(Some("CEW")));
        assert_eq!(control_framework("CWE639"), Err(None));
        assert_eq!(control_framework("CWE-"), Err(None));
    }

    #[test]
    fn codes_and_dates() {
        assert!(is_sqlstate("23505") && is_sqlstate("P0001") && !is_sqlstate("p0001") && !is_sqlstate("2350"));
        assert!(is_date("2026-02-28") && !is_date("2026-02-30") && !is_date("2026-2-3") && !is_date("tomorrow"));
    }
}
