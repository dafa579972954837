# shellcheck shell=bash
# Sourced: private servers to measure against, on Unix sockets only, with the settings that the harness gives its own.
# A cluster is the folder $work/NAME: its data, its socket and its log.
: "${work:?a folder that every user may enter}"

bin=$(pg_config --bindir)

# PostgreSQL refuses to run as root.
unprivileged() {
	if [ "$(id -u)" = 0 ]; then setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"; else "$@"; fi
}

make_cluster() {
	unprivileged mkdir "$work/$1"
	unprivileged "$bin/initdb" --no-sync --pgdata="$work/$1/data" --username=rlsgate --auth=trust \
		--wal-segsize=1 --locale=C --encoding=UTF8
}

# Starts cluster $1, with the further settings $2 and on.
start_cluster() {
	unprivileged "$bin/pg_ctl" --pgdata="$work/$1/data" --log="$work/$1/log" --wait --silent start \
		--options="$(printf ' -c %q' listen_addresses= unix_socket_directories="$work/$1" \
			fsync=off synchronous_commit=off full_page_writes=off autovacuum=off jit=off \
			wal_level=logical max_wal_size=256MB shared_buffers=64MB "${@:2}")"
}

stop_cluster() {
	unprivileged "$bin/pg_ctl" --pgdata="$work/$1/data" --wait --silent --mode=immediate stop
}

remove_clusters() {
	local pid
	for pid in "$work"/*/data/postmaster.pid; do
		[ ! -e "$pid" ] || unprivileged "$bin/pg_ctl" --pgdata="${pid%/*}" --wait --silent --mode=immediate stop || true
	done
	rm -rf "$work"
}

# psql on cluster $1 as user $2.
run_psql() {
	psql -X -q -v ON_ERROR_STOP=1 -h "$work/$1" -U "$2" "${@:3}"
}

# A folder $work/logging with programs that the harness takes for an installed server, which logs its statements to $1.
make_logging() {
	mkdir "$work/logging"
	ln -s "$bin/initdb" "$work/logging/initdb"
	printf '#!/bin/sh\necho %q\n' "$work/logging" >"$work/logging/pg_config"
	cat >"$work/logging/postgres" <<-END
		#!/bin/sh
		[ "\$1" = -D ] || exec "$bin/postgres" "\$@"
		exec "$bin/postgres" "\$@" -c log_statement=all -c log_min_messages=warning -c log_min_error_statement=error -c log_line_prefix='%p|%d|%u|%e|' 2>>"$1"
	END
	chmod 755 "$work/logging" "$work/logging/pg_config" "$work/logging/postgres"
}

url_of() {
	printf 'postgres://rlsgate@%s%%2F%s/postgres' "${work//\//%2F}" "$1"
}
