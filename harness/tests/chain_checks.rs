//! Chain checks on a real server: each is shown a chain that it must fail, and is the only one that does.

// Helpers are test code as well; the lints tell by this attribute.
#[cfg(test)]
mod chain_checks {
    mod access;
    mod alembic;
    mod directions;
    mod layouts;
    mod locked;
    mod opened;
    mod over_rows;
    mod planned;
    mod support;
}
