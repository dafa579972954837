#!/usr/bin/env bash
# Builds the program for a release and packs it: the binary, both licences, README and CHANGELOG in one archive, which is
# unpacked again and tried. The workflow release.yml does nothing but call this on one machine per target.
set -euo pipefail

usage() {
	cat <<'TEXT'
Usage: package-release.sh [TARGET]
       package-release.sh --checksums
       package-release.sh --notes

Builds rlsgate for TARGET, a target triple of Rust's whose programs run on this machine (by default this machine's own),
and writes dist/rlsgate-VERSION-TARGET.tar.gz and dist/SHA256SUMS.
With --checksums only the checksums of the archives in dist are written; with --notes what CHANGELOG.md says of this
version is printed. DIST names another folder than dist.
TEXT
}

fail() {
	printf 'package-release: %s\n' "$*" >&2
	exit 1
}

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dist=${DIST:-dist}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
[ -n "$version" ] || fail "Cargo.toml states no version"

sha256() {
	if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

checksums() {
	(
		cd "$dist"
		compgen -G '*.tar.gz' >/dev/null || fail "there is no archive in $dist"
		sha256 -- *.tar.gz >SHA256SUMS
		sha256 --check SHA256SUMS
	)
}

# The section of this version, or of what is not released yet where it has none.
notes() {
	local heading
	for heading in "$version" Unreleased; do
		if grep -qF "## [$heading]" CHANGELOG.md; then
			awk -v heading="## [$heading]" 'index($0, "## [") == 1 { on = index($0, heading) == 1; next } on' CHANGELOG.md
			return
		fi
	done
	fail "CHANGELOG.md has no section of $version, and none of what is unreleased"
}

case ${1:-} in
-h | --help)
	usage
	exit
	;;
--checksums)
	checksums
	exit
	;;
--notes)
	notes
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

target=${1:-$(rustc -vV | sed -n 's/^host: //p')}
name=rlsgate-$version-$target
cargo build --locked --release -p rlsgate --target "$target"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$dist" "$work/pack/$name" "$work/tried"
install -m 755 "${CARGO_TARGET_DIR:-target}/$target/release/rlsgate" "$work/pack/$name/rlsgate"
install -m 644 LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md "$work/pack/$name/"
tar -C "$work/pack" -cf - "$name" | gzip -9n >"$dist/$name.tar.gz"

# What is in the archive is what people get, so that is what is tried.
tar -C "$work/tried" -xzf "$dist/$name.tar.gz"
for file in rlsgate LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md; do
	[ -s "$work/tried/$name/$file" ] || fail "$file is not in the archive"
done
said=$("$work/tried/$name/rlsgate" --version)
[ "$said" = "rlsgate $version" ] || fail "the packed program says it is '$said', not rlsgate $version"
"$work/tried/$name/rlsgate" schema >/dev/null || fail "the packed program cannot print its schema"
case $target in
*-musl)
	! readelf -d "$work/tried/$name/rlsgate" | grep -q NEEDED || fail "the program of $target needs libraries"
	;;
esac

checksums
printf '%s\n' "$dist/$name.tar.gz"
