#!/usr/bin/env bash
# Proves that the import rules of .golangci.yml bite: plants imports, each in a
# package of its own in a small copy of the house, and expects exactly those
# that break a sentence of the architecture to be reported.
set -euo pipefail
cd "$(dirname "$0")/../.."

house=$(mktemp -d)
trap 'rm -rf "$house"' EXIT
cp go.mod go.sum .golangci.yml "$house"
module=$(go list -m)

nouns="room lobby meeting recording sip webhook subscription user"
foundation="access auth job notice storage mail video"
providers="video/livekit video/daily video/whereby"

# A package to import for every box of the house.
for box in cmd/anteroom gen/go/anteroom/v1 ent ent/schema ent/migrate/migrations \
	internal/{server,rpc,console,db,fault} $(printf 'internal/%s ' $nouns $foundation $providers); do
	mkdir -p "$house/$box"
	echo "package box" >"$house/$box/box.go"
done

# plant VERDICT IMPORTER IMPORTED...: each import in a package below IMPORTER, or,
# if that is a file, in it.
planted=0
plant() {
	local verdict=$1 importer=$2 file imported
	shift 2
	for imported in "$@"; do
		[[ $imported == */*.*/* || ${imported%%/*} == *.* || $imported == math/* ]] || imported=$module/$imported
		planted=$((planted + 1))
		file=$importer/planted$planted/planted.go
		[[ $importer != *.go ]] || file=$importer
		mkdir -p "$house/${file%/*}"
		[[ -e $house/$file ]] || echo "package box" >"$house/$file"
		echo "import _ \"$imported\"" >>"$house/$file"
		echo "$verdict $file $imported" >>"$house/plants"
	done
}

internal() { printf 'internal/%s ' "$@"; }
above_nouns="cmd/anteroom internal/server internal/rpc internal/console"

plant refused internal/fault github.com/google/uuid ent internal/db
plant refused ent/schema $(internal fault db room) connectrpc.com/connect github.com/livekit/protocol/livekit
plant refused ent/migrate/migrations $(internal db room fault)
plant refused internal/console $(internal rpc server db fault room access) ent gen/go/anteroom/v1
plant refused internal/db $above_nouns $(internal $nouns $foundation) gen/go/anteroom/v1
for noun in $nouns; do
	plant refused "internal/$noun" $above_nouns gen/go/anteroom/v1 connectrpc.com/connect github.com/livekit/protocol/livekit
	for other in $nouns; do [[ $other == "$noun" ]] || plant refused "internal/$noun" "internal/$other"; done
	plant refused "internal/$noun" $(internal $providers) math/rand
	plant allowed "internal/$noun" $(internal $foundation db fault) ent github.com/google/uuid
done
for box in $foundation; do
	plant refused "internal/$box" $above_nouns $(internal $nouns) gen/go/anteroom/v1 connectrpc.com/connect
	plant allowed "internal/$box" $(internal db fault) ent
done
plant refused internal/room github.com/twitchtv/twirp
plant refused internal/video github.com/livekit/protocol/livekit
plant refused internal/rpc cmd/anteroom $(internal server video/livekit) github.com/livekit/protocol/livekit
plant refused internal/server cmd/anteroom $(internal video/livekit) github.com/livekit/protocol/livekit
plant refused cmd/anteroom connectrpc.com/connect github.com/livekit/protocol/livekit

plant allowed ent/schema entgo.io/ent github.com/google/uuid
plant allowed internal/auth/middleware.go connectrpc.com/connect gen/go/anteroom/v1
plant allowed internal/video/livekit github.com/livekit/protocol/livekit github.com/twitchtv/twirp internal/video
plant allowed internal/rpc connectrpc.com/connect gen/go/anteroom/v1 $(internal $nouns $foundation db fault)
plant allowed internal/server connectrpc.com/connect gen/go/anteroom/v1 $(internal rpc console $nouns)
plant allowed cmd/anteroom gen/go/anteroom/v1 $(internal server rpc console $nouns $foundation $providers db fault) ent
plant allowed internal/room/room_test.go internal/meeting connectrpc.com/connect github.com/livekit/protocol/livekit
plant allowed cmd/bench connectrpc.com/connect github.com/livekit/protocol/livekit

lint=$PWD/bin/golangci-lint
report=$(cd "$house" && "$lint" run --enable-only depguard --max-issues-per-linter 0 --max-same-issues 0 \
	--show-stats=false --output.text.print-issued-lines=false --output.text.colors=false --issues-exit-code 0 ./...)

failures=0
while read -r verdict file imported; do
	found=allowed
	[[ $report != *"$file:"* ]] || found=refused
	[[ $found == "$verdict" ]] || {
		echo "$file: importing $imported is $found, should be $verdict" >&2
		failures=$((failures + 1))
	}
done <"$house/plants"
((failures == 0)) || exit 1
echo "$planted planted imports judged as the architecture says"
