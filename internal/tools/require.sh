#!/usr/bin/env bash
# Makes sure that what the tests need from the system is there: installs it as
# root on Debian and its kin, else says in a sentence what is missing.
# Usage: require.sh go|node|compiler|postgres|nginx|chromium...
set -euo pipefail

has_go() { command -v go >/dev/null; }
has_node() { command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; }
has_compiler() { command -v "${CC:-gcc}" >/dev/null; }
has_postgres() {
	[[ -n ${ANTEROOM_TEST_POSTGRES_URL:-} ]] || command -v initdb >/dev/null ||
		compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null
}
has_nginx() { command -v nginx >/dev/null || [[ -x /usr/sbin/nginx ]]; }
has_chromium() { command -v chromium chromium-browser google-chrome >/dev/null; }

declare -A missing=(
	[go]="Go is missing: install the version that go.mod names or any later one, from https://go.dev/dl"
	[node]="Node 20 or later, with npm, is missing: install it from https://nodejs.org"
	[compiler]="A C compiler is missing; Go's race detector needs one: install gcc"
	[postgres]="PostgreSQL's initdb and postgres are missing: install PostgreSQL 14 or later, or set ANTEROOM_TEST_POSTGRES_URL"
	[nginx]="nginx is missing, before which the tests put the media endpoint: install it"
	[chromium]="Chromium is missing: install it"
)
declare -A packages=(
	[compiler]="gcc libc6-dev"
	[postgres]="postgresql"
	[nginx]="nginx"
	[chromium]="chromium fonts-dejavu-core fonts-noto-color-emoji"
)

install() {
	[[ -n ${packages[$1]:-} && $EUID == 0 ]] && command -v apt-get >/dev/null || return 1
	echo "installing ${packages[$1]}…"
	export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 # in which nothing that is installed is started
	[[ -n ${updated:-} ]] || apt-get update -qq </dev/null >/dev/null || return 1
	updated=yes
	# shellcheck disable=SC2086 # several packages
	apt-get install -qq -y --no-install-recommends ${packages[$1]} </dev/null >/dev/null
}

for thing in "$@"; do
	"has_$thing" || { install "$thing" && "has_$thing"; } || {
		echo "${missing[$thing]}" >&2
		exit 1
	}
done
