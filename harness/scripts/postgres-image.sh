#!/usr/bin/env bash
# Builds Docker images postgres:MAJOR from Debian's packages, for machines that reach a Debian mirror but no image
# registry. They behave as the official images do as far as a disposable test server needs (postgres-entrypoint.sh).
set -euo pipefail

usage() {
	cat <<'TEXT'
Usage: postgres-image.sh [--force] [--pull-first] MAJOR...

Makes sure that the image postgres:MAJOR exists, for MAJOR in 13, 15, 17, 18.

  --force       build even where the image exists
  --pull-first  try `docker pull` before building
TEXT
}

fail() {
	printf 'postgres-image: %s\n' "$*" >&2
	exit 1
}

# The Debian release whose own packages hold that major version.
release_of() {
	case $1 in
	13) echo bullseye ;;
	15) echo bookworm ;;
	17) echo trixie ;;
	18) echo forky ;;
	*) fail "no Debian release is known for PostgreSQL '$1'; known are 13, 15, 17, 18" ;;
	esac
}

# Where the official image keeps its data: by version since 18.
data_of() {
	if [ "$1" -ge 18 ]; then echo "/var/lib/postgresql/$1/docker"; else echo /var/lib/postgresql/data; fi
}

# The URI that apt is configured to use here; empty, for the default of debootstrap, where that is unknown.
mirror() {
	# shellcheck disable=SC2016 # apt's own placeholder
	apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null | sed -n 1p
}

check_can_build() {
	[ "$(id -u)" = 0 ] || fail "building needs root (debootstrap makes device files); run this with sudo"
	command -v debootstrap >/dev/null || fail "debootstrap is missing; install it: apt-get install debootstrap"
	[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] ||
		fail "Debian's signing keys are missing; install them: apt-get install debian-archive-keyring"
}

# Fills the folder $2 with a Debian that holds PostgreSQL $1.
bootstrap() {
	local major=$1 root=$2 log=$2.log
	mkdir -p "$root/etc/postgresql-common"
	echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
	# The script `sid` serves every release, also one that is newer than this debootstrap. In a mount namespace of
	# its own nothing stays mounted in the folder, which is going to be deleted, however debootstrap ends.
	unshare --mount debootstrap --variant=minbase --force-check-gpg --include="postgresql-$major,locales" \
		"$(release_of "$major")" "$root" "$(mirror)" /usr/share/debootstrap/scripts/sid >"$log" 2>&1 ||
		{
			tail -n 20 "$log" >&2
			fail "debootstrap of $(release_of "$major") for PostgreSQL $major failed; its last lines are above"
		}
}

# Makes the Debian in the folder $2 the image's file system.
finish() {
	local major=$1 root=$2
	chroot "$root" localedef -i en_US -f UTF-8 en_US.UTF-8
	sed -i "s/^#listen_addresses = .*/listen_addresses = '*'/" "$root/usr/share/postgresql/$major/postgresql.conf.sample"
	install -d "$root/docker-entrypoint-initdb.d"
	install -m 0755 "$here/postgres-entrypoint.sh" "$root/usr/local/bin/docker-entrypoint.sh"
	rm -rf "$root"/usr/share/{doc,man,info,i18n} "$root"/var/{cache/apt,lib/apt/lists,log}/* \
		"$root"/etc/{resolv.conf,hostname} "$root/var/lib/postgresql/$major"
}

build() {
	local major=$1 data old context=$work/$1
	data=$(data_of "$major")
	old=$(docker image ls --quiet "postgres:$major")
	mkdir "$context"
	bootstrap "$major" "$context/root"
	finish "$major" "$context/root"
	tar -C "$context/root" --numeric-owner -cf "$context/root.tar" .
	rm -rf "$context/root"
	# `docker import` would do but for STOPSIGNAL, which older engines refuse there.
	cat >"$context/Dockerfile" <<-TEXT
		FROM scratch
		ADD root.tar /
		ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/lib/postgresql/$major/bin
		ENV LANG=en_US.utf8 PG_MAJOR=$major PGDATA=$data
		VOLUME $(if [ "$major" -ge 18 ]; then echo /var/lib/postgresql; else echo "$data"; fi)
		EXPOSE 5432
		STOPSIGNAL SIGINT
		ENTRYPOINT ["docker-entrypoint.sh"]
		CMD ["postgres"]
	TEXT
	docker build --quiet --tag "postgres:$major" "$context" >"$context.log" 2>&1 ||
		{
			tail -n 20 "$context.log" >&2
			fail "docker build of postgres:$major failed; its last lines are above"
		}
	rm -rf "$context"
	# Without its tag; it stays where a container still uses it.
	[ -z "$old" ] || docker image rm "$old" >/dev/null 2>&1 || true
}

provide() {
	local major=$1
	if [ "$force" = no ] && docker image inspect "postgres:$major" >/dev/null 2>&1; then
		echo "postgres:$major is there already"
	elif [ "$pull" = yes ] && docker pull --quiet "postgres:$major"; then
		echo "postgres:$major was pulled"
	else
		check_can_build
		echo "postgres:$major is being built from Debian $(release_of "$major")"
		build "$major"
		echo "postgres:$major is built, $(docker image inspect --format '{{.Size}}' "postgres:$major" | numfmt --to=iec)"
	fi
}

force=no pull=no majors=()
for argument; do
	case $argument in
	--force) force=yes ;;
	--pull-first) pull=yes ;;
	-h | --help) usage && exit ;;
	-*) usage >&2 && fail "unknown option '$argument'" ;;
	*) release_of "$argument" >/dev/null && majors+=("$argument") ;;
	esac
done
[ ${#majors[@]} -gt 0 ] || { usage >&2 && fail "name at least one major version"; }
docker version >/dev/null 2>&1 || fail "no Docker engine answers; start it, or install it: apt-get install docker.io"

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/postgres-image.XXXXXX")
trap 'rm -rf "$work"' EXIT
for major in "${majors[@]}"; do
	provide "$major"
done
