//! Small words of the format: control ids, SQLSTATEs, dates.

/// Frameworks that control ids begin with: OWASP ASVS, MITRE CWE, AICPA SOC 2, ISO/IEC 27001, NIST SP 800-53.
pub(crate) const FRAMEWORKS: [&str; 5] = ["ASVS", "CWE", "SOC2", "ISO27001", "NIST"];

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
    use super::{control_framework, is_date, is_sqlstate};

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
