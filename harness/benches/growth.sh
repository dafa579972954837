#!/usr/bin/env bash
# Measures how a run grows: 100, 300 and 1,000 tables with three actors; a chain of 500 revisions that go up and down; 200,000
# rows in one relation. Prints, of each, the checks, seconds of wall and of processors (the harness's own), the memory that the
# harness needs at most, and the sizes of its reports.
#
# Needs cargo, python3, GNU time (Debian: time) and PostgreSQL's server programs. `growth.sh tables chain rows` names what to
# measure; all of it is the default.
set -euo pipefail
export LC_ALL=C

for program in cargo python3 /usr/bin/time; do
	command -v "$program" >/dev/null || {
		echo "growth: $program is missing; the head of $0 says what is needed" >&2
		exit 1
	}
done
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
rlsgate=${CARGO_TARGET_DIR:-$top/target}/release/rlsgate
cargo build --release --quiet --manifest-path "$top/Cargo.toml" -p rlsgate

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -m 700 "$work/cache"
export RLSGATE_CACHE_DIR=$work/cache

# Runs `rlsgate $3…` on what was generated as $1, whose label is $2, and prints a line.
measure() {
	local name=$1 label=$2 status=0
	shift 2
	/usr/bin/time -f '%e %U %S %M' -o "$work/time" "$rlsgate" "$@" --provider local --out "$work/out" >"$work/said" 2>&1 || status=$?
	# 1: something failed; the figures are those of a run all the same.
	if [ $status -gt 1 ]; then
		tail -n 20 "$work/said" >&2
		exit $status
	fi
	python3 - "$label" "$work" <<-'PYTHON'
		import json, os, sys
		label, work = sys.argv[1:]
		wall, user, system, memory = open(f"{work}/time").read().split()[-4:]
		checks = sum(json.load(open(f"{work}/out/run.json"))["totals"].values())
		size = lambda name: os.path.getsize(f"{work}/out/{name}") / 1e6
		print(f"{label:24} {checks:7} checks {float(wall):8.1f} s {float(user) + float(system):8.1f} s cpu "
		      f"{1e6 * float(wall) / checks:8.0f} us a check {int(memory) / 1024:7.0f} MiB "
		      f"run.json {size('run.json'):6.1f} MB junit.xml {size('junit.xml'):5.1f} MB")
	PYTHON
	rm -rf "$work/out" "${work:?}/$name"
}

for what in "${@:-all}"; do
	case $what in
	all | tables)
		for tables in 100 300 1000; do
			python3 "$here/growth/gen.py" "$work/tables" "$tables"
			measure tables "$tables tables" run "$work/tables"
		done
		;;&
	all | chain)
		for files in 125 250 500; do
			python3 "$here/growth/gen.py" "$work/files" "$files" --files "$files"
			measure files "$files revisions" chain "$work/files/chain"
		done
		;;&
	all | rows)
		python3 "$here/growth/gen.py" "$work/rows" 1 --rows 200000
		measure rows "200000 rows" run "$work/rows"
		;;
	esac
done
