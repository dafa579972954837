#!/usr/bin/env bash
# Lists the slowest tests, with their seconds.
set -euo pipefail

usage() {
	cat <<'TEXT'
Usage: slow-tests.sh [-n COUNT] [FILTER...]

Runs the tests of the workspace (not those in documentation), or those whose names contain a FILTER, and lists the time of
all and the COUNT (15) slowest.
TEXT
}

count=15
case ${1:-} in
-h | --help)
	usage
	exit
	;;
-n)
	count=${2:?a number of tests}
	shift 2
	;;
esac

cd "$(dirname "$0")/../.."
cargo test --workspace --tests --no-run

# The test programs of a stable Rust measure as well, but only where this variable says so. It is given to them alone: seen by
# cargo, it would have crates built anew.
host=$(rustc -vV | sed -n 's/^host: //p' | tr 'a-z-' 'A-Z_')
export "CARGO_TARGET_${host}_RUNNER=env RUSTC_BOOTSTRAP=1"
report=$(mktemp)
trap 'rm -f "$report"' EXIT
failed=0
TIMEFORMAT='%R s in all; %U s of user and %S s of system time'
time cargo test --workspace --tests --no-fail-fast -- -Z unstable-options --report-time "$@" |
	tee "$report" || failed=$?

printf '\nThe slowest %s:\n' "$count"
sed -n 's/^test \(.*\) \.\.\. .* <\([0-9.]*\)s>$/\2 \1/p' "$report" | sort -rn | head -n "$count" || true
exit "$failed"
