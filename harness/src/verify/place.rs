//! The URL of a live database: nothing of it is shown but who connects where, and nothing at all where that cannot be told.

use std::str::FromStr as _;

use sqlx::postgres::PgConnectOptions;

use crate::Error;
use crate::text::printable;

/// What to connect with, and `user@host/database` for reports.
///
/// # Errors
/// [`Error::Usage`] for what is no URL, without repeating it.
pub(super) fn of(url: &str) -> Result<(PgConnectOptions, String), Error> {
    let no_url =
        || Error::usage("the value of --url is not a PostgreSQL URL", "write it as postgres://user@host:5432/database");
    let rest =
        ["postgres://", "postgresql://"].iter().find_map(|scheme| url.strip_prefix(scheme)).ok_or_else(no_url)?;
    // A password with a bare `/` ends the host early: what follows would be taken for the database, and be shown.
    if rest.find(['/', '?', '#']).is_some_and(|end| rest.get(end..).is_some_and(|behind| behind.contains('@'))) {
        return Err(Error::usage(
            "the value of --url has an `@` behind its host",
            "write `/` in a password as %2F, `?` as %3F, `#` as %23, and `@` anywhere else as %40; better, use PGPASSWORD",
        ));
    }
    let options = PgConnectOptions::from_str(url).map_err(|_| no_url())?;
    let database = options.get_database().unwrap_or_else(|| options.get_username());
    let place = format!("{}@{}/{database}", options.get_username(), options.get_host());
    let place = printable(&place).into_owned();
    Ok((options, place))
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_password_that_is_not_escaped_is_refused_and_not_shown() {
        for end in ['/', '?', '#'] {
            let refused = of(&format!("postgres://reader:12{end}s3cret@host/live")).unwrap_err();
            assert!(!format!("{refused:?}").contains("s3cret"), "{refused:?}");
        }
        let (_, place) = of("postgres://reader:12%2Fs3cret@host/live%40home?sslmode=disable").unwrap();
        assert_eq!(place, "reader@host/live@home");
    }
}
