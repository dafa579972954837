#!/usr/bin/env bash
# Makes the private Python environment that a chain's own Alembic runs in: FOLDER/.venv, with exactly what
# FOLDER/requirements.txt pins by version and hash. Does nothing where that is there already.
set -euo pipefail

usage() {
	cat <<'TEXT'
Usage: alembic-env.sh [FOLDER]

Makes FOLDER/.venv from FOLDER/requirements.txt; FOLDER is schemas/installations where it is left out.
Needs Python 3.11 or later with its module venv, and the Python package index. PYTHON names another interpreter.
TEXT
}

fail() {
	printf 'alembic-env: %s\n' "$*" >&2
	exit 1
}

python=${PYTHON:-python3}
case ${1:-} in
-h | --help)
	usage
	exit
	;;
-*)
	usage >&2
	exit 2
	;;
esac
[ $# -le 1 ] || {
	usage >&2
	exit 2
}
folder=${1:-$(dirname "${BASH_SOURCE[0]}")/../../schemas/installations}
[ -d "$folder" ] || fail "there is no folder $folder"
folder=$(cd "$folder" && pwd)
requirements=$folder/requirements.txt
environment=$folder/.venv
made=$environment/.made-from

[ -f "$requirements" ] || fail "$requirements is missing; it pins what the environment holds"

# What the environment is made from and where, since its programs name their interpreter by its whole path.
wanted=$(printf '%s\n' "$environment" && cat "$requirements")

is_there() {
	[ -f "$made" ] && [ "$(cat "$made")" = "$wanted" ] && "$environment/bin/alembic" --version >/dev/null 2>&1
}

is_there && exit

command -v "$python" >/dev/null || fail "no $python; install Python 3.11 or later (Debian: apt-get install python3-venv)"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
	fail "$("$python" --version) is too old; 3.11 is the first that will do (PYTHON names another interpreter)"
"$python" -c 'import ensurepip, venv' 2>/dev/null ||
	fail "$python has no module venv or ensurepip; install it (Debian: apt-get install python3-venv)"
[ -w "$folder" ] || fail "$folder is not writable for $(id -un)"

# Two at once: the second waits, and finds it made. The lock belongs to the open file, so it lasts as long as this script.
exec 9>"$folder/.venv.lock"
"$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
is_there && exit

printf 'alembic-env: making %s\n' "$environment" >&2
rm -rf "$environment"
"$python" -m venv "$environment" || fail "$python could not make $environment"
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes --only-binary :all: \
	--requirement "$requirements" ||
	fail "pip could not install $requirements; what it said is above. Is the Python package index reachable?"
"$environment/bin/alembic" --version >/dev/null || fail "$environment/bin/alembic does not run"
printf '%s\n' "$wanted" >"$made"
