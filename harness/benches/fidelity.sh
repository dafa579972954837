#!/usr/bin/env bash
# What the comparison of a fidelity block costs, on a server of its own. Medians of 7 interleaved runs, 1 million rows:
#   1. the comparison against the one FULL JOIN with the same columns and counts, by psql: at most 1.3 times;
#   2. the comparison with all digests and with the source untouched against the same: at most 2.5 times;
#   3. the memory of a whole run of rlsgate at 5 million rows: under 64 MiB.
# Exits 1 when one is over. Takes about ten minutes. ROWS, MANY and RUNS change the sizes.
set -euo pipefail
cd "$(dirname "$0")/../.."
rows=${ROWS:-1000000} many=${MANY:-5000000} runs=${RUNS:-7}

cargo build --release -p rlsgate --quiet
bench=$(cargo bench -p rlsgate --bench fidelity --no-run 2>&1 | sed -n 's/^ *Executable .*(\(.*\))$/\1/p')
[ -x "$bench" ] || { echo "the bench was not built: $bench" >&2; exit 1; }

work=$(mktemp -d)
chmod 755 "$work"
[ "$(id -u)" != 0 ] || chown postgres "$work"
# shellcheck source-path=SCRIPTDIR source=server.sh
. harness/benches/server.sh
trap remove_clusters EXIT

make_cluster one >"$work/initdb.log"
start_cluster one
run_psql one rlsgate postgres >"$work/load.log" <<-END
	create table old (org text, package text, level text, note text, primary key (org, package));
	insert into old select 'org_' || n % 50, 'package_' || n, case n % 3 when 0 then 'admin' else 'workspace' end, md5(n::text)
	  from generate_series(1, $rows) n;
	create table new (org text, package text, level text, note text, primary key (org, package));
	insert into new select org, package, case level when 'admin' then 'admins' else 'everyone' end, note from old;
	vacuum (freeze, analyze) old, new;
END

# The same columns, the same counts: nothing of the harness's.
cat >"$work/join.sql" <<-'END'
	select org, torg, count(*) filter (where s and t), count(*) filter (where t is null), count(*) filter (where s is null),
	       count(*) filter (where s and t and (level is distinct from tlevel or note is distinct from tnote)),
	       count(*) filter (where s and t and level is distinct from tlevel),
	       count(*) filter (where s and t and note is distinct from tnote),
	       count(*) filter (where unmapped), count(*) filter (where s and t and org is distinct from torg),
	       count(*) filter (where s and (org is null or package is null)),
	       count(*) filter (where t and (torg is null or tpackage is null))
	  from (select true as s, org, package, case level when 'workspace' then 'everyone' when 'admin' then 'admins' end as level, note,
	               level is not null and level not in ('workspace', 'admin') as unmapped from old) a
	  full join (select true as t, org as torg, package as tpackage, level as tlevel, note as tnote from new) b
	    on org = torg and package = tpackage
	 group by org, torg
END

timed() {
	local begun=$EPOCHREALTIME
	"$@" >"$work/out"
	echo "$EPOCHREALTIME $begun" | awk '{ printf "%.3f\n", $1 - $2 }'
}
compared() { PGHOST="$work/one" PGUSER=rlsgate PGDATABASE=postgres "$bench" "$1"; }
median() { sort -n "$1" | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }

for _ in $(seq "$runs"); do
	timed run_psql one rlsgate postgres -f "$work/join.sql" >>"$work/join"
	compared compare >>"$work/compare"
	compared all >>"$work/all"
done
stop_cluster one

# A whole run, of a chain that makes its rows itself.
mkdir -p "$work/suite/chain"
cat >"$work/suite/chain/chain.toml" <<-END
	layout  = "sql"
	timeout = "30m"
END
cat >"$work/suite/chain/001-old.sql" <<-END
	create table old (org text, package text, level text, primary key (org, package));
	insert into old select 'org_' || n % 50, 'package_' || n, case n % 3 when 0 then 'admin' else 'workspace' end
	  from generate_series(1, $many) n;
END
cat >"$work/suite/chain/002-new.sql" <<-'END'
	create table new (org text, package text, level text, primary key (org, package));
	insert into new select org, package, case level when 'admin' then 'admins' else 'everyone' end from old;
END
cat >"$work/suite/suite.toml" <<-'END'
	name  = "memory"
	chain = "chain"
	state = { at = "001-old" }
	[fidelity.rows]
	across    = "002-new"
	source    = "select org, package, level from old"
	target    = "select org, package, level from new"
	key       = ["org", "package"]
	tenant    = "org"
	map.level = { workspace = "everyone", admin = "admins" }
	untouched = ["old"]
END
target/release/rlsgate run "$work/suite/suite.toml" --provider local --no-cache --jobs 1 --filter '*/fidelity/*' \
	--out "$work/reports" >"$work/run.log" 2>&1 &
pid=$!
peak=0
while read -r _ kib _ < <(grep VmHWM "/proc/$pid/status" 2>/dev/null); do
	peak=$kib
	sleep 0.05
done
wait "$pid" || { cat "$work/run.log"; exit 1; }

join=$(median "$work/join") compare=$(median "$work/compare") all=$(median "$work/all")
awk -v rows="$rows" -v many="$many" -v join="$join" -v compare="$compare" -v all="$all" -v peak="$peak" 'BEGIN {
	printf "%d rows: FULL JOIN by psql %.2f s\n", rows, join
	printf "  comparison                        %.2f s, %.2f times (limit 1.3)\n", compare, compare / join
	printf "  with digests and source untouched %.2f s, %.2f times (limit 2.5)\n", all, all / join
	printf "%d rows: %.1f MiB of memory (limit 64)\n", many, peak / 1024
	exit !(compare <= 1.3 * join && all <= 2.5 * join && peak > 0 && peak < 65536)
}'
