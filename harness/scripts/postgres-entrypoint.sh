#!/usr/bin/env bash
# Entry point of the images that postgres-image.sh builds. It keeps to what users of the official image rely on:
# the variables POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, POSTGRES_HOST_AUTH_METHOD and POSTGRES_INITDB_ARGS,
# /docker-entrypoint-initdb.d/*.sql, and a first server that logs to stdout before the real one logs to stderr.
set -euo pipefail

become_postgres() {
	install -d -o postgres -g postgres -m 0700 "$PGDATA"
	install -d -o postgres -g postgres -m 3777 /var/run/postgresql
	exec setpriv --reuid=postgres --regid=postgres --init-groups -- "$0" "$@"
}

create_cluster() {
	local method=${POSTGRES_HOST_AUTH_METHOD:-} password=${POSTGRES_PASSWORD:-} extra
	if [ -z "$password" ] && [ "$method" != trust ]; then
		echo 'postgres-entrypoint: POSTGRES_PASSWORD is empty: set it, or set POSTGRES_HOST_AUTH_METHOD=trust' >&2
		exit 1
	fi
	# Evaluated, as in the official image, so that an argument may hold quoted spaces.
	eval "extra=(${POSTGRES_INITDB_ARGS:-})"
	initdb --pgdata="$PGDATA" --username="$user" --pwfile=<(printf '%s\n' "$password") "${extra[@]}"
	: "${method:=$(postgres -C password_encryption "$@")}"
	printf '\nhost all all all %s\n' "$method" >>"$PGDATA/pg_hba.conf"
}

# A subshell, so that its PG* variables do not reach the real server.
fill_cluster() (
	export PGHOST=/var/run/postgresql PGPORT=5432 PGUSER=$user PGPASSWORD=${POSTGRES_PASSWORD:-}
	database=${POSTGRES_DB:-$user}
	# pg_ctl sends the log of a server that has no log file to stdout.
	pg_ctl --wait start -o "$(printf '%q ' "$@" -c listen_addresses= -c unix_socket_directories="$PGHOST" -p "$PGPORT")"
	run_sql() { psql -X --no-password -v ON_ERROR_STOP=1 "$@"; }
	if [ "$database" != postgres ]; then
		run_sql -d postgres -v name="$database" <<<'CREATE DATABASE :"name"'
	fi
	for file in /docker-entrypoint-initdb.d/*.sql; do
		if [ -e "$file" ]; then
			run_sql -d "$database" -f "$file"
		fi
	done
	pg_ctl --wait --mode=fast stop
)

case "${1:-}" in
'' | -*) set -- postgres "$@" ;;
esac

case "$*" in
'postgres --help' | 'postgres --version' | 'postgres -V' | 'postgres -?') ;;
postgres | 'postgres '*)
	if [ "$(id -u)" = 0 ]; then
		become_postgres "$@"
	fi
	# Process 1 has no default action for a signal: without this, initdb could not be interrupted.
	trap 'exit 143' INT TERM
	user=${POSTGRES_USER:-postgres}
	if [ ! -s "$PGDATA/PG_VERSION" ]; then
		create_cluster "${@:2}"
		fill_cluster "${@:2}"
	fi
	;;
esac
exec "$@"
