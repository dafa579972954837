//! What is tolerated is an exact number: more fails, and so does less.

use super::faults::{ONE_RUN, and_then, caught};
use super::text;

/// The suite with `tolerate`.
fn tolerating(numbers: &str) -> (&'static str, String) {
    let with = format!("tolerate = {{ {numbers}, reason = \"meant\" }}\nuntouched = [");
    ("suite.toml", text("suite.toml").replace("untouched = [", &with))
}

#[test]
fn as_many_as_are_meant() {
    let two =
        and_then("update shop.grants set level = 'admins' where level = 'everyone' and package = 'x' and org <> 'c'");
    caught(&[two, tolerating("modified = 2, missing = 0, extra = 0")], ONE_RUN, "mismatches");
}

#[test]
fn fewer_values_than_are_meant() {
    let one = and_then("update shop.grants set level = 'admins' where org = 'a' and package = 'x'");
    caught(&[one, tolerating("modified = 2, missing = 0, extra = 0")], ONE_RUN, "values.level digest mismatches");
}

#[test]
fn no_value_where_two_are_meant() {
    caught(&[tolerating("modified = 2, missing = 0, extra = 0")], ONE_RUN, "values.level digest");
}

#[test]
fn no_row_missing_where_one_is_meant() {
    caught(&[tolerating("modified = 0, missing = 1, extra = 0")], ONE_RUN, "count-parity orphans digest");
}
