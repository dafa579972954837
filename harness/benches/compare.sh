#!/usr/bin/env bash
# Measures what the harness costs against what the same work costs without it; medians of seven interleaved rounds.
# Every time is of whole processes, from start to exit, and every program has to succeed in every round.
#
#  a  `rlsgate run suites/connectors`, its caches warm, against initdb + start + prelude, chain and seed by psql +
#     pg_prove over pgTAP files that assert the statements of that run: 20 files two at a time, and one file. The same
#     with the tried statements alone, without what a verdict is made from, is shown beside it and not judged.
#  b  200 assertions as a suite on a server that is up, against psql doing the same there: create a database, load
#     schema and seed, run the assertions as one script, drop the database. A run cannot leave out its part of that, so
#     neither may psql; the ratio to the assertions alone is shown beside it and not judged.
#  c  checks per second of (a), against pgbench with one client that replays the messages of those checks.
#
# Needs cargo, python3, pg_config and PostgreSQL with pgTAP (Debian: postgresql, postgresql-15-pgtap for version 15,
# libpq-dev, and libtap-parser-sourcehandler-pgtap-perl for pg_prove).
set -euo pipefail
export LC_ALL=C PGOPTIONS='--client-min-messages=warning'
rounds=7

for program in cargo python3 pg_config pg_prove; do
	command -v "$program" >/dev/null || {
		echo "compare: $program is missing; the head of $0 says what is needed" >&2
		exit 1
	}
done
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
rlsgate=${CARGO_TARGET_DIR:-$top/target}/release/rlsgate

# In memory where there is room, so that nobody waits for a disk.
memory=/dev/shm
[ -w "$memory" ] || memory=${TMPDIR:-/tmp}
work=$(mktemp -d "$memory/rlsgate-bench.XXXXXX")
chmod 1777 "$work"
mkdir "$work"/pgtap-{20,1,20-tried,1-tried}
# A cache of its own: what others run at the same time must not push the state out of it.
mkdir -m 700 "$work/cache"
export RLSGATE_CACHE_DIR=$work/cache
# shellcheck source-path=SCRIPTDIR source=server.sh
. "$here/server.sh"

finish() {
	local status=$?
	if [ $status -ne 0 ] && [ -e "$work/output" ]; then
		echo "compare: stopped; the last lines of what ran:" >&2
		tail -n 30 "$work/output" >&2
	fi
	remove_clusters
	exit $status
}
trap finish EXIT

heading() { printf '\n== %s\n' "$*"; }

# Runs $2 and on, its output kept for a failure, and notes the wall time as a sample of $1. Not in a condition anywhere:
# there a function of several steps would go on after one that failed.
timed() {
	local name=$1 start=$EPOCHREALTIME
	"${@:2}" >"$work/output" 2>&1
	awk -v name="$name" -v start="$start" -v end="$EPOCHREALTIME" 'BEGIN { printf "%s %.4f\n", name, end - start }' >>"$work/samples"
}

# The harness takes no PGOPTIONS: they would change its sessions.
# Without the checks of the chain itself, which no pgTAP file does.
run_suite() { env -u PGOPTIONS "$rlsgate" run "$top/suites/connectors" --filter '!chain/*' --out "$work/reports" "$@"; }

run_peers() {
	env -u PGOPTIONS "$rlsgate" run "$work/peers" --filter 'peers/case/*' --url "$(url_of up)" --create-roles --out "$work/reports"
}

checks_of_last_run() {
	python3 -c 'import json, sys; t = json.load(open(sys.argv[1]))["totals"]; print(t["passed"] + t["failed"] + t["error"])' \
		"$work/reports/run.json"
}

# Prelude, chain and seed of the connectors, and the roles of the checks, into database `app` of cluster $1.
load_connectors() {
	local file
	run_psql "$1" rlsgate -d postgres -c 'create database app'
	run_psql "$1" rlsgate -d app -f "$top/harness/src/chain/preludes/supabase.sql" -c 'alter database app owner to postgres'
	for file in "$top"/schemas/connectors/*.sql; do
		[[ $file = *.down.sql ]] || run_psql "$1" postgres -d app --single-transaction -f "$file"
	done
	run_psql "$1" rlsgate -d app -f "$top/suites/connectors/seed.sql" -c 'create extension pgtap' -f "$work/roles.sql"
}

# $1 jobs of pg_prove over the files in folder $2, on a server made for them.
prove_from_nothing() {
	make_cluster scratch
	start_cluster scratch
	load_connectors scratch
	# Two files at a time write the same rows of one database, and now and then deadlock (40P01): a file that fails so has
	# still done its work, and one at a time never does.
	local status=0
	pg_prove -h "$work/scratch" -U rlsgate_probe -d app -j "$1" "$2"/*.sql >"$work/prove" 2>&1 || status=$?
	if [ "$status" -ne 0 ] && ! { [ "$1" -gt 1 ] && grep -q 40P01 "$work/prove"; }; then
		cat "$work/prove"
		return "$status"
	fi
	stop_cluster scratch
	rm -rf "$work/scratch"
}

load_peers() {
	run_psql up rlsgate -d postgres -c "create database $1"
	run_psql up rlsgate -d "$1" -f "$work/peers/prelude.sql" -f "$work/peers/chain/0001_schema.sql" -f "$work/peers/seed.sql"
}

assert_peers() {
	run_psql up rlsgate -v ON_ERROR_STOP=0 -d "$1" -f "$work/peers/floor.sql" 2>&1 | sed 's/^psql:[^ ]* //' | diff - "$work/peers/floor.expected"
}

peers_by_psql() {
	load_peers floor
	assert_peers floor
	run_psql up rlsgate -d postgres -c 'drop database floor'
}

replay() {
	local user
	for user in rlsgate_probe rlsgate_witness; do
		[ ! -s "$work/$user.pgbench" ] || pgbench -h "$work/replay" -U "$user" -d app --no-vacuum --client=1 --transactions=1 --file="$work/$user.pgbench"
	done
}

heading "Release build"
(cd "$top" && cargo build --release -p rlsgate)
major=$("$bin/postgres" --version | grep -oE '[0-9]+' | head -n 1)

heading "The statements of one run"
log=$work/statements
make_logging "$log"
PATH=$work/logging:$PATH run_suite --provider local --postgres "$major" --no-cache --jobs 1 >"$work/output" 2>&1
"$here/as_roles.py" "$log" rlsgate_probe >"$work/roles.sql"
for files in 20 1; do
	echo "$("$here/as_pgtap.py" "$log" rlsgate_probe all "$files" "$work/pgtap-$files") assertions for pgTAP in $files file(s)"
	echo "$("$here/as_pgtap.py" "$log" rlsgate_probe tried "$files" "$work/pgtap-$files-tried") of them are tried statements"
done
for user in rlsgate_probe rlsgate_witness; do
	"$here/as_pgbench.py" "$log" "$user" >"$work/$user.pgbench"
done

heading "Servers, caches and databases before the first round"
make_cluster replay >"$work/output"
start_cluster replay
load_connectors replay
run_suite --provider local --postgres "$major" >"$work/output" 2>&1
checks=$(checks_of_last_run)
cp -r "$here/peers" "$work/peers"
"$work/peers/gen.py" "$work/peers"
make_cluster up >"$work/output"
start_cluster up
load_peers loaded
run_peers >"$work/output" 2>&1
[ "$(checks_of_last_run)" = 200 ] || { echo "compare: the suite peers ran $(checks_of_last_run) checks, not 200" >&2 && exit 1; }

for round in $(seq "$rounds"); do
	heading "Round $round of $rounds"
	timed suite run_suite --provider local --postgres "$major"
	timed pgtap-20 prove_from_nothing 2 "$work/pgtap-20"
	timed pgtap-1 prove_from_nothing 1 "$work/pgtap-1"
	timed pgtap-20-tried prove_from_nothing 2 "$work/pgtap-20-tried"
	timed pgtap-1-tried prove_from_nothing 1 "$work/pgtap-1-tried"
	timed peers run_peers
	timed floor peers_by_psql
	timed floor-loaded assert_peers loaded
	timed replay replay
done

heading "Medians of $rounds rounds, $checks checks, PostgreSQL $major, $(nproc) processors"
"$here/table.py" "$work/samples" "$checks"
