#!/usr/bin/env bash
# Fails if gen/, docs/api.md or ent/ is not what proto/ and ent/schema/ generate. Generates
# into a temporary folder, so that it neither changes nor minds a dirty tree.
set -euo pipefail
cd "$(dirname "$0")/../.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT

bin/buf generate --output "$fresh"
mkdir "$fresh/ent"
cp -R go.mod go.sum "$fresh"
cp -R ent/schema ent/generate.go "$fresh/ent"
go -C "$fresh" generate ./ent
gofmt -w "$fresh/gen/go" "$fresh/ent"

mkdir "$fresh/docs"
bin/buf build proto -o -#format=binpb | go run ./internal/rpc/reference >"$fresh/docs/api.md"

stale=0
for folder in gen/go gen/ts/src ent docs/api.md; do
	diff --recursive --brief --exclude migrations "$fresh/$folder" "$folder" || stale=1
done
((stale == 0)) || {
	echo "generated code differs from its sources: run make generate" >&2
	exit 1
}
